"""How often somebody may ask: a leaky bucket for each, shared by all web processes of a machine.

A bucket is one number, the time at which it will be empty again (the generic cell rate algorithm),
kept in a file that the processes map into their memory. So the limit is one for all of them, costs
about a microsecond and no query, and survives a restart. Two processes that write the same number
at the same moment may count one request too few; a limit is there against a flood, and for that it
is exact enough. Several machines behind one address each count for themselves.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings

from huying.errors import TooMany

WINDOW: Final = 60.0
"""Seconds: a caller who was quiet this long may use a whole minute's worth at once. Doors that
count something rarer have a longer one."""
BUCKETS: Final = 1 << 16
_SIZE: Final = 8
_DOUBLE: Final = struct.Struct("d")


class Limits:
    """The buckets in one file.

    Args:
        clock: seconds that every process reads alike.
        window: the seconds for which a limit is meant.
    """

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.time, window: float = WINDOW
    ) -> None:
        self._clock, self._window = clock, window
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size != BUCKETS * _SIZE:
                os.ftruncate(handle, BUCKETS * _SIZE)
                # All of it at once: a page that first needs room when it is written to, on a disk
                # that is full by then, would end the process.
                os.posix_fallocate(handle, 0, BUCKETS * _SIZE)
            self._buckets = mmap.mmap(handle, BUCKETS * _SIZE)
        finally:
            os.close(handle)

    def take(self, bucket: int, cost: int, most: int) -> None:
        """Counts ``cost`` requests, of ``most`` in a window.

        Raises:
            TooMany: they would be more than the limit; nothing is counted then, and
                ``extra['retry_after']`` says in how many seconds to come again.
        """
        place = bucket % BUCKETS * _SIZE
        now = self._clock()
        (empty_at,) = _DOUBLE.unpack_from(self._buckets, place)
        if not now <= empty_at <= now + self._window:
            # Empty by now; or written while the machine's clock stood elsewhere.
            empty_at = now
        after, full = empty_at + cost * self._window / most, now + self._window
        if after > full and not (cost > most and empty_at == now):
            raise TooMany(retry_after=max(1, math.ceil(after - full)))
        _DOUBLE.pack_into(self._buckets, place, min(after, full))

    def empty(self) -> None:
        """Empties every bucket."""
        self._buckets[:] = bytes(BUCKETS * _SIZE)


_limits: dict[Path, Limits] = {}
_lock = threading.Lock()


def of(name: str, window: float = WINDOW) -> Limits:
    """The buckets of one door, in the file of that name in the data folder."""
    path = Path(settings.HUYING.home) / name
    found = _limits.get(path)
    if found is None:
        with _lock:
            found = _limits.setdefault(path, _limits.get(path) or Limits(path, window=window))
    return found


def bucket_of(words: str) -> int:
    """A bucket for whoever has no number, by an address for instance. Two may share one."""
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=4).digest())


def forget() -> None:
    """Empties every bucket of this machine's files. For tests."""
    for found in _limits.values():
        found.empty()
