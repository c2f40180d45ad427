"""What a report says: the one source of its page, its PDF and its Excel file. Plain values.

All sentences are whole and all figures final; whoever shows a report adds nothing and leaves
nothing out. Its words are Chinese: it is an official sheet, whatever the language of who opens it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from huying.reports.opening import Mark, Opens

Cell = str | int | None
"""Of counts a number, of rates hundredths of a percent; None where there is no figure."""

NO_DATA: Final = "无数据"


class Shape(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what it holds, its width against the others, and into what its figures
    open (`opening.of`)."""

    title: str
    shape: Shape = Shape.COUNT
    width: int = 2
    opens: str = ""

    def said(self, cell: Cell) -> str:
        """A cell as it is written."""
        if cell is None:
            return NO_DATA
        if self.shape is Shape.RATE and isinstance(cell, int):
            return percent(cell)
        return str(cell)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns.

    Attributes:
        empty: what is said where there are no rows.
        by, keys: what the rows are told apart by, and of whom each is; without keys nothing opens.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    empty: str = ""
    by: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: tuple[int, ...]
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one a label, or lines along the labels; ``by`` and ``keys`` as those of a table."""

    title: str
    kind: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = "宗"
    by: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    marks: tuple[tuple[Mark, ...], ...] = ()
    """Of each paragraph, where its figures stand."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        banner: the words in red above the line.
        number: 第 N 期, with the year.
        issuer: who issues it.
        issued_on: the day below the banner.
        at: the moment whose log it was worked out from.
        short: what it is called in a file's name.
    """

    banner: str
    number: str
    issuer: str
    issued_on: date
    title: str
    short: str
    first: date
    last: date
    at: datetime
    opening: str
    sections: tuple[Section, ...]
    closing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is kept: what `read` reads."""
        kept = asdict(self)
        for name in ("issued_on", "first", "last", "at"):
            kept[name] = kept[name].isoformat()
        return kept


_WORDS: Final = ("banner", "number", "issuer", "title", "short", "opening")


def read(kept: dict[str, Any]) -> Report:
    """The report that was kept."""
    days: dict[str, Any] = {
        name: date.fromisoformat(kept[name]) for name in ("issued_on", "first", "last")
    }
    return Report(
        **{
            name: kept[name] for name in ("banner", "number", "issuer", "title", "short", "opening")
        },
        **days,
        at=datetime.fromisoformat(kept["at"]),
        sections=tuple(_section(each) for each in kept["sections"]),
        closing=tuple(kept["closing"]),
    )


def _section(kept: dict[str, Any]) -> Section:
    charts = (
        Chart(
            each["title"],
            each["kind"],
            tuple(each["labels"]),
            tuple(
                Series(one["name"], tuple(one["values"]), one.get("opens", ""))
                for one in each["series"]
            ),
            each["unit"],
            each.get("by", ""),
            tuple(each.get("keys", ())),
        )
        for each in kept["charts"]
    )
    tables = (
        Table(
            each["title"],
            tuple(
                Column(one["title"], Shape(one["shape"]), one["width"], one.get("opens", ""))
                for one in each["columns"]
            ),
            tuple(tuple(row) for row in each["rows"]),
            each["note"],
            each["empty"],
            each.get("by", ""),
            tuple(each.get("keys", ())),
        )
        for each in kept["tables"]
    )
    # Reports that were kept before figures opened have no marks.
    marks = (
        tuple(Mark(first, last, Opens(*what)) for first, last, what in each)
        for each in kept.get("marks", ())
    )
    return Section(
        kept["heading"], tuple(kept["paragraphs"]), tuple(charts), tuple(tables), tuple(marks)
    )


def percent(hundredths: int) -> str:
    """66.67%; also of what is below nothing."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}%"
