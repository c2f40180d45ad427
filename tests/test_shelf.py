"""What a process trusts for a moment, and that threads which waited do not look once more."""

from __future__ import annotations

import sys
import threading

import pytest
from django.db import OperationalError

from huying.shelf import Lately, Shelf


def test_it_is_read_again_only_where_its_stamp_differs() -> None:
    clock, stamps, read = [0.0], {"a": 1}, []

    def make(key: str, stamp: int) -> str:
        read.append(key)
        return f"{key}{stamp}"

    shelf = Shelf(stamps.__getitem__, make, fresh=1.0, look=lambda: clock[0])
    assert shelf.of("a") == "a1"
    stamps["a"] = 2
    assert shelf.of("a") == "a1"  # trusted for a second
    clock[0] = 1.0
    assert shelf.of("a") == "a2"
    clock[0] = 5.0
    assert shelf.of("a") == "a2"
    assert read == ["a", "a"]
    shelf.clear()
    assert shelf.of("a") == "a2"
    assert len(read) == 3


def test_threads_that_waited_take_what_the_first_one_found() -> None:
    looked: list[str] = []
    begun, all_wait = threading.Event(), threading.Barrier(5, timeout=10)

    def stamp(key: str) -> int:
        looked.append(key)
        begun.set()
        all_wait.wait()  # the others are at the door by now
        return 1

    shelf = Shelf(stamp, lambda key, stamp: object(), fresh=60.0)
    found: list[object] = []

    def ask_too() -> None:
        all_wait.wait()
        found.append(shelf.of("a"))

    first = threading.Thread(target=lambda: found.append(shelf.of("a")))
    first.start()
    assert begun.wait(timeout=10)
    others = [threading.Thread(target=ask_too) for _ in range(4)]
    for each in others:
        each.start()
    for each in (first, *others):
        each.join(timeout=10)
    assert looked == ["a"]
    assert len(found) == 5
    assert len(set(map(id, found))) == 1


def test_threads_that_waited_for_a_look_that_failed_fail_with_it_and_the_next_looks_anew() -> None:
    looked: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def stamp(key: str) -> int:
        looked.append(key)
        if len(looked) == 1:
            begun.set()
            assert go_on.wait(10)
            raise OperationalError("the server is gone")
        return 1

    shelf = Shelf(stamp, lambda key, stamp: "read", fresh=60.0)
    told: list[str] = []

    def ask() -> None:
        with pytest.raises(OperationalError) as raised:
            shelf.of("a")
        told.append(str(raised.value))

    first, *others = (threading.Thread(target=ask) for _ in range(3))
    first.start()
    assert begun.wait(10)
    for each in others:
        each.start()
        while each.is_alive() and not _waits(each):
            pass
    go_on.set()
    for each in (first, *others):
        each.join(10)
    assert told == ["the server is gone"] * 3
    assert looked == ["a"]
    assert shelf.of("a") == "read"


def _waits(thread: threading.Thread) -> bool:
    """Whether it is at the door: its innermost frame is where turns are waited for."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and "before" in frame.f_locals and "wait" in frame.f_locals


def test_what_was_found_lately_is_kept_for_so_long_and_never_too_much_of_it() -> None:
    now = 0.0
    lately: Lately[str, int] = Lately(10.0, 2, look=lambda: now)
    lately.keep("a", 1)
    assert (lately.of("a"), lately.of("b")) == (1, None)
    now = 9.9
    lately.keep("b", 2)
    assert (lately.of("a"), lately.of("b")) == (1, 2)
    now = 10.0
    assert (lately.of("a"), lately.of("b")) == (None, 2)
    lately.keep("c", 3)
    assert (lately.of("b"), lately.of("c")) == (None, 3), "two are enough"
    lately.forget("c")
    assert lately.of("c") is None
