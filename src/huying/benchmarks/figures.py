"""What a benchmark prints: both sides' medians, their ratio, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure.

    Attributes:
        rounds: turns of each side; the figures are medians over them.
        seconds: how long one side of a round lasts, where it is a matter of time.
        rows: cases present, where it is a matter of size.
        desks: pages open at the same time, where it is a matter of them.
        workers: people on duty, where it is a matter of them.
        people: in the registers.
        cases: present behind the dashboards.
        minutes: of a district's ordinary traffic.
        peak_minutes: of twice that.
        picture: where the course of it is drawn, if anywhere.
    """

    rounds: int = 5
    seconds: float = 4.0
    rows: int = 1_000_000
    desks: int = 300
    workers: int = 2343
    people: int = 2_000_000
    cases: int = 10_000_000
    minutes: float = 10.0
    peak_minutes: float = 10.0
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio must reach, or must not pass."""

    value: float
    is_: Literal["at least", "at most"]

    def met(self, ratio: float) -> bool:
        return ratio >= self.value if self.is_ == "at least" else ratio <= self.value


def at_least(value: float) -> Goal:
    return Goal(value, "at least")


def at_most(value: float) -> Goal:
    return Goal(value, "at most")


def figures(
    name: str,
    unit: str,
    ours: Sequence[float],
    other: Sequence[float],
    goal: Goal,
    *,
    met: bool = True,
    **fields: Any,
) -> dict[str, Any]:
    """The object that a benchmark prints.

    Args:
        ours, other: one figure a round, of equal unit.
        met: what besides the ratio must hold.
    """
    mine, theirs = median(ours), median(other)
    ratio = mine / theirs
    return {
        "name": name,
        "unit": unit,
        "ours": digits(mine),
        "other": digits(theirs),
        "ratio": digits(ratio),
        "goal": goal.value,
        "goal_is": goal.is_,
        "met": goal.met(ratio) and met,
        "rounds": len(ours),
        **{key: digits(value) for key, value in fields.items()},
        "ours_each": [digits(each) for each in ours],
        "other_each": [digits(each) for each in other],
    }


def digits(value: Any) -> Any:
    """A measured number with the digits that mean something: four of them."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not pass (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not sorted_values:
        raise ValueError("no values")
    rank = max(1, -(-len(sorted_values) * share // 1))
    return sorted_values[int(rank) - 1]
