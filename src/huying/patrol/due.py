"""Which places are due on a day, and how many visits a stretch of days wants. Pure.

Every day and every working day mean one visit on each; times a week or a month are made on working
days, whichever suits, and must be made once as many are missing as working days are left.
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.errors import Words


class Rhythm(models.TextChoices):
    """How often each place of a plan is visited."""

    DAY = "day", _("every day")
    WORKDAY = "workday", _("every working day")
    WEEK = "week", _("times a week")
    MONTH = "month", _("times a month")


class WorkDays(Protocol):
    """What of a calendar decides: ``clock.calendar.WorkingCalendar`` is one."""

    def is_work_day(self, day: date) -> bool: ...


class Why(StrEnum):
    """Why a place is due on a day, or is not."""

    EACH_DAY = "each_day"
    WORK_DAY = "work_day"
    MUST = "must"
    MAY = "may"
    VISITED = "visited"
    ENOUGH = "enough"
    REST_DAY = "rest_day"
    NOT_YET = "not_yet"
    OVER = "over"


WORDS: Final[dict[Why, Words]] = {
    Why.EACH_DAY: _("due every day"),
    Why.WORK_DAY: _("due every working day"),
    Why.MUST: _("due today: no working day to spare"),
    Why.MAY: _("due; working days are left"),
    Why.VISITED: _("visited today"),
    Why.ENOUGH: _("visited often enough"),
    Why.REST_DAY: _("no working day"),
    Why.NOT_YET: _("the plan has not begun"),
    Why.OVER: pgettext_lazy("patrol", "the plan is over"),
}

_DUE: Final = frozenset({Why.EACH_DAY, Why.WORK_DAY, Why.MUST, Why.MAY})


@dataclass(frozen=True, slots=True)
class Turns:
    """How often, and from when to when."""

    rhythm: Rhythm
    times: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """How a place stands on a day.

    Attributes:
        done, wanted: visits of the day's own stretch (day, week or month).
        until: the last day of that stretch.
    """

    why: Why
    done: int
    wanted: int
    until: date

    @property
    def due(self) -> bool:
        return self.why in _DUE

    @property
    def pressing(self) -> bool:
        """Whether another day will not do."""
        return self.due and self.why is not Why.MAY

    @property
    def words(self) -> str:
        return str(WORDS[self.why])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days within which a number of visits is wanted."""

    first: date
    last: date
    wanted: int


def due_on(turns: Turns, day: date, visited: Iterable[date], calendar: WorkDays) -> Due:
    """Whether a place is due on ``day``, given the days on which somebody was there."""
    stretch = _stretch(turns, day, calendar)
    days = {each for each in visited if stretch.first <= each <= min(stretch.last, day)}
    return Due(_why(turns, day, days, stretch, calendar), len(days), stretch.wanted, stretch.last)


def _why(turns: Turns, day: date, days: set[date], stretch: Stretch, calendar: WorkDays) -> Why:
    if day < turns.starts_on:
        return Why.NOT_YET
    if turns.ends_on is not None and day > turns.ends_on:
        return Why.OVER
    if day in days:
        return Why.VISITED
    if turns.rhythm == Rhythm.DAY:
        return Why.EACH_DAY
    if len(days) >= stretch.wanted > 0:
        return Why.ENOUGH
    if not calendar.is_work_day(day):
        return Why.REST_DAY
    if turns.rhythm == Rhythm.WORKDAY:
        return Why.WORK_DAY
    left = sum(calendar.is_work_day(each) for each in _days(day, stretch.last))
    return Why.MUST if stretch.wanted - len(days) >= left else Why.MAY


def stretches(turns: Turns, first: date, last: date, calendar: WorkDays) -> Iterator[Stretch]:
    """The stretches that end between two days: only what is over can have been missed."""
    day = max(first, turns.starts_on)
    while day <= last and (turns.ends_on is None or day <= turns.ends_on):
        stretch = _stretch(turns, day, calendar)
        if stretch.last <= last and stretch.wanted:
            yield stretch
        day = stretch.last + timedelta(days=1)


def made(visited: Iterable[date], over: Iterable[Stretch]) -> int:
    """How many of the wanted visits were made; more than wanted make up for nothing else."""
    days = sorted(set(visited))
    return sum(
        min(bisect_right(days, each.last) - bisect_left(days, each.first), each.wanted)
        for each in over
    )


def _stretch(turns: Turns, day: date, calendar: WorkDays) -> Stretch:
    """The stretch that holds a day, cut to the plan's own days."""
    if turns.rhythm == Rhythm.DAY:
        return Stretch(day, day, 1)
    if turns.rhythm == Rhythm.WORKDAY:
        return Stretch(day, day, int(calendar.is_work_day(day)))
    if turns.rhythm == Rhythm.WEEK:
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=6)
    else:
        first = day.replace(day=1)
        last = day.replace(day=months.monthrange(day.year, day.month)[1])
    begins = max(first, turns.starts_on) if day >= turns.starts_on else first
    ends = last if turns.ends_on is None or day > turns.ends_on else min(last, turns.ends_on)
    workable = sum(calendar.is_work_day(each) for each in _days(begins, ends))
    return Stretch(begins, ends, min(turns.times, workable))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
