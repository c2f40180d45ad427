"""Finding and ending the processes of a `huying serve` and of its database, without asking it.

What is asked for its processes while they die may not answer; `/proc` does.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huying.processes import children, command

WEB, WORKER, SERVER, BACKEND = "web", "worker", "postmaster", "backend"

HOW_OFTEN: Final = {WEB: 5, WORKER: 5, BACKEND: 6, SERVER: 4}
"""Of twenty kills."""

TOLD: Final = {
    WEB: signal.SIGTERM,
    WORKER: signal.SIGTERM,
    BACKEND: signal.SIGTERM,
    SERVER: signal.SIGINT,
}
"""What ends each kind in order. The database's SIGTERM would wait until everybody has left of their
own accord, which the product's connections do not; SIGINT ("fast") is what its service sends."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One process that was ended, by which signal, and when (seconds that only grow)."""

    what: str
    at: float
    signal: signal.Signals = signal.SIGKILL
    pid: int = 0

    @property
    def name(self) -> str:
        return f"{self.what} {self.signal.name}"

    def lingers(self) -> bool:
        """Whether it was told to end and still does what it had begun. Some of the database's own
        processes end with the database alone, whatever they are told; they are not waited for."""
        told = self.signal != signal.SIGKILL and self.what != BACKEND
        return told and command(self.pid) != ""


class Victims:
    """The processes of one installation.

    Args:
        serving: the process of `huying serve`.
        home: its data folder.
    """

    def __init__(self, serving: int, home: Path) -> None:
        self.serving, self.home = serving, home

    def web(self) -> list[int]:
        """The web server's first process, and those that answer."""
        first = [each for each in children(self.serving) if "huying.web" in command(each)]
        those = [one for each in first for one in children(each)]
        return first + [each for each in those if "resource_tracker" not in command(each)]

    def worker(self) -> list[int]:
        return [each for each in children(self.serving) if command(each).endswith(" worker")]

    def postmaster(self) -> list[int]:
        with suppress(OSError, ValueError):
            pid = int((self.home / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])
            if "postgres" in command(pid):
                return [pid]
        return []

    def backend(self) -> list[int]:
        """The server's processes but its first: those of connections, and those that write."""
        return [each for pid in self.postmaster() for each in children(pid)]

    def of(self, what: str) -> list[int]:
        """The processes of this kind that live."""
        find: Callable[[], list[int]] = getattr(self, what)
        return find()

    def kill(self, what: str, chance: random.Random, *, told: bool = False) -> Kill | None:
        """Ends one of a kind; None where none lives just now.

        Args:
            told: it is told to end, as who restarts a service does, and not killed without a word.
        """
        found = self.of(what)
        if not found:
            return None
        pid, how = chance.choice(found), TOLD[what] if told else signal.SIGKILL
        with suppress(ProcessLookupError):
            os.kill(pid, how)
            return Kill(what, time.monotonic(), how, pid)
        return None

    def whole(self) -> bool:
        """Whether all of it runs."""
        return bool(self.postmaster() and self.worker() and len(self.web()) > 1)
