"""Limits: how much time a stage has, and on which clock it is counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from huying.clock.calendar import WorkingCalendar


class Clock(StrEnum):
    """The four clocks a limit can be counted on.

    The two natural clocks never stop, nights and holidays included; the two work clocks run only
    during working time. A natural day is 24 hours from the start and a work day is the calendar's
    hours per day, so "one day" from Tuesday 10:00 is Wednesday 10:00. (The Civil Code, art. 201,
    leaves the first day out when it counts in days; dispatch platforms count from the minute of
    the receipt, as GB/T 30428 times its stages, and so do we.)
    """

    NATURAL_HOUR = "natural_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"

    @property
    def counts_work(self) -> bool:
        """Does this clock run during working time only?"""
        return self in (Clock.WORK_HOUR, Clock.WORK_DAY)


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time on a clock, e.g. `Limit(3, Clock.WORK_DAY)`; the amount is kept exact.

    Raises ValueError for a negative amount or an unknown clock.
    """

    amount: Fraction | Decimal | int
    clock: Clock

    def __post_init__(self) -> None:
        amount = Fraction(self.amount)
        if amount < 0:
            raise ValueError("a limit can't be negative")
        object.__setattr__(self, "amount", amount)
        object.__setattr__(self, "clock", Clock(self.clock))

    @classmethod
    def in_minutes(cls, minutes: int) -> Self:
        """A limit given in minutes; it runs on the natural clock, as all short limits do."""
        return cls(Fraction(minutes, 60), Clock.NATURAL_HOUR)

    def time(self, calendar: WorkingCalendar) -> timedelta:
        """The time this limit allows on its clock, e.g. 3 work days = 21 h of working time."""
        match self.clock:
            case Clock.NATURAL_DAY:
                unit = timedelta(days=1)
            case Clock.WORK_DAY:
                unit = calendar.day_length
            case _:
                unit = timedelta(hours=1)
        amount = self.amount if isinstance(self.amount, Fraction) else Fraction(self.amount)
        return unit * amount.numerator // amount.denominator


@dataclass(frozen=True, slots=True)
class Pause:
    """A half-open span during which no clock runs; `end` None: until further notice.

    Raises ValueError when it ends before it starts, or for a moment without a time zone.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("a pause needs moments with a time zone")
        if self.end is not None and self.end < self.start:
            raise ValueError("a pause can't end before it starts")

    def holds(self, moment: datetime) -> bool:
        """Does the clock stand still at this moment?"""
        return self.start <= moment and (self.end is None or moment < self.end)


def merged(pauses: Iterable[Pause], since: datetime) -> tuple[Pause, ...]:
    """The same standstill as pauses in order, apart from each other, and none before `since`."""
    result: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.end is not None and (pause.end <= since or pause.end == pause.start):
            continue
        start = max(pause.start, since)
        if result and ((last := result[-1]).end is None or start <= last.end):
            if last.end is not None and (pause.end is None or pause.end > last.end):
                result[-1] = Pause(last.start, pause.end)
        else:
            result.append(Pause(start, pause.end))
    return tuple(result)
