"""督办阶梯: which moments of a step's clock call for somebody, and for whom.

A step that waits is told of, ever louder: who owes it is reminded, its deadline is noted as passed,
the leader is told, formal supervision is set up. Each rung stands at a share of the step's own
allowance, counted on the step's own clock: what stops that clock, a suspension or the night of a
work clock, stops the ladder. Beyond the deadline the clock of the limit (or of its last extension)
runs on, so that 200 % is the same allowance once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from huying.clock.deadlines import Due


class Rung(IntEnum):
    """The rungs in the order in which they are climbed; a case keeps the number of its last one."""

    REMIND = 1
    OVERDUE = 2
    TELL_LEADER = 3
    SUPERVISE = 4

    @property
    def verb(self) -> str:
        """The verb that climbs it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Ladder:
    """At which share of a step's allowance each rung stands, in per cent, in one district.

    Attributes:
        reworks: how many failed checks call for formal supervision, whatever the clock says.

    Raises ValueError for rungs that are out of order; the deadline itself stands at 100.
    """

    remind: int = 75
    leader: int = 100
    supervise: int = 200
    reworks: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.remind <= 100 <= self.leader <= self.supervise or self.reworks < 1:
            raise ValueError(f"rungs out of order: {self}")

    def percent(self, rung: Rung) -> int:
        """Where a rung stands."""
        return (self.remind, 100, self.leader, self.supervise)[rung - 1]


USUAL = Ladder()
"""What holds in a district that has set nothing else."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rung's turn is; ``at`` is None while a pause keeps the clock from getting there."""

    rung: Rung
    percent: int
    at: datetime | None


def moment(due: Due, rung: Rung, ladder: Ladder) -> Moment:
    """When a rung's turn is on this deadline."""
    percent = ladder.percent(rung)
    return Moment(rung, percent, due.at if percent == 100 else due.moment_of(percent / 100))


def moments(due: Due, ladder: Ladder) -> tuple[Moment, ...]:
    """The whole ladder of a deadline."""
    return tuple(moment(due, rung, ladder) for rung in Rung)


def next_rung(climbed: int) -> Rung | None:
    """The rung after those that were climbed; None at the top."""
    return Rung(climbed + 1) if climbed < Rung.SUPERVISE else None


def still_climbed(due: Due, climbed: int, ladder: Ladder, now: datetime) -> int:
    """How many of the climbed rungs still lie behind: a deadline that was moved on takes some back.

    So whoever is granted more time is reminded of the new deadline as well.
    """
    while climbed:
        at = moment(due, Rung(climbed), ladder).at
        if at is None or at <= now:
            break
        climbed -= 1
    return climbed


def after_reworks(reworks: int, supervised: int, ladder: Ladder) -> bool:
    """Whether so many failed checks call for supervision; it has been set up for some of them."""
    return reworks >= ladder.reworks and reworks > supervised
