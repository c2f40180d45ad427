"""Where cases lie, and which of them lie at one spot: without comparing each with each.

The log has no positions: a position may have to be erased, and an event cannot be. So the spot is
that of the case's row. Of a case whose place was erased nobody can say any more where it was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import islice, product
from math import floor
from typing import Final
from uuid import UUID

from huying.cases.models import Case, CaseEvent
from huying.dispatch.duplicates import Address, Door, door_among, doors_of, limits_of
from huying.places.measure import metres_between, metres_per_degree
from huying.places.models import CODE_LENGTH, Level

_AT_ONCE: Final = 5000
_ROOM: Final = 1.05
"""Cells are a little wider than the metres: a degree is not as long everywhere in a district."""

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a case lies, as exactly as its row says: CGCS2000 degrees, and the address in words."""

    lon: float | None = None
    lat: float | None = None
    address: str = ""

    @property
    def placed(self) -> bool:
        return self.lon is not None and self.lat is not None

    def metres_to(self, other: Spot) -> float:
        """On the ground; of two spots that are placed."""
        assert self.lon is not None
        assert self.lat is not None
        assert other.lon is not None
        assert other.lat is not None
        return metres_between(self.lon, self.lat, other.lon, other.lat)


NOWHERE: Final = Spot()


@dataclass(frozen=True)
class Spots:
    """The spots of some cases, and how near is near.

    Attributes:
        erased: cases whose place was erased.
    """

    within_m: float
    known: Mapping[UUID, Spot] = field(default_factory=dict)
    erased: frozenset[UUID] = frozenset()
    _doors: dict[UUID, set[Address]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, case: UUID) -> Spot:
        return self.known.get(case, NOWHERE)

    def one(self, first: UUID, second: UUID) -> bool:
        """Whether two cases of one grid lie at one spot: near each other where both are placed,
        else unless their addresses name different doors."""
        here, there = self.of(first), self.of(second)
        if here.placed and there.placed:
            return here.metres_to(there) <= self.within_m
        return door_among(self._doors_of(first), self._doors_of(second)) is not Door.OTHER

    def _doors_of(self, case: UUID) -> set[Address]:
        """Read once: a case is held against many."""
        found = self._doors.get(case)
        if found is None:
            found = self._doors[case] = doors_of(self.of(case).address)
        return found

    def cell(self, spot: Spot) -> Cell:
        """The square that a placed spot lies in; what is near lies in it or beside it."""
        assert spot.lon is not None
        assert spot.lat is not None
        east, north = self._degree
        side = _ROOM * self.within_m
        return floor(spot.lon * east / side), floor(spot.lat * north / side)

    @cached_property
    def _degree(self) -> tuple[float, float]:
        """The metres of a degree; one latitude for all, so that the squares lie side by side."""
        lats = (spot.lat for spot in self.known.values() if spot.lat is not None)
        return metres_per_degree(next(lats, 0.0))


def around(cell: Cell) -> Iterator[Cell]:
    """A square and the eight beside it."""
    for east, north in product((-1, 0, 1), repeat=2):
        yield cell[0] + east, cell[1] + north


@dataclass(frozen=True, slots=True)
class Came:
    """That a case came up, of an item, in a grid, on a day."""

    day: date
    case: UUID
    item: str
    grid: str


class Comings:
    """What came up, found again by item, day and spot."""

    def __init__(self, came: Iterable[Came], spots: Spots) -> None:
        self._spots = spots
        self._near: dict[tuple[str, Cell], list[Came]] = defaultdict(list)
        self._unplaced: dict[tuple[str, str], list[Came]] = defaultdict(list)
        self._there: dict[tuple[str, str], list[Came]] = defaultdict(list)
        for each in sorted(came, key=lambda each: (each.day, each.case)):
            if each.case in spots.erased:
                continue
            spot = spots.of(each.case)
            if spot.placed:
                self._near[each.item, spots.cell(spot)].append(each)
            elif each.grid:
                self._unplaced[each.item, each.grid].append(each)
            if each.grid:
                self._there[each.item, each.grid].append(each)

    def again(self, case: UUID, item: str, grid: str, after: date, until: date) -> bool:
        """Whether another case of the item came up at the spot after a day, until another."""
        return any(True for _other in self.others(case, item, grid, after, until))

    def others(self, case: UUID, item: str, grid: str, after: date, until: date) -> Iterator[UUID]:
        """The other cases of the item at the spot that came up after a day, until another."""
        spot = self._spots.of(case)
        if spot.placed:
            for cell in around(self._spots.cell(spot)):
                for other in _between(self._near.get((item, cell), ()), after, until):
                    there = self._spots.of(other)
                    if other != case and spot.metres_to(there) <= self._spots.within_m:
                        yield other
        if grid:
            rest = self._unplaced if spot.placed else self._there
            for other in _between(rest.get((item, grid), ()), after, until):
                if other != case and self._spots.one(case, other):
                    yield other


def gathered(came: Sequence[Came], spots: Spots, least: int) -> list[list[Came]]:
    """Cases of one item at one spot, the most first, where there are so many or more.

    A case stands in one group at most: that of the spot with the most. In a group they are in the
    order of their days.
    """
    if not came:
        return []
    days = [each.day for each in came]
    before, last = min(days) - timedelta(days=1), max(days)
    comings, of = Comings(came, spots), {each.case: each for each in came}
    beside = {
        each.case: {each.case, *comings.others(each.case, each.item, each.grid, before, last)}
        for each in came
    }
    found, taken = [], set[UUID]()
    for case, near in sorted(
        beside.items(), key=lambda pair: (-len(pair[1]), of[pair[0]].day, pair[0])
    ):
        left = near - taken
        if case in taken or len(left) < least:
            continue
        taken |= left
        group = sorted((of[each] for each in left), key=lambda each: (each.day, each.case))
        found.append(group)
    found.sort(key=lambda group: (-len(group), group[0].item, group[0].case))
    return found


def _between(came: Sequence[Came], after: date, until: date) -> Iterator[UUID]:
    """Of those in the order of days the ones after a day, until another."""
    for n in range(bisect_right(came, after, key=lambda each: each.day), len(came)):
        if came[n].day > until:
            return
        yield came[n].case


def _batches(cases: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = iter(cases)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def spots_of(cases: Iterable[UUID], district: str) -> Spots:
    """The spots of these cases, by the district's limits of today."""
    known: dict[UUID, Spot] = {}
    for some in _batches(cases):
        rows = Case.objects.filter(pk__in=some).values_list("pk", "lon", "lat", "address")
        known |= {pk: Spot(lon, lat, address) for pk, lon, lat, address in rows.order_by()}
    return spots_among(known, district)


def spots_among(known: Mapping[UUID, Spot], district: str) -> Spots:
    """The same of spots that are read already."""
    nowhere = [case for case, spot in known.items() if spot == NOWHERE]
    return Spots(limits_of(district).within_m, known, frozenset(_erased(nowhere)))


def grid_of(area: str) -> str:
    """The grid that a place lies in; empty if no more than its community is known."""
    return area if len(area) == CODE_LENGTH[Level.GRID] else ""


def _erased(cases: Iterable[UUID]) -> Iterator[UUID]:
    for some in _batches(cases):
        gone = CaseEvent.objects.filter(case_id__in=some, verb="erased", data__place="erased")
        yield from gone.values_list("case_id", flat=True)
