"""Opening hours and slots: written and read, cut into windows, and what a holiday does to them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.clock.calendar import CIVIL_TZ, Day, DayKind, WorkingCalendar
from huying.platforms import hours
from huying.platforms.free import seats_taken
from huying.platforms.hours import Slot

MONDAY = date(2026, 11, 30)
WEEK = tuple(hours.read(each) for each in ("8:30-12:00 14:00-17:30",) * 5 + ("9:00-12:00", ""))


@st.composite
def spans(draw: Any) -> tuple[tuple[time, time], ...]:
    walls = sorted(draw(st.sets(st.integers(0, 1439), max_size=8)))
    walls = walls[: len(walls) // 2 * 2]
    times = [time(each // 60, each % 60) for each in walls]
    return tuple(zip(times[::2], times[1::2], strict=True))


def minutes_of(begins: time, ends: time) -> int:
    return (ends.hour - begins.hour) * 60 + ends.minute - begins.minute


@given(spans())
def test_what_is_written_is_read_back(some: tuple[tuple[time, time], ...]) -> None:
    assert hours.read(hours.written(some)) == some


@given(spans(), st.integers(10, 120))
def test_slots_fill_each_span_whole_and_never_overlap(
    some: tuple[tuple[time, time], ...], minutes: int
) -> None:
    found = hours.slots(some, minutes)
    assert all(minutes_of(each.begins, each.ends) == minutes for each in found)
    assert all(one.ends <= other.begins for one, other in pairwise(found))
    for begins, ends in some:
        inside = [each for each in found if begins <= each.begins and each.ends <= ends]
        assert len(inside) == minutes_of(begins, ends) // minutes
        if inside:
            assert inside[0].begins == begins
    assert len(found) == sum(minutes_of(*each) // minutes for each in some)


@given(spans(), st.integers(0, 28 * 1440))
def test_it_is_open_exactly_within_its_hours(
    some: tuple[tuple[time, time], ...], minute: int
) -> None:
    now = datetime(2026, 11, 1, tzinfo=CIVIL_TZ) + timedelta(minutes=minute)
    standing = hours.standing(lambda _day: some, now)
    inside = any(begins <= now.time() < ends for begins, ends in some)
    assert standing.open is inside
    if standing.until is not None:
        assert now < standing.until
    if some and not inside:
        assert standing.next is not None
        assert now < standing.next <= now + timedelta(days=1)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60), st.integers(1, 4))))
def test_a_seat_is_taken_as_long_as_somebody_has_it(held: list[tuple[int, int, int]]) -> None:
    start = datetime(2026, 11, 30, 8, tzinfo=CIVIL_TZ)
    rows = [
        (start + timedelta(minutes=a), start + timedelta(minutes=a + long), seat)
        for a, long, seat in held
    ]
    begins, ends = start + timedelta(minutes=30), start + timedelta(minutes=60)
    each_minute = {seat for a, long, seat in held if set(range(a, a + long)) & set(range(30, 60))}
    assert seats_taken(rows, begins, ends) == each_minute


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("8:30-12:00 14:00-17:30", "08:30-12:00 14:00-17:30"),
        ("８:30－12:00", "08:30-12:00"),
        ("8：30至12：00，14：00～17：30", "08:30-12:00 14:00-17:30"),
        ("", ""),
        ("  ", ""),
        ("12:00-8:30", None),
        ("8:30-12:00 11:00-13:00", None),
        ("25:00-26:00", None),
        ("全天", None),
        ("8:30-12:00 下午休息", None),
    ],
)
def test_hours_are_taken_as_people_type_them(typed: str, said: str | None) -> None:
    if said is not None:
        assert hours.written(hours.read(typed)) == said
        return
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the page's
        hours.read(typed)


def test_what_does_not_fill_a_window_is_no_slot() -> None:
    assert hours.slots(hours.read("08:30-10:15"), 60) == [Slot(time(8, 30), time(9, 30))]


def test_a_holiday_is_closed_and_a_make_up_day_has_mondays_hours() -> None:
    sunday, holiday = MONDAY + timedelta(days=6), MONDAY + timedelta(days=2)
    calendar = WorkingCalendar(
        days={sunday: Day(DayKind.WORK), holiday: Day(DayKind.HOLIDAY, "节")}
    )
    assert hours.spans_on(WEEK, holiday, calendar) == ()
    assert hours.spans_on(WEEK, sunday, calendar) == WEEK[0]
    assert hours.spans_on(WEEK, holiday, None) == WEEK[2]
    assert hours.spans_on(WEEK, sunday, None) == ()


def test_over_a_weekend_the_next_opening_is_on_monday() -> None:
    saturday = datetime.combine(MONDAY - timedelta(days=2), time(13), CIVIL_TZ)
    standing = hours.standing(lambda day: hours.spans_on(WEEK, day, None), saturday)
    assert not standing.open
    assert standing.next == datetime.combine(MONDAY, time(8, 30), CIVIL_TZ)
    touching = hours.read("8:30-12:00 12:00-17:30")
    noon = datetime.combine(MONDAY, time(11), CIVIL_TZ)
    assert hours.standing(lambda _day: touching, noon).until == datetime.combine(
        MONDAY, time(17, 30), CIVIL_TZ
    )
    assert hours.standing(lambda _day: (), saturday) == hours.Standing(False)
