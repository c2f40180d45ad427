"""抽查: somebody who did not enter it looks at an entry, and lets it pass or sends it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import NotAllowed, WrongState
from huying.people.acting import Actor
from huying.surveys.concerned import tell_sent_back
from huying.surveys.models import CHECKING, EntryQuerySet, SurveyEntry, SurveyTarget
from huying.surveys.steps import locked, note
from huying.tasks.steps import words_of

Kept = SurveyEntry.State


def queue(survey: UUID, by: Actor) -> EntryQuerySet:
    """What is drawn and waits for a look that the actor may take, the oldest first."""
    rows: EntryQuerySet = SurveyEntry.objects.visible_to(by).to_look().filter(survey=survey)
    if by.role not in CHECKING:
        return rows.none()
    return rows.exclude(told_by=by.account_id).order_by("told_at", "id")


def may_look_at(entry: SurveyEntry, by: Actor) -> bool:
    """Anybody who sees to it and did not enter it, while nobody has looked."""
    return (
        by.role in CHECKING
        and entry.is_living
        and entry.state == Kept.KEPT
        and by.account_id != entry.told_by
    )


@transaction.atomic
def let_pass(pk: UUID, *, by: Actor, now: datetime, version: int | None = None) -> SurveyEntry:
    """抽查通过.

    Raises:
        NotFound, StalePage: as `locked`.
        NotAllowed: the actor sees to none, or has entered it.
        WrongState: somebody has looked at it already.
    """
    entry = _held(pk, by, version)
    entry.state, entry.looked_at, entry.looked_by = Kept.PASSED, now, by.account_id
    entry.checked_at, entry.checked_by = now, by.account_id
    entry.version += 1
    entry.last_seq += 1
    entry.save()
    note(entry, "pass", by=by, now=now)
    return entry


@transaction.atomic
def send_back(
    pk: UUID, *, by: Actor, now: datetime, reason: str, version: int | None = None
) -> SurveyEntry:
    """退回: to be entered anew by who entered it, with the reason.

    Raises:
        NotFound, StalePage, NotAllowed, WrongState: as `let_pass`.
        Missing, BadInput: no reason, or one that cannot be kept.
    """
    entry = _held(pk, by, version)
    why = words_of(reason, field="reason")
    entry.state, entry.looked_at, entry.looked_by = Kept.SENT_BACK, now, by.account_id
    entry.version += 1
    entry.last_seq += 1
    entry.save()
    if entry.target_id is not None:
        SurveyTarget.objects.filter(pk=entry.target_id).update(done_at=None)
    note(entry, "send_back", by=by, now=now, words=why)
    tell_sent_back(entry, by.area_code, now)
    return entry


def _held(pk: UUID, by: Actor, version: int | None) -> SurveyEntry:
    entry = locked(pk, by, version)
    if by.role not in CHECKING:
        raise NotAllowed(_("Only a desk, a checker or a leader of the area may do this."))
    if by.account_id == entry.told_by:
        raise NotAllowed(_("Who has entered it may not look at it."))
    if entry.state != Kept.KEPT:
        raise WrongState(_("Somebody has looked at this already."))
    return entry
