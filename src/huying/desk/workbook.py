"""Writes an Excel file. A program of its own: `python -m huying.desk.workbook FILE < lines`.

Writing the cells takes longer than reading the cases: done beside it, a list is there sooner, and
the worker's other jobs do not wait for it. Standard input holds one JSON value a line: first the
sheet's title and its columns (title, width in characters, kind), then an array for each row, and
last an object with the title and the rows of a second sheet. Without that last line the list was
broken off, and there is no file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter

FULL = 28
"""Exit code when the disk is full, or may not be written: the system's ENOSPC."""


class Kind(StrEnum):
    """What a column holds. Codes stay text, and no text is a formula or a link."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"  # as Excel keeps it: days since the end of 1899


def write(path: Path, lines: Iterable[bytes]) -> bool:
    """Writes the book; whether the list was whole.

    Raises:
        OSError: the file cannot be written.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    book = xlsxwriter.Workbook(path, options)
    head = book.add_format({"bold": True, "bg_color": "#E6F0FA", "border": 1})
    formats = {
        Kind.TEXT: book.add_format({"num_format": "@"}),
        Kind.NUMBER: None,
        Kind.TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    told = map(orjson.loads, lines)
    first = next(told, None)
    if first is None:
        return False
    page = book.add_worksheet(first["title"])
    columns = [(at, Kind(kind)) for at, (_title, _width, kind) in enumerate(first["columns"])]
    writers = [
        (at, page.write_string if kind is Kind.TEXT else page.write_number, formats[kind])
        for at, kind in columns
    ]
    for at, (title, width, _kind) in enumerate(first["columns"]):
        page.set_column(at, at, width)
        page.write_string(0, at, title, head)
    page.freeze_panes(1, 1)
    for row, values in enumerate(told, 1):
        if isinstance(values, dict):
            page.autofilter(0, 0, max(row - 1, 1), len(columns) - 1)
            _about(book, values)
            book.close()
            return True
        for (at, put, style), value in zip(writers, values, strict=True):
            if value is not None and value != "":
                put(row, at, value, style)
    return False


def _about(book: Any, values: dict[str, Any]) -> None:
    page = book.add_worksheet(values["title"])
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 60)
    for row, (name, value) in enumerate(values["rows"]):
        page.write_string(row, 0, name)
        page.write_string(row, 1, value)


def main() -> int:
    """Exit code: 0 when the file is whole, 1 when it was broken off, `FULL` without room."""
    try:
        return 0 if write(Path(sys.argv[1]), sys.stdin.buffer) else 1
    except (OSError, xlsxwriter.exceptions.FileCreateError):
        return FULL


if __name__ == "__main__":
    sys.exit(main())
