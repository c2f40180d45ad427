"""How far a measure is, worked out from its milestones alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

SOON: Final = timedelta(days=7)


class Point(Protocol):
    due_on: date
    reached_on: date | None


class Stand(StrEnum):
    """DONE: every milestone is reached. LATE: one is overdue, or the measure itself. SOON: one is
    due within a week. UNSET: there is no milestone. DROPPED: it was given up."""

    DONE = "done"
    LATE = "late"
    SOON = "soon"
    GOING = "going"
    UNSET = "unset"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Progress:
    """Attributes: next: the day of the next milestone that is not reached."""

    reached: int
    of: int
    late: int
    stand: Stand
    next: date | None

    @property
    def percent(self) -> int | None:
        """None where there is no milestone: no figure, neither 0 nor 100."""
        return self.reached * 100 // self.of if self.of else None


def progress_of(
    points: Iterable[Point], due_on: date, today: date, *, dropped: bool = False
) -> Progress:
    """How far it is on a day."""
    known = list(points)
    waiting = sorted(each.due_on for each in known if each.reached_on is None)
    late = sum(day < today for day in waiting)
    if dropped:
        stand = Stand.DROPPED
    elif known and not waiting:
        stand = Stand.DONE
    elif late or due_on < today:
        stand = Stand.LATE
    elif not known:
        stand = Stand.UNSET
    elif waiting[0] <= today + SOON:
        stand = Stand.SOON
    else:
        stand = Stand.GOING
    reached = len(known) - len(waiting)
    return Progress(reached, len(known), late, stand, waiting[0] if waiting else None)
