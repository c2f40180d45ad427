"""A second person decides each record; what is to be erased is erased with that, for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.revealing import Purpose, Subject
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.requests.models import (
    FITTING,
    Ground,
    Kind,
    Outcome,
    PersonRequest,
    RequestRecord,
    State,
)
from huying.requests.sources import SOURCES, Told
from huying.requests.taking import (
    DECIDED,
    locked,
    marks_of_request,
    may_take,
    note,
    requester,
)

SHEETS: Final = "sheet"
"""The step of handing out a sheet; there is one for each that was made."""


class Given(NamedTuple):
    """A sheet of what is kept of a person, made for one occasion.

    Attributes:
        copy: the how manieth of this request.
    """

    copy: int
    person: dict[str, str]
    parts: Sequence[tuple[str, Told]]


def may_decide(row: PersonRequest, actor: Actor) -> bool:
    """A leader of the desk's area, or of one around it, who did not take the request."""
    return (
        actor.is_leader
        and bool(actor.area_code)
        and row.area_code.startswith(actor.area_code)
        and row.taken_by_id != actor.account_id
    )


def decide(
    pk: UUID,
    record: UUID,
    *,
    outcome: str,
    reason: str = "",
    version: int,
    by: Actor,
    now: datetime,
) -> PersonRequest:
    """Decides one record. The last one decides the request.

    Raises:
        NotFound: the request is not theirs to see, or the record is not of it.
        NotAllowed: by somebody who may not decide it.
        StalePage: somebody changed the request since ``version``.
        WrongState: the record is decided; or it may not be erased, or was not corrected.
        Missing, BadInput: no outcome that fits, or a refusal without a reason.
    """
    with transaction.atomic():
        row = locked(pk, by=by, version=version)
        if not may_decide(row, by):
            raise NotAllowed(_("A leader who did not take the request decides it."))
        one = row.records.filter(pk=record).first()
        if one is None:
            raise NotFound()
        if one.outcome:
            raise WrongState(_("This was decided already."))
        if outcome not in FITTING[Kind(row.kind)]:
            raise Missing(_("Please choose what comes of it."), field="outcome")
        if outcome == Outcome.REFUSED and reason not in Ground.values:
            raise Missing(_("A refusal needs its legal reason."), field="reason")
        if outcome != Outcome.REFUSED and reason:
            raise BadInput(_("Only a refusal has a reason."), field="reason")
        _carry_out(row, one, outcome, now)
        one.outcome, one.reason = outcome, reason
        one.decided_by_id, one.decided_at = by.account_id, now
        one.save()
        note(row, "decided", by, now, subject=one.subject, record=str(one.pk), outcome=outcome,
             reason=reason)  # fmt: skip
        row.version += 1
        if not row.records.filter(outcome="").exists():
            _done(row, by, now)
        row.save()
        return row


def decide_nothing_found(pk: UUID, *, version: int, by: Actor, now: datetime) -> PersonRequest:
    """Where nothing was found of the person, a leader confirms just that.

    Raises:
        NotFound, NotAllowed, StalePage: as `decide`.
        WrongState: something was found, or it is decided.
    """
    with transaction.atomic():
        row = locked(pk, by=by, version=version)
        if not may_decide(row, by):
            raise NotAllowed(_("A leader who did not take the request decides it."))
        if row.state != State.OPEN or row.records.exists():
            raise WrongState(_("Each record is decided by itself."))
        row.version += 1
        _done(row, by, now)
        row.save()
        return row


def _done(row: PersonRequest, by: Actor, now: datetime) -> None:
    row.state, row.decided_at = State.DECIDED, now
    note(row, "done", by, now)
    tell(
        DECIDED,
        Whom(accounts=(row.taken_by_id,)),
        key=f"person_request:{row.pk}:decided",
        district_code=row.district_code,
        now=now,
        path=f"/desk/requests/{row.pk}",
        data={"number": row.number},
    )


def _carry_out(row: PersonRequest, one: RequestRecord, outcome: str, now: datetime) -> None:
    source = SOURCES[one.subject]
    if outcome == Outcome.CORRECTED and not source.corrected_since(one.subject_id, row.taken_at):
        raise WrongState(
            _("Nothing was corrected there since the request; have it corrected first.")
        )
    if outcome == Outcome.ERASED:
        ground = source.not_erasable(one.subject_id)
        if ground is not None:
            raise WrongState(
                _("This may not be erased now: %(why)s.") % {"why": Ground(ground).label}
            )
        source.erase(one.subject_id, marks_of_request(row), now)


def hand_out(pk: UUID, *, by: Actor, now: datetime) -> tuple[PersonRequest, Given]:
    """A sheet of what was granted to see, written down record by record before it is shown.

    Raises:
        NotFound, NotAllowed: not theirs, or not a desk's.
        WrongState: it is not decided, or nothing was granted.
        TooMany: this account has looked at very many people's data.
    """
    with transaction.atomic():
        row = locked(pk, by=by)
        if not may_take(by):
            raise NotAllowed()
        granted = list(row.records.filter(outcome=Outcome.GIVEN))
        if row.state == State.OPEN or not granted:
            raise WrongState(_("There is nothing that was granted to see."))
        marks = marks_of_request(row)
        person = revealing.reveal(
            Subject("request", row.pk, area_code=row.area_code, occasion=str(row.pk)),
            opening=lambda: requester(row),
            fields=["name", "id_number", "phone"],
            purpose=Purpose.OWN_REQUEST,
            by=by,
            now=now,
            action="reveal_request",
        )
        parts = [
            (str(SOURCES[each.subject].label), _told(each, marks, by, now)) for each in granted
        ]
        copy = row.steps.filter(verb=SHEETS).count() + 1
        note(row, SHEETS, by, now, nth=copy, records=len(granted))
        return row, Given(copy, person, parts)


def _told(one: RequestRecord, marks: object, by: Actor, now: datetime) -> Told:
    source = SOURCES[one.subject]
    return revealing.reveal(
        Subject(one.subject, one.subject_id, area_code=one.area_code, occasion=str(one.request_id)),
        opening=lambda: source.tell(one.subject_id, marks),  # type: ignore[arg-type]
        fields=source.fields,
        purpose=Purpose.OWN_REQUEST,
        by=by,
        now=now,
        action="reveal_request",
    )


def answer(pk: UUID, *, version: int, by: Actor, now: datetime) -> PersonRequest:
    """The person has the answer in hand: the request is over.

    Raises:
        NotFound, NotAllowed, StalePage: as `decide`, for a desk.
        WrongState: it is not decided, or answered already.
    """
    with transaction.atomic():
        row = locked(pk, by=by, version=version)
        if not may_take(by):
            raise NotAllowed()
        if row.state != State.DECIDED:
            raise WrongState(_("Only what is decided can be answered, and once."))
        row.state, row.answered_at = State.ANSWERED, now
        row.version += 1
        row.save()
        note(row, "answered", by, now)
        return row
