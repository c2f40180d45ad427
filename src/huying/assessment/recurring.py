"""重复发生: a matter that was closed, and the same again at the same spot within thirty days.

The same is the item; the same spot is within the metres that the district has set for likely
duplicates (50 unless set). Where one of the two cases has no position it is the same grid, unless
their addresses name different doors. It counts on the day on which the thirty days are over, and
for whom the closing counted: before that nobody knows. A case that is opened again is not another
case; for that there is 重新开启率.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from huying.assessment.beside import counter
from huying.assessment.spots import Came, Comings, Spot, Spots, around, grid_of, spots_of
from huying.assessment.tallies import Line, Tally, civil_day
from huying.cases.models import Case
from huying.clock.calendar import CIVIL_TZ
from huying.places.models import CODE_LENGTH, Level

if TYPE_CHECKING:
    from huying.assessment.counting import Asked

WITHIN: Final = timedelta(days=30)
DISTRICT: Final = CODE_LENGTH[Level.DISTRICT]

Found = tuple[UUID, Line]
Lines = Callable[["Asked", Collection[UUID] | None], Iterable[Found]]
"""What counts of an area, of all its cases or of these."""


def recurring(
    closings: Iterable[Found], accepted: Iterable[Found], spots: Spots
) -> Iterator[Found]:
    """A line for each closing that was watched to the end, and one for each that came back.

    Closings of which neither position nor grid is known are not watched, nor those whose place was
    erased: nobody can say what is the same place.
    """
    comings = Comings(
        (
            Came(line.day, case, line.about.item, grid_of(line.about.area))
            for case, line in accepted
        ),
        spots,
    )
    for case, line in closings:
        item, grid = line.about.item, grid_of(line.about.area)
        if not item or case in spots.erased or not (grid or spots.of(case).placed):
            continue
        over = line.day + WITHIN
        yield case, replace(line, tally=Tally.WATCHED, day=over)
        if comings.again(case, item, grid, line.day, over):
            yield case, replace(line, tally=Tally.RECURRED, day=over)


@counter
def lines_again(asked: Asked) -> Iterator[Found]:
    """Of the closings whose thirty days ended in the span, by what was known at the moment."""
    from huying.assessment.counting import lines_of, lines_of_cases

    def lines(asked: Asked, cases: Collection[UUID] | None) -> Iterator[Found]:
        return lines_of(asked) if cases is None else lines_of_cases(cases, asked)

    return again(asked, lines)


def again(asked: Asked, lines: Lines) -> Iterator[Found]:
    """The same, from closings and acceptances that are read in whatever way."""
    last = min(asked.last, civil_day(asked.at) - timedelta(days=1))
    if last < asked.first:
        return
    asked = replace(asked, first=asked.first - WITHIN, last=last)
    found = list(lines(asked, None))
    closings = [
        each for each in found if each[1].tally is Tally.CLOSINGS and each[1].day + WITHIN <= last
    ]
    if not closings:
        return
    accepted = [each for each in found if each[1].tally is Tally.ACCEPTED]
    spots = spots_of({case for case, _line in (*closings, *accepted)}, asked.area[:DISTRICT])
    if len(asked.area) > DISTRICT:
        # A spot has a border of grids, and of towns, beside it as well.
        near = _beyond(asked, closings, accepted, spots)
        spots = replace(spots, known={**spots.known, **near})
        district = replace(asked, area=asked.area[:DISTRICT])
        accepted += [
            (case, line)
            for case, line in (lines(district, near) if near else ())
            if line.tally is Tally.ACCEPTED and not line.about.area.startswith(asked.area)
        ]
    yield from recurring(closings, accepted, spots)


def _beyond(
    asked: Asked, closings: Iterable[Found], accepted: Iterable[Found], spots: Spots
) -> dict[UUID, Spot]:
    """Cases outside the area that lie beside one of its closings, with their spots."""
    here = [spot for case, _line in closings if (spot := spots.of(case)).placed]
    if not here:
        return {}
    lons = sorted(spot.lon for spot in here if spot.lon is not None)
    lats = sorted(spot.lat for spot in here if spot.lat is not None)
    # Two cells to each side: a degree of either kind is longer than 20 km in any district.
    room = 2 * spots.within_m / 20_000
    cells = {near for spot in here for near in around(spots.cell(spot))}
    known = {case for case, _line in accepted}
    # Also those that lie in the area now: when they were accepted they may have lain elsewhere.
    rows = Case.objects.filter(
        district_code=asked.area[:DISTRICT],
        lon__range=(lons[0] - room, lons[-1] + room),
        lat__range=(lats[0] - room, lats[-1] + room),
        changed_at__gte=datetime.combine(asked.first, time.min, CIVIL_TZ),
        received_at__lte=datetime.combine(asked.last, time.max, CIVIL_TZ),
    )
    found = {}
    for pk, lon, lat, address in rows.order_by().values_list("pk", "lon", "lat", "address"):
        spot = Spot(lon, lat, address)
        if pk not in known and spots.cell(spot) in cells:
            found[pk] = spot
    return found
