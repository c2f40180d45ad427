"""The figures that a report is made of: read once, for one area or many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Final
from uuid import UUID

from huying.assessment.beside import lines_beside
from huying.assessment.counting import Asked, By, lines_of, subject
from huying.assessment.following import follows
from huying.assessment.left_out import LeftOuts
from huying.assessment.rolled import lines_held
from huying.assessment.tallies import Line, Tally
from huying.reports.spans import Span

TOLD_APART: Final = (By.ALL, By.TOWN, By.COMMUNITY, By.GRID, By.UNIT, By.ITEM, By.CHANNEL)

Counts = Counter[Tally]

_ENDS: Final = {Tally.HANDLE_DUE: Tally.HANDLE_DONE, Tally.TOTAL_DUE: Tally.TOTAL_DONE}


@dataclass(frozen=True, slots=True)
class Behind:
    """A case that stands behind a figure: late, or under supervision."""

    case: UUID
    line: Line


@dataclass(slots=True)
class Gathered:
    """Everything that was counted of one area in one span."""

    by: dict[By, dict[str, Counts]] = field(
        default_factory=lambda: {each: {} for each in TOLD_APART}
    )
    days: dict[date, Counts] = field(default_factory=dict)
    late: list[Behind] = field(default_factory=list)
    supervised: list[Behind] = field(default_factory=list)

    @property
    def whole(self) -> Counts:
        return self.by[By.ALL].get("", Counter())

    @property
    def is_empty(self) -> bool:
        return not self.whole

    def add(self, line: Line) -> None:
        for by in TOLD_APART:
            self.by[by].setdefault(subject(line.about, by), Counter())[line.tally] += 1
        self.days.setdefault(line.day, Counter())[line.tally] += 1


def _lines(asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """Every line of the span: from the facts where they are kept, else from the log itself."""
    if follows(asked.at, exactly=True):
        return lines_held(asked)
    return chain(lines_of(asked), lines_beside(asked))


def gather(areas: Collection[str], span: Span, at: datetime) -> Mapping[str, Gathered]:
    """What was counted in a span as known at a moment, for each of some areas of one district.

    It is read once, however many areas there are.
    """
    found = {area: Gathered() for area in areas}
    ended: set[tuple[UUID, Tally, int]] = set()
    open_: list[tuple[Gathered, Behind]] = []
    (district,) = {area[:6] for area in areas}
    reach = district if len(areas) > 1 else next(iter(areas))
    lines = _lines(Asked(reach, span.first, span.last, at))
    # What was granted on appeal is no figure of a report either.
    for case, line in LeftOuts(reach, at).counting(lines):
        ended.add((case, line.tally, line.seq))
        for area, into in found.items():
            if not line.about.area.startswith(area):
                continue
            into.add(line)
            if line.tally in _ENDS:
                open_.append((into, Behind(case, line)))
            elif line.tally is Tally.SUPERVISED:
                into.supervised.append(Behind(case, line))
    for into, each in open_:
        if (each.case, _ENDS[each.line.tally], each.line.seq) not in ended:
            into.late.append(each)
    return found
