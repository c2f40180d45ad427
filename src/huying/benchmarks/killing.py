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


@dataclass(frozen=True, slots=True)
class Kill:
    """One process that was ended, and when (seconds that only grow)."""

    what: str
    at: float


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

    def kill(self, what: str, chance: random.Random) -> Kill | None:
        """Ends one of a kind, without a word; None where none lives just now."""
        found = self.of(what)
        if not found:
            return None
        with suppress(ProcessLookupError):
            os.kill(chance.choice(found), signal.SIGKILL)
            return Kill(what, time.monotonic())
        return None

    def whole(self) -> bool:
        """Whether all of it runs."""
        return bool(self.postmaster() and self.worker() and len(self.web()) > 1)
