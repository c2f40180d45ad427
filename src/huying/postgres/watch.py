"""Ends what would wait without end: commits that no standby confirms, and servers that fell silent.

No timeout of the server's does the first: `statement_timeout` is over before a commit begins to
wait for its standby, and the wait takes no lock. So a thread of each process looks twice a second
at the process's own connections, and cancels the wait of a commit that has waited for long, or
whose request is late (`budget`). The cancelled commit comes back with a warning, which is an error
for us (`huying.postgres`).

A pooler lends the server's connections, whose numbers are not those that we were told. They bear
the name of who has one just now, which is this process's alone (`PROCESS` in the settings). We ask
the server itself, since those that wait may be all that the pooler has; whose request is late is
not known of a name, so all of a process are late when one is.

A server that is frozen, or cut off, sends nothing at all. When a look itself goes unanswered for
half as long, all connections of the process are shut, so that each request that waits on one fails
now; the next one goes to the server that leads by then, and asks the silent one last (`places`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import psycopg

from huying.computing import Application
from huying.postgres import budget, places
from huying.postgres.care import looked_after

log = logging.getLogger("huying.postgres")


EVERY_S: Final = 0.5
SHORT_S: Final = 2.0
"""Once a commit was given up, the others do not wait as long, until commits pass again; nor do
those of requests that are late. Not less, or what is long and right would never be confirmed."""

_WAITING: Final = """
SELECT pid, query_start::text FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND pid = ANY(%s)
"""
_WAITING_BEHIND_A_POOLER: Final = """
SELECT pid, query_start::text FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND usename = current_user AND application_name = %s
"""
_CANCEL: Final = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND pid = %s AND query_start::text = %s
"""


@dataclass(slots=True)
class Patience:
    """Which commits have waited long enough. Knows nothing of databases.

    Args:
        seconds: how long a commit may wait for its standby.
    """

    seconds: float
    since: dict[tuple[int, str], float] = field(default_factory=dict)
    short: bool = False

    def given_up(
        self,
        waiting: Sequence[tuple[int, str]],
        now: float,
        late: Collection[int] = (),
    ) -> list[tuple[int, str]]:
        """Those of the commits waiting now that are to be given up: by backend and start.

        Args:
            late: the backends whose requests have waited long enough before.
        """
        self.since = {each: self.since.get(each, now) for each in waiting}
        if not waiting:
            self.short = False
        short = min(SHORT_S, self.seconds)
        over = [
            each
            for each, first in self.since.items()
            if now - first >= (short if self.short or each[0] in late else self.seconds)
        ]
        self.short = self.short or bool(over)
        return over


class Watch:
    """The thread, and the one that sees to it that the first is answered.

    Args:
        connect: opens a connection of the application's role.
        seconds: how long a commit, or a look, may wait.
        elsewhere: whether there are other servers to go to; silent ones are left only then.
        name: of the process's connections, where a pooler stands between; else they have numbers.
    """

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        seconds: float,
        *,
        elsewhere: bool,
        name: str = "",
    ) -> None:
        self._name = name
        self._connect = connect
        self._patience = Patience(seconds)
        self._seconds = seconds
        self._elsewhere = elsewhere
        self._end = threading.Event()
        self._asked: float | None = None
        self._own: psycopg.Connection[Any] | None = None
        self._threads = [threading.Thread(target=self._look, name="standby-watch", daemon=True)]
        if elsewhere:
            self._threads.append(
                threading.Thread(target=self._listen, name="silence-watch", daemon=True)
            )

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        self._end.set()

    def _look(self) -> None:
        while not self._end.wait(EVERY_S):
            try:
                self.once(monotonic())
            except psycopg.Error as error:
                # Requests meet the same and say so; here it is one line, not two a second.
                if self._own is not None:
                    log.warning("the database does not answer (%s)", type(error).__name__)
                    with suppress(psycopg.Error):
                        self._own.close()
                self._own = None

    def once(self, now: float) -> int:
        """One look; how many commits were given up.

        Raises:
            psycopg.Error: the database does not answer.
        """
        # From the first look that is not answered on, be it that no connection can be had.
        self._asked = self._asked or now
        if self._own is None:
            self._own = self._connect()
        known = {each.info.backend_pid: care.until for each, care in looked_after().items()}
        late = {pid for pid, until in known.items() if until is not None and now >= until}
        waiting: list[tuple[int, str]] = []
        if known and self._name:
            waiting = self._own.execute(_WAITING_BEHIND_A_POOLER, [self._name]).fetchall()
            late = {pid for pid, _start in waiting} if late else set()
        elif known:
            waiting = self._own.execute(_WAITING, [list(known)]).fetchall()
        over = self._patience.given_up(waiting, now, late)
        for pid, start in over:
            self._own.execute(_CANCEL, [pid, start])
        self._asked = None
        if over:
            log.warning("no standby confirms: %d commits given up", len(over))
        return len(over)

    def _listen(self) -> None:
        while not self._end.wait(EVERY_S):
            asked = self._asked
            if asked is not None and monotonic() - asked >= self._seconds / 2:
                self._asked = monotonic()
                self._leave()

    def _leave(self) -> None:
        """Shuts what leads to a server that does not answer: everything where it was asked in vain;
        where we cannot even ask, what somebody has waited on for long enough."""
        own, known, now = self._own, looked_after(), monotonic()
        left = [
            each
            for each, care in known.items()
            if own is not None or (care.until is not None and now >= care.until)
        ]
        if own is not None:
            left.append(own)
        if left:
            log.warning("the database fell silent: its connections are shut")
            places.silent(left[-1])
        for each in left:
            shut(each)


def shut(connection: psycopg.Connection[Any]) -> None:
    """Ends a connection that another thread waits on: that one finds it closed and goes on.

    Closing it would pull the driver's memory away under the other thread; its socket alone is shut.
    """
    with suppress(OSError, psycopg.Error, ValueError):
        there = (connection.info.hostaddr, connection.info.port)
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            # The number may have passed to something else since: only what leads there is shut.
            if line.family == socket.AF_UNIX or line.getpeername()[:2] == there:
                line.shutdown(socket.SHUT_RDWR)


def start() -> Watch | None:
    """Watches over this process's connections; nothing for the embedded server, which is alone."""
    from django.db import connections

    from huying.installation import config

    if config.embedded:
        return None
    params = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(name, None)
    name, elsewhere = params["application_name"], "," in str(params.get("host", ""))
    params["application_name"] = "huying watch"
    if config.database_pooler and config.database_owner_url:
        itself = connections["owner"].get_connection_params()
        params |= {each: itself[each] for each in ("host", "port", "dbname") if each in itself}

    def connect() -> psycopg.Connection[Any]:
        return places.first(params, lambda one: psycopg.connect(**one, autocommit=True))

    watch = Watch(
        connect,
        config.database_patience_seconds,
        elsewhere=elsewhere,
        name=name if config.database_pooler else "",
    )
    watch.start()
    return watch


def in_time(application: Application, patience_s: float) -> Application:
    """The application, each of whose answers waits for the database no longer than about that."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with budget.within(max(1.0, patience_s - SHORT_S)):
            return application(environ, start_response)

    return answer
