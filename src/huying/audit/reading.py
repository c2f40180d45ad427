"""Reading whole tables in bounded memory, by the named statements in ``sql/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from huying.audit.chain import EventFields, StoredEvent

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


def events_of(using: str, name: str, **parameters: Any) -> Iterator[StoredEvent]:
    """The same of a statement that gives events, in the columns' order of ``verify_events``."""
    for row in rows(using, name, **parameters):
        data = row[11]
        if type(data) is str:
            data = json.loads(data)
        fields = EventFields._make((*row[:11], data, row[12]))
        yield StoredEvent(fields, bytes(row[13]), bytes(row[14]))
