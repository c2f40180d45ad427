"""重复发生: a matter that was closed, and the same again in the same grid within thirty days.

It counts on the day on which the thirty days are over, and for whom the closing counted: before
that nobody knows. A case that is opened again is not another case; for that there is 重新开启率.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from huying.assessment.beside import counter
from huying.assessment.tallies import Line, Tally, civil_day
from huying.places.models import CODE_LENGTH, Level

if TYPE_CHECKING:
    from huying.assessment.counting import Asked

WITHIN: Final = timedelta(days=30)
GRID: Final = CODE_LENGTH[Level.GRID]

Found = tuple[UUID, Line]


def recurring(closings: Iterable[Found], accepted: Iterable[Found]) -> Iterator[Found]:
    """A line for each closing that was watched to the end, and one for each that came back.

    Closings whose grid is not known are not watched: nobody can say what is the same place.
    """
    again: dict[tuple[str, str], list[tuple[date, UUID]]] = defaultdict(list)
    for case, line in accepted:
        again[line.about.area, line.about.item].append((line.day, case))
    for case, line in closings:
        if len(line.about.area) != GRID or not line.about.item:
            continue
        over = line.day + WITHIN
        yield case, replace(line, tally=Tally.WATCHED, day=over)
        if any(
            line.day < day <= over and other != case
            for day, other in again[line.about.area, line.about.item]
        ):
            yield case, replace(line, tally=Tally.RECURRED, day=over)


@counter
def lines_again(asked: Asked) -> Iterator[Found]:
    """Of the closings whose thirty days ended in the span, by what was known at the moment."""
    from huying.assessment.counting import lines_of

    return again(asked, lines_of)


def again(asked: Asked, lines: Callable[[Asked], Iterable[Found]]) -> Iterator[Found]:
    """The same, from closings and acceptances that are read in whatever way."""
    last = min(asked.last, civil_day(asked.at) - timedelta(days=1))
    if last < asked.first:
        return
    found = list(lines(replace(asked, first=asked.first - WITHIN, last=last)))
    closings = [
        each for each in found if each[1].tally is Tally.CLOSINGS and each[1].day + WITHIN <= last
    ]
    yield from recurring(closings, (each for each in found if each[1].tally is Tally.ACCEPTED))
