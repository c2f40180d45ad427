"""When a grid's part of a task calls for somebody, and for whom. Pure.

The time between issue and deadline counts through nights and days off, as the deadline is a moment
that the office has chosen. At three quarters of it who owes the part is reminded; at its end that
person and the community's desk are told; after as much time again the town's desk is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from huying.clock.lights import Light


class Rung(IntEnum):
    """The rungs in the order in which they are climbed; a part keeps the number of its last one."""

    REMIND = 1
    COMMUNITY = 2
    TOWN = 3

    @property
    def percent(self) -> int:
        """Of the time from issue to deadline."""
        return (75, 100, 200)[self - 1]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a grid has for its part."""

    issued_at: datetime
    due_at: datetime

    def at(self, rung: Rung) -> datetime:
        """When a rung's turn is."""
        return self.issued_at + (self.due_at - self.issued_at) * rung.percent / 100

    def next_after(self, climbed: int) -> datetime | None:
        """When the rung after those climbed has its turn; None at the top."""
        return self.at(Rung(climbed + 1)) if climbed < Rung.TOWN else None

    def reached(self, climbed: int, now: datetime) -> Sequence[Rung]:
        """The rungs whose turn has come and that were not climbed yet; all that were missed, too.

        The deadline itself is still in time.
        """
        return [rung for rung in Rung if rung > climbed and self.at(rung) < now]

    def light(self, now: datetime) -> Light:
        """The light of a part that is not done."""
        if now > self.due_at:
            return Light.RED
        return Light.YELLOW if now >= self.at(Rung.REMIND) else Light.GREEN
