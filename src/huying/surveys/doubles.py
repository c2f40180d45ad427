"""Two entries of one survey about one thing: proposed, made one by a person's decision alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.errors import BadInput, NotAllowed, Words
from huying.people.acting import Actor
from huying.registry.models import RegisterApart
from huying.registry.sight import WRITING, may_write
from huying.surveys.models import Survey, SurveyEntry, SurveyTarget
from huying.surveys.steps import locked, note

APART: Final = "entry"
"""How `RegisterApart` knows pairs of entries, beside those of the registers."""
MOST: Final = 30
WHY: Final[dict[str, Words]] = {
    "address": _("called the same, at one address"),
    "unit": _("of one unit of the register"),
    "spot": pgettext_lazy("entries", "called the same, in one spot"),
}
_LOOKING: Final = (Path(__file__).resolve().parent.parent / "sql" / "survey_doubles.sql").read_text(
    "utf-8"
)
Kept = SurveyEntry.State


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be about one thing, and what speaks for it."""

    one: SurveyEntry
    other: SurveyEntry
    why: Words

    @property
    def both(self) -> tuple[SurveyEntry, SurveyEntry]:
        return self.one, self.other


def proposed(survey: Survey, by: Actor) -> list[Pair]:
    """Pairs of the actor's area, at most `MOST`; none for who writes nothing there."""
    if by.role not in WRITING or not by.area_code:
        return []
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"survey": survey.pk, "area": f"{by.area_code}%", "most": MOST}
        cursor.execute(_LOOKING, given)
        rows = cursor.fetchall()
    ids = {pk for row in rows for pk in row[:2]}
    entries = SurveyEntry.objects.visible_to(by).select_related("survey", "target", "address")
    seen = {each.pk: each for each in entries.filter(pk__in=ids)}
    return [
        Pair(seen[one], seen[other], WHY[why])
        for one, other, why in rows
        if one in seen and other in seen
    ]


@transaction.atomic
def keep_apart(one: UUID, other: UUID, *, by: Actor, now: datetime) -> None:
    """Somebody found the two to be two; they are not proposed again.

    Raises:
        NotFound: one of them is not the actor's to see. NotAllowed: or not theirs to write.
        BadInput: they are not two entries of one survey.
    """
    first, second = sorted((one, other))
    _both(first, second, by)
    RegisterApart.objects.get_or_create(
        register=APART,
        one=first,
        other=second,
        defaults={"at": now, "by_account": by.account_id},
    )


@transaction.atomic
def merge(stays: UUID, goes: UUID, *, by: Actor, now: datetime) -> SurveyEntry:
    """Makes one entry of two. The other has ended, keeps its answers and photos, and says into
    which it was merged; what was to be visited counts as entered by the one that stays.

    Raises:
        NotFound, NotAllowed, BadInput: as `keep_apart`; or each was to be visited on its own.
    """
    kept, gone = _both(stays, goes, by)
    if kept.target_id is not None and gone.target_id is not None:
        raise BadInput(_("Each of the two was to be visited on its own; they are two."))
    target = gone.target
    gone.valid_until, gone.merged_into_id = timezone.localdate(now), kept.pk
    gone.target = None
    _step(gone, by, now)
    if target is not None:
        kept.target = target
        done = None if kept.state == Kept.SENT_BACK else now
        SurveyTarget.objects.filter(pk=target.pk).update(done_at=done, obstacle="")
    for name in ("address", "enterprise"):
        if getattr(kept, f"{name}_id") is None:
            setattr(kept, f"{name}_id", getattr(gone, f"{name}_id"))
    _step(kept, by, now)
    return kept


def _both(one: UUID, other: UUID, by: Actor) -> tuple[SurveyEntry, SurveyEntry]:
    if one == other:
        raise BadInput(_("Please choose two records."))
    held = {pk: locked(pk, by) for pk in sorted((one, other))}
    for each in held.values():
        if not may_write(by, each.area_code):
            raise NotAllowed
    if held[one].survey_id != held[other].survey_id:
        raise BadInput(_("They are not of one register or survey."))
    return held[one], held[other]


def _step(entry: SurveyEntry, by: Actor, now: datetime) -> None:
    entry.version += 1
    entry.last_seq += 1
    entry.save()
    note(entry, "merge", by=by, now=now)
