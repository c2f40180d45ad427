"""Sheets set by Typst, with the fonts of the package and no others: the same everywhere.

Nothing but the sheet's own words goes in, and nothing of the moment of setting: the same words make
the same file, byte for byte.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

FONTS: Final = Path(__file__).resolve().parents[1] / "fonts"
SHEETS: Final = Path(__file__).resolve().parent / "sheets"


def pdf(sheet: str, said: dict[str, Any], at: datetime) -> bytes:
    """A sheet filled in, as a PDF file that says it was made at a moment."""
    made = _compiler(sheet, said).compile(format="pdf", timestamp=int(at.timestamp()))
    assert isinstance(made, bytes)
    return made


def pictures(sheet: str, said: dict[str, Any], *, ppi: float = 100.0) -> list[bytes]:
    """The pages of a sheet as PNG pictures."""
    made = _compiler(sheet, said).compile(format="png", ppi=ppi)
    assert made is not None
    return made if isinstance(made, list) else [made]


def _compiler(sheet: str, said: dict[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        SHEETS / f"{sheet}.typ",
        root=SHEETS,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False, sort_keys=True)},
    )


@cache
def _fonts() -> typst.Fonts:
    """The package's fonts alone, read once by a process.

    Raises:
        FileNotFoundError: they were not built.
    """
    if not any(FONTS.glob("*.ttf")):
        raise FileNotFoundError(f"no fonts in {FONTS}: make fonts")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
