"""Time that has passed on this machine, whatever its clock says.

A clock that is set an hour forward must not sign out a whole office for being idle. The kernel
counts seconds since the machine was started, which nobody can set; two counts compare only within
one run of one machine.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import Final

_RUN: Final = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def _run() -> str:
    """Names this run of this machine; "" where the system does not say."""
    try:
        return _RUN.read_text().strip()
    except OSError:
        return ""


def now() -> str:
    """The present, to be kept and given to `since`."""
    return f"{_run()} {_count():.0f}"


def since(then: object) -> float | None:
    """The seconds that have passed; None where nobody can say: another machine, or another run."""
    run, _space, count = str(then or "").partition(" ")
    if not run or run != _run() or not count.isdigit():
        return None
    return max(0.0, _count() - float(count))


def ahead() -> float:
    """How far the clock is ahead of that count, in seconds: changes only when the clock is set."""
    return time.time() - _count()


def _count() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
