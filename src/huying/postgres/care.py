"""What is known of a connection beyond what the driver keeps."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import psycopg

_WAITS_FOR_STANDBY: Final = "SyncRepWaitForLSN"
"""The function of the server that warns; its words are in the server's language, its name is not.
Pinned by a test against a real server: a server that renamed it must fail that test."""


@dataclass(slots=True)
class Care:
    """One connection.

    Attributes:
        unreplicated: a commit came back with the warning, and nobody was told yet.
        until: when (monotonic seconds) whoever uses it now is late; None where nobody waits.
    """

    unreplicated: bool = False
    until: float | None = None

    def hear(self, told: psycopg.errors.Diagnostic) -> None:
        if told.source_function == _WAITS_FOR_STANDBY:
            self.unreplicated = True


_known: WeakKeyDictionary[psycopg.Connection[object], Care] = WeakKeyDictionary()
_lock = threading.Lock()


def look_after(connection: psycopg.Connection[object]) -> Care:
    """Listens to what the server says on a connection, from the first time on."""
    with _lock:
        care = _known.get(connection)
        if care is None:
            care = _known[connection] = Care()
            connection.add_notice_handler(care.hear)
        return care


def looked_after() -> dict[psycopg.Connection[object], Care]:
    """The connections of this process that are open."""
    with _lock:
        return {each: care for each, care in _known.items() if not each.closed}
