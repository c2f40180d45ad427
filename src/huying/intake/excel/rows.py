"""A row of a table becomes what every door tells, or the list of what is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from django.utils.translation import gettext_lazy as _

from huying.cases.contacts import plain_phone
from huying.cases.models import Channel
from huying.cases.reporting import check
from huying.cases.reports import Report
from huying.cases.verbs import keepable
from huying.catalogue.snapshots import CatalogueSnapshot
from huying.catalogue.versions import snapshot
from huying.computing import aside
from huying.duties.mapping import mapping
from huying.errors import BadInput, HuyingError, Missing
from huying.intake.excel import columns, headings, reading
from huying.intake.excel.columns import Trouble, written
from huying.intake.excel.headings import Cell, Column
from huying.intake.excel.register_headings import OF_KIND
from huying.intake.models import CaseImport
from huying.intake.reporting import Told, default_district, read
from huying.people.acting import Actor
from huying.places import naming
from huying.places.locating import is_live
from huying.places.models import CODE_LENGTH, Level

LONGEST_NAME: Final = 40
LONGEST_ADDRESS: Final = 200
_OF_FIELD: Final = {
    "text": Column.TEXT,
    "position": Column.LON,
    "area": Column.AREA,
    "item": Column.ITEM,
    "occurred_at": Column.OCCURRED,
    "phone": Column.PHONE,
    "name": Column.NAME,
}
T = TypeVar("T")


class Unusable(Exception):
    """The file as a whole will not do."""

    def __init__(self, trouble: CaseImport.Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: its headings, and each row with its number."""

    headings: Sequence[Cell]
    places: Mapping[str, int]
    rows: Sequence[tuple[int, Sequence[Cell]]]

    @property
    def unknown(self) -> list[str]:
        """Headings that mean nothing here."""
        known = set(self.places.values())
        return [
            str(title)
            for place, title in enumerate(self.headings)
            if place not in known and str(title) not in ("", headings.REASON, headings.ROW)
        ]


@dataclass(slots=True)
class Row:
    """A row that was looked at: the report that it makes, or what is wrong.

    Attributes:
        old_item: the name or code of an old item that stood in it and was resolved by the map.
    """

    number: int
    cells: Sequence[Cell]
    report: Report | None = None
    troubles: list[Trouble] = field(default_factory=list)
    old_item: str = ""


@aside
def read_table(data: bytes, kind: str = CaseImport.Into.CASES) -> Table:
    """The table of this kind in a file, read by a process that may break at it.

    Raises:
        Unusable: it cannot be read, or holds no row.
    """
    done = subprocess.run(
        [sys.executable, "-m", reading.__name__, kind],
        input=data,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        # It was stopped at the end of its memory or its time: no table of 50,000 rows gets there.
        raise Unusable(CaseImport.Trouble.BOMB)
    *lines, last = done.stdout.split(b"\n")
    ended = orjson.loads(last)
    if ended["trouble"]:
        raise Unusable(CaseImport.Trouble(ended["trouble"]))
    (_number, *titles), *rows = (orjson.loads(line) for line in lines)
    read_back = reading.read_back
    found = [(number, [read_back(cell) for cell in cells]) for number, *cells in rows]
    places = OF_KIND[kind].headed(titles)
    found = [(number, cells) for number, cells in found if not _is_example(cells)]
    if not found:
        raise Unusable(CaseImport.Trouble.NO_ROWS)
    return Table(titles, places, found)


def _is_example(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) and cell.startswith(headings.EXAMPLE) for cell in cells)


def looked_at(table: Table, *, by: Actor, now: datetime, alarms: bool = True) -> Iterator[Row]:
    """Each row in its order, checked as the report itself will be. Writes nothing."""
    known = Known(by, now)
    for number, cells in table.rows:
        row, known.was = Row(number, cells), ""
        _look(row, table.places, known, by, now, alarms)
        row.old_item = known.was
        yield row


class Known:
    """What a table may call items and places, for one post at one moment."""

    def __init__(self, by: Actor, now: datetime) -> None:
        self.own = by.area_code or default_district()
        self.catalogue: CatalogueSnapshot = snapshot(now)
        self.items = {item.name: item.code for item in self.catalogue.active_in(self.own)}
        self.old = mapping(self.own[: CODE_LENGTH[Level.DISTRICT]])
        self.was = ""
        self.areas = areas(self.own)
        short: dict[str, list[str]] = {}
        for called, code in self.areas.items():
            short.setdefault(called.split(" ")[-1], []).append(code)
        self.short = {called: codes[0] for called, codes in short.items() if len(codes) == 1}

    def item(self, said: str) -> str:
        """Raises: BadInput: there is no such item in use."""
        code = said.split(" ")[0] if said else ""
        if said.isdecimal() and len(said) < 4:
            code = said.zfill(4)  # a code typed as a number lost its zero
        code = code if code in self.catalogue else self.items.get(said, code)
        if code and code not in self.catalogue and (found := self.old.get(said)):
            code, self.was = found, said
        item = self.catalogue.get(code) if code else None
        if code and (item is None or not item.active):
            raise BadInput(_("There is no such item in the catalogue now."))
        return code

    def area(self, said: str) -> str:
        """Raises: BadInput: there is no such place, or the post does not cover it."""
        if not said:
            return self.own if len(self.own) > CODE_LENGTH[Level.DISTRICT] else ""
        code = said if said.isdecimal() else self.areas.get(said) or self.short.get(said, "")
        if not code or not (is_live(code) or code == self.own):
            raise BadInput(_("There is no such town or community; please choose from the list."))
        if not code.startswith(self.own):
            raise BadInput(_("This place is outside the area of your post."))
        return code


def areas(own: str) -> dict[str, str]:
    """Towns and communities of an area as the template's list has them: 石碁镇 小龙村."""
    levels = (CODE_LENGTH[Level.TOWN], CODE_LENGTH[Level.COMMUNITY])
    found = {}
    for code in naming.codes():
        if len(code) in levels and code.startswith(own) and is_live(code):
            found[" ".join(naming.parts(code)[1:])] = code
    return found


def _look(
    row: Row,
    places: Mapping[str, int],
    known: Known,
    by: Actor,
    now: datetime,
    alarms: bool,
) -> None:
    cells = columns.values_of(row.cells, places)

    def got(column: Column, how: Callable[[Any], T], otherwise: T) -> T:
        """A cell as it reads; what is wrong with it is noted."""
        try:
            return how(cells.get(column, ""))
        except HuyingError as error:
            row.troubles.append(Trouble(row.number, column, error.detail))
            return otherwise

    told = Told(
        channel=Channel(got(Column.CHANNEL, lambda cell: columns.channel(written(cell)), "desk")),
        text=got(Column.TEXT, _text, ""),
        item=got(Column.ITEM, lambda cell: known.item(written(cell)), ""),
        area=got(Column.AREA, lambda cell: known.area(written(cell)), ""),
        address=got(Column.ADDRESS, _address, ""),
        lon=got(Column.LON, columns.degrees, None),
        lat=got(Column.LAT, columns.degrees, None),
        datum=got(Column.DATUM, lambda cell: columns.datum(written(cell)), "wgs84"),
        occurred_at=got(Column.OCCURRED, columns.happened, None),
        contact_name=got(Column.NAME, _name, ""),
        contact_phone=got(Column.PHONE, lambda cell: plain_phone(written(cell)), ""),
        alarms=alarms,
    )
    if row.troubles:
        return
    try:
        report = read(told, by=by, now=now)
        if not report.place.area_code.startswith(known.own):
            raise BadInput(_("This place is outside the area of your post."), field="position")
        check(report, by, now)
    except HuyingError as error:
        row.troubles.append(Trouble(row.number, _OF_FIELD.get(error.field or ""), error.detail))
    else:
        row.report = report


def _text(cell: Cell) -> str:
    said = written(cell)
    if not said:
        raise Missing(_("Please say it in words."))
    return said


def _address(cell: Cell) -> str:
    said = written(cell)
    if len(said) > LONGEST_ADDRESS:
        raise BadInput(_("The address has more than 200 characters."))
    return said


def _name(cell: Cell) -> str:
    said = written(cell)
    if len(said) > LONGEST_NAME or not keepable(said):
        raise BadInput(_("This name is too long."))
    return said
