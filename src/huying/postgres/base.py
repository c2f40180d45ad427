"""The database backend that the settings name: Django's own, and what the package's words say."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC
from types import TracebackType
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, InterfaceError, InternalError, OperationalError
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

from huying.computing import TURN, aside
from huying.postgres import READ_ONLY, LostLeader, NotAnswered, NotReplicated, budget, places
from huying.postgres.care import Care, look_after
from huying.postgres.objects import Moments

_READS = re.compile(r"[\s(]*(?:SELECT|SET|SHOW|FETCH|CLOSE)\b", re.IGNORECASE)


class Aside(psycopg.Connection[Any]):
    """A connection beside which others compute while the server works."""

    wait = aside(psycopg.Connection.wait)


class _Careful(CursorWrapper):
    """Outside a transaction each statement is its own commit; so each is looked at."""

    db: DatabaseWrapper

    def _execute(self, sql: Any, *args: Any) -> Any:
        self.db.asked = sql
        with self.db.careful:
            return super()._execute(sql, *args)  # type: ignore[misc]

    def _executemany(self, sql: Any, *args: Any) -> Any:
        self.db.asked = sql
        with self.db.careful:
            return super()._executemany(sql, *args)  # type: ignore[misc]


class _CarefulDebug(_Careful, CursorDebugWrapper):
    """The same where Django keeps what was asked."""


class _WithCare:
    """Around whatever the server is asked, by this backend's cursors or by others.

    Raises:
        NotReplicated: what was just committed may be on this server alone.
        LostLeader: the server only reads.
        NotAnswered: the line was lost, and what was asked was its own commit.
    """

    __slots__ = ("_db",)

    def __init__(self, db: DatabaseWrapper) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.care.until = budget.until()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.care.until = None  # an idle connection is late for nothing
        if error is None:
            self._db.require_replicated()
        elif isinstance(error, InternalError):
            self._db.give_up_if_read_only(error)
        elif isinstance(error, OperationalError | InterfaceError):
            self._db.doubt_if_it_commits(error)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose acknowledgements may be believed."""

    care: Care = Care()
    asked: Any = ""
    """The statement that the server is asked just now, or was last."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.careful = _WithCare(self)
        self._askers: dict[type[Any], psycopg.Cursor[tuple[Any, ...]]] = {}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connect = super().get_new_connection
        # A pool has its own connections, and asks in the order of the address.
        with TURN.left():
            connection = connect(conn_params) if self.pool else places.first(conn_params, connect)
        connection.__class__ = Aside  # Django names no class, and the driver knows no other way
        self.care = look_after(connection)
        if settings.USE_TZ and self.timezone is UTC:
            connection.adapters.register_loader("timestamptz", Moments)
        return connection

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return _Careful(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        return _CarefulDebug(cursor, self)

    def _commit(self) -> None:
        self.care.until = budget.until()
        try:
            super()._commit()  # type: ignore[misc]
        except (OperationalError, InterfaceError) as error:
            if self.is_cut_off(error):
                raise NotAnswered("the line was lost during the commit") from error
            raise
        finally:
            self.care.until = None
        self.require_replicated()

    def asker(self, kind: type[psycopg.Cursor[tuple[Any, ...]]]) -> psycopg.Cursor[tuple[Any, ...]]:
        """The driver's own cursor of this kind, made once for as long as the connection is.

        What comes of a statement is to be fetched before the next is asked.
        """
        asker = self._askers.get(kind)
        if asker is None or asker.connection is not self.connection:
            asker = self._askers[kind] = kind(self.connection)
        return asker

    def require_replicated(self) -> None:
        """
        Raises:
            NotReplicated: what was just committed may be on this server alone.
        """
        if self.care.unreplicated:
            self.care.unreplicated = False
            raise NotReplicated("committed, but perhaps not on a second server")

    def is_cut_off(self, error: Error) -> bool:
        """Whether the connection ended with the error; the server's last word may be on its way."""
        diag = getattr(error.__cause__, "diag", None)
        return (
            self.connection is None
            or self.connection.closed
            or getattr(diag, "severity_nonlocalized", None) in ("FATAL", "PANIC")
        )

    def doubt_if_it_commits(self, error: Error) -> None:
        """A statement outside a transaction is its own commit. One that only reads is none.

        Raises:
            NotAnswered: it may have been done.
        """
        if self.in_atomic_block or _READS.match(str(self.asked)) or not self.is_cut_off(error):
            return
        raise NotAnswered("the line was lost during a write") from error

    def give_up_if_read_only(self, error: Error) -> None:
        """A server that only reads is no leader (any more): the next question goes to another.

        Raises:
            LostLeader: it is so.
        """
        if getattr(error.__cause__, "sqlstate", None) != READ_ONLY or self.chosen_to_read():
            return
        with suppress(Error):
            self.close()
        raise LostLeader("the server only reads") from error

    def chosen_to_read(self) -> bool:
        """Whether we asked for it: a transaction of ours that may only read, on a server that
        leads."""
        connection = self.connection
        if connection is None or connection.closed:
            return False
        # Sent by the server with each connection, and again when it changes (PostgreSQL 14 on).
        return connection.info.parameter_status("in_hot_standby") == "off" and (
            connection.info.parameter_status("default_transaction_read_only") == "off"
        )
