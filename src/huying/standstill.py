"""A database server that waits for its own recovery, which nobody does any more.

When one of its processes is killed, PostgreSQL ends the others and recovers by a process of its
own. If that one is killed in turn (the kernel chooses as it likes when memory is short), PostgreSQL
18 forgets it: without another word it refuses everybody, "in recovery mode", until somebody
restarts it. Found by killing its processes at random again and again (`huying bench kills`).
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from huying.processes import children, command

STILL_S: Final = 10.0
"""Longer than it takes to end the processes before a recovery: after 5 s they are killed."""
LOOKS_EVERY_S: Final = 2.0
_GOES_ON: Final = ("walwriter", "startup")
"""Its processes of which one is there as long as it works, and one as long as it recovers."""


class Standstill:
    """Looks, each time it is asked, whether a server stands still.

    Args:
        still_s: so long nothing must have gone on.
        clock: seconds that only grow.
    """

    def __init__(self, still_s: float = STILL_S, clock: Callable[[], float] = monotonic) -> None:
        self._still_s, self._clock = still_s, clock
        self._server: int | None = None
        self._went_on_at = self._looked_at = 0.0

    def lasts(self, server: int) -> bool:
        """Whether the server of this process number has stood still for so long."""
        now = self._clock()
        if server != self._server:
            self._server, self._went_on_at, self._looked_at = server, now, now
            return False
        if now - self._looked_at >= min(LOOKS_EVERY_S, self._still_s):
            self._looked_at = now
            if any(name in command(each) for each in children(server) for name in _GOES_ON):
                self._went_on_at = now
        return now - self._went_on_at > self._still_s
