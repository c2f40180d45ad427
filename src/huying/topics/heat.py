"""How hot a topic is: how many people, how fast it grows, who agrees, how long it lasts. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from huying.topics.gathering import people
from huying.topics.reading import Report

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Heat:
    """A topic's heat at a moment, and what it is made of.

    Attributes:
        reports, people: who reported twice is one of the people.
        week, before: reports of the last seven days, and of the seven before them.
        days: from the first report to the last.
    """

    reports: int
    people: int
    likes: int
    week: int
    before: int
    days: int

    @property
    def growth(self) -> int:
        return self.week - self.before

    @property
    def value(self) -> float:
        """One point for each of the people and two for each report that a week brings more than
        the one before; likes and days count by their doublings: who likes has only clicked."""
        return round(
            self.people
            + 2 * max(0, self.growth)
            + 1.5 * math.log2(1 + self.likes)
            + 0.5 * math.log2(1 + self.days),
            1,
        )


def heat(members: Sequence[Report], now: datetime) -> Heat:
    """The heat of a topic's reports."""
    return Heat(
        reports=len(members),
        people=people(members),
        likes=sum(each.likes for each in members),
        week=sum(1 for each in members if now - WEEK < each.at <= now),
        before=sum(1 for each in members if now - 2 * WEEK < each.at <= now - WEEK),
        days=(max(each.at for each in members) - min(each.at for each in members)).days + 1,
    )
