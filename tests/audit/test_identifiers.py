"""UUIDv7: the layout of RFC 9562, and an order that never goes back."""

from __future__ import annotations

import itertools
import os
import threading
import uuid
from datetime import UTC, datetime

import pytest

from huying.audit.identifiers import IdentifierSource, made_at, new_id


def test_layout_is_that_of_the_standard():
    # RFC 9562, appendix A.6, with the top bit of rand_a at zero, where ours always starts.
    tail = 0x4C3 << 62 | 0x18C4DC0C0C07398F
    source = IdentifierSource(lambda: 0x017F22E279B0, lambda n: (tail << 7).to_bytes(n, "big"))
    made = source.next()
    assert made == uuid.UUID("017f22e2-79b0-74c3-98c4-dc0c0c07398f")
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_grows_while_the_clock_stands_or_goes_back():
    ticks = iter([1000] * 500 + [990] * 500 + [1001] * 500)
    source = IdentifierSource(lambda: next(ticks))
    made = [source.next() for _ in range(1500)]
    assert all(a < b and str(a) < str(b) for a, b in itertools.pairwise(made))


def test_an_exhausted_millisecond_borrows_the_next():
    source = IdentifierSource(lambda: 5000, lambda n: b"\xff" * n)
    source._tail = (1 << 74) - 2
    source._time = 5000
    made = source.next()
    assert made_at(made) == datetime.fromtimestamp(5.001, UTC)
    assert made < source.next()


def test_threads_never_get_the_same():
    made: list[list[uuid.UUID]] = [[] for _ in range(8)]

    def run(into: list[uuid.UUID]) -> None:
        into.extend(new_id() for _ in range(2000))

    threads = [threading.Thread(target=run, args=(part,)) for part in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for part in made for one in part}) == 16_000
    assert all(part == sorted(part) for part in made)


def test_a_fork_leaves_the_parents_place():
    source = IdentifierSource(lambda: 1000)
    first = source.next()
    tail = source._tail
    source.after_fork()
    assert source.next() > first
    assert source._tail != tail


def test_time_can_be_read_back():
    before = datetime.now(UTC)
    made = made_at(new_id())
    assert abs((made - before).total_seconds()) < 5
    with pytest.raises(ValueError, match="version 7"):
        made_at(uuid.UUID(bytes=os.urandom(16), version=4))
