"""The hand-written SQL of the sums, by its names: `sql/rollups.sql`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db import connection

_FILE: Final = Path(__file__).resolve().parent.parent / "sql" / "rollups.sql"


def _read() -> dict[str, str]:
    _head, *parts = re.split(r"^-- name: (\w+)$", _FILE.read_text("utf-8"), flags=re.MULTILINE)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {
        name: _without_comments(text).replace("{keys}", found["keys"].strip())
        for name, text in found.items()
    }


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()


STATEMENTS: Final[Mapping[str, str]] = _read()


def ask(name: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a statement that gives any."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[name], values)
        return cursor.fetchall()


def do(name: str, values: Mapping[str, Any] | None = None) -> int:
    """Rows that a statement has written."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[name], values)
        return cursor.rowcount
