"""The figures that a month's scores are made of, and the cases behind each of them.

A running month is read from the sums that follow the log, in milliseconds; where the log was never
followed, and for the closing of a month, the events themselves are counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Final
from uuid import UUID

from huying.assessment.beside import lines_beside
from huying.assessment.counting import Asked, By, lines_of, subject
from huying.assessment.left_out import LeftOuts
from huying.assessment.rolled import BESIDE, behind, behind_by, rolled
from huying.assessment.scores.kinds import (
    BY,
    OF_WORKERS,
    Kind,
    measured,
    tallies_of,
)
from huying.assessment.scores.scoring import Measured, Sheet
from huying.assessment.scores.subjects import last_of, workers_of_grids
from huying.assessment.tallies import Line, Tally, civil_day

Figures = Mapping[str, Mapping[str, Measured]]
"""By subject, by measure."""

MOST_BEHIND: Final = 2000
"""So many cases behind one figure at most."""


def asked_of(district: str, month: date, at: datetime) -> Asked:
    """The month in the district, as the log was at a moment."""
    return Asked(district, month, last_of(month), at)


def figures_of(
    kind: Kind, sheet: Sheet, keys: Iterable[str], asked: Asked, *, exact: bool = False
) -> Figures:
    """Every measure of the sheet of every subject; what did not happen is counted as none.

    Args:
        exact: from the events, whatever that takes.
    """
    counts = _counts(kind, asked, _wanted(sheet.measures), exact=exact)
    return {
        key: {measure: measured(measure, counts.get(key, Counter())) for measure in sheet.measures}
        for key in keys
    }


def _wanted(measures: Iterable[str]) -> frozenset[Tally]:
    return frozenset().union(*(one | two for one, two in map(tallies_of, measures)))


def _counts(
    kind: Kind, asked: Asked, wanted: frozenset[Tally], *, exact: bool
) -> dict[str, Counter[Tally]]:
    """By subject of a kind, what is counted of it."""
    bys, whose = _bys(kind), _key(kind, asked)
    counted = _by_events if exact or behind_by() is None else _by_sums
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for by in bys:
        for name, counts in counted(asked, by, wanted).items():
            for tally, number in counts.items():
                key = whose(by, name, tally)
                if key:
                    found[key][tally] += number
    return found


def _by_sums(asked: Asked, by: By, wanted: frozenset[Tally]) -> dict[str, Counter[Tally]]:
    return rolled(asked.area, asked.first, asked.last, by, at=_moment(asked), tallies=wanted)


def _by_events(asked: Asked, by: By, wanted: frozenset[Tally]) -> dict[str, Counter[Tally]]:
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for _ref, line in _lines(asked, wanted):
        found[subject(line.about, by)][line.tally] += 1
    return found


def _moment(asked: Asked) -> datetime | None:
    """A running month is asked for as it is known now: that is read from the sums."""
    return None if civil_day(asked.at) <= asked.last else asked.at


def _lines(asked: Asked, wanted: frozenset[Tally]) -> Iterator[tuple[UUID, Line]]:
    """What counts; what was granted on appeal does not any more."""
    beside = lines_beside(asked) if wanted & BESIDE else ()
    found = (each for each in chain(lines_of(asked), beside) if each[1].tally in wanted)
    return LeftOuts(asked.area, asked.at).counting(found)


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
    bys, whose = _bys(kind), _key(kind, asked)
    if behind_by() is None:
        for case, line in _lines(asked, wanted):
            if any(whose(by, subject(line.about, by), line.tally) == key for by in bys):
                yield case, line.tally
        return
    for by in bys:
        names = _names(kind, by, key, asked)
        of_it = OF_WORKERS[by] if kind is Kind.WORKER else wanted
        for name in names:
            for tally in sorted(wanted & of_it):
                for case in behind(
                    asked.area, asked.first, asked.last, by, name, tally,
                    at=_moment(asked), limit=MOST_BEHIND,
                ):  # fmt: skip
                    yield case, tally


def _names(kind: Kind, by: By, key: str, asked: Asked) -> list[str]:
    """Under which names a subject's counts stand: a worker's also under the grids that they led."""
    if kind is not Kind.WORKER or by is not By.GRID:
        return [key]
    grids = workers_of_grids(asked.area[:6], asked.first)
    return [grid for grid, account in grids.items() if str(account) == key]
