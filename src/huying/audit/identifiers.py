"""Identifiers made by the application: UUID version 7 (RFC 9562, section 5.7).

They sort by the time they were made, so that a new row goes to the end of its index, and they
need no round trip to the database. Within one process they are strictly increasing (RFC 9562,
section 6.2, method 2: the random part grows by a random step).
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

_RANDOM_BITS = 74
_RANDOM_LIMIT = 1 << _RANDOM_BITS
_RAND_B_MASK = (1 << 62) - 1
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class IdentifierSource:
    """Gives identifiers that only grow, also when the clock stands still or goes back.

    ``clock`` gives milliseconds since 1970 UTC, ``random`` so many random bytes.
    """

    def __init__(
        self,
        clock: Callable[[], int] = _milliseconds,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._time = -1
        self._tail = 0

    def next(self) -> uuid.UUID:
        """The next identifier, greater than every one given before."""
        with self._lock:
            now = self._clock()
            if now > self._time:
                self._start(now)
            else:
                # A step below 2**48 leaves room for 2**25 identifiers in one millisecond.
                self._tail += int.from_bytes(self._random(6), "big") + 1
                if self._tail >= _RANDOM_LIMIT:
                    self._start(self._time + 1)
            time_, tail = self._time, self._tail
        return uuid.UUID(
            int=time_ << 80 | _VERSION | (tail >> 62) << 64 | _VARIANT | (tail & _RAND_B_MASK)
        )

    def after_fork(self) -> None:
        """Take leave of the parent's place: two processes must not count on from one number."""
        self._lock = threading.Lock()
        if self._time >= 0:
            self._start(self._time + 1)

    def _start(self, milliseconds: int) -> None:
        self._time = milliseconds
        # The top bit starts at zero, so that the first millisecond never overflows at once.
        self._tail = int.from_bytes(self._random(10), "big") >> 7


_source = IdentifierSource()
os.register_at_fork(after_in_child=_source.after_fork)


def new_id() -> uuid.UUID:
    """A new UUIDv7, greater than all this process has made before."""
    return _source.next()


def made_at(identifier: uuid.UUID) -> datetime:
    """The time within a UUIDv7, in UTC, to the millisecond.

    Raises ``ValueError`` for any other version.
    """
    if identifier.version != 7:
        raise ValueError(f"{identifier} is not a UUID of version 7")
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
