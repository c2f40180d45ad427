"""Copies of the places kept in each process, and how every process learns that they changed.

Whoever changes an outline or a name raises the district's row in `geometry_version`, inside the
same transaction. A process looks at those rows at most once a second and loads anew when they
differ, so a change is seen everywhere within a second of its commit, without any message. The
process that made the change sees it at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from django.db import transaction

from huying import computing
from huying.places.models import GeometryVersion

T = TypeVar("T")
Versions = tuple[tuple[str, int], ...]

CHECK_EVERY_S = 1.0
"""Seconds between two looks at the versions."""


_own_changes = 0


def _note_own_change() -> None:
    """Let this process look at the versions without waiting."""
    global _own_changes
    _own_changes += 1


def versions(using: str = "default") -> Versions:
    """The version of every district's geometry."""
    rows = GeometryVersion.objects.using(using).order_by("district_code")
    return tuple(rows.values_list("district_code", "version"))


def lock(district_codes: Iterable[str], *, using: str = "default") -> dict[str, int]:
    """Make changes of these districts wait for each other; gives their versions.

    To be called inside a transaction, which ends the lock.
    """
    codes = sorted(set(district_codes))
    table = GeometryVersion.objects.using(using)
    table.bulk_create(
        [GeometryVersion(district_code=code) for code in codes], ignore_conflicts=True
    )
    rows = table.select_for_update().filter(district_code__in=codes).order_by("district_code")
    return {row.district_code: row.version for row in rows}


def raise_versions(district_codes: Iterable[str], *, using: str = "default") -> None:
    """Tell all processes that the geometry or the names of these districts changed."""
    with transaction.atomic(using=using):
        for code, version in lock(district_codes, using=using).items():
            # At least the time in microseconds: a number that a rolled-back change had used is
            # not used again by the next one, which a process could otherwise take for the same.
            newer = max(version + 1, time.time_ns() // 1000)
            table = GeometryVersion.objects.using(using)
            table.filter(district_code=code).update(version=newer)
        _note_own_change()
        # Once more at the end: another thread may have looked before the commit.
        transaction.on_commit(_note_own_change, using=using)


class Fresh(Generic[T]):
    """Something loaded from the places' tables, loaded again when they change.

    Threads may share it: one of them loads, the others go on with what was there before.

    Args:
        load: reads the thing from the database with this alias.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        load: Callable[[str], T],
        *,
        using: str = "default",
        clock: Callable[[], float] = time.monotonic,
        every: float = CHECK_EVERY_S,
    ) -> None:
        self._load = load
        self._using = using
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        # One tuple, swapped whole: nobody sees a value with another value's version.
        self._held: tuple[Versions, T] | None = None
        self._look_again_at = float("-inf")
        self._seen_own = -1

    def get(self) -> T:
        """The thing, at most about a second old."""
        held = self._held
        if held is not None and not self._due():
            return held[1]
        if held is None:
            with computing.held(self._lock):
                return self._look()
        if not self._lock.acquire(blocking=False):
            return held[1]
        try:
            return self._look()
        finally:
            self._lock.release()

    def refresh(self) -> T:
        """The thing as it is now."""
        with computing.held(self._lock):
            self._look_again_at = float("-inf")
            return self._look()

    def forget(self) -> None:
        """Hold nothing: the database is another one than before, whatever its versions say."""
        with computing.held(self._lock):
            self._held = None
            self._look_again_at = float("-inf")

    def _due(self) -> bool:
        return self._seen_own != _own_changes or self._clock() >= self._look_again_at

    def _look(self) -> T:
        held = self._held
        if held is not None and not self._due():
            return held[1]
        now, seen_own = self._clock(), _own_changes
        # The versions are read first: should a change fall in between, the newer rows are held
        # under the older versions, and the next look loads once more.
        current = versions(self._using)
        if held is None or held[0] != current:
            held = self._held = (current, self._load(self._using))
        self._look_again_at, self._seen_own = now + self._every, seen_own
        return held[1]
