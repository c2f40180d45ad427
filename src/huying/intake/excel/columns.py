"""What the cells of a table of cases mean. Pure.

A cell is what a spreadsheet keeps, not what it shows: a phone number may be a number, a moment at
midnight comes as a date, and a number typed as text is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, HuyingError, Words
from huying.intake.excel.headings import Cell
from huying.intake.messages import moment

DATUMS: Final = {
    "GPS(WGS-84)": "wgs84",
    "国家2000": "cgcs2000",
    "高德/腾讯(GCJ-02)": "gcj02",
    "百度(BD-09)": "bd09",
}
CHANNELS: Final = {"指挥中心": "desk", "热线": "hotline", "来访": "walk_in", "居民留言": "message"}
_BY_DATUM: Final = {value: value for value in DATUMS.values()} | DATUMS
_FAULT: Final = re.compile(r"#(REF|N/A|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|GETTING_DATA)[!?]?")
_LONGEST_NUMBER: Final = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one cell, or with the row where no column is named."""

    row: int
    column: str | None
    words: Words


def written(cell: Cell | None) -> str:
    """A cell as words. A whole number has no point: phone numbers and codes are numbers there.

    Raises:
        BadInput: the cell holds an error of the spreadsheet, or a number that has lost its digits.
    """
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float | int):
        if isinstance(cell, float) and not cell.is_integer():
            return repr(cell)
        if abs(cell) >= 10**15:
            raise BadInput(
                _("Excel has rounded this number; please format the column as text, type again.")
            )
        return str(int(cell))
    if isinstance(cell, str):
        said = cell.strip()
        if _FAULT.fullmatch(said):
            raise BadInput(format_lazy(_("There is an error in this cell ({what})."), what=said))
        return said
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()


def degrees(cell: Cell | None) -> float | None:
    """A longitude or latitude; None for an empty cell.

    Raises:
        BadInput: it is no number.
    """
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return float(cell)
    said = written(cell)
    if not said:
        return None
    try:
        return float(said[:_LONGEST_NUMBER])
    except ValueError:
        raise BadInput(_("This is not a number of degrees, such as 113.4210.")) from None


def happened(cell: Cell | None) -> datetime | None:
    """A moment in China's time; a date alone is its midnight, as spreadsheets keep that.

    Raises:
        BadInput: it is no moment.
    """
    here = ZoneInfo(settings.TIME_ZONE)
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=here)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=here)
    if isinstance(cell, float | int | time):
        raise BadInput(_("This is not a date; please write it like 2026-11-28 10:30."))
    said = written(cell)
    try:
        return moment(said) if said else None
    except HuyingError:
        raise BadInput(_("This is not a date; please write it like 2026-11-28 10:30.")) from None


def datum(said: str) -> str:
    """The datum's name. Raises: BadInput: there is no such one."""
    if not said:
        return "wgs84"
    found = _BY_DATUM.get(said) or _BY_DATUM.get(said.lower())
    if found is None:
        raise BadInput(_("Please choose the coordinate system from the list."))
    return found


def channel(said: str) -> str:
    """The channel's name. Raises: BadInput: there is no such one."""
    found = CHANNELS.get(said or "指挥中心")
    if found is None:
        raise BadInput(_("Please choose the source from the list."))
    return found


def values_of(row: Sequence[Cell], places: Mapping[str, int]) -> dict[str, Any]:
    """The cells by column; what a short row lacks is empty."""
    return {column: row[place] if place < len(row) else "" for column, place in places.items()}
