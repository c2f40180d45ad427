"""What a process trusts for a moment, and that threads which waited do not look once more."""

from __future__ import annotations

import threading

from huying.shelf import Shelf


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
