"""Words in a table that spreadsheets open: no formula, and read back as they were."""

from __future__ import annotations

from typing import Final

_BEGINS: Final = "=+-@\t\r\n"
"""With what a cell begins that some spreadsheet works out."""


def as_words(text: str) -> str:
    """``text`` as a cell of a CSV file; an apostrophe stands before what could be a formula."""
    return f"'{text}" if text and text[0] in _BEGINS + "'" else text


def from_words(cell: str) -> str:
    """What `as_words` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in _BEGINS + "'" else cell
