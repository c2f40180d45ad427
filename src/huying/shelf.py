"""What a process has read and trusts for a moment, read anew only where it says something else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from huying.postgres.turns import Turns

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")


class Shelf(Generic[K, S, T]):
    """Things by their keys. Threads share it; one looks, and those that waited take what it found.

    Args:
        stamp: asks, cheaply, for what differs when the thing does.
        read: reads the thing that has this stamp.
        fresh: seconds for which others' changes may go unseen.
        look: seconds that only grow.
    """

    def __init__(
        self,
        stamp: Callable[[K], S],
        read: Callable[[K, S], T],
        *,
        fresh: float,
        look: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stamp, self._read, self._fresh, self._look = stamp, read, fresh, look
        self._turns = Turns()
        # Each entry is swapped whole: nobody sees a thing with another's stamp or time.
        self._held: dict[K, tuple[float, S, T]] = {}

    def of(self, key: K) -> T:
        """The thing, as it was at most the seconds of trust ago."""
        held = self._trusted(key)
        if held is None:
            with self._turns.turn():
                held = self._trusted(key) or self._looked_at(key)
        return held[2]

    def clear(self) -> None:
        """Reads everything anew at the next look."""
        with self._turns.turn(heed=False):
            self._held.clear()

    def _trusted(self, key: K) -> tuple[float, S, T] | None:
        held = self._held.get(key)
        return held if held is not None and self._look() - held[0] < self._fresh else None

    def _looked_at(self, key: K) -> tuple[float, S, T]:
        before, stamp = self._held.get(key), self._stamp(key)
        same = before is not None and before[1] == stamp
        thing = before[2] if before is not None and same else self._read(key, stamp)
        self._held[key] = found = (self._look(), stamp, thing)
        return found


class Lately(Generic[K, T]):
    """What was found out lately, for so many seconds; all is forgotten before it is too much.

    Threads share it without a lock: at worst something is found out once more.
    """

    def __init__(
        self, seconds: float, most: int, *, look: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._look = seconds, most, look
        self._held: dict[K, tuple[float, T]] = {}

    def of(self, key: K) -> T | None:
        held = self._held.get(key)
        return held[1] if held is not None and held[0] > self._look() else None

    def keep(self, key: K, thing: T) -> None:
        if len(self._held) >= self._most:
            self._held.clear()
        self._held[key] = (self._look() + self._seconds, thing)

    def forget(self, key: K) -> None:
        self._held.pop(key, None)
