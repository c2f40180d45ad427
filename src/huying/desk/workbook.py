"""Writes an Excel file. A program of its own: `python -m huying.desk.workbook FILE < lines`.

Beside the reading, the worker's other jobs do not wait for it, and what is half written stays in
the folder that `TMPDIR` names. Standard input holds one JSON value a line: first the titles of two
sheets and the columns of the first (title, width in characters, kind), then an array for each row,
and last an object with the rows of the second. Without that last line the list was broken off, and
there is no file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from rustpy_xlsxwriter import FastExcel, Format

FULL = 28
"""Exit code when the disk is full, or may not be written: the system's ENOSPC."""


class Kind(StrEnum):
    """What a column holds. Codes stay text, and no text is a formula or a link."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"  # as Excel keeps it: days since the end of 1899


class BrokenOff(Exception):
    """The lines ended before the list did."""


def write(path: Path, lines: Iterable[bytes]) -> bool:
    """Writes the book; whether the list was whole.

    Raises:
        OSError: the file cannot be written.
    """
    told = map(orjson.loads, lines)
    first = next(told, None)
    if first is None:
        return False
    titles, widths, kinds = zip(*first["columns"], strict=True)
    about: list[list[str]] = []
    book = FastExcel(str(path)).freeze(row=1, col=1, sheet=first["title"])
    # On every printed page; an ampersand would be a code.
    mark = first.get("mark", "").replace("&", "&&")
    page = {"header": f"&L{mark}&R&P / &N", "footer": f"&C{mark}"} if mark else None
    book.sheet(
        first["title"],
        _cases(told, titles, about),
        page_setup=page,
        column_widths=list(widths),
        column_formats=[_format(Kind(kind)) for kind in kinds],
        header_format=Format().set_bold().set_background_color("#E6F0FA").set_border("thin"),
        autofilter=True,
    )
    book.sheet(first["about"], _about(about), column_widths=[16, 60], page_setup=page)
    try:
        book.save()
    except BrokenOff:
        with suppress(OSError):  # a file without a name goes by itself
            path.unlink()
        return False
    return True


def _format(kind: Kind) -> Format:
    """How a column's cells are shown."""
    match kind:
        case Kind.TEXT:
            return Format().set_num_format("@")
        case Kind.TIME:
            return Format().set_num_format("yyyy-mm-dd hh:mm:ss")
        case Kind.NUMBER:
            return Format()


def _cases(
    told: Iterator[Any], titles: tuple[str, ...], about: list[list[str]]
) -> Iterator[dict[str, Any]]:
    """The rows by their titles, as they come; the second sheet's are put aside.

    Raises:
        BrokenOff: the last line is missing.
    """
    none = dict.fromkeys(titles)
    row = none
    for values in told:
        if isinstance(values, dict):
            about += values["rows"]
            if row is none:
                yield none  # the titles are written with the first row
            return
        row = dict(zip(titles, values, strict=True))
        yield row
    raise BrokenOff


def _about(rows: list[list[str]]) -> Iterator[dict[str, str]]:
    """Names and values, the first of them where a table has its titles."""
    titles = rows[0]
    for values in rows[1:]:
        yield dict(zip(titles, values, strict=True))


def main() -> int:
    """Exit code: 0 when the file is whole, 1 when it was broken off, `FULL` without room."""
    try:
        return 0 if write(Path(sys.argv[1]), sys.stdin.buffer) else 1
    except OSError:
        return FULL
    except BaseException as error:
        # For its scraps the library has errors of its own, and one that no `Exception` catches.
        if "StorageFull" in str(error) or "Temporary file" in str(error):
            return FULL
        raise


if __name__ == "__main__":
    sys.exit(main())
