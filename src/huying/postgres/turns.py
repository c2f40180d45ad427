"""One reads for all that wait; where the database is away, all that waited are told so at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

from huying.computing import TURN


class Turns:
    """A lock around a look at the database.

    Who had to wait for a look that failed does not look in turn: one after the other would wait as
    long again for the same server, the last of many for minutes.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._failures = 0
        self._said = ""

    @contextmanager
    def turn(self, *, wait: bool = True, heed: bool = True) -> Iterator[bool]:
        """Whether it is this thread's turn; false only where it is another's and nobody waits.

        Args:
            heed: whether a look that failed meanwhile is this one's failure too.

        Raises:
            OperationalError: the look that this thread waited for has failed.
        """
        before = self._failures
        with TURN.left():
            mine = self._lock.acquire(blocking=wait)
        if not mine:
            yield False
            return
        try:
            if heed and self._failures != before:
                raise OperationalError(self._said)
            with self._noting_failures():
                yield True
        finally:
            self._lock.release()

    @contextmanager
    def _noting_failures(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            self._failures += 1
            self._said = str(error)
            raise
