"""Figures straight from the event log: of an area, a span of days, by whatever one asks.

What a figure was at a moment is worked out from the events that were written by then. So a month
that is over keeps its figures for ever: what was learned later is a figure of a later moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain, groupby
from typing import Final
from uuid import UUID

from django.db.models import Q

from huying.assessment.beside import lines_beside
from huying.assessment.course import course
from huying.assessment.duties import About
from huying.assessment.indicators import Figure, indicators
from huying.assessment.left_out import LeftOuts
from huying.assessment.reading import versions
from huying.assessment.tallies import Line, Tally, lines
from huying.cases.models import Case, CaseEvent
from huying.cases.states import OPEN_STATES
from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.people.models import Unit, UnitKind
from huying.places.models import CODE_LENGTH, Level

BATCH: Final = 2000
"""Cases whose events are read at a time."""

_SLACK: Final = timedelta(days=2)
"""A desk's own step has no column of its deadline; it is never longer than this."""


class By(StrEnum):
    """What figures may be told apart by."""

    ALL = "all"
    TOWN = "town"
    COMMUNITY = "community"
    GRID = "grid"
    HOLDER = "holder"
    UNIT = "unit"
    TEAM = "team"
    REPORTER = "reporter"
    ACCOUNT = "account"
    ITEM = "item"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are asked for.

    Attributes:
        area: a division or grid; its code or the beginning of one.
        first, last: civil days, both included.
        at: as the log was at this moment; what was written later is not known yet.
    """

    area: str
    first: date
    last: date
    at: datetime


@dataclass(slots=True)
class Counted:
    """Counts of one subject, and the cases that they are made of: of patrols the places, of surveys
    the surveys. ``left`` is what would count and was left out (`left_out`)."""

    counts: Counter[Tally] = field(default_factory=Counter)
    cases: dict[Tally, list[UUID]] = field(default_factory=dict)
    left: dict[Tally, list[UUID]] = field(default_factory=dict)

    def add(self, tally: Tally, case: UUID) -> None:
        self.counts[tally] += 1
        self.cases.setdefault(tally, []).append(case)

    def figures(self) -> Mapping[str, Figure]:
        """Every indicator of these counts."""
        return {code: each.figure(self.counts) for code, each in indicators().items()}


def counted(asked: Asked, by: By = By.ALL) -> dict[str, Counted]:
    """Counts by subject; a subject is a code or a number, "" where it is not known."""
    found: dict[str, Counted] = {}
    left_out = LeftOuts(asked.area, asked.at)
    for ref, line in chain(lines_of(asked), lines_beside(asked)):
        whose = found.setdefault(subject(line.about, by), Counted())
        if left_out.why(ref, line):
            whose.left.setdefault(line.tally, []).append(ref)
        else:
            whose.add(line.tally, ref)
    return teams_alone(found) if by is By.TEAM else found


def teams_alone(found: dict[str, Counted]) -> dict[str, Counted]:
    """Of counts by unit those of the teams; all others are of no team."""
    teams = team_numbers()
    kept: dict[str, Counted] = {}
    for name, each in found.items():
        whose = kept.setdefault(name if name in teams else "", Counted())
        for tally, refs in each.cases.items():
            whose.counts[tally] += each.counts[tally]
            whose.cases.setdefault(tally, []).extend(refs)
        for tally, refs in each.left.items():
            whose.left.setdefault(tally, []).extend(refs)
    return kept


def team_numbers() -> set[str]:
    """The units that are teams, as subjects."""
    return {str(pk) for pk in Unit.objects.filter(kind=UnitKind.TEAM).values_list("pk", flat=True)}


def lines_of(asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """Every line of the span in the area, with its case."""
    return _lines(_logs(asked), asked)


def lines_of_cases(cases: Iterable[UUID], asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """The lines of these cases in the span: what counted of each."""
    return _lines(_events(list(cases), asked.at), asked)


def _lines(logs: Iterable[list[CaseEvent]], asked: Asked) -> Iterator[tuple[UUID, Line]]:
    find, calendar = versions(), calendar_for(asked.area)
    for log in logs:
        for line in lines(course(log, versions=find, calendar=calendar), asked.at):
            if asked.first <= line.day <= asked.last and line.about.area.startswith(asked.area):
                yield log[0].case_id, line


def _logs(asked: Asked) -> Iterator[list[CaseEvent]]:
    """The events, case by case, of all cases that may have a line in the span."""
    begins = datetime.combine(asked.first, time.min, CIVIL_TZ)
    since, ends = begins - _SLACK, datetime.combine(asked.last, time.max, CIVIL_TZ)
    columns = ("accept_due", "sign_due", "handle_due", "check_due", "total_due")
    may = Q(changed_at__gte=since) | Q(state__in=sorted(OPEN_STATES))
    for column in columns:
        may |= Q(**{f"{column}__gte": since})
    # A case may have been pinned elsewhere since: its district is sure, its area is not.
    ids = list(
        Case.objects.filter(may, district_code=asked.area[:6], received_at__lte=ends)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    yield from _events(ids, asked.at)


def _events(ids: list[UUID], at: datetime) -> Iterator[list[CaseEvent]]:
    for start in range(0, len(ids), BATCH):
        events = CaseEvent.objects.filter(
            case_id__in=ids[start : start + BATCH], written_at__lte=at
        ).order_by("case_id", "seq")
        for _case, log in groupby(events, key=lambda event: event.case_id):
            yield list(log)


def subject(about: About, by: By) -> str:
    """Whom or what a line is about, of this kind."""
    match by:
        case By.ALL:
            return ""
        case By.TOWN | By.COMMUNITY | By.GRID:
            length = CODE_LENGTH[Level(by.value)]
            return about.area[:length] if len(about.area) >= length else ""
        case By.HOLDER | By.ITEM | By.CHANNEL:
            return str(getattr(about, by.value))
        case By.UNIT | By.TEAM | By.REPORTER | By.ACCOUNT:
            number = about.unit if by is By.TEAM else getattr(about, by.value)
            return "" if number is None else str(number)
