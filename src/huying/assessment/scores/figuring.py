"""The figures that a month's scores are made of, and the cases behind each of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from fractions import Fraction
from uuid import UUID

from huying.assessment.counting import Asked, By, lines_of, subject
from huying.assessment.scores.kinds import (
    BY,
    OF_WORKERS,
    OWN_RATES,
    Kind,
    measured,
    tallies_of,
)
from huying.assessment.scores.scoring import Measured, Sheet
from huying.assessment.scores.subjects import last_of, workers_of_grids
from huying.assessment.tallies import Tally
from huying.clock.calendar import CIVIL_TZ
from huying.people.models import UnitKind
from huying.response.whistles import Call, CallState

Figures = Mapping[str, Mapping[str, Measured]]
"""By subject, by measure."""


def asked_of(district: str, month: date, at: datetime) -> Asked:
    """The month in the district, as the log was at a moment."""
    return Asked(district, month, last_of(month), at)


def counts_of(kind: Kind, asked: Asked) -> dict[str, Counter[Tally]]:
    """By subject of a kind, what is counted of it."""
    key = _key(kind, asked)
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for name, tally, number in _counted(asked, _bys(kind)):
        whose = key(name, tally)
        if whose:
            found[whose][tally] += number
    return found


def _bys(kind: Kind) -> tuple[By, ...]:
    return tuple(OF_WORKERS) if kind is Kind.WORKER else (BY[kind],)


def _counted(asked: Asked, bys: Iterable[By]) -> Iterable[tuple[tuple[By, str], Tally, int]]:
    """How often each tally was counted of whom."""
    found: Counter[tuple[tuple[By, str], Tally]] = Counter()
    for _case, line in lines_of(asked):
        for by in bys:
            found[(by, subject(line.about, by)), line.tally] += 1
    return ((name, tally, number) for (name, tally), number in found.items())


def _key(kind: Kind, asked: Asked) -> Callable[[tuple[By, str], Tally], str]:
    """Whose score a count belongs to; nobody's is ""."""
    if kind is not Kind.WORKER:
        return lambda name, _tally: name[1]
    grids = workers_of_grids(asked.area[:6], asked.first)

    def of_worker(name: tuple[By, str], tally: Tally) -> str:
        by, whom = name
        if tally not in OF_WORKERS[by]:
            return ""
        return whom if by is not By.GRID else str(grids.get(whom, ""))

    return of_worker


def figures_of(kind: Kind, sheet: Sheet, keys: Iterable[str], asked: Asked) -> Figures:
    """Every measure of the sheet of every subject; what did not happen is counted as none."""
    if kind is Kind.BRANCH:
        return _of_branches(keys, asked)
    counts = counts_of(kind, asked)
    return {
        key: {
            measure: measured(measure, counts.get(key, Counter()))
            for measure in sheet.measures
            if measure not in OWN_RATES
        }
        for key in keys
    }


def _of_branches(keys: Iterable[str], asked: Asked) -> Figures:
    """How branches answered whistles whose time to answer ended in the month."""
    answered: Counter[str] = Counter()
    came: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for call in _calls(asked):
        key = str(call.unit_id)
        called[key] += 1
        in_time = call.answered_at is not None and call.answered_at <= call.answer_by
        answered[key] += in_time
        came[key] += call.arrived_at is not None
    return {
        key: {
            "whistles_answered": Measured(Fraction(answered[key]), Fraction(called[key])),
            "whistles_come": Measured(Fraction(came[key]), Fraction(called[key])),
        }
        for key in keys
    }


def _calls(asked: Asked) -> list[Call]:
    """Those that counted by then: an excused or released unit owed nothing."""
    until = min(datetime.combine(asked.last, time.max, CIVIL_TZ), asked.at)
    return list(
        Call.objects.filter(
            unit__kind=UnitKind.BRANCH,
            district_code=asked.area[:6],
            answer_by__gte=datetime.combine(asked.first, time.min, CIVIL_TZ),
            answer_by__lte=until,
        )
        .exclude(state=CallState.EXCUSED)
        .exclude(state=CallState.RELEASED, answered_at=None)
        .select_related("whistle")
    )


def cases_behind(kind: Kind, key: str, measure: str, asked: Asked) -> dict[UUID, tuple[int, int]]:
    """The cases that a figure of a subject is made of: how often each counts, above and below."""
    if measure in OWN_RATES:
        return {
            call.whistle.case_id: (
                int(
                    call.arrived_at is not None
                    if measure == "whistles_come"
                    else call.answered_at is not None and call.answered_at <= call.answer_by
                ),
                1,
            )
            for call in _calls(asked)
            if str(call.unit_id) == key and call.whistle.case_id is not None
        }
    above, below = tallies_of(measure)
    bys, whose = _bys(kind), _key(kind, asked)
    found: dict[UUID, tuple[int, int]] = {}
    for case, line in lines_of(asked):
        if line.tally not in above and line.tally not in below:
            continue
        for by in bys:
            if whose((by, subject(line.about, by)), line.tally) == key:
                one, two = found.get(case, (0, 0))
                found[case] = (one + (line.tally in above), two + (line.tally in below))
    return found
