"""Reads a table that somebody sent. A program of its own: `python -m huying.intake.excel.reading`.

The file comes on standard input. Standard output holds one JSON value a line: an array for each row
with anything in it (its number as spreadsheets count, then its cells), and last an object, with how
many rows there were or with the name of what is wrong. Whatever the file does to its reader, it
does it to this process, whose memory and time have an end.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson

from huying.intake.excel.headings import Column, headed

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


class Unreadable(Exception):
    """What is wrong, by a name of `models.CaseImport.Trouble`."""


def rows_of(data: bytes) -> Iterator[tuple[int, list[Any]]]:
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
        return _workbook(data)
    return _csv(data)


def _workbook(data: bytes) -> Iterator[tuple[int, list[Any]]]:
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
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            # The rows above the first one that holds anything are among them, as empty ones.
            found = _with_headings(enumerate(sheet.iter_rows(), start=1))
            if found is not None:
                return found
    except PasswordError:
        raise Unreadable("password") from None
    except CalamineError:
        raise Unreadable("broken_file") from None
    raise Unreadable("headings")


def _csv(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Unreadable("not_table")
    if "\0" in text:
        raise Unreadable("not_table")
    csv.field_size_limit(1 << 20)
    first = text[: text.find("\n")] if "\n" in text else text
    table = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    try:
        found = _with_headings(enumerate(table, start=1))
    except csv.Error:
        raise Unreadable("not_table") from None
    if found is None:
        raise Unreadable("headings")
    return found


def _with_headings(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]] | None:
    """The rows from the headings on; None where there are no headings among the first."""
    for seen, (number, row) in enumerate(rows):
        if seen >= LOOKED_FOR:
            return None
        if Column.TEXT in headed(row):
            return _full(number, row, rows)
    return None


def _full(
    number: int, headings: list[Any], rows: Iterator[tuple[int, list[Any]]]
) -> Iterator[tuple[int, list[Any]]]:
    width = min(WIDEST, max(place for place, cell in enumerate(headings, 1) if cell != ""))
    yield number, headings[:width]
    seen = 0
    for at, row in rows:
        cells = row[:width]
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
        for number, cells in rows_of(data):
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
