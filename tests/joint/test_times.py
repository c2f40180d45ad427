"""Opening hours, what is taken, and what is free next: held against counting minute by minute."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from huying.joint.times import (
    STEP,
    Opening,
    Span,
    Use,
    fits,
    instead,
    merged,
    next_free,
    peak,
    pieces,
    windows,
)

CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 30)
START = datetime.combine(MONDAY, time(), CHINA)
HALF = timedelta(minutes=30)
SLOTS = 4 * 48


def at(slot: int) -> datetime:
    return START + slot * HALF


spans = st.tuples(st.integers(0, SLOTS - 1), st.integers(1, 20)).map(
    lambda pair: Span(at(pair[0]), at(min(SLOTS, pair[0] + pair[1])))
)
uses = st.lists(st.builds(Use, spans, st.integers(1, 3)), max_size=12)
openings = st.lists(
    st.builds(
        Opening,
        st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
        st.integers(0, 47).map(lambda n: n * 30),
        st.integers(0, 47).map(lambda n: n * 30),
    ),
    max_size=3,
)


def count(some: list[Use], moment: datetime) -> int:
    return sum(use.quantity for use in some if use.span.begins <= moment < use.span.ends)


def is_open(rules: list[Opening], moment: datetime) -> bool:
    """By looking at the clock."""
    minute, day = moment.hour * 60 + moment.minute, moment.isoweekday()
    before = (day - 2) % 7 + 1
    for rule in rules:
        over_midnight = rule.ends <= rule.begins
        if day in rule.days and minute >= rule.begins and (over_midnight or minute < rule.ends):
            return True
        if before in rule.days and over_midnight and minute < rule.ends:
            return True
    return not rules


@given(openings)
def test_it_is_open_when_its_hours_say_so(rules: list[Opening]) -> None:
    found = windows(rules, MONDAY, 4, CHINA)
    for slot in range(SLOTS):
        inside = any(span.begins <= at(slot) < span.ends for span in found)
        assert inside == is_open(rules, at(slot)), at(slot)
    assert all(a.ends < b.begins for a, b in itertools.pairwise(found))


def test_a_night_is_one_span_over_midnight() -> None:
    night = windows([Opening((1,), 19 * 60, 7 * 60)], MONDAY, 2, CHINA)
    assert night == [Span(START + timedelta(hours=19), START + timedelta(hours=31))]
    assert windows([Opening((7,), 19 * 60, 7 * 60)], MONDAY, 1, CHINA) == [
        Span(START, START + timedelta(hours=7))
    ]


@given(st.lists(spans, max_size=10))
def test_merging_keeps_the_same_time(some: list[Span]) -> None:
    found = merged(some)
    for slot in range(SLOTS):
        there = any(span.begins <= at(slot) < span.ends for span in some)
        assert there == any(span.begins <= at(slot) < span.ends for span in found)


@given(uses, spans)
def test_the_peak_is_the_most_of_any_moment(some: list[Use], span: Span) -> None:
    slots = [at(n) for n in range(SLOTS) if span.begins <= at(n) < span.ends]
    assert peak(some, span) == max(count(some, moment) for moment in slots)


@given(uses, openings, st.integers(1, 3), st.integers(1, 8), st.integers(0, SLOTS))
def test_the_next_free_time_is_free_and_nothing_before_it_is(
    some: list[Use], rules: list[Opening], wanted: int, slots: int, after: int
) -> None:
    open_, length = windows(rules, MONDAY, 4, CHINA), slots * HALF
    found = next_free(open_, some, 3, wanted, length, at(after))
    tried = [Span(at(n), at(n) + length) for n in range(after, SLOTS)]
    free = [span for span in tried if fits(span, open_, some, 3, wanted)]
    assert found == (free[0] if free else None)


@given(uses, openings, spans, st.integers(0, 60))
def test_what_is_offered_instead_can_be_had(
    some: list[Use], rules: list[Opening], asked: Span, minutes: int
) -> None:
    now = asked.begins - timedelta(minutes=minutes)
    open_ = windows(rules, MONDAY, 8, CHINA)
    found = instead(open_, some, 3, 1, asked, now)
    assert len(found) <= 4
    assert found == sorted(found)
    for n, span in enumerate(found):
        assert span.begins >= now
        assert span.length == asked.length
        assert fits(span, open_, some, 3, 1)
        assert not any(span.meets(each) for each in found[:n])


def test_it_is_offered_at_a_half_hour() -> None:
    open_ = [Span(START, START + timedelta(days=1))]
    after = START + timedelta(hours=9, minutes=1)
    found = next_free(open_, [], 1, 1, HALF, after)
    assert found is not None
    assert (found.begins - START) % STEP == timedelta(0)
    assert found.begins == START + timedelta(hours=9, minutes=30)


def test_who_leaves_at_ten_and_who_comes_at_ten_do_not_meet() -> None:
    first, second = Span(at(18), at(20)), Span(at(20), at(22))
    assert not first.meets(second)
    assert fits(second, [Span(at(0), at(48))], [Use(first)], 1)


@given(uses, spans)
def test_the_pieces_of_a_day_are_the_day_with_what_is_left(some: list[Use], window: Span) -> None:
    found = list(pieces(window, some, 3))
    assert found[0].span.begins == window.begins
    assert found[-1].span.ends == window.ends
    for one, after in itertools.pairwise(found):
        assert one.span.ends == after.span.begins
        assert one.left != after.left
    for piece in found:
        slot = piece.span.begins
        while slot < piece.span.ends:
            assert piece.left == max(0, 3 - count(some, slot))
            slot += HALF


def test_moments_of_other_zones_are_the_same_moments() -> None:
    asked = Span(at(18).astimezone(UTC), at(20).astimezone(UTC))
    assert fits(asked, [Span(at(16), at(44))], [Use(Span(at(20), at(22)))], 1)
    assert not fits(asked, [Span(at(16), at(44))], [Use(Span(at(19), at(21)))], 1)
