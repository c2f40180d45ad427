"""Taking a request at a desk: who asks, how that is known, and what is found of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.audit.crypto import decrypt_text
from huying.audit.numbers import hide
from huying.audit.revealing import Purpose
from huying.cases.verbs import keepable
from huying.clock.deadlines import Due
from huying.clock.deadlines import due as work_out
from huying.clock.limits import Clock, Limit
from huying.clock.reading import calendar_for
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.people.phones import plain_phone
from huying.places import naming
from huying.registry import sealing
from huying.registry.numbers import read_id
from huying.requests.models import (
    DESKS,
    SAID_AT_FIRST,
    Kind,
    Known,
    PersonRequest,
    RequestRecord,
    RequestStep,
    State,
)
from huying.requests.sources import SOURCES, Marks, marks_of

LIMIT: Final = Limit(15, Clock.WORK_DAY)
LONGEST_WORDS: Final = 500
LONGEST_NAME: Final = 40
_LOCK: Final = 0x72657175

TAKEN = kind(
    "person_request",
    _("A person's request"),
    _("{desk} took a request {number} about personal data; please decide by {by}."),
    group=Group.DESK,
)
DECIDED = kind(
    "person_request_decided",
    _("A person's request"),
    _("Request {number} about personal data is decided; please give the person the answer."),
    group=Group.DESK,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the desk was told."""

    kind: str
    known: str
    name: str
    id_number: str = ""
    phone: str = ""
    words: str = ""


def may_take(actor: Actor) -> bool:
    """Dispatchers do, at the desk or on the phone."""
    return actor.role in DESKS and bool(actor.area_code)


def take(told: Told, *, by: Actor, now: datetime) -> PersonRequest:
    """Takes a request and looks up what is kept of the person; each find is written down.

    Raises:
        NotAllowed: by no desk.
        Missing, BadInput: what was told will not do, at its field.
    """
    if not may_take(by):
        raise NotAllowed()
    given = _checked(told, now)
    assert by.account_id is not None
    with transaction.atomic():
        district = by.area_code[:6]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, int(district)])
        year = timezone.localdate(now).year
        due_at = due_of(district, now).at
        assert due_at is not None  # nothing pauses this clock
        series = PersonRequest.objects.filter(district_code=district, year=year)
        made = PersonRequest(
            district_code=district,
            area_code=by.area_code[:12],
            year=year,
            serial=(series.aggregate(last=Max("serial"))["last"] or 0) + 1,
            kind=given.kind,
            known=given.known,
            words=given.words,
            taken_by_id=by.account_id,
            taken_at=now,
            due_at=due_at,
        )
        for name in ("name", "id_number", "phone"):
            sealing.put(made, name, getattr(given, name))
        made.save(force_insert=True)
        # Of a name alone nothing is looked up: it may be many people's.
        found = 0 if made.known == Known.BY_NAME else find(made, marks_of_request(made), by, now)
        note(made, "taken", by, now, kind=str(made.kind), known=str(made.known), found=found)
        areas = (by.area_code[:n] for n in (6, 9, 12) if n <= len(by.area_code))
        tell(
            TAKEN,
            Whom(leaders=tuple(areas), but=(by.account_id,)),
            key=f"person_request:{made.pk}",
            district_code=district,
            now=now,
            path=f"/desk/requests/{made.pk}",
            data={
                "desk": naming.own_name(made.area_code),
                "number": made.number,
                "by": f"{timezone.localtime(made.due_at):%m-%d}",
            },
        )
    return made


def find_again(pk: UUID, *, by: Actor, now: datetime) -> int:
    """Looks once more, for what has come since; how many records were new.

    Raises:
        NotFound, NotAllowed, WrongState: not theirs, not a desk's, or decided already.
    """
    with transaction.atomic():
        row = locked(pk, by=by)
        if not may_take(by):
            raise NotAllowed()
        if row.state != State.OPEN:
            raise WrongState(_("This request is decided already."))
        if row.known == Known.BY_NAME:
            raise WrongState(_("First it must be known who of that name it is."))
        found = find(row, marks_of_request(row), by, now)
        note(row, "found", by, now, found=found)
        row.version += 1
        row.save()
        return found


def find(row: PersonRequest, marks: Marks, by: Actor, now: datetime) -> int:
    """Records that belong to the numbers, each written down as a look; how many are new."""
    new = 0
    for source in SOURCES.values():
        for key, place in source.find(marks):
            _made, is_new = RequestRecord.objects.get_or_create(
                request=row,
                subject=source.code,
                subject_id=key,
                defaults={"area_code": place, "found_at": now, "taken_by_id": row.taken_by_id},
            )
            if is_new:
                new += 1
                access.record(
                    action="find_for_request",
                    subject_type=source.code,
                    subject_id=key,
                    now=now,
                    by=by,
                    purpose=str(Purpose.OWN_REQUEST),
                    fields=["phone", "id_number"],
                    area_code=place,
                    occasion=str(row.pk),
                )
    return new


def marks_of_request(row: PersonRequest) -> Marks:
    """What the requester's numbers leave in rows. Nobody is shown them by this."""
    return marks_of(
        _opened(row, "id_number"),
        _opened(row, "phone"),
        _opened(row, "name"),
        people=(row.person_id,) if row.person_id else (),
        members=(row.member_id,) if row.member_id else (),
    )


def _opened(row: PersonRequest, name: str) -> str:
    sealed = getattr(row, f"{name}_enc")
    return decrypt_text(sealed, context=f"person_request.{name}_enc.{row.pk}") if sealed else ""


def requester(row: PersonRequest) -> dict[str, str]:
    """The requester in clear, for their own sheet. Whoever shows it has written that down."""
    return {name: _opened(row, name) for name in ("name", "id_number", "phone")}


def due_of(district: str, start: datetime) -> Due:
    """Fifteen working days on the district's calendar."""
    return work_out(start, LIMIT, calendar_for(district))


def locked(pk: UUID, *, by: Actor, version: int | None = None) -> PersonRequest:
    """The request, locked. Inside a transaction.

    Raises:
        NotFound: it is not there, or not theirs to see.
        StalePage: somebody changed it since ``version``.
    """
    rows = PersonRequest.objects.visible_to(by)
    row = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    if version is not None and version != row.version:
        raise StalePage()
    return row


def note(row: PersonRequest, verb: str, by: Actor, now: datetime, **data: Any) -> None:
    """Writes a step of a request. Ids, codes and numbers only."""
    last = row.steps.aggregate(last=Max("seq"))["last"] or 0
    RequestStep.objects.create(
        request=row,
        seq=last + 1,
        verb=verb,
        at=now,
        by_account=by.account_id,
        role=str(by.role or by.kind),
        data=data,
    )


def _checked(told: Told, now: datetime) -> Told:
    if told.kind not in Kind.values:
        raise Missing(_("Please choose what the person asks."), field="kind")
    if told.known not in SAID_AT_FIRST:
        raise Missing(_("Please say how you know that it is the person."), field="known")
    name = " ".join(told.name.split())
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > LONGEST_NAME or not keepable(name):
        raise BadInput(_("This name is too long."), field="name")
    number, phone = told.id_number.strip(), plain_phone(told.phone)
    if number:
        read = read_id(number, timezone.localdate(now))
        if read is None:
            raise BadInput(_("This id number is not right; please compare it."), field="id_number")
        number = read.number
    if told.known == Known.ID_SEEN and not number:
        raise Missing(_("The number of the id card that you have seen."), field="id_number")
    if told.known == Known.CALLED_BACK and not phone:
        raise Missing(_("The registered phone that you have called back."), field="phone")
    if told.known == Known.BY_NAME and (number or phone):
        raise BadInput(
            _("With a number it is more than a name: please say how you know the person."),
            field="known",
        )
    words = told.words.strip()
    if len(words) > LONGEST_WORDS or not keepable(words):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="words"
        )
    if told.kind == Kind.CORRECT and not words:
        raise Missing(_("Please say what is wrong, and what is right."), field="words")
    return Told(told.kind, told.known, name, number, phone, hide(words).words)
