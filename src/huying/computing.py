"""Of a process's requests one computes; the others wait where nobody asks.

Python lets one thread compute at a time. Each of the others that would like to asks for it again
after every switch interval: a dozen of them, a thousand times a second each, took a fifth of the
processor from the one that they waited for, and the caches with it. So a request computes in its
turn, and gives it up while it only waits: for the database, for another request, for a disk, or
while something computes that needs no Python.

A turn is a matter of thrift, never of safety. Who has it longer than `PATIENCE_S` waits for
something that nobody thought of; then the others go on without, until it is given back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_S: Final = 0.1
"""Longer than a dozen requests need that each go before, a few milliseconds at a time."""


class _Mine(threading.local):
    """What a thread knows of itself."""

    has = False


class _Left:
    """Around what a request does beside its turn, dozens of times: hence no generator."""

    __slots__ = ("_turn",)

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def __enter__(self) -> None:
        self._turn._give()

    def __exit__(self, *_error: object) -> None:
        self._turn._take()


_NOTHING: Final = nullcontext()


class Turn:
    """What one thread has at a time. Others than requests, a job's say, never ask for it."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._free = threading.Lock()
        self._late = False
        self._mine = _Mine()
        self._left = _Left(self)

    @property
    def mine(self) -> bool:
        """Whether this thread has it."""
        return self._mine.has

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Computes: waits for the turn, for a while, and gives it back."""
        self._take()
        try:
            yield
        finally:
            self._give()

    def left(self) -> AbstractContextManager[None]:
        """Only waits, or computes where no Python is: another may have the turn meanwhile.

        What a thread does that has no turn, it does as it would without this.
        """
        return self._left if self._mine.has else _NOTHING

    def _take(self) -> None:
        # Who comes when somebody is late does not wait for him in turn.
        self._mine.has = self._free.acquire(timeout=0 if self._late else self._patience_s)
        if not self._mine.has:
            self._late = True

    def _give(self) -> None:
        if self._mine.has:
            self._mine.has = self._late = False
            self._free.release()


TURN: Final = Turn()
"""This process's."""


def aside(work: Callable[P, R]) -> Callable[P, R]:
    """Something that waits, or computes where no Python is, and lets others compute meanwhile."""

    @wraps(work)
    def beside(*args: P.args, **kwargs: P.kwargs) -> R:
        with TURN.left():
            return work(*args, **kwargs)

    return beside


@contextmanager
def held(lock: AbstractContextManager[Any]) -> Iterator[None]:
    """A lock that another may keep while the database answers it: it is waited for beside the turn,
    which that other needs again before it lets go."""
    with TURN.left():
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def in_turn(application: Application) -> Application:
    """An application whose requests compute one at a time; what it streams, it makes at any."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with TURN.taken():
            return application(environ, start_response)

    return answer
