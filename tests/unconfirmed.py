"""A server that waits for a standby which does not exist.

Only connections that ask for `synchronous_commit` notice, so all others go on.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from huying import embedded
from huying.postgres.watch import Watch

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
_CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'
"""


class Unconfirmed:
    """Lets requests wait for a standby, and looks after them as the product's thread does."""

    def __init__(self, postgres: Any, database: str) -> None:
        self.postgres = postgres
        self.watch = Watch(
            lambda: psycopg.connect(postgres.url(embedded.APPLICATION, database), autocommit=True),
            8,
            elsewhere=False,
        )

    def set(self, names: str) -> None:
        with self.postgres.admin() as admin:
            admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            admin.execute("SELECT pg_reload_conf()")
            while admin.execute("SHOW synchronous_standby_names").fetchone() != (names,):
                pass

    def waiting(self) -> int:
        """How many commits wait just now."""
        with self.postgres.admin() as admin:
            ((count,),) = admin.execute(_WAITING).fetchall()
        return int(count)

    def ask(self, do: Callable[[], Any], clock: float) -> Any:
        """Does something in a thread of its own; its commit, should it wait, is given up."""
        seconds = itertools.count(clock)
        # Each look is a second later, without waiting for it.
        return self._beside(do, lambda: self.watch.once(next(seconds)))

    def cut_off(self, do: Callable[[], Any]) -> Any:
        """Does something in a thread of its own; its line is lost after the server has committed
        and before it says so."""
        with self.postgres.admin() as admin:
            return self._beside(do, lambda: admin.execute(_CUT_OFF))

    def _beside(self, do: Callable[[], Any], meanwhile: Callable[[], object]) -> Any:
        got: list[Any] = []

        def run() -> None:
            try:
                got.append(do())
            except Exception as error:
                got.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            meanwhile()
        thread.join()
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]


@contextmanager
def unconfirmed_commits(postgres: Any, database: str) -> Iterator[Unconfirmed]:
    """Until the end no commit of this process's connections is confirmed."""
    with pytest.MonkeyPatch.context() as patch:
        options = connections.databases["default"]["OPTIONS"]
        patch.setitem(options, "options", "-c synchronous_commit=on")
        connection.close()
        made = Unconfirmed(postgres, database)
        made.set("nobody")
        try:
            yield made
        finally:
            made.set("")
    connection.close()
