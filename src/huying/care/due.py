"""On which day somebody on the care list is due a visit, and who is told when none was made. Pure.

A visit counts once somebody met the person. A call counts only after a visit: of two calls in a row
the second moves nothing. Who was not met stays due; not met twice in a row is a matter for others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from huying.errors import Words

FIRST_DAYS: Final = 7
"""Who is new on the list is visited within so many days, however long the interval is."""
FOLLOW_UP_DAYS: Final = 3
"""So soon after something was needed somebody looks again."""
SOON_DAYS: Final = 3


class Way(models.TextChoices):
    """How somebody was met, or was to be."""

    DOOR = "door", pgettext_lazy("care", "at the door")
    ELSEWHERE = "elsewhere", pgettext_lazy("care", "met elsewhere")
    PHONE = "phone", pgettext_lazy("care", "by phone")


class Outcome(models.TextChoices):
    """What a visit came to."""

    WELL = "well", pgettext_lazy("care", "all is well")
    NEEDS = "needs", pgettext_lazy("care", "needs something")
    NOT_MET = "not_met", pgettext_lazy("care", "not met")
    ALARM = "alarm", pgettext_lazy("care", "emergency")


class Why(StrEnum):
    """Why somebody is due on the day on which they are."""

    FIRST = "first"
    EVERY = "every"
    CHANGED = "changed"
    FOLLOW_UP = "follow_up"
    AFTER_ALARM = "after_alarm"
    AGAIN = "again"
    RAISED = "raised"


WORDS: Final[dict[Why, Words]] = {
    Why.FIRST: pgettext_lazy("care", "new on the list: a first visit"),
    Why.EVERY: pgettext_lazy("care", "the interval since the last visit"),
    Why.CHANGED: pgettext_lazy("care", "the level was raised"),
    Why.FOLLOW_UP: pgettext_lazy("care", "something was needed: look again"),
    Why.AFTER_ALARM: pgettext_lazy("care", "the day after an emergency"),
    Why.AGAIN: pgettext_lazy("care", "was not met: try again"),
    Why.RAISED: pgettext_lazy("care", "was not met twice in a row"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a visit decides."""

    at: datetime
    day: date
    way: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, and since when.

    Attributes:
        since: the day on which the person came on the list.
        every: days between two visits.
        changed_on, before: when the interval became shorter, and what it was until then.
    """

    since: date
    every: int
    changed_on: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When the next visit is due, and why then.

    Attributes:
        last: the day of the last visit that counted.
        misses: how often in a row the person was not met since they last were.
    """

    on: date
    why: Why
    last: date | None
    misses: int


def counted(visits: Iterable[Seen]) -> list[bool]:
    """Which of the visits, by the time at which they were, count for the plan."""
    found, by_phone = [], True
    for each in sorted(visits, key=_when):
        counts = each.outcome != Outcome.NOT_MET and not (by_phone and each.way == Way.PHONE)
        found.append(counts)
        if counts:
            by_phone = each.way == Way.PHONE
    return found


def due_after(plan: Plan, visits: Iterable[Seen]) -> Due:
    """When somebody is due after these visits, in whatever order they became known."""
    rows = sorted(visits, key=_when)
    last, met, tried = None, None, list[date]()
    for each, counts in zip(rows, counted(rows), strict=True):
        if counts:
            last = each.day
        if each.outcome == Outcome.NOT_MET:
            tried.append(each.day)
        else:
            met, tried = each, []
    on, why = _usual(plan, last)
    for day, reason in _sooner(met):
        if day < on:
            on, why = day, reason
    if tried:
        # The day after the first closed door, and at once after the second.
        on = min(on, tried[0] + timedelta(days=1), *tried[1:2])
        why = Why.RAISED if tried[1:] else Why.AGAIN
    return Due(on, why, last, len(tried))


def _when(seen: Seen) -> tuple[datetime, str, str]:
    return seen.at, seen.way, seen.outcome


def _usual(plan: Plan, last: date | None) -> tuple[date, Why]:
    if last is None:
        return plan.since + timedelta(days=min(plan.every, FIRST_DAYS)), Why.FIRST
    on = last + timedelta(days=plan.every)
    if plan.changed_on is None or plan.before is None or on >= plan.changed_on:
        return on, Why.EVERY
    # Nobody is late for what was wanted less often before; and late one stays as one was.
    then = last + timedelta(days=plan.before)
    return (then, Why.EVERY) if then <= plan.changed_on else (plan.changed_on, Why.CHANGED)


def _sooner(met: Seen | None) -> Iterator[tuple[date, Why]]:
    if met is not None and met.outcome == Outcome.NEEDS:
        yield met.day + timedelta(days=FOLLOW_UP_DAYS), Why.FOLLOW_UP
    if met is not None and met.outcome == Outcome.ALARM:
        yield met.day + timedelta(days=1), Why.AFTER_ALARM


class Standing(models.TextChoices):
    """How somebody stands on a day."""

    LATE = "late", pgettext_lazy("care", "overdue")
    TODAY = "today", pgettext_lazy("care", "due today")
    SOON = "soon", pgettext_lazy("care", "due soon")
    REST = "rest", pgettext_lazy("care", "not due")


def standing(on: date, today: date) -> Standing:
    """How somebody who is due ``on`` a day stands today."""
    left = (on - today).days
    if left <= 0:
        return Standing.LATE if left else Standing.TODAY
    return Standing.SOON if left <= SOON_DAYS else Standing.REST


def days_within(on: date, every: int, first: date, last: date, today: date) -> list[date]:
    """The days of a stretch on which somebody is due if every visit is made in time.

    What is late is to be done today.
    """
    day, found = max(on, today), []
    while day <= last:
        if day >= first:
            found.append(day)
        day += timedelta(days=max(every, 1))
    return found


class Rung(IntEnum):
    """Who is told, in this order, of a visit that is due and was not made."""

    RESPONSIBLE = 1
    HEAD = 2
    COMMUNITY = 3
    TOWN = 4


@dataclass(frozen=True, slots=True)
class Ladder:
    """After how many days past due the head, the community's and the town's desk are told."""

    days: Sequence[int]

    def at(self, rung: Rung, on: date) -> date:
        """The day on which a rung has its turn; on the due day itself who is responsible."""
        return on + timedelta(days=0 if rung is Rung.RESPONSIBLE else self.days[rung - 2])

    def reached(self, climbed: int, on: date, today: date) -> list[Rung]:
        """The rungs whose turn has come and that were not climbed yet, missed ones too."""
        return [rung for rung in Rung if rung > climbed and self.at(rung, on) <= today]

    def next_after(self, climbed: int, on: date) -> date | None:
        """When the rung after those climbed has its turn; None at the top."""
        return self.at(Rung(climbed + 1), on) if climbed < Rung.TOWN else None
