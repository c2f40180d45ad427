"""A database connection for each place, not for each thread: whoever has the place has it.

More threads wait for their turn than requests are worked on. Django keeps a connection for each
thread; so the thread that enters is given the one that the last has left, still open.
"""

from __future__ import annotations

import threading

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Lent:
    """The connections of a process's places."""

    def __init__(self) -> None:
        self._idle: list[BaseDatabaseWrapper] = []
        self._lock = threading.Lock()

    def take(self) -> BaseDatabaseWrapper | None:
        """Gives this thread the connection that was used last; a new one where none is idle.

        None where the thread has one of its own, which it keeps.
        """
        if any(own.alias == DEFAULT_DB_ALIAS for own in connections.all(initialized_only=True)):
            return None
        with self._lock:
            one = self._idle.pop() if self._idle else None
        if one is None:
            one = connections.create_connection(DEFAULT_DB_ALIAS)
            # One thread at a time; but not always the same.
            one.inc_thread_sharing()
        connections[DEFAULT_DB_ALIAS] = one
        return one

    def give_back(self, one: BaseDatabaseWrapper | None) -> None:
        """Takes it from this thread again."""
        if one is None:
            return
        del connections[DEFAULT_DB_ALIAS]
        with self._lock:
            self._idle.append(one)
