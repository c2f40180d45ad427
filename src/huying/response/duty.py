"""Who is on duty when: worked out from the roster, its shifts and a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from huying.clock.calendar import CIVIL_TZ


class Standing(StrEnum):
    """How a member stands with their turn at a moment."""

    OFF = "off"
    LEAVE = "leave"
    EXPECTED = "expected"
    PRESENT = "present"
    LEFT = "left"


ON_DUTY = frozenset({Standing.EXPECTED, Standing.PRESENT})
"""Whose turn runs is on duty, whether they have said so already or not, until they leave."""


class TurnTimes(Protocol):
    """What of a turn decides. ``models.Turn`` is one."""

    begins_at: datetime
    ends_at: datetime
    on_leave: bool
    came_at: datetime | None
    left_at: datetime | None


T = TypeVar("T", bound=TurnTimes)


def hours(day: date, begins: time, ends: time) -> tuple[datetime, datetime]:
    """From when to when the shift of a day runs; one that ends at or before it begins, over night.

    The last moment belongs to the next shift.
    """
    first = datetime.combine(day, begins, CIVIL_TZ)
    last_day = day + timedelta(days=1) if ends <= begins else day
    return first, datetime.combine(last_day, ends, CIVIL_TZ)


def standing_of(turn: TurnTimes, now: datetime) -> Standing:
    """How one turn stands now."""
    if not turn.begins_at <= now < turn.ends_at:
        return Standing.OFF
    if turn.on_leave:
        return Standing.LEAVE
    if turn.left_at is not None and turn.left_at <= now:
        return Standing.LEFT
    if turn.came_at is not None and turn.came_at <= now:
        return Standing.PRESENT
    return Standing.EXPECTED


_ORDER = (
    Standing.PRESENT,
    Standing.EXPECTED,
    Standing.LEFT,
    Standing.LEAVE,
    Standing.OFF,
)


def standing(turns: Iterable[T], now: datetime) -> tuple[Standing, T | None]:
    """How a person with these turns stands, and the turn that says so.

    Of two turns that run at once, the one that has them on duty counts.
    """
    running = [(standing_of(turn, now), turn) for turn in turns]
    running = [each for each in running if each[0] is not Standing.OFF]
    if not running:
        return Standing.OFF, None
    return min(running, key=lambda each: _ORDER.index(each[0]))


def on_duty(turns: Iterable[TurnTimes], now: datetime) -> bool:
    """Whether a person with these turns is on duty now."""
    return standing(turns, now)[0] in ON_DUTY
