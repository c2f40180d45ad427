"""Reads a table that somebody sent. A program of its own: `python -m huying.intake.excel.reading`,
with the kind of table (`register_headings.OF_KIND`).

The file comes on standard input. Standard output holds one JSON value a line: an array for each row
with anything in it (its number as spreadsheets count, then its cells), and last an object, with how
many rows there were or with the name of what is wrong. Whatever the file does to its reader, it
does it to this process, whose memory and time have an end.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from xml.etree import ElementTree

import orjson

from huying.catalogue.decoding import decoded
from huying.intake.excel.headings import CASES, Headings
from huying.intake.excel.register_headings import OF_KIND

LARGEST = 30 * 1024 * 1024
"""Bytes of a file: fifty thousand rows take a tenth of it."""

UNPACKED = 400 * 1024 * 1024
MOST_PARTS = 2_000
MOST_ROWS = 50_000
LOOKED_FOR = 10
"""The headings stand in one of the first rows."""

WIDEST = 60
_MEMORY = 2 * 1024**3
_SECONDS = 120


Failed = Mapping[int, Mapping[int, str]]
"""Rows by their number, cells by their place in the row: what the spreadsheet shows there."""


class Unreadable(Exception):
    """What is wrong, by a name of `models.CaseImport.Trouble`."""


def rows_of(data: bytes, kind: Headings = CASES) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold anything, with their numbers, the headings first.

    Raises:
        Unreadable: it is no table that can be read.
    """
    if not data:
        raise Unreadable("empty")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        # An .xlsx with a password is a container of this kind too.
        raise Unreadable("password" if "EncryptedPackage".encode("utf-16-le") in data else "old")
    if data[:2] == b"PK":
        return _workbook(data, kind)
    return _csv(data, kind)


def _workbook(data: bytes, kind: Headings) -> Iterator[tuple[int, list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            inside = parts.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Unreadable("broken_file") from None
    names = {part.filename for part in inside}
    if len(inside) > MOST_PARTS or sum(part.file_size for part in inside) > UNPACKED:
        raise Unreadable("bomb")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable("macros")
    if "xl/workbook.xml" not in names:
        raise Unreadable("not_table")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for place, name in enumerate(book.sheet_names):
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            # The rows above the first one that holds anything are among them, as empty ones.
            found = _with_headings(kind, enumerate(sheet.iter_rows(), start=1))
            if found is not None:
                return _full(kind, *found, _failed_cells(data, place, sheet.start[1]))
    except PasswordError:
        raise Unreadable("password") from None
    except CalamineError:
        raise Unreadable("broken_file") from None
    raise Unreadable("headings")


def _csv(data: bytes, kind: Headings) -> Iterator[tuple[int, list[Any]]]:
    try:
        text = decoded(data)
    except ValueError:
        raise Unreadable("not_table") from None
    csv.field_size_limit(1 << 20)
    first = text[: text.find("\n")] if "\n" in text else text
    table = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    try:
        found = _with_headings(kind, enumerate(table, start=1))
    except csv.Error:
        raise Unreadable("not_table") from None
    if found is None:
        raise Unreadable("headings")
    return _full(kind, *found, {})


_FAILED: Final = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\st=["']e["'])[^>]*\sr=["']([A-Z]+)([0-9]+)["'][^>]*>"""
    rb"""(?:<(?:\w+:)?f\b[^>]*/>|<(?:\w+:)?f\b[^>]*>[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]*)<"""
)
"""A cell in which the spreadsheet could not work something out."""


def _failed_cells(data: bytes, place: int, first: int) -> Failed:
    """The failed cells of a sheet, which its reader takes for empty ones.

    ``first`` is the sheet's first column with anything in it, from which its cells are counted.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        try:
            sheet = parts.read(_part_of(parts, place))
        except (KeyError, IndexError, StopIteration, ElementTree.ParseError):
            return {}
    found: dict[int, dict[int, str]] = {}
    for column, row, said in _FAILED.findall(sheet):
        at = 0
        for letter in column:
            at = at * 26 + letter - 64
        found.setdefault(int(row), {})[at - 1 - first] = said.decode("ascii", "replace")
    return found


def _part_of(parts: zipfile.ZipFile, place: int) -> str:
    """The file that holds the sheet at this place of the workbook."""
    # Whatever a file does here, it does to this process: `main` limits it.
    book = ElementTree.fromstring(parts.read("xl/workbook.xml"))  # noqa: S314
    sheets = [each for each in book.iter() if each.tag.rpartition("}")[2] == "sheet"]
    key = next(value for name, value in sheets[place].items() if name.endswith("}id"))
    links = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next(each.get("Target", "") for each in links if each.get("Id") == key)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _with_headings(
    kind: Headings,
    rows: Iterator[tuple[int, list[Any]]],
) -> tuple[int, list[Any], Iterator[tuple[int, list[Any]]]] | None:
    """The headings with their number, and the rows below; None where none of the first is that."""
    for seen, (number, row) in enumerate(rows):
        if seen >= LOOKED_FOR:
            return None
        if kind.are(row):
            return number, row, rows
    return None


def _full(
    kind: Headings,
    number: int,
    headings: list[Any],
    rows: Iterator[tuple[int, list[Any]]],
    failed: Failed,
) -> Iterator[tuple[int, list[Any]]]:
    """The headings, and the rows with anything in them. What failed is told where it is read."""
    width = min(WIDEST, max(place for place, cell in enumerate(headings, 1) if cell != ""))
    yield number, headings[:width]
    read, seen = set(kind.headed(headings[:width]).values()), 0
    for at, row in rows:
        cells = row[:width]
        for place in read & failed.get(at, {}).keys():
            cells[place] = failed[at][place]
        if all(
            cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())
            for cell in cells
        ):
            continue
        seen += 1
        if seen > MOST_ROWS:
            raise Unreadable("too_many")
        yield at, cells


def plain(cell: Any) -> Any:
    """A cell as JSON holds it; what is a time says so."""
    if isinstance(cell, datetime):
        return {"at": cell.replace(microsecond=0).isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def read_back(cell: Any) -> Any:
    """The other way round."""
    if isinstance(cell, dict):
        if "at" in cell:
            return datetime.fromisoformat(cell["at"])
        return date.fromisoformat(cell["on"])
    return cell


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Exit code: 0 when it said how it ended."""
    _limit()
    out = sys.stdout.buffer
    data = sys.stdin.buffer.read(LARGEST + 1)
    rows, trouble = 0, ""
    try:
        if len(data) > LARGEST:
            raise Unreadable("too_big")
        for number, cells in rows_of(data, OF_KIND[(sys.argv[1:] or ["cases"])[0]]):
            out.write(orjson.dumps([number, *map(plain, cells)], option=orjson.OPT_APPEND_NEWLINE))
            rows += 1
    except Unreadable as error:
        trouble = str(error)
    except (csv.Error, UnicodeEncodeError, orjson.JSONEncodeError):
        trouble = "not_table"
    except MemoryError:
        trouble = "bomb"
    out.write(orjson.dumps({"rows": rows, "trouble": trouble}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
