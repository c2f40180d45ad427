"""Working days, working time and its arithmetic."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from clock_moments import CALENDAR, PLAIN, moments, shanghai, told
from hypothesis import given
from hypothesis import strategies as st

from huying.clock.calendar import Day, DayKind, WorkingCalendar

amounts = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=200))


def test_a_work_day_has_seven_hours_in_two_parts() -> None:
    assert PLAIN.day_length == timedelta(hours=7)
    intervals = PLAIN.work_intervals(date(2019, 7, 11))
    assert [(told(start), told(end)) for start, end in intervals] == [
        ("2019-07-11 08:30", "2019-07-11 12:00"),
        ("2019-07-11 14:00", "2019-07-11 17:30"),
    ]


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2019-07-11", True),  # a Thursday
        ("2019-07-13", False),  # a Saturday
        ("2019-10-01", False),  # National Day
        ("2019-10-07", False),  # the Monday that ends the holiday
        ("2019-09-29", True),  # Sunday, make-up for National Day
        ("2019-10-12", True),  # Saturday, make-up for National Day
        ("2019-02-02", True),  # Saturday before Spring Festival
        ("2019-02-03", True),  # Sunday before Spring Festival
        ("2019-02-04", False),  # New Year's Eve
        ("2020-01-31", False),  # Spring Festival, lengthened in the epidemic
        ("2026-02-14", True),
    ],
)
def test_days_off_and_make_up_days(day: str, worked: bool) -> None:
    assert CALENDAR.is_work_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2019-07-11 10:00", 2, "2019-07-11 12:00"),  # ends with the morning, not at 14:00
        ("2019-07-11 10:00", 3, "2019-07-11 15:00"),  # over noon
        ("2019-07-11 08:30", 7, "2019-07-11 17:30"),  # ends with the day, not next morning
        ("2019-07-11 20:00", 1, "2019-07-12 09:30"),  # a start at night
        ("2019-07-12 17:00", 7, "2019-07-15 17:00"),  # over a weekend
        ("2019-09-30 17:00", 1, "2019-10-08 09:00"),  # over National Day
        ("2019-10-11 17:30", 7, "2019-10-12 17:30"),  # a make-up Saturday
        ("2019-07-13 11:00", 0, "2019-07-13 11:00"),  # nothing added stays, also off hours
    ],
)
def test_adding_working_time(start: str, hours: int, end: str) -> None:
    assert told(CALENDAR.add_work_time(shanghai(start), timedelta(hours=hours))) == end


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2019-07-11 10:00", "2019-07-11 10:00"),
        ("2019-07-11 12:00", "2019-07-11 14:00"),
        ("2019-07-11 06:00", "2019-07-11 08:30"),
        ("2019-07-12 17:30", "2019-07-15 08:30"),
        ("2019-09-30 18:00", "2019-10-08 08:30"),
        ("2019-12-31 18:00", "2020-01-02 08:30"),
    ],
)
def test_the_next_working_moment(moment: str, following: str) -> None:
    assert told(CALENDAR.next_work_moment(shanghai(moment))) == following


def test_years_without_data_count_plain_weekdays_and_are_named() -> None:
    assert CALENDAR.unknown_years(shanghai("2026-12-30 09:00"), shanghai("2028-01-01 00:00")) == (
        2027,
        2028,
    )
    assert CALENDAR.unknown_years(shanghai("2019-01-01 09:00"), shanghai("2020-01-01 00:00")) == ()
    assert CALENDAR.is_work_day(date(2027, 10, 1))


def test_the_year_of_a_moment_is_the_civil_one() -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert CALENDAR.unknown_years(new_year_in_china, new_year_in_china) == (2027,)


def test_hours_may_end_at_midnight() -> None:
    late = WorkingCalendar(hours=((time(18), time(0)),))
    assert late.day_length == timedelta(hours=6)
    end = late.add_work_time(shanghai("2019-07-11 23:00"), timedelta(hours=2))
    assert told(end) == "2019-07-12 19:00"


@pytest.mark.parametrize(
    "hours",
    [
        (),
        ((time(9), time(9)),),
        ((time(14), time(17)), (time(8), time(12))),
        ((time(8), time(12)), (time(11), time(17))),
        ((time(18), time(0)), (time(20), time(22))),
    ],
)
def test_hours_that_make_no_sense_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="hours"):
        WorkingCalendar(hours=hours)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add_work_time(datetime(2019, 7, 11, 10), timedelta(hours=1))  # noqa: DTZ001


def test_a_year_without_work_days_is_stepped_over() -> None:
    days = {
        date.fromordinal(ordinal): Day(DayKind.HOLIDAY, "停工")
        for ordinal in range(date(2020, 1, 1).toordinal(), date(2021, 1, 1).toordinal())
    }
    shut = WorkingCalendar(days=days)
    end = shut.add_work_time(shanghai("2019-12-31 17:00"), timedelta(hours=1))
    assert told(end) == "2021-01-01 09:00"


@given(start=moments, amount=amounts)
def test_what_was_added_lies_between(start: datetime, amount: timedelta) -> None:
    end = CALENDAR.add_work_time(start, amount)
    assert CALENDAR.work_time_between(start, end) == amount
    assert end >= start


@given(start=moments, amount=amounts.filter(bool))
def test_the_end_is_the_earliest_such_moment(start: datetime, amount: timedelta) -> None:
    end = CALENDAR.add_work_time(start, amount)
    assert CALENDAR.work_time_between(start, end - timedelta(microseconds=1)) < amount


@given(start=moments, first=amounts, second=amounts)
def test_adding_twice_is_adding_the_sum(
    start: datetime, first: timedelta, second: timedelta
) -> None:
    twice = CALENDAR.add_work_time(CALENDAR.add_work_time(start, first), second)
    once = CALENDAR.add_work_time(start, first + second)
    # Between two working spans all moments are the same working time; only "nothing added" may
    # begin off hours.
    assert CALENDAR.work_time_between(once, twice) == timedelta(0)
    if first or second:
        assert twice == once or not second


@given(start=moments, end=moments)
def test_working_time_is_what_the_days_intervals_add_up_to(start: datetime, end: datetime) -> None:
    start, end = min(start, end), min(max(start, end), min(start, end) + timedelta(days=60))
    counted = timedelta(0)
    day = CALENDAR.civil_day(start)
    while day <= CALENDAR.civil_day(end):
        for begins, ends in CALENDAR.work_intervals(day):
            counted += max(min(ends, end) - max(begins, start), timedelta(0))
        day += timedelta(days=1)
    assert CALENDAR.work_time_between(start, end) == counted
    assert CALENDAR.work_time_between(end, start) == -counted


@given(moment=moments)
def test_the_next_working_moment_is_working_and_skips_no_work(moment: datetime) -> None:
    following = CALENDAR.next_work_moment(moment)
    assert CALENDAR.end_of_work_interval(following) is not None
    assert CALENDAR.work_time_between(moment, following) == timedelta(0)
    assert following >= moment
