"""When limits run out: examples worked out by hand, and what must hold for all of them."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from clock_moments import (
    CALENDAR,
    PLAIN,
    clocks,
    limits,
    moments,
    pauses_near,
    shanghai,
    told,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from huying.clock.calendar import Day, DayKind, WorkingCalendar
from huying.clock.deadlines import Due, StepKind, due
from huying.clock.limits import Clock, Limit, Pause

NOTHING = timedelta(0)


def hours(amount: int) -> Limit:
    return Limit(amount, Clock.NATURAL_HOUR)


def work_days(amount: int) -> Limit:
    return Limit(amount, Clock.WORK_DAY)


def pause(start: str, end: str | None = None) -> Pause:
    return Pause(shanghai(start), None if end is None else shanghai(end))


def kinds(found: Due) -> list[StepKind]:
    return [step.kind for step in found.steps]


@pytest.mark.parametrize(
    ("start", "limit", "at"),
    [
        ("2019-07-11 10:00", hours(4), "2019-07-11 14:00"),
        ("2019-07-11 10:00", Limit.in_minutes(15), "2019-07-11 10:15"),
        ("2019-07-12 23:00", hours(24), "2019-07-13 23:00"),
        ("2019-09-30 10:00", Limit(3, Clock.NATURAL_DAY), "2019-10-03 10:00"),
        ("2019-07-11 10:00", Limit(3, Clock.WORK_HOUR), "2019-07-11 15:00"),
        ("2019-07-12 17:00", work_days(1), "2019-07-15 17:00"),  # Friday to Monday
        ("2019-07-11 18:00", work_days(1), "2019-07-12 17:30"),  # an evening counts from 8:30
        ("2019-07-13 11:00", work_days(1), "2019-07-15 17:30"),  # so does a Saturday
        ("2019-09-27 17:00", work_days(5), "2019-10-10 17:00"),  # National Day, Sunday 29 worked
        ("2019-10-11 17:00", work_days(1), "2019-10-12 17:00"),  # Saturday 12 October worked
        ("2019-02-01 17:30", work_days(3), "2019-02-11 17:30"),  # 2 and 3 worked, 4 to 10 off
        ("2019-12-31 09:30", work_days(2), "2020-01-03 09:30"),  # New Year's Day off
        ("2019-07-11 10:00", Limit(0, Clock.WORK_DAY), "2019-07-11 10:00"),
    ],
)
def test_known_deadlines(start: str, limit: Limit, at: str) -> None:
    assert told(due(shanghai(start), limit, CALENDAR).at) == at


@pytest.mark.parametrize(
    ("pauses", "at"),
    [
        ([pause("2019-07-11 15:00", "2019-07-12 09:30")], "2019-07-12 12:30"),
        ([pause("2019-07-11 13:00")], None),
        ([pause("2019-07-11 20:00")], "2019-07-11 18:00"),  # long after it was due
        ([pause("2019-07-11 18:00")], "2019-07-11 18:00"),  # just as it was due
        ([pause("2019-07-11 08:00", "2019-07-11 11:00")], "2019-07-11 19:00"),  # from before
        # Overlapping ones count once.
        (
            [
                pause("2019-07-11 12:00", "2019-07-11 14:00"),
                pause("2019-07-11 13:00", "2019-07-11 15:00"),
            ],
            "2019-07-11 21:00",
        ),
    ],
)
def test_pauses_of_a_natural_clock(pauses: list[Pause], at: str | None) -> None:
    found = due(shanghai("2019-07-11 10:00"), hours(8), CALENDAR, pauses)
    assert told(found.at) == at
    assert found.paused is (at is None)


def test_an_open_pause_keeps_what_is_left() -> None:
    found = due(shanghai("2019-07-11 10:00"), hours(8), CALENDAR, [pause("2019-07-11 13:00")])
    for now in ("2019-07-11 13:00", "2019-08-30 10:00"):
        assert found.used(shanghai(now)) == timedelta(hours=3)
        assert found.remaining(shanghai(now)) == timedelta(hours=5)


def test_a_suspension_over_the_weekend_moves_no_deadline_in_work_days() -> None:
    weekend = pause("2019-07-12 17:30", "2019-07-15 08:30")
    plain = due(shanghai("2019-07-12 15:00"), work_days(1), CALENDAR)
    assert due(shanghai("2019-07-12 15:00"), work_days(1), CALENDAR, [weekend]).at == plain.at


def test_extensions_follow_on_their_own_clock() -> None:
    start = shanghai("2019-07-12 17:00")
    assert told(due(start, work_days(1), CALENDAR, (), [work_days(2)]).at) == "2019-07-17 17:00"
    mixed = due(start, work_days(1), CALENDAR, (), [hours(24)])
    assert told(mixed.at) == "2019-07-16 17:00"
    assert mixed.total == timedelta(hours=7 + 24)
    assert mixed.used(shanghai("2019-07-15 16:00")) == timedelta(hours=6)
    assert mixed.used(shanghai("2019-07-15 23:00")) == timedelta(hours=7 + 6)
    assert mixed.remaining(shanghai("2019-07-16 20:00")) == timedelta(hours=-3)


def test_an_unknown_year_is_reported_and_not_refused() -> None:
    found = due(shanghai("2026-12-30 09:30"), work_days(3), CALENDAR)
    assert told(found.at) == "2027-01-04 09:30"  # Friday 1 January counted as a work day
    assert found.unknown_years == (2027,)
    assert StepKind.UNKNOWN_YEAR in kinds(found)
    assert due(shanghai("2026-12-30 09:30"), hours(72), CALENDAR).unknown_years == ()


def test_steps_name_holidays_weekends_and_make_up_days() -> None:
    found = due(
        shanghai("2019-09-27 17:00"),
        work_days(5),
        CALENDAR,
        [pause("2019-10-09 08:30", "2019-10-09 12:00")],
        [work_days(1)],
    )
    assert kinds(found) == [
        StepKind.START,
        StepKind.LIMIT,
        StepKind.EXTENSION,
        StepKind.WORKING_HOURS,
        StepKind.WEEKENDS,
        StepKind.HOLIDAY,
        StepKind.MAKE_UP_DAY,
        StepKind.MAKE_UP_DAY,
        StepKind.PAUSE,
        StepKind.DUE,
    ]
    by_kind = {step.kind: step for step in found.steps}
    holiday = by_kind[StepKind.HOLIDAY]
    assert (holiday.name, holiday.days) == ("国庆节", 7)
    assert (holiday.first, holiday.last) == (date(2019, 10, 1), date(2019, 10, 7))
    assert by_kind[StepKind.WEEKENDS].days == 1
    made_up = [step.first for step in found.steps if step.kind is StepKind.MAKE_UP_DAY]
    assert made_up == [date(2019, 9, 29), date(2019, 10, 12)]
    assert by_kind[StepKind.PAUSE].time == timedelta(hours=3, minutes=30)


def test_natural_clocks_speak_of_no_holidays() -> None:
    found = due(shanghai("2019-09-30 17:00"), hours(24), CALENDAR)
    assert kinds(found) == [StepKind.START, StepKind.LIMIT, StepKind.DUE]


def test_limits_keep_their_amount_exact() -> None:
    assert Limit.in_minutes(20) == Limit(Fraction(1, 3), Clock.NATURAL_HOUR)
    assert Limit.in_minutes(20).time(CALENDAR) == timedelta(minutes=20)
    with pytest.raises(ValueError, match="negative"):
        Limit(-1, Clock.WORK_DAY)
    with pytest.raises(ValueError, match="light_year"):
        Limit(1, "light_year")  # type: ignore[arg-type]


def test_a_pause_must_run_forwards() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        pause("2019-07-11 10:00", "2019-07-11 09:00")


@given(start=moments, limit=limits, data=st.data())
def test_never_earlier_after_a_pause(start: datetime, limit: Limit, data: st.DataObject) -> None:
    pauses = data.draw(pauses_near(start))
    before = due(start, limit, CALENDAR, pauses[:-1]).at
    after = due(start, limit, CALENDAR, pauses).at
    assert before is not None
    assert after is not None
    assert after >= before


@given(start=moments, limit=limits, data=st.data())
def test_a_deadline_moves_by_the_clock_time_lost(
    start: datetime, limit: Limit, data: st.DataObject
) -> None:
    found = due(start, limit, CALENDAR, data.draw(pauses_near(start)))
    assert found.at is not None
    ran = (
        CALENDAR.work_time_between(start, found.at) if limit.clock.counts_work else found.at - start
    )
    lost = [step.time or NOTHING for step in found.steps if step.kind is StepKind.PAUSE]
    assert ran == limit.time(CALENDAR) + sum(lost, NOTHING)
    assert found.remaining(found.at) == NOTHING


@given(start=moments, limit=limits, data=st.data())
def test_the_order_of_pauses_does_not_matter(
    start: datetime, limit: Limit, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_near(start))
    shuffled = data.draw(st.permutations(pauses))
    assert due(start, limit, CALENDAR, pauses) == due(start, limit, CALENDAR, shuffled)


@given(start=moments, clock=clocks, data=st.data())
def test_monotone_in_the_amount(start: datetime, clock: Clock, data: st.DataObject) -> None:
    pauses = data.draw(pauses_near(start))
    less = data.draw(st.integers(0, 100))
    more = less + data.draw(st.integers(0, 100))
    earlier = due(start, Limit(less, clock), CALENDAR, pauses).at
    later = due(start, Limit(more, clock), CALENDAR, pauses).at
    assert earlier is not None
    assert later is not None
    assert earlier <= later


@given(start=moments, clock=clocks, first=st.integers(0, 60), second=st.integers(1, 60))
def test_additive_over_splits(start: datetime, clock: Clock, first: int, second: int) -> None:
    whole = due(start, Limit(first + second, clock), CALENDAR).at
    part = due(start, Limit(first, clock), CALENDAR).at
    assert part is not None
    assert due(part, Limit(second, clock), CALENDAR).at == whole
    extended = due(start, Limit(first, clock), CALENDAR, (), [Limit(second, clock)])
    assert extended.at == whole


@given(start=moments, limit=limits, away=st.integers(1, 400), data=st.data())
def test_identical_with_and_without_a_far_holiday(
    start: datetime, limit: Limit, away: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_near(start))
    here = due(start, limit, PLAIN, pauses)
    assert here.at is not None
    for far in (
        PLAIN.civil_day(here.at) + timedelta(days=away),
        PLAIN.civil_day(start) - timedelta(days=away),
    ):
        days = {far: Day(DayKind.HOLIDAY, "厂休")}
        other = WorkingCalendar(days=days, known_years=PLAIN.known_years)
        there = due(start, limit, other, pauses)
        assert there.at == here.at
        assert there.steps == here.steps


@given(
    start=moments,
    limit=limits.filter(lambda limit: limit.clock.counts_work),
    days=st.integers(0, 9),
)
def test_a_pause_outside_work_hours_changes_nothing_for_work_clocks(
    start: datetime, limit: Limit, days: int
) -> None:
    evening = CALENDAR.civil_day(start) + timedelta(days=days)
    night = Pause(shanghai(f"{evening} 17:30"), shanghai(f"{evening + timedelta(days=1)} 08:30"))
    assert due(start, limit, CALENDAR, [night]).at == due(start, limit, CALENDAR).at


@given(year=st.integers(2017, 2027), limit=limits, minutes=st.integers(0, 3 * 24 * 60))
def test_across_year_ends(year: int, limit: Limit, minutes: int) -> None:
    start = shanghai(f"{year + 1}-01-01 00:00") - timedelta(minutes=minutes)
    found = due(start, limit, CALENDAR)
    assert found.at is not None
    ran = (
        CALENDAR.work_time_between(start, found.at) if limit.clock.counts_work else found.at - start
    )
    assert ran == found.total


@given(start=moments, limit=limits)
def test_every_day_passed_is_worked_or_told_as_not_counted(start: datetime, limit: Limit) -> None:
    assume(limit.clock.counts_work)
    found = due(start, limit, CALENDAR)
    assert found.at is not None
    first, last = CALENDAR.civil_day(start), CALENDAR.civil_day(found.at)
    worked = sum(
        CALENDAR.is_work_day(date.fromordinal(day))
        for day in range(first.toordinal(), last.toordinal() + 1)
    )
    off = sum(step.days for step in found.steps)
    assert worked + off == (last - first).days + 1


@given(start=moments, limit=limits, share=st.sampled_from([0.25, 0.5, 0.75]), data=st.data())
def test_the_moment_of_a_share_is_when_it_is_used(
    start: datetime, limit: Limit, share: float, data: st.DataObject
) -> None:
    found = due(start, limit, CALENDAR, data.draw(pauses_near(start)), [Limit(2, Clock.WORK_HOUR)])
    moment = found.moment_of(share)
    assert moment is not None
    assert found.used(moment) == found.total * share
