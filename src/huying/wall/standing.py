"""How a place stands, from counts alone: its light, and how warm it is on the map. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final


class Stand(StrEnum):
    """The light of a place: told by shape and word as well as by colour."""

    CALM = "calm"
    WATCH = "watch"
    ALARM = "alarm"


WATCH_FROM: Final = Fraction(1, 20)
ALARM_FROM: Final = Fraction(1, 5)
"""So much of what is open may be overdue before a place is to be watched, or stands in alarm."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The open cases of a place."""

    open: int = 0
    overdue: int = 0
    unsigned: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.open + other.open, self.overdue + other.overdue, self.unsigned + other.unsigned
        )


def stand_of(counts: Counts) -> Stand:
    """The light of a place with these open cases: none late, some, or a fifth of them and more.

    A place with an emergency that no unit has signed for is at least to be watched.
    """
    if not counts.overdue:
        return Stand.WATCH if counts.unsigned else Stand.CALM
    share = Fraction(counts.overdue, counts.open)
    if share >= ALARM_FROM:
        return Stand.ALARM
    return Stand.WATCH if share >= WATCH_FROM or counts.unsigned else Stand.CALM


WARMTHS: Final = 5


def warmth_from(counts: list[int]) -> tuple[int, ...]:
    """From how many open cases on a grid is in each class of the map, class 1 first.

    Whole numbers that grow, so that the same colour says nearly the same on any day: the classes
    double, and only stretch where a grid has very many.
    """
    most = max(counts, default=0)
    step = 1
    while step * 2 ** (WARMTHS - 1) < most:
        step += 1
    return tuple(1 if n == 0 else step * 2**n for n in range(WARMTHS))
