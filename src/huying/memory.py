"""How much memory the C library keeps for itself of what a process has given back.

Left to itself it has eight heaps for each processor, one for each few threads, and each keeps what
it once held: with a hundred threads that draw pages and read photos in turn, several hundred
megabytes that nothing uses. Threads of Python seldom ask for memory at the same moment, so two
heaps serve them as well; and what is large is given back to the system as soon as it is free.
"""

from __future__ import annotations

import ctypes
from typing import Final

# Of glibc's <malloc.h>.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8

HEAPS: Final = 2
LARGE: Final = 1 << 18
"""From so many bytes on a piece of memory is the system's own, and goes back to it."""
SPARE: Final = 1 << 22
"""Bytes at the end of the first heap from which on they are given back."""


def bound() -> bool:
    """Bounds what is kept, from now on: to be called before there are many threads.

    Returns:
        Whether it could: other libraries than glibc have other ways, which are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    wanted = ((_ARENA_MAX, HEAPS), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, SPARE))
    done = [mallopt(name, value) for name, value in wanted]
    return all(done)
