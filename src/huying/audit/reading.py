"""Reading whole tables in bounded memory, by the named statements in ``sql/``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction

_SQL = Path(__file__).parent.parent / "sql"
_AT_ONCE = 5000


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """All reading within sees one moment.

    Inside a transaction that is already under way, that transaction is all there is.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(using):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Everything will be read: plan for the whole, not for the first rows.
            cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        yield


def rows(using: str, name: str, **parameters: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of ``sql/NAME.sql``, through a cursor in the server; needs a transaction."""
    statement = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(statement, parameters or None)
        while chunk := cursor.fetchmany(_AT_ONCE):
            yield from chunk
