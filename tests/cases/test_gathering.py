"""Those who come while one writes are written together, and everyone gets the own result."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from huying.cases.gathering import MOST, Gathering

PATIENCE = 10.0


class Slow:
    """Writes lots, each only when it is let; remembers them."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def __call__(self, given: Sequence[int]) -> list[int]:
        self.lots.append(list(given))
        self.begun.release()
        assert self.let.acquire(timeout=PATIENCE)
        if 13 in given:
            raise ValueError("13")
        return [each * 10 for each in given]


def waiting(gathering: Gathering[int, int], count: int) -> None:
    """Returns once so many wait."""
    ended = threading.Event()
    for _ in range(10_000):
        with gathering._lock:
            if len(gathering._waiting) == count:
                return
        ended.wait(0.001)
    raise AssertionError("they do not come")


def test_one_alone_is_written_at_once() -> None:
    write = Slow()
    write.let.release()
    assert Gathering(write).enter(7) == 70
    assert write.lots == [[7]]


def test_who_comes_while_one_writes_is_written_with_the_others() -> None:
    write = Slow()
    gathering = Gathering(write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(gathering.enter, 1)
        assert write.begun.acquire(timeout=PATIENCE)
        later = [threads.submit(gathering.enter, each) for each in (2, 3, 4)]
        waiting(gathering, 3)
        write.let.release(2)
        assert first.result(PATIENCE) == 10
        assert [each.result(PATIENCE) for each in later] == [20, 30, 40]
    assert write.lots[0] == [1]
    assert sorted(write.lots[1]) == [2, 3, 4]


def test_what_fails_fails_for_its_lot_alone() -> None:
    write = Slow()
    gathering = Gathering(write)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(gathering.enter, 1)
        assert write.begun.acquire(timeout=PATIENCE)
        later = [threads.submit(gathering.enter, each) for each in (13, 4)]
        waiting(gathering, 2)
        write.let.release(3)
        assert first.result(PATIENCE) == 10
        for each in later:
            with pytest.raises(ValueError, match="13"):
                each.result(PATIENCE)
    assert gathering.enter(5) == 50


def test_no_lot_is_larger_than_the_most() -> None:
    write = Slow()
    gathering = Gathering(write)
    with ThreadPoolExecutor(MOST + 6) as threads:
        first = threads.submit(gathering.enter, 0)
        assert write.begun.acquire(timeout=PATIENCE)
        later = [threads.submit(gathering.enter, 100 + each) for each in range(MOST + 5)]
        waiting(gathering, MOST + 5)
        write.let.release(3)
        assert first.result(PATIENCE) == 0
        results = sorted(each.result(PATIENCE) for each in later)
    assert results == [10 * (100 + each) for each in range(MOST + 5)]
    assert [len(lot) for lot in write.lots] == [1, MOST, 5]
