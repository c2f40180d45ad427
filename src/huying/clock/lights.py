"""Lights and countdowns: how a deadline stands at a given moment.

Green, then yellow once three quarters of the allowed clock time are used, red when the deadline
has passed, grey while the clock is paused. What was overdue before it was paused stays red: a
suspension must not hide that somebody was late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from huying.clock.deadlines import Due

YELLOW_FROM: Final = Fraction(3, 4)


class Light(StrEnum):
    """The colour a deadline shows."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


class Standstill(StrEnum):
    """Why a countdown does not count."""

    OFF_HOURS = "off_hours"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Countdown:
    """The time left on a deadline's own clock, and whether that clock is running.

    `left` is clock time, negative when overdue. While it runs, `until` is when it next stops
    (None: not before the deadline's clock is stopped by somebody). While it stands still,
    `until` is when it goes on (None: not known).
    """

    light: Light
    left: timedelta
    standstill: Standstill | None
    until: datetime | None

    @property
    def running(self) -> bool:
        return self.standstill is None


def light(due: Due, now: datetime, done_at: datetime | None = None) -> Light:
    """The light at `now`; for a finished stage the light it had when it was finished.

    The deadline itself is still in time: red starts after it.
    """
    moment = now if done_at is None else done_at
    if due.at is not None and moment > due.at:
        return Light.RED
    if done_at is None and due.pause_at(moment) is not None:
        return Light.GREY
    if due.used(moment) >= due.total * YELLOW_FROM.numerator / YELLOW_FROM.denominator:
        return Light.YELLOW
    return Light.GREEN


def yellow_at(due: Due) -> datetime | None:
    """When the light turns yellow; None while a pause keeps it from getting there."""
    return due.moment_of(float(YELLOW_FROM))


def time_left(now: datetime, due: Due, done_at: datetime | None = None) -> timedelta:
    """Clock time left at `now`, or at the finish of a finished stage; negative when overdue."""
    return due.remaining(now if done_at is None else done_at)


def countdown(due: Due, now: datetime, done_at: datetime | None = None) -> Countdown:
    """The countdown at `now`: what is left, whether it runs, and until when."""
    colour = light(due, now, done_at)
    left = time_left(now, due, done_at)
    if done_at is not None:
        return Countdown(colour, left, Standstill.DONE, None)
    works = due.runs_on_work(now)
    if (pause := due.pause_at(now)) is not None:
        until = pause.end
        if until is not None and works:
            # The pause may end at night; the clock goes on in the morning.
            until = due.calendar.next_work_moment(until)
        return Countdown(colour, left, Standstill.PAUSED, until)
    following = min((pause.start for pause in due.pauses if pause.start > now), default=None)
    if not works:
        return Countdown(colour, left, None, following)
    stops = due.calendar.end_of_work_interval(now)
    if stops is None:
        return Countdown(colour, left, Standstill.OFF_HOURS, due.calendar.next_work_moment(now))
    return Countdown(colour, left, None, stops if following is None else min(stops, following))
