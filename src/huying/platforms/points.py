"""Service points: set up, changed, what they do, closed for a day, ended."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.clock.calendar import CIVIL_TZ
from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import COMMUNITY, may_keep
from huying.people.acting import Actor
from huying.people.phones import plain_phone
from huying.places.models import Division, Grid, Level
from huying.platforms import hours
from huying.platforms.models import (
    Appointment,
    AppointmentState,
    Booking,
    ClosedDay,
    PointKind,
    ServiceMatter,
    ServicePoint,
)
from huying.platforms.models.points import MOST_DAYS, MOST_SEATS, SLOT_MINUTES
from huying.registry import addressing

LONGEST_MINUTES: Final = 480
USUAL_WEEK: Final = ("08:30-12:00 14:00-17:30",) * 5 + ("", "")


@dataclass(frozen=True, slots=True)
class Told:
    """A point as the desk tells it.

    Attributes:
        week: hours of seven days from Monday, as they were typed.
        address: a standard address in words; empty for none.
    """

    name: str
    spot: str
    kind: str = PointKind.SERVICE
    phone: str = ""
    words: str = ""
    week: Sequence[str] = USUAL_WEEK
    keeps_calendar: bool = True
    slot_minutes: int = 30
    seats: int = 0
    days_ahead: int = 14
    grid_code: str = ""
    address: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class MatterTold:
    """Something that a point does."""

    name: str
    bring: str = ""
    minutes: int | None = None
    booking: str = Booking.NONE
    order: int = 0


def require_area(code: str) -> None:
    """Raises BadInput where this is neither a town nor a community."""
    levels = [Level.TOWN, Level.COMMUNITY]
    if not Division.objects.filter(code=code, level__in=levels).exists():
        raise BadInput(_("Please choose one."), field="area")


def _values(area_code: str, told: Told) -> dict[str, Any]:
    week = []
    for n, typed in enumerate(told.week):
        try:
            week.append(hours.written(hours.read(typed)))
        except ValueError:
            words = _("Please write the hours as 8:30-12:00 14:00-17:30, or leave them out.")
            raise BadInput(words, field=f"day{n}") from None
    if len(week) != len(USUAL_WEEK):
        raise BadInput(field="day0")
    if told.kind not in PointKind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if not SLOT_MINUTES[0] <= told.slot_minutes <= SLOT_MINUTES[1]:
        raise BadInput(_("Between 10 minutes and two hours."), field="slot_minutes")
    if not 0 <= told.seats <= MOST_SEATS:
        raise BadInput(_("At most %(n)s at a time.") % {"n": MOST_SEATS}, field="seats")
    if not 1 <= told.days_ahead <= MOST_DAYS:
        raise BadInput(_("Between 1 and %(n)s days.") % {"n": MOST_DAYS}, field="days_ahead")
    grids = Grid.objects.filter(code=told.grid_code, code__startswith=area_code, voided_at=None)
    if told.grid_code and not grids.exists():
        raise BadInput(_("There is no such grid here."), field="grid_code")
    return {
        "name": words_of(told.name, field="name", most=40),
        "spot": words_of(told.spot, field="spot", most=100),
        "kind": told.kind,
        # The office's own line: whoever reads the page may call it.
        "phone": plain_phone(told.phone) and told.phone.strip()[:30],
        "words": words_of(told.words, field="words", most=200, needed=False),
        "week": week,
        "keeps_calendar": told.keeps_calendar,
        "slot_minutes": told.slot_minutes,
        "seats": told.seats,
        "days_ahead": told.days_ahead,
        "grid_code": told.grid_code,
        "address": _address(area_code, told.address.strip()),
        "order": told.order,
    }


def _address(area_code: str, typed: str) -> Any:
    if not typed:
        return None
    found = addressing.find(area_code, typed) if len(area_code) == COMMUNITY else None
    if found is None:
        raise BadInput(_("There is no such standard address here."), field="address")
    return found


@transaction.atomic
def make(area_code: str, told: Told, *, by: Actor, now: datetime) -> ServicePoint:
    """A new point of a community or town.

    Raises:
        NotAllowed: the actor does not keep this area.
        BadInput, Missing: what was told is not right, or another has the name.
    """
    require_area(area_code)
    if not may_keep(by, area_code) or by.account_id is None:
        raise NotAllowed
    values = _values(area_code, told)
    try:
        with transaction.atomic():
            made = ServicePoint.objects.create(
                district_code=area_code[:6],
                area_code=area_code,
                made_at=now,
                made_by_id=by.account_id,
                **values,
            )
    except IntegrityError:
        raise BadInput(_("There is one of this name already."), field="name") from None
    note(made, "make", by=by, now=now)
    return made


def locked(pk: uuid.UUID, by: Actor, version: int | None = None) -> ServicePoint:
    """The point, held until the transaction ends, for who keeps it.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see, to keep, or has changed.
        WrongState: it has ended.
    """
    rows = ServicePoint.objects.visible_to(by).select_for_update(of=("self",))
    found: ServicePoint | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not may_keep(by, found.area_code):
        raise NotAllowed
    if found.ended_at is not None:
        raise WrongState(_("This point has ended."))
    require_version(found, version)
    return found


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> ServicePoint:
    """Other hours, place or words. Appointments that were made stay as they are.

    Raises:
        NotFound, NotAllowed, StalePage, WrongState: as `locked`.
        BadInput, Missing: as `make`.
    """
    found = locked(pk, by, version)
    for name, value in _values(found.area_code, told).items():
        setattr(found, name, value)
    found.version += 1
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise BadInput(_("There is one of this name already."), field="name") from None
    note(found, "change", by=by, now=now)
    return found


@transaction.atomic
def put_matter(
    pk: uuid.UUID,
    told: MatterTold,
    *,
    by: Actor,
    now: datetime,
    matter: uuid.UUID | None = None,
    active: bool = True,
) -> ServiceMatter:
    """A new matter of the point, or a change of one; one that is not active is done no more.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or there is no such matter.
        BadInput, Missing: what was told is not right, or another has the name.
    """
    point = locked(pk, by)
    if told.booking not in Booking.values:
        raise BadInput(_("Please choose one."), field="booking")
    if told.minutes is not None and not 1 <= told.minutes <= LONGEST_MINUTES:
        raise BadInput(_("Between a minute and eight hours."), field="minutes")
    found = ServiceMatter(district_code=point.district_code, area_code=point.area_code, point=point)
    if matter is not None:
        there = point.matters.filter(pk=matter).first()
        if there is None:
            raise NotFound
        found = there
    found.name = words_of(told.name, field="name", most=40)
    found.bring = words_of(told.bring, field="bring", most=300, needed=False)
    found.minutes, found.booking, found.order = told.minutes, told.booking, told.order
    found.active = active
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise BadInput(_("There is one of this name already."), field="name") from None
    note(point, "matter", by=by, now=now, matter=found.pk, active=active)
    return found


@transaction.atomic
def close_day(pk: uuid.UUID, day: date, reason: str, *, by: Actor, now: datetime) -> int:
    """Closes a day, and calls off what was booked for it; how many. Whoever booked reads why.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`.
        BadInput, Missing: the day is past or closed already, or there is no reason.
    """
    point = locked(pk, by)
    if day < now.astimezone(CIVIL_TZ).date():
        raise BadInput(_("Please give a day to come."), field="day")
    said = words_of(reason, field="reason", most=100)
    if point.closed_days.filter(day=day).exists():
        raise BadInput(_("This day is closed already."), field="day")
    ClosedDay.objects.create(
        district_code=point.district_code,
        area_code=point.area_code,
        point=point,
        day=day,
        reason=said,
    )
    rows = point.appointments.select_for_update(of=("self",))
    booked = list(rows.filter(day=day, state=AppointmentState.BOOKED))
    for each in booked:
        called_off(each, said, now)
    note(point, "close_day", by=by, now=now, day=str(day), called_off=len(booked))
    return len(booked)


def called_off(row: Appointment, reason: str, now: datetime) -> None:
    """Inside the transaction that holds the row."""
    row.state, row.reason, row.decided_at = AppointmentState.CALLED_OFF, reason, now
    row.version += 1
    row.save()


@transaction.atomic
def open_day(pk: uuid.UUID, day: date, *, by: Actor, now: datetime) -> None:
    """The day can be booked again; what was called off stays so.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or it was not closed.
    """
    point = locked(pk, by)
    if not point.closed_days.filter(day=day).delete()[0]:
        raise NotFound
    note(point, "open_day", by=by, now=now, day=str(day))


@transaction.atomic
def end(pk: uuid.UUID, *, by: Actor, now: datetime) -> ServicePoint:
    """Residents see it no more.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or somebody has booked still.
    """
    point = locked(pk, by)
    waiting = point.appointments.filter(state=AppointmentState.BOOKED, begins_at__gt=now)
    if waiting.exists():
        raise WrongState(_("Somebody has booked still: close those days first."))
    point.ended_at, point.version = now, point.version + 1
    point.save(update_fields=["ended_at", "version"])
    note(point, "end", by=by, now=now)
    return point
