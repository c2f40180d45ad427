"""The curve of thirty days as numbers for an SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 400
LEFT: Final = 44
RIGHT: Final = 14
TOP: Final = 16
BOTTOM: Final = 34


@dataclass(frozen=True, slots=True)
class Day:
    """What came in on a day, and what was closed."""

    day: date
    reported: int
    closed: int


@dataclass(frozen=True, slots=True)
class Curve:
    """What the template draws: coordinates as an SVG writes them.

    Attributes:
        lines: of the scale, each with its number.
        days: those that are named below, with where.
        last: where each curve ends.
    """

    reported: str
    closed: str
    area: str
    lines: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, date], ...]
    last: tuple[float, float, float]


def curve(days: Sequence[Day]) -> Curve:
    """The two curves over one scale that begins at nothing."""
    most = max([1, *(max(each.reported, each.closed) for each in days)])
    step = _step(most)
    top = -(-most // step) * step
    across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(n: int) -> float:
        return round(LEFT + across * n / max(len(days) - 1, 1), 1)

    def y(count: int) -> float:
        return round(TOP + up * (1 - count / top), 1)

    reported = [(x(n), y(each.reported)) for n, each in enumerate(days)]
    closed = [(x(n), y(each.closed)) for n, each in enumerate(days)]
    ground = y(0)
    area = [(x(0), ground), *reported, (x(len(days) - 1), ground)] if days else []
    named = range(len(days) - 1, -1, -7)
    return Curve(
        reported=_points(reported),
        closed=_points(closed),
        area=_points(area),
        lines=tuple((y(count), count) for count in range(0, top + 1, step)),
        days=tuple((x(n), days[n].day) for n in reversed(named)),
        last=(reported[-1][0], reported[-1][1], closed[-1][1]) if days else (0, 0, 0),
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _step(most: int) -> int:
    """A round number of which four or fewer make the scale."""
    size = 1
    while True:
        for part in (1, 2, 5):
            if part * size * 4 >= most:
                return part * size
        size *= 10
