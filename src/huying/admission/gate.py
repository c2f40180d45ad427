"""Lets so many requests work at the same time; the others wait in line, or are told to come again.

A server that takes on whatever comes answers nobody once more comes than it can do: each waits for
all before him, gives up, comes again, and what was done for those who had given up was done for
nothing. So whoever could not be served within a bearable time is told so at once, and when to come
again; and those who wait do so by rank, what somebody has done before what a page asks by itself.

Knows nothing of the web; the times are seconds of a clock that only grows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from time import monotonic
from typing import Final


class Rank(IntEnum):
    """Who goes first; a line each."""

    WATCH = 0  # programs that ask whether the server lives; files of the pages
    PEOPLE = 1  # somebody waits for it, or has done something that must be kept
    BACKGROUND = 2  # a page or a phone asks by itself, and will ask again


PATIENCE_S: Final = {Rank.WATCH: 10.0, Rank.PEOPLE: 5.0, Rank.BACKGROUND: 2.0}
"""So long each may wait; whoever would wait longer is not let in line."""

ROOM: Final = 240
"""Requests that may wait in one process; each keeps a thread, which costs little while it waits."""

RECENT: Final = 1 / 32
"""The weight of the latest request in what one is thought to take."""

LATER: Final = 2.0
"""Who is refused comes again after so many times the wait of the line."""
SOONEST_S: Final = 2.0
GROWS: Final = 1.02
"""Each refusal puts the next off by so much longer, each request that was served by so much less
long: however many come again and again, about as many are refused as served."""
LATEST_S: Final = 60.0


class Full(Exception):
    """Not now: come again in ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many requests wait")
        self.retry_after_s = retry_after_s


@dataclass(slots=True, eq=False)
class _Waiting:
    """One in line: its turn has come, or it was sent away, once ``told`` can be had."""

    rank: Rank
    told: threading.Lock = field(default_factory=threading.Lock)
    turn: bool = False


class Gate:
    """The places, and the line before them.

    Args:
        places: requests worked on at the same time.
        room: that may wait; where one of a better rank comes, the last of the worst goes.
    """

    def __init__(
        self,
        places: int,
        room: int,
        *,
        patience_s: dict[Rank, float] = PATIENCE_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._places, self._room = places, room
        self._free = places
        self._patience_s = patience_s
        self._clock = clock
        self._lines: dict[Rank, deque[_Waiting]] = {rank: deque() for rank in Rank}
        self._takes_s, self._again_s = 0.0, SOONEST_S
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many are in line."""
        return sum(map(len, self._lines.values()))

    @property
    def working(self) -> int:
        """How many places are taken."""
        return self._places - self._free

    def wait_s(self, rank: Rank) -> float:
        """How long somebody of this rank who came now would wait, by what requests took lately."""
        ahead = sum(len(line) for of, line in self._lines.items() if of <= rank)
        return 0.0 if self._free else (ahead + 1) * self._takes_s / self._places

    def enter(self, rank: Rank) -> float:
        """Takes a place, after some waiting perhaps; when it was taken, for `leave`.

        Raises:
            Full: it would take too long, or it did.
        """
        with self._lock:
            if self._free:
                self._free -= 1
                return self._clock()
            wait = self.wait_s(rank)
            if wait > self._patience_s[rank] or not self._makes_room(rank):
                raise self._full(wait)
            one = _Waiting(rank)
            one.told.acquire()
            self._lines[rank].append(one)
        if not one.told.acquire(timeout=self._patience_s[rank]):
            with self._lock:
                # Its turn may have come, or it may have been sent away, between the two.
                if one in self._lines[rank]:
                    self._lines[rank].remove(one)
        if not one.turn:
            raise self._full(self._patience_s[rank])
        return self._clock()

    def leave(self, entered: float) -> None:
        """Gives the place on to whoever is next."""
        took = self._clock() - entered
        with self._lock:
            self._again_s = max(SOONEST_S, self._again_s / GROWS)
            self._takes_s += (took - self._takes_s) * (RECENT if self._takes_s else 1.0)
            for line in self._lines.values():
                if line:
                    first = line.popleft()
                    first.turn = True
                    first.told.release()
                    return
            self._free += 1

    def _makes_room(self, rank: Rank) -> bool:
        """Whether there is room in line, made by sending the last of a worse rank away."""
        if self.waiting < self._room:
            return True
        for worse in reversed(Rank):
            if worse > rank and self._lines[worse]:
                self._lines[worse].pop().told.release()
                return True
        return False

    def _full(self, wait_s: float) -> Full:
        self._again_s = min(LATEST_S, self._again_s * GROWS)
        return Full(min(LATEST_S, max(self._again_s, LATER * wait_s)))
