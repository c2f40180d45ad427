"""Named SQL as prepared statements, on Django's own connection and in its transaction.

Django puts values into a statement's text before it sends it, so that the server reads and plans
it anew each time. For the few statements that every report runs through, that is most of their
cost: here the server keeps the plan and gets the values apart.
"""

from __future__ import annotations

import re
import select
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from huying.postgres.base import DatabaseWrapper

SQL = Path(__file__).resolve().parent.parent / "sql"
PREPARED: Final = 400
"""Statements whose plans a connection keeps: more than there are."""
_REMARK = re.compile(r"--.*")


def statement(name: str) -> str:
    """The statement in ``sql/<name>.sql`` without its comments and its layout.

    The driver keeps what it made of a text only of one below 4,096 characters.
    """
    text = (SQL / f"{name}.sql").read_text("utf-8")
    return " ".join(_REMARK.sub("", text).split())


def rows_of(query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Runs a statement that gives rows; its places are named, as ``%(case)s``.

    Raises:
        django.db.DatabaseError: as Django's own cursor would.
    """
    return _rows(psycopg.Cursor, query, values, keep=True)


def numbered_rows_of(query: str, values: Sequence[Any], *, keep: bool) -> list[tuple[Any, ...]]:
    """The same for a statement that numbers its places as the server does (``$1``).

    Without ``keep`` it is planned for the values that it has this time.
    """
    return _rows(psycopg.RawCursor, query, values, keep=keep)


def _rows(
    kind: type[psycopg.Cursor[tuple[Any, ...]]],
    query: str,
    values: Mapping[str, Any] | Sequence[Any],
    *,
    keep: bool,
) -> list[tuple[Any, ...]]:
    own = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    _look_after(own)
    server = own.connection
    # Behind a pooler the next transaction is on another connection, which knows no such plan.
    keeps = keep and not settings.HUYING.database_pooler
    if keeps and server.prepare_threshold is None:  # as Django sets it, and prepares nothing
        server.prepare_threshold = 0
        server.prepared_max = PREPARED
    if own.queries_logged:  # by Django's own cursors: who counts questions counts these too
        own.queries_log.append({"sql": query, "time": ""})
    own.asked = query
    with own.careful, own.wrap_database_errors:
        return own.asker(kind).execute(query, values, prepare=keeps).fetchall()


def _has_news(number: int) -> bool:
    """Whether something can be read of a socket. `select` knows none from the 1024th on, and a web
    process may have thousands of lines open."""
    look = select.poll()
    look.register(number, select.POLLIN)
    return bool(look.poll(0))


def _look_after(own: Any) -> None:  # two of the marks are not in Django's published types
    """Makes sure that there is a connection that lives, as Django's own cursor does.

    Django asks the server ``SELECT 1`` for that, once a request. But a server that has gone has
    closed the socket, and an idle socket on which nothing can be read has not been closed.
    """
    server = own.connection
    if (
        server is not None
        and own.health_check_enabled
        and not own.health_check_done
        and not _has_news(server.fileno())
    ):
        own.health_check_done = True
    own.close_if_health_check_failed()
    if own.connection is None:
        own.ensure_connection()
    own.validate_no_broken_transaction()
