"""Which rows of a table may be one matter: with each other, or with a case that is open already.

The same comparison as after each report (`dispatch.duplicates`), but the table is looked through
once: a row is compared with the few that lie nearest to it, not with all.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from huying.cases.models import Case
from huying.dispatch import duplicates
from huying.dispatch.duplicates import COMPARED, FAR, Limits, Told
from huying.intake.excel.rows import Row
from huying.people.acting import Actor
from huying.places.measure import metres_per_degree
from huying.places.models import CODE_LENGTH, Level

MOST_COMPARED: Final = 6
"""Neighbours of each kind that a row is compared with, the last ones."""

MOST_OPEN: Final = 20_000
_COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]
Spot = tuple[int, int]
Found = tuple[str, int | str]
"""`row` and its number, or `case` and its number."""


def _few() -> deque[Told]:
    return deque(maxlen=MOST_COMPARED)


class Near:
    """Reports by where they lie, so that those around another are found at once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._around: dict[Spot, deque[Told]] = defaultdict(_few)
        self._unplaced: dict[str, deque[Told]] = defaultdict(_few)
        self._all: dict[str, deque[Told]] = defaultdict(_few)

    def add(self, told: Told) -> None:
        community = told.area_code[:_COMMUNITY]
        self._all[community].append(told)
        if told.lon is None or told.lat is None:
            self._unplaced[community].append(told)
        else:
            self._around[self._spot(told.lon, told.lat)].append(told)

    def to(self, told: Told) -> Iterator[Told]:
        community = told.area_code[:_COMMUNITY]
        if told.lon is None or told.lat is None:
            yield from self._all.get(community, ())
            return
        x, y = self._spot(told.lon, told.lat)
        for across in (x - 1, x, x + 1):
            for up in (y - 1, y, y + 1):
                yield from self._around.get((across, up), ())
        yield from self._unplaced.get(community, ())

    def _spot(self, lon: float, lat: float) -> Spot:
        # One measure for the whole district: a degree changes by less than a metre's share in it.
        east, north = metres_per_degree(round(lat, 1))
        side = FAR * self.limits.within_m
        return int(lon * east // side), int(lat * north // side)


def likely(rows: Iterable[Row], *, by: Actor, area: str, now: datetime) -> dict[int, Found]:
    """By row, what it may be a double of: the same words first, then the likeliest."""
    limits = duplicates.limits_of(area[:6])
    near = Near(limits)
    names: dict[UUID, Found] = {}
    for told, number in _open(by, limits, now):
        assert told.case_id is not None
        names[told.case_id] = ("case", number)
        near.add(told)
    found: dict[int, Found] = {}
    same: dict[tuple[str, ...], int] = {}
    for row in rows:
        report = row.report
        if report is None:
            continue
        place = report.place
        said = (report.text, place.area_code, place.address, report.contact_phone)
        first = same.setdefault(said, row.number)
        if first != row.number:
            found[row.number] = ("row", first)
            continue
        told = Told(
            lon=place.lon,
            lat=place.lat,
            area_code=place.area_code,
            item=report.item_code or report.suggested_item,
            text=report.text,
            at=report.occurred_at or now,
            case_id=UUID(int=row.number),
        )
        names[UUID(int=row.number)] = ("row", row.number)
        chosen = duplicates.choose(told, near.to(told), limits)
        if chosen:
            found[row.number] = names[chosen[0].case_id]
        near.add(told)
    return found


def _open(by: Actor, limits: Limits, now: datetime) -> Iterator[tuple[Told, str]]:
    """The open cases of the time within which a report may be one of them, the newest last."""
    cases = (
        Case.objects.visible_to(by)
        .open()
        .filter(received_at__gte=now - limits.within)
        .only(*COMPARED)
        .order_by("-received_at")[:MOST_OPEN]
    )
    known = list(cases)
    words = duplicates.descriptions([case.pk for case in known])
    for case in reversed(known):
        yield duplicates.told_of(case, words.get(case.pk, "")), case.number
