"""Reports that come in at the same time are written at the same time.

A commit, and a round trip to the database, cost the same for one case as for ten. So while one
thread writes, those that come meanwhile wait together, and the first of them then writes for all:
nobody waits for company, and the busier it is the less each costs. Each case is still committed
with its event, its key and its job, or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Generic, TypeVar

from django.db import OperationalError

from huying.computing import TURN
from huying.postgres import NotReplicated, budget

Given = TypeVar("Given")
Taken = TypeVar("Taken")

MOST: Final = 64
LONGER_S: Final = 2.0
"""Who is late waits so long for the one that writes, whose own wait is ended about then."""
"""No more than this are written at once, so that the last of many waits only a little longer."""


class _Ticket(Generic[Given, Taken]):
    """One who waits: what was given, and then what came of it."""

    __slots__ = ("error", "gate", "given", "leads", "taken")

    def __init__(self, given: Given) -> None:
        self.given = given
        self.taken: Taken | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.gate = threading.Lock()
        self.gate.acquire()


class Gathering(Generic[Given, Taken]):
    """Turns a function that writes many into one that writes one, for threads to share.

    Args:
        write: takes a list and gives one result for each, in order; what it raises, all get.
    """

    def __init__(self, write: Callable[[Sequence[Given]], Sequence[Taken]]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: list[_Ticket[Given, Taken]] = []
        self._busy = False

    def enter(self, given: Given) -> Taken:
        """Has one written, by this thread or by another, and gives its result.

        Raises:
            whatever ``write`` raised for the lot that this one was in.
            NotReplicated: it was not done in time; it may be later.
        """
        ticket: _Ticket[Given, Taken] = _Ticket(given)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads = not self._busy
            self._busy = True
        if not ticket.leads:
            with TURN.left():
                told = ticket.gate.acquire(timeout=_seconds_left())
            if not told:
                self._leave(ticket)
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.taken  # type: ignore[return-value]

    def _leave(self, ticket: _Ticket[Given, Taken]) -> None:
        """Waits no longer, unless it is this one's turn to write just now.

        Raises:
            NotReplicated: it is not.
        """
        with self._lock:
            if ticket.leads:
                return
            if ticket in self._waiting:
                self._waiting.remove(ticket)
        raise NotReplicated("not written in time")

    def _lead(self) -> None:
        with self._lock:
            lot, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for ticket, taken in zip(lot, self._write([each.given for each in lot]), strict=True):
                ticket.taken = taken
        except BaseException as error:
            if isinstance(error, OperationalError):
                # The database is away: who waits has waited already, and would for as long again.
                with self._lock:
                    lot, self._waiting = [*lot, *self._waiting], []
            for ticket in lot:
                ticket.error = error
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._busy = following is not None
            if following is not None:
                following.leads = True
                following.gate.release()
        for ticket in lot:
            ticket.gate.release()


def _seconds_left() -> float:
    """For the one that waits; -1, without end, where nobody waits for an answer."""
    until = budget.until()
    return -1 if until is None else max(0.0, until + LONGER_S - monotonic())
