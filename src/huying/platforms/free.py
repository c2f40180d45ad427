"""When a point is open, and which slots have seats left. Reads alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.platforms import hours
from huying.platforms.hours import Span, Standing
from huying.platforms.models import Appointment, ServicePoint


@dataclass(frozen=True, slots=True)
class Free:
    """A slot of a day, and how many seats it has left."""

    begins_at: datetime
    ends_at: datetime
    left: int

    @property
    def wall(self) -> str:
        """Its name on the page and in the address: 09:30."""
        return f"{self.begins_at.astimezone(CIVIL_TZ):%H:%M}"


@dataclass(frozen=True, slots=True)
class DayOpen:
    """A day of a point: its slots, or why there are none."""

    day: date
    slots: tuple[Free, ...]
    reason: str = ""

    @property
    def left(self) -> int:
        return sum(each.left for each in self.slots)


def opening(point: ServicePoint) -> Callable[[date], tuple[Span, ...]]:
    """When the point is open on a day."""
    calendar = calendar_for(point.area_code) if point.keeps_calendar else None
    week, closed = point.hours, {each.day for each in point.closed_days.all()}

    def on(day: date) -> tuple[Span, ...]:
        return () if day in closed else hours.spans_on(week, day, calendar)

    return on


def standing(point: ServicePoint, now: datetime) -> Standing:
    return hours.standing(opening(point), now)


def today_of(now: datetime) -> date:
    return now.astimezone(CIVIL_TZ).date()


def within(point: ServicePoint, day: date, now: datetime) -> bool:
    """Whether the day is near enough to be booked."""
    return 0 <= (day - today_of(now)).days <= point.days_ahead


def days(point: ServicePoint, now: datetime) -> list[DayOpen]:
    """The days that can be booked, from today."""
    first = today_of(now)
    return _days(point, [first + timedelta(days=n) for n in range(point.days_ahead + 1)], now)


def day(point: ServicePoint, day: date, now: datetime) -> DayOpen:
    """One day; without slots where it is too far."""
    if not within(point, day, now):
        return DayOpen(day, ())
    return _days(point, [day], now)[0]


def _days(point: ServicePoint, wanted: list[date], now: datetime) -> list[DayOpen]:
    if not point.seats or point.ended_at is not None:
        return [DayOpen(each, ()) for each in wanted]
    on, reasons = opening(point), {each.day: each.reason for each in point.closed_days.all()}
    held: dict[date, list[tuple[datetime, datetime, int]]] = {}
    rows = Appointment.objects.holding().filter(point=point, day__in=wanted)
    for each, begins, ends, seat in rows.values_list("day", "begins_at", "ends_at", "seat"):
        held.setdefault(each, []).append((begins, ends, seat))
    found = []
    for each in wanted:
        free = []
        for slot in hours.slots(on(each), point.slot_minutes):
            begins, ends = hours.moment(each, slot.begins), hours.moment(each, slot.ends)
            if begins > now:
                busy = seats_taken(held.get(each, ()), begins, ends)
                left = sum(seat not in busy for seat in range(1, point.seats + 1))
                free.append(Free(begins, ends, left))
        found.append(DayOpen(each, tuple(free), reasons.get(each, "")))
    return found


def seats_taken(
    held: Iterable[tuple[datetime, datetime, int]], begins: datetime, ends: datetime
) -> set[int]:
    """The seats that somebody has at any time of the window. Pure."""
    return {seat for since, until, seat in held if since < ends and begins < until}


def seat_for(
    point: ServicePoint, begins: datetime, ends: datetime, but: UUID | None = None
) -> int | None:
    """The first seat that is free in the window; None where all are taken."""
    rows: Any = Appointment.objects.holding().filter(
        point=point, begins_at__lt=ends, ends_at__gt=begins
    )
    busy = set(rows.exclude(pk=but).values_list("seat", flat=True))
    return next((seat for seat in range(1, point.seats + 1) if seat not in busy), None)
