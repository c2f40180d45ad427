"""What the database looks at to answer a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection


def rows_looked_at(statement: str, values: Mapping[str, Any] | None = None) -> int:
    """The rows that the server goes through to answer a statement, which it does."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        return _rows(cursor.fetchone()[0][0]["Plan"])


def _rows(plan: dict[str, Any]) -> int:
    """Those that a plan and its parts have given, or thrown away, in all their turns."""
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return int(own * plan["Actual Loops"] + sum(map(_rows, plan.get("Plans", ()))))
