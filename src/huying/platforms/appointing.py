"""预约: booked, moved, cancelled, called off, come or not. No seat serves two at once."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind
from huying.people.phones import plain_phone
from huying.platforms import free, holding
from huying.platforms.codes import code_of
from huying.platforms.free import Free
from huying.platforms.models import Appointment, AppointmentState, Booking, ServicePoint
from huying.platforms.points import called_off
from huying.registry import sealing

MOST_OF_A_PHONE: Final = 3
"""Appointments to come that one phone may have at one point: the others want a turn too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot that somebody wants.

    Attributes:
        at: the slot's name, as 09:30.
        matter: what for; none where the point has no list.
        form: the number of the public form; sent twice, it books once.
    """

    day: date | None
    at: str
    matter: uuid.UUID | None = None
    phone: str = ""
    form: str = ""

    @property
    def whole(self) -> str:
        """All of it as one string. Its keyed digest is kept, by which nobody guesses a phone."""
        return json.dumps([str(self.day), self.at, str(self.matter), self.phone])


def _point(pk: uuid.UUID, by: Actor) -> ServicePoint:
    """The point, held: whoever books after this one sees what was booked.

    Raises:
        NotFound: there is none, or it is not the desk's.
        NotAllowed: the actor neither is a resident nor keeps it.
    """
    resident = by.kind is ActorKind.RESIDENT
    rows = ServicePoint.objects.all() if resident else ServicePoint.objects.visible_to(by)
    found: ServicePoint | None = (
        rows.select_for_update(of=("self",)).filter(pk=pk, ended_at=None).first()
    )
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    return found


def _slot(point: ServicePoint, day: date | None, at: str, now: datetime) -> Free:
    """Raises Missing or BadInput where the point has no such slot."""
    if day is None or not at:
        raise Missing(_("Please choose a day and a time."), field="at")
    there = {each.wall: each for each in free.day(point, day, now).slots}
    if at not in there:
        raise BadInput(_("This time cannot be booked; please choose another."), field="at")
    return there[at]


def _put(row: Appointment, point: ServicePoint, slot: Free, day: date) -> None:
    """Raises WrongState where no seat is left."""
    full = WrongState(_("This time is taken; please choose another."), field="at")
    seat = free.seat_for(point, slot.begins_at, slot.ends_at, but=row.pk)
    if seat is None:
        raise full
    numbers = Appointment.objects.filter(point=point, day=day).exclude(pk=row.pk)
    if row.day != day or not row.number:
        row.number = (numbers.aggregate(n=Max("number"))["n"] or 0) + 1
    row.day, row.seat = day, seat
    row.begins_at, row.ends_at = slot.begins_at, slot.ends_at
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise full from None


@transaction.atomic
def book(point: uuid.UUID, wanted: Wanted, *, by: Actor, now: datetime) -> tuple[Appointment, str]:
    """A seat, and the code to come back by.

    Raises:
        NotFound, NotAllowed: the point is not there, or not the actor's to keep.
        Missing, BadInput: no such slot or matter, no phone number.
        WrongState: the slot is taken, or the phone has enough appointments.
        KeyReused: the form was sent before and said something else.
    """
    found, sent = _point(point, by), f"{point} {wanted.whole}"
    if (before := holding.again(Appointment, wanted.form, sent)) is not None:
        return before, code_of(before.pk)
    bookable = found.matters.filter(active=True).exclude(booking=Booking.NONE)
    matter = bookable.filter(pk=wanted.matter).first() if wanted.matter else None
    if matter is None and (wanted.matter or bookable.exists()):
        raise Missing(_("Please choose what it is about."), field="matter")
    slot = _slot(found, wanted.day, wanted.at, now)
    assert wanted.day is not None
    row = Appointment(
        district_code=found.district_code, area_code=found.area_code, point=found, matter=matter
    )
    code = holding.begin(row, wanted.phone, wanted.form, sent, by=by, now=now)
    if phone := plain_phone(wanted.phone):
        own = Appointment.objects.filter(
            point=found, state=AppointmentState.BOOKED, begins_at__gt=now,
            phone_index__in=sealing.marks(phone),
        )  # fmt: skip
        if own.count() >= MOST_OF_A_PHONE:
            raise WrongState(
                _("With this phone %(n)s times are booked already.") % {"n": MOST_OF_A_PHONE},
                field="phone",
            )
    _put(row, found, slot, wanted.day)
    note(row, "book", by=by, now=now)
    return row, code


def _own(pk: uuid.UUID, by: Actor) -> Appointment:
    """The appointment with its point, both held, the point first as in `book`.

    A resident is who has the code; the page has found the row by it.

    Raises:
        NotFound, NotAllowed: as `_point`.
    """
    rows = Appointment.objects.all()
    there = rows.filter(pk=pk).values_list("point", flat=True).first()
    if there is None:
        raise NotFound
    point = ServicePoint.objects.select_for_update(of=("self",)).get(pk=there)
    resident = by.kind is ActorKind.RESIDENT
    if not resident:
        rows = Appointment.objects.visible_to(by)
    found = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    found.point = point
    return found


def _still_booked(found: Appointment, now: datetime) -> None:
    if found.state != AppointmentState.BOOKED or found.begins_at <= now:
        raise WrongState(_("This appointment cannot be changed any more."))


@transaction.atomic
def move(pk: uuid.UUID, day: date | None, at: str, *, by: Actor, now: datetime) -> Appointment:
    """Another time at the same point; the code stays.

    Raises:
        NotFound, NotAllowed: as `_own`.
        WrongState: it is past or was cancelled, or the slot is taken.
        Missing, BadInput: there is no such slot.
    """
    found = _own(pk, by)
    _still_booked(found, now)
    slot = _slot(found.point, day, at, now)
    assert day is not None
    found.version += 1
    _put(found, found.point, slot, day)
    note(found, "move", by=by, now=now)
    return found


@transaction.atomic
def cancel(pk: uuid.UUID, *, by: Actor, now: datetime) -> Appointment:
    """Whoever booked does not come; the seat is free for another.

    Raises:
        NotFound, NotAllowed: as `_own`.
        WrongState: it is past, or was cancelled.
    """
    found = _own(pk, by)
    _still_booked(found, now)
    found.state, found.decided_at = AppointmentState.CANCELLED, now
    found.version += 1
    found.save()
    note(found, "cancel", by=by, now=now)
    return found


@transaction.atomic
def call_off(pk: uuid.UUID, reason: str, *, by: Actor, now: datetime) -> Appointment:
    """The office cannot do it; whoever booked reads why.

    Raises:
        NotFound, NotAllowed: as `_own`; a resident cannot.
        WrongState: it is past, or was cancelled.
        Missing, BadInput: no reason, or one too long.
    """
    found = _own(pk, by)
    if by.kind is ActorKind.RESIDENT:
        raise NotAllowed
    _still_booked(found, now)
    called_off(found, words_of(reason, field="reason", most=100), now)
    note(found, "call_off", by=by, now=now)
    return found


@transaction.atomic
def tell(
    pk: uuid.UUID, came: bool, *, by: Actor, now: datetime, version: int | None = None
) -> Appointment:
    """The desk says whether somebody came; a slip can be put right.

    Raises:
        NotFound, NotAllowed, StalePage: as `_own`; a resident cannot; the row has changed.
        WrongState: it was cancelled, or its day is still to come.
    """
    found = _own(pk, by)
    if by.kind is ActorKind.RESIDENT:
        raise NotAllowed
    require_version(found, version)
    told = (AppointmentState.BOOKED, AppointmentState.CAME, AppointmentState.MISSED)
    if found.state not in told:
        raise WrongState(_("This appointment was cancelled."))
    if found.day > free.today_of(now):
        raise WrongState(_("Who came is said on the day."))
    found.state = AppointmentState.CAME if came else AppointmentState.MISSED
    found.decided_at, found.version = now, found.version + 1
    found.save()
    note(found, "came" if came else "missed", by=by, now=now)
    return found


@transaction.atomic
def forget(pk: uuid.UUID, *, by: Actor, now: datetime) -> Appointment:
    """Erases what tells of who booked; what is still to come is cancelled with it.

    Raises:
        NotFound, NotAllowed: as `_own`.
    """
    found = _own(pk, by)
    if holding.is_bare(found):
        return found
    if found.state == AppointmentState.BOOKED and found.begins_at > now:
        found.state, found.decided_at = AppointmentState.CANCELLED, now
    holding.bare(found)
    found.version += 1
    found.save()
    note(found, "forget", by=by, now=now)
    return found
