"""When somebody on the care list is due a visit, and who is told when none was made."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huying.care.due import (
    FIRST_DAYS,
    Due,
    Ladder,
    Outcome,
    Plan,
    Rung,
    Seen,
    Standing,
    Way,
    Why,
    counted,
    days_within,
    due_after,
    standing,
)
from huying.clock.calendar import CIVIL_TZ

DAY = date(2019, 7, 1)
WEEKLY = Plan(DAY, 7)
LADDER = Ladder((1, 2, 4))


def after(days: int, outcome: str = Outcome.WELL, way: str = Way.DOOR, hour: int = 9) -> Seen:
    day = DAY + timedelta(days=days)
    return Seen(datetime.combine(day, time(hour), CIVIL_TZ), day, way, outcome)


def due(*visits: Seen, plan: Plan = WEEKLY) -> tuple[int, Why]:
    found = due_after(plan, visits)
    return (found.on - DAY).days, found.why


def test_who_is_new_is_visited_within_a_week_whatever_the_interval() -> None:
    assert due() == (7, Why.FIRST)
    assert due(plan=Plan(DAY, 3)) == (3, Why.FIRST)
    assert due(plan=Plan(DAY, 90)) == (FIRST_DAYS, Why.FIRST)


def test_a_visit_moves_the_next_one_by_the_interval() -> None:
    assert due(after(2)) == (9, Why.EVERY)
    assert due(after(12), after(2)) == (19, Why.EVERY)


def test_two_calls_in_a_row_count_for_one_visit() -> None:
    call = after(5, way=Way.PHONE)
    assert due(call) == (7, Why.FIRST)
    assert due(after(0), call) == (12, Why.EVERY)
    assert due(after(0), call, after(9, way=Way.PHONE)) == (12, Why.EVERY)
    assert due(after(0), call, after(9, way=Way.ELSEWHERE)) == (16, Why.EVERY)
    assert counted([after(0), call, after(9, way=Way.PHONE)]) == [True, True, False]


def test_who_needs_something_is_seen_again_soon_and_after_an_emergency_the_next_day() -> None:
    monthly = Plan(DAY, 30)
    assert due(after(0, Outcome.NEEDS), plan=monthly) == (3, Why.FOLLOW_UP)
    assert due(after(0, Outcome.ALARM), plan=monthly) == (1, Why.AFTER_ALARM)
    assert due(after(0, Outcome.ALARM), after(1), plan=monthly) == (31, Why.EVERY)


def test_who_was_not_met_stays_due_and_twice_is_a_matter_for_others() -> None:
    missed = after(4, Outcome.NOT_MET)
    assert due(after(0), missed) == (5, Why.AGAIN)
    assert due(after(0), after(9, Outcome.NOT_MET)) == (7, Why.AGAIN)
    twice = due_after(WEEKLY, [after(0), missed, after(5, Outcome.NOT_MET)])
    assert (twice.on, twice.why, twice.misses) == (DAY + timedelta(days=5), Why.RAISED, 2)
    assert due(after(0), missed, after(5, Outcome.NOT_MET), after(6)) == (13, Why.EVERY)


def test_a_shorter_interval_makes_nobody_late_and_forgives_nothing() -> None:
    weekly = Plan(DAY, 7, shorter(20), 30)
    assert due(after(0), plan=weekly) == (20, Why.CHANGED)
    assert due(after(15), plan=weekly) == (22, Why.EVERY)
    late = Plan(DAY, 7, shorter(40), 30)
    assert due(after(0), plan=late) == (30, Why.EVERY)


def shorter(days: int) -> date:
    return DAY + timedelta(days=days)


VISITS = st.lists(
    st.builds(
        after,
        st.integers(0, 90),
        st.sampled_from(Outcome.values),
        st.sampled_from(Way.values),
        st.integers(0, 23),
    ),
    max_size=12,
    unique_by=lambda each: each.at,
)
PLANS = st.builds(Plan, st.just(DAY), st.integers(1, 180))


@given(PLANS, VISITS)
def test_nobody_waits_longer_than_the_interval(plan: Plan, visits: list[Seen]) -> None:
    found = due_after(plan, visits)
    longest = min(plan.every, FIRST_DAYS) if found.last is None else plan.every
    assert found.on <= (found.last or DAY) + timedelta(days=longest)
    assert (found.last is None) == (not any(counted(visits)))


@given(PLANS, VISITS, st.randoms())
def test_it_does_not_matter_in_which_order_visits_arrive(
    plan: Plan, visits: list[Seen], chance: object
) -> None:
    mixed = list(visits)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert due_after(plan, visits) == due_after(plan, mixed)


@given(PLANS, VISITS)
def test_standing_before_a_closed_door_never_buys_time(plan: Plan, visits: list[Seen]) -> None:
    tried = due_after(plan, [*visits, after(91, Outcome.NOT_MET)])
    before = due_after(plan, visits)
    assert tried.on <= before.on
    assert (tried.misses, tried.last) == (before.misses + 1, before.last)


@given(PLANS, VISITS)
def test_a_good_visit_at_the_door_begins_the_interval_anew(plan: Plan, visits: list[Seen]) -> None:
    last = after(91)
    found = due_after(plan, [*visits, last])
    assert found == Due(last.day + timedelta(days=plan.every), Why.EVERY, last.day, 0)


@given(PLANS, VISITS, st.integers(0, 90))
def test_a_shorter_interval_never_makes_it_later(plan: Plan, visits: list[Seen], days: int) -> None:
    for every in {1, max(1, plan.every // 2)}:
        changed = Plan(plan.since, every, shorter(days), plan.every)
        assert due_after(changed, visits).on <= due_after(plan, visits).on


def test_standing_says_late_today_and_soon() -> None:
    assert [standing(DAY, DAY + timedelta(days=n)) for n in (1, 0, -1, -3, -4)] == [
        Standing.LATE, Standing.TODAY, Standing.SOON, Standing.SOON, Standing.REST,
    ]  # fmt: skip


def test_a_missed_visit_climbs_rung_by_rung_and_makes_up_for_missed_runs() -> None:
    day = DAY + timedelta(days=1)
    assert LADDER.reached(0, DAY, DAY) == [Rung.RESPONSIBLE]
    assert LADDER.reached(1, DAY, day) == [Rung.HEAD]
    assert LADDER.reached(1, DAY, DAY + timedelta(days=9)) == [
        Rung.HEAD, Rung.COMMUNITY, Rung.TOWN,
    ]  # fmt: skip
    assert LADDER.next_after(3, DAY) == DAY + timedelta(days=4)
    assert LADDER.next_after(4, DAY) is None


@given(st.integers(-20, 20), st.integers(1, 60), st.integers(0, 6))
def test_the_weeks_days_lie_in_the_week_and_an_interval_apart(
    on: int, every: int, today: int
) -> None:
    first, last = DAY, DAY + timedelta(days=6)
    now = DAY + timedelta(days=today)
    days = days_within(DAY + timedelta(days=on), every, first, last, now)
    assert all(max(first, now) <= each <= last for each in days)
    assert all((b - a).days == every for a, b in itertools.pairwise(days))
    assert bool(days) == (max(on, today) <= 6)
