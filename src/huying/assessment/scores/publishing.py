"""How a score sheet comes to hold: edited by some, proposed, approved by one who did neither.

A sheet holds from the first of a month on, and never for one that has begun: nobody is scored by
rules that they could not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.assessment.scores import sheets
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ScoreSheet
from huying.assessment.scores.scoring import Sheet
from huying.assessment.scores.sheets import InvalidSheet
from huying.assessment.scores.subjects import after, first_of
from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.people.models import LEADERS, ON_FOOT, Role

State = ScoreSheet.State


@dataclass(frozen=True, slots=True)
class Held:
    """The sheet that holds in a month; version 0 is the one that comes with the product."""

    version: int
    sheet: Sheet


def may_read(by: Actor) -> bool:
    """Whoever is scored by a sheet, sees scores, sets them or watches."""
    readers = {Role.ADMINISTRATOR, Role.AUDITOR, Role.DISPATCHER, Role.HANDLER, *ON_FOOT, *LEADERS}
    return by.role in readers


def may_change(by: Actor) -> bool:
    """Administrators of the district."""
    return by.is_system or (by.role == Role.ADMINISTRATOR and len(by.area_code) == 6)


def held(kind: Kind, district: str, month: date) -> Held:
    """The sheet by which a month is scored."""
    row = (
        ScoreSheet.objects.filter(
            district_code=district, kind=kind, state=State.APPROVED, since__lte=month
        )
        .order_by("-since", "-version")
        .first()
    )
    if row is None:
        return Held(0, sheets.defaults()[kind])
    return Held(row.version, sheets.read(kind, row.body))


@transaction.atomic
def begin(kind: Kind, district: str, *, by: Actor, now: datetime) -> ScoreSheet:
    """A new draft with what holds next month.

    Raises:
        NotAllowed: no administrator of the district.
        WrongState: there is a draft already.
    """
    if not may_change(by) or by.account_id is None:
        raise NotAllowed()
    known = ScoreSheet.objects.filter(district_code=district, kind=kind)
    newest = known.aggregate(newest=Max("version"))["newest"] or 0
    coming = held(kind, district, after(first_of(timezone.localdate(now))))
    try:
        with transaction.atomic():
            return ScoreSheet.objects.create(
                district_code=district,
                kind=kind,
                version=newest + 1,
                body=sheets.as_data(coming.sheet),
                made_at=now,
                changed_at=now,
            )
    except IntegrityError as error:
        raise WrongState(_("There is a draft of this sheet already.")) from error


@transaction.atomic
def write(pk: UUID, body: Mapping[str, Any], *, by: Actor, now: datetime) -> ScoreSheet:
    """Puts a sheet in place of the draft's.

    Raises:
        NotFound, NotAllowed, WrongState: there is no such draft, or it is not theirs to write.
        BadInput: it can be none; the sentence says why.
    """
    row = _locked(pk, by, State.DRAFT)
    editor = by.account_id
    try:
        row.body = sheets.as_data(sheets.read(row.kind, body))
    except InvalidSheet as error:
        raise BadInput(str(error), field="body") from error
    if editor is not None and editor not in row.edited_by:
        row.edited_by = [*row.edited_by, editor]
    row.changed_at = now
    row.save()
    return row


@transaction.atomic
def propose(pk: UUID, *, by: Actor, now: datetime, since: date | None = None) -> ScoreSheet:
    """Says that the draft is ready; from then on it is not edited.

    Raises:
        NotFound, NotAllowed, WrongState: as `write`.
        BadInput: the month has begun.
    """
    row = _locked(pk, by, State.DRAFT)
    row.since = _coming(since, now)
    row.state, row.proposed_by_id, row.proposed_at = State.PROPOSED, by.account_id, now
    row.save()
    return row


@transaction.atomic
def take_back(pk: UUID, *, by: Actor, now: datetime) -> ScoreSheet:
    """Makes a draft of a proposal again."""
    row = _locked(pk, by, State.PROPOSED)
    row.state, row.proposed_by, row.proposed_at, row.since = State.DRAFT, None, None, None
    row.changed_at = now
    row.save()
    return row


@transaction.atomic
def approve(pk: UUID, *, by: Actor, now: datetime) -> ScoreSheet:
    """Lets a proposal hold from its month on; the next one where that has begun meanwhile.

    Raises:
        NotFound, NotAllowed, WrongState: as `write`; or the same person edited or proposed it.
    """
    row = _locked(pk, by, State.PROPOSED)
    if by.account_id in (*row.edited_by, row.proposed_by_id):
        raise NotAllowed(_("A sheet is approved by somebody who neither wrote nor proposed it."))
    row.since = max(row.since or date.min, _coming(None, now))
    row.state, row.approved_by_id, row.approved_at = State.APPROVED, by.account_id, now
    row.save()
    return row


@transaction.atomic
def discard(pk: UUID, *, by: Actor) -> None:
    """Throws a draft away."""
    _locked(pk, by, State.DRAFT).delete()


def _coming(since: date | None, now: datetime) -> date:
    coming = after(first_of(timezone.localdate(now)))
    if since is None:
        return coming
    if since.day != 1 or since < coming:
        raise BadInput(
            _("A sheet holds from the first of a month that has not begun."), field="since"
        )
    return since


def _locked(pk: UUID, by: Actor, state: State) -> ScoreSheet:
    found = (
        ScoreSheet.objects.select_for_update().filter(pk=pk, district_code=by.area_code[:6]).first()
    )
    if found is None:
        raise NotFound()
    if not may_change(by) or by.account_id is None:
        raise NotAllowed()
    if found.state != state:
        raise WrongState(_("This sheet is not in a state that allows this."))
    return found
