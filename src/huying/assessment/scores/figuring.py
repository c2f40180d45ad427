"""The figures that a month's scores are made of, and the cases behind each of them.

They are the figures that everybody is shown (`assessment.answering`): of a month that was closed
(`closing.ClosedPeriod`) those that were closed, else what is known now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from huying.assessment.answering import counts, opened
from huying.assessment.counting import Asked, By
from huying.assessment.rolled import closed
from huying.assessment.scores.kinds import (
    BY,
    OF_WORKERS,
    Kind,
    measured,
    tallies_of,
)
from huying.assessment.scores.scoring import Measured, Sheet
from huying.assessment.scores.subjects import last_of, workers_of_grids
from huying.assessment.tallies import Tally, civil_day

Figures = Mapping[str, Mapping[str, Measured]]
"""By subject, by measure."""

MOST_BEHIND: Final = 2000
"""So many cases behind one figure at most."""


def asked_of(district: str, month: date, at: datetime) -> Asked:
    """The month in the district, as the log was at a moment."""
    return Asked(district, month, last_of(month), at)


def figures_of(kind: Kind, sheet: Sheet, keys: Iterable[str], asked: Asked) -> Figures:
    """Every measure of the sheet of every subject; what did not happen is counted as none."""
    found = _counts(kind, asked, _wanted(sheet.measures))
    return {
        key: {measure: measured(measure, found.get(key, Counter())) for measure in sheet.measures}
        for key in keys
    }


def _wanted(measures: Iterable[str]) -> frozenset[Tally]:
    return frozenset().union(*(one | two for one, two in map(tallies_of, measures)))


def _counts(kind: Kind, asked: Asked, wanted: frozenset[Tally]) -> dict[str, Counter[Tally]]:
    """By subject of a kind, what is counted of it."""
    whose, at = _key(kind, asked), _moment(asked)
    span = asked.area, asked.first, asked.last
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for by in _bys(kind):
        for name, each in counts(*span, by, tallies=wanted, at=at).items():
            for tally, number in each.items():
                key = whose(by, name, tally)
                if key:
                    found[key][tally] += number
    return found


def _moment(asked: Asked) -> datetime | None:
    """None for figures as they stand: of a running month those known now, and those that were
    closed where it is the moment of the closing that is asked for."""
    if civil_day(asked.at) <= asked.last:
        return None
    period = closed(asked.area, asked.first, asked.last)
    return None if period is not None and period.as_of == asked.at else asked.at


def _bys(kind: Kind) -> tuple[By, ...]:
    return tuple(OF_WORKERS) if kind is Kind.WORKER else (BY[kind],)


def _key(kind: Kind, asked: Asked) -> Callable[[By, str, Tally], str]:
    """Whose score a count belongs to; nobody's is ""."""
    if kind is not Kind.WORKER:
        return lambda _by, whom, _tally: whom
    grids = workers_of_grids(asked.area[:6], asked.first)

    def of_worker(by: By, whom: str, tally: Tally) -> str:
        if tally not in OF_WORKERS[by]:
            return ""
        return str(grids.get(whom, "")) if by is By.GRID else whom

    return of_worker


def cases_behind(kind: Kind, key: str, measure: str, asked: Asked) -> dict[UUID, tuple[int, int]]:
    """The cases that a figure of a subject is made of: how often each counts, above and below."""
    above, below = tallies_of(measure)
    found: dict[UUID, tuple[int, int]] = {}
    for case, tally in _behind(kind, key, above | below, asked):
        one, two = found.get(case, (0, 0))
        found[case] = (one + (tally in above), two + (tally in below))
    return found


def _behind(
    kind: Kind, key: str, wanted: frozenset[Tally], asked: Asked
) -> Iterator[tuple[UUID, Tally]]:
    span, at = (asked.area, asked.first, asked.last), _moment(asked)
    for by in _bys(kind):
        of_it = wanted & OF_WORKERS[by] if kind is Kind.WORKER else wanted
        for name in _names(kind, by, key, asked):
            found = opened(*span, by, name, of_it, at=at)
            for tally in sorted(of_it):
                for case in found.cases.get(tally, ())[:MOST_BEHIND]:
                    yield case, tally


def _names(kind: Kind, by: By, key: str, asked: Asked) -> list[str]:
    """Under which names a subject's counts stand: a worker's also under the grids that they led."""
    if kind is not Kind.WORKER or by is not By.GRID:
        return [key]
    grids = workers_of_grids(asked.area[:6], asked.first)
    return [grid for grid, account in grids.items() if str(account) == key]
