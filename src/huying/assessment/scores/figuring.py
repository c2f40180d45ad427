"""The figures that a month's scores are made of, and the cases behind each of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from huying.assessment.beside import lines_beside
from huying.assessment.counting import Asked, By, lines_of, subject
from huying.assessment.scores.kinds import (
    BY,
    OF_WORKERS,
    Kind,
    measured,
    tallies_of,
)
from huying.assessment.scores.scoring import Measured, Sheet
from huying.assessment.scores.subjects import last_of, workers_of_grids
from huying.assessment.tallies import Line, Tally

Figures = Mapping[str, Mapping[str, Measured]]
"""By subject, by measure."""

_BESIDE = frozenset(
    {
        *(Tally.PATROL_WANTED, Tally.PATROL_MADE, Tally.SURVEY_WANTED, Tally.SURVEY_DONE),
        *(Tally.WATCHED, Tally.RECURRED),
    }
)
"""What is not of a case's own course, and counted only where a sheet asks for it."""


def asked_of(district: str, month: date, at: datetime) -> Asked:
    """The month in the district, as the log was at a moment."""
    return Asked(district, month, last_of(month), at)


def figures_of(kind: Kind, sheet: Sheet, keys: Iterable[str], asked: Asked) -> Figures:
    """Every measure of the sheet of every subject; what did not happen is counted as none."""
    counts = _counts(kind, asked, _wanted(sheet.measures))
    return {
        key: {measure: measured(measure, counts.get(key, Counter())) for measure in sheet.measures}
        for key in keys
    }


def _wanted(measures: Iterable[str]) -> frozenset[Tally]:
    return frozenset().union(*(one | two for one, two in map(tallies_of, measures)))


def _counts(kind: Kind, asked: Asked, wanted: frozenset[Tally]) -> dict[str, Counter[Tally]]:
    """By subject of a kind, what is counted of it."""
    bys, whose = _bys(kind), _key(kind, asked)
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for _ref, line in _lines(asked, wanted):
        for by in bys:
            key = whose(by, subject(line.about, by), line.tally)
            if key:
                found[key][line.tally] += 1
    return found


def _lines(asked: Asked, wanted: frozenset[Tally]) -> Iterator[tuple[UUID, Line]]:
    beside = lines_beside(asked) if wanted & _BESIDE else ()
    return (each for each in chain(lines_of(asked), beside) if each[1].tally in wanted)


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
    bys, whose = _bys(kind), _key(kind, asked)
    found: dict[UUID, tuple[int, int]] = {}
    for case, line in _lines(asked, above | below):
        for by in bys:
            if whose(by, subject(line.about, by), line.tally) == key:
                one, two = found.get(case, (0, 0))
                found[case] = (one + (line.tally in above), two + (line.tally in below))
    return found
