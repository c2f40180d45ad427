"""Whose turn it is before a server that has more to do than it can."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.admission.gate import LATEST_S, SOONEST_S, Full, Gate, Rank
from tests.infra.test_serve import wait_for

LONG = dict.fromkeys(Rank, 60.0)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def after(seconds: float, gate: Gate, clock: Clock) -> None:
    """One request that took so long."""
    entered = gate.enter(Rank.PEOPLE)
    clock.now += seconds
    gate.leave(entered)


def grew(gate: Gate, before: int) -> bool:
    return gate.waiting == before + 1


def reached(went: list[int], number: int) -> bool:
    return len(went) == number


@contextmanager
def lined_up(
    gate: Gate, *ranks: Rank, stands: Callable[[], bool] | None = None
) -> Iterator[tuple[list[int], Callable[[], None]]]:
    """Threads that wait in this order, by their numbers; those that were let in, those sent away
    as a negative number; and how one leaves again. ``stands`` tells that one has come in line,
    where the line gets no longer by it."""
    went: list[int] = []
    entered: dict[int, float] = {}
    threads = []

    def come(number: int, rank: Rank) -> None:
        try:
            entered[number] = gate.enter(rank)
            went.append(number)
        except Full:
            went.append(-number)

    for number, rank in enumerate(ranks, 1):
        before = gate.waiting
        thread = threading.Thread(target=come, args=(number, rank), daemon=True)
        thread.start()
        threads.append(thread)
        wait_for(stands or partial(grew, gate, before), 10)
    yield went, lambda: gate.leave(entered[went[-1]])
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_nobody_waits_while_a_place_is_free() -> None:
    gate = Gate(2, 10)
    first, second = gate.enter(Rank.BACKGROUND), gate.enter(Rank.PEOPLE)
    assert gate.working == 2
    gate.leave(first)
    gate.leave(second)
    assert gate.working == gate.waiting == 0


def test_the_line_goes_by_rank_and_within_it_by_who_came_first() -> None:
    gate = Gate(1, 10, patience_s=LONG)
    held = gate.enter(Rank.PEOPLE)
    with lined_up(gate, Rank.BACKGROUND, Rank.PEOPLE, Rank.BACKGROUND, Rank.PEOPLE, Rank.WATCH) as (
        went,
        leave,
    ):
        gate.leave(held)
        for number in range(1, 6):
            wait_for(partial(reached, went, number), 10)
            leave()
    assert went == [5, 2, 4, 1, 3]
    assert gate.working == gate.waiting == 0


def test_who_would_wait_too_long_is_told_at_once_and_when_to_come_again() -> None:
    clock = Clock()
    gate = Gate(1, 100, patience_s={**LONG, Rank.BACKGROUND: 1.0}, clock=clock)
    after(3.0, gate, clock)
    held = gate.enter(Rank.PEOPLE)
    with pytest.raises(Full) as told:
        gate.enter(Rank.BACKGROUND)
    assert told.value.retry_after_s == 6.0
    with lined_up(gate, Rank.PEOPLE) as (went, leave):
        assert went == []  # three seconds are bearable where somebody waits
        gate.leave(held)
        wait_for(lambda: went == [1], 10)
        leave()


def test_the_more_come_again_the_later_they_are_told_to_until_it_is_over() -> None:
    gate = Gate(1, 0)

    def told() -> float:
        with pytest.raises(Full) as full:
            gate.enter(Rank.PEOPLE)
        return full.value.retry_after_s

    held = gate.enter(Rank.PEOPLE)
    waits = [told() for _each in range(300)]
    assert waits == sorted(waits)
    assert waits[0] < 1.1 * SOONEST_S
    assert waits[-1] == LATEST_S
    gate.leave(held)
    for _each in range(300):
        gate.leave(gate.enter(Rank.PEOPLE))
    held = gate.enter(Rank.PEOPLE)
    assert told() < 1.1 * SOONEST_S
    gate.leave(held)


def test_what_took_long_once_is_forgotten() -> None:
    clock = Clock()
    gate = Gate(1, 100, clock=clock)
    after(100.0, gate, clock)
    for _each in range(200):
        after(0.01, gate, clock)
    held = gate.enter(Rank.PEOPLE)
    assert gate.wait_s(Rank.BACKGROUND) < 0.5
    gate.leave(held)
    assert gate.wait_s(Rank.BACKGROUND) == 0.0


def test_who_has_waited_long_enough_is_told_so_and_is_not_let_in_later() -> None:
    gate = Gate(1, 10, patience_s=dict.fromkeys(Rank, 0.01))
    held = gate.enter(Rank.PEOPLE)
    with pytest.raises(Full):
        gate.enter(Rank.PEOPLE)
    assert gate.waiting == 0
    gate.leave(held)
    assert gate.working == 0


def test_a_full_line_sends_the_last_of_the_worst_away_and_never_a_better_one() -> None:
    gate = Gate(1, 2, patience_s=LONG)
    held = gate.enter(Rank.PEOPLE)
    with lined_up(gate, Rank.BACKGROUND, Rank.BACKGROUND) as (went, leave):
        with pytest.raises(Full):
            gate.enter(Rank.BACKGROUND)
        sent_away = lambda: went == [-2]  # noqa: E731
        with lined_up(gate, Rank.PEOPLE, stands=sent_away) as (better, better_leaves):
            gate.leave(held)
            wait_for(lambda: better == [1], 10)
            better_leaves()
        wait_for(lambda: went == [-2, 1], 10)
        leave()
    assert gate.working == gate.waiting == 0


@given(
    st.lists(st.sampled_from(Rank), max_size=12),
    st.integers(1, 4),
    st.integers(0, 6),
    st.floats(0.0, 2000.0),
)
def test_whatever_comes_no_place_is_taken_twice_or_lost(
    ranks: list[Rank], places: int, room: int, takes: float
) -> None:
    """Each is let in once, or told to come again within bounds; all places are free in the end."""
    clock = Clock()
    gate = Gate(places, room, patience_s=dict.fromkeys(Rank, 0.0005), clock=clock)
    after(takes, gate, clock)
    inside: list[float] = []
    for rank in ranks:
        if gate.working < places:
            inside.append(gate.enter(rank))
            continue
        with pytest.raises(Full) as told:
            gate.enter(rank)
        assert SOONEST_S <= told.value.retry_after_s <= LATEST_S
        assert gate.waiting == 0
    assert gate.working == len(inside) == min(places, len(ranks))
    for entered in inside:
        gate.leave(entered)
    assert gate.working == 0


def test_many_at_once_never_work_more_than_there_are_places() -> None:
    gate = Gate(3, 200, patience_s=LONG)
    lock, now, most, served = threading.Lock(), 0, 0, 0

    def come(rank: Rank) -> None:
        nonlocal now, most, served
        for _each in range(20):
            entered = gate.enter(rank)
            with lock:
                now += 1
                most = max(most, now)
            with lock:
                now -= 1
                served += 1
            gate.leave(entered)

    threads = [threading.Thread(target=come, args=(Rank(n % 3),)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert served == 24 * 20
    assert most <= 3
    assert gate.working == gate.waiting == 0
