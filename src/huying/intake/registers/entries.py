"""A row of a table for the registers becomes what it tells, or the list of its faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Final, TypeVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.errors import BadInput, HuyingError, Missing, Words
from huying.intake.excel import columns
from huying.intake.excel.columns import Trouble, written
from huying.intake.excel.headings import Cell
from huying.intake.excel.register_headings import Field
from huying.intake.excel.rows import Known, Table
from huying.intake.models import CaseImport
from huying.people.acting import Actor
from huying.places.datum import Datum, to_wgs84
from huying.places.models import CODE_LENGTH, Level
from huying.registry.addressing import Spot
from huying.registry.models import Dwelling, Enterprise, Facility, Person, Risk

Into = CaseImport.Into
LONGEST: Final = 200
_SPLIT: Final = re.compile(r"[、,，;；/\s]+")
T = TypeVar("T")


@dataclass(slots=True)
class Entry:
    """What a row says; a field that is missing or None was left empty, and leaves as it is."""

    number: int
    cells: Sequence[Cell]
    community: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    spot: Spot | None = None
    troubles: list[Trouble] = field(default_factory=list)

    def wrong(self, column: str | None, words: Words) -> None:
        self.troubles.append(Trouble(self.number, column, words))

    def get(self, name: str) -> Any:
        return self.said.get(name)


@cache
def choices_of(into: str, column: str) -> Mapping[str, str]:
    """What may stand in a column of choices: its words and their codes; empty of another column.

    The table is Chinese whoever reads it.
    """
    found: Mapping[tuple[str, str], Sequence[tuple[Any, Any]]] = {
        (Into.PEOPLE, Field.USE): Dwelling.Use.choices,
        (Into.PEOPLE, Field.SEX): Person.Sex.choices,
        (Into.PEOPLE, Field.STAY): Person.Stay.choices,
        (Into.PEOPLE, Field.RELATION): Person.Relation.choices,
        (Into.UNITS, Field.KIND): Enterprise.Kind.choices,
        (Into.FACILITIES, Field.KIND): Facility.Kind.choices,
    }
    choices = Risk.choices if column == Field.RISKS else found.get((into, column), ())
    with override("zh-hans"):
        return {str(label): str(code) for code, label in choices}


def entries(table: Table, into: str, *, by: Actor, now: datetime) -> list[Entry]:
    """Each row in its order, with what is wrong in its own cells. Only places are looked up."""
    known = Known(by, now)
    return [_entry(number, cells, table, into, known) for number, cells in table.rows]


def _entry(number: int, cells: Sequence[Cell], table: Table, into: str, known: Known) -> Entry:
    made = Entry(number, cells)
    told = columns.values_of(cells, table.places)

    def got(column: str, how: Callable[[Any], T], otherwise: T) -> T:
        try:
            return how(told.get(column, ""))
        except HuyingError as error:
            made.wrong(column, error.detail)
            return otherwise

    made.community = got(Field.AREA, lambda cell: _community(written(cell), known), "")
    lon, lat = got(Field.LON, columns.degrees, None), got(Field.LAT, columns.degrees, None)
    datum = got(Field.DATUM, lambda cell: columns.datum(written(cell)), "wgs84")
    made.spot = _spot(made, lon, lat, datum)
    for column in table.places:
        if column in (Field.AREA, Field.LON, Field.LAT, Field.DATUM):
            continue
        value = got(column, partial(_said, into, column), None)
        if value is not None:
            made.said[column] = value
    _needed(made, into)
    return made


def _needed(made: Entry, into: str) -> None:
    named = into in (Into.UNITS, Into.FACILITIES)
    if into != Into.FACILITIES and not made.said.get(Field.ADDRESS):
        made.wrong(Field.ADDRESS, _("This is needed."))
    if named and not made.said.get(Field.NAME):
        made.wrong(Field.NAME, _("This is needed."))
    if into == Into.FACILITIES and not made.said.get(Field.KIND):
        made.wrong(Field.KIND, _("This is needed."))
    if into == Into.FACILITIES and not (made.spot or made.said.get(Field.ADDRESS)):
        made.wrong(Field.LON, _("Where is it? An address or a position is needed."))


def _community(said: str, known: Known) -> str:
    code = known.area(said)
    if len(code) != CODE_LENGTH[Level.COMMUNITY]:
        raise Missing(_("Which community? Please choose one from the list."))
    return code


def _spot(made: Entry, lon: float | None, lat: float | None, datum: str) -> Spot | None:
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        made.wrong(Field.LON, _("A position needs both longitude and latitude."))
        return None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        made.wrong(Field.LON, _("This is no position on Earth."))
        return None
    return Spot(*(float(each) for each in to_wgs84(lon, lat, Datum(datum))))


def _said(into: str, column: str, cell: Cell) -> Any:
    """What a cell says; None for one that is empty."""
    said = written(cell)
    return _READ[column](said) if column in _READ else _words(said, into, column)


def _words(said: str, into: str, column: str) -> str | None:
    known = choices_of(into, column)
    if said and known:
        code = known.get(said, said if said in known.values() else "")
        if not code:
            raise BadInput(_("Please choose one from the list."))
        return code
    if len(said) > LONGEST:
        raise BadInput(_("This is too long."))
    return said or None


def _risks(said: str) -> list[str] | None:
    if not said:
        return None
    known = choices_of("", Field.RISKS)
    if said == NO_RISK:
        return []
    codes = [known.get(each, "") for each in _SPLIT.split(said) if each]
    if not all(codes):
        raise BadInput(_("Please choose one from the list."))
    return codes


NO_RISK: Final = "无"
"""Says that there is none, where an empty cell would leave as it is."""


def _whole(most: int) -> Callable[[str], int | None]:
    def read(said: str) -> int | None:
        if not said:
            return None
        if not said.isdecimal() or not 0 < int(said[:9]) <= most:
            raise BadInput(_("This is not a whole number that can be."))
        return int(said)

    return read


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    Field.RISKS: _risks,
    Field.ROOMS: _whole(999),
    Field.HOUSEHOLD: _whole(999),
    Field.BORN: _whole(date.max.year),
}
