"""By when whoever asked must have been answered, be it with a refusal.

A request may wait for the database more than once: for a server that fell silent, then for a new
connection, then for a standby, and before all of these for its turn. Each of the waits has a limit
of its own; that their sum has one too is kept here, by thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

_own = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What this thread does inside is late after so many seconds."""
    before = until()
    _own.until = monotonic() + seconds
    try:
        yield
    finally:
        _own.until = before


def until() -> float | None:
    """When (monotonic seconds) this thread is late; None where nobody waits for it."""
    found: float | None = getattr(_own, "until", None)
    return found
