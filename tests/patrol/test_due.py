"""Which places are due on a day, and how many visits a stretch wants."""

from __future__ import annotations

from datetime import date, timedelta

from huying.patrol.due import Rhythm, Turns, Why, due_on, made, stretches

MONDAY = date(2019, 7, 8)
SATURDAY = date(2019, 7, 13)


class Weekdays:
    """Monday to Friday, with one day off and one made up for."""

    off = frozenset({date(2019, 7, 10)})
    extra = frozenset({SATURDAY})

    def is_work_day(self, day: date) -> bool:
        return day in self.extra or (day.weekday() < 5 and day not in self.off)


def turns(rhythm: Rhythm, times: int = 1, ends_on: date | None = None) -> Turns:
    return Turns(rhythm, times, date(2019, 7, 1), ends_on)


def why(asked: Turns, day: date, *visited: date) -> Why:
    return due_on(asked, day, visited, Weekdays()).why


def test_every_day_means_days_off_too_and_working_days_follow_the_calendar() -> None:
    assert why(turns(Rhythm.DAY), date(2019, 7, 14)) == Why.EACH_DAY
    assert why(turns(Rhythm.WORKDAY), date(2019, 7, 10)) == Why.REST_DAY
    assert why(turns(Rhythm.WORKDAY), SATURDAY) == Why.WORK_DAY
    assert why(turns(Rhythm.WORKDAY), MONDAY, MONDAY) == Why.VISITED


def test_times_a_week_may_wait_until_no_working_day_is_to_spare() -> None:
    twice = turns(Rhythm.WEEK, 2)
    assert why(twice, MONDAY) == Why.MAY
    assert why(twice, date(2019, 7, 10)) == Why.REST_DAY
    # Friday, and a Saturday that is made up: two visits are missing, two days are left.
    assert why(twice, date(2019, 7, 12)) == Why.MUST
    assert why(twice, date(2019, 7, 12), MONDAY) == Why.MAY
    assert why(twice, SATURDAY, MONDAY) == Why.MUST
    assert why(twice, SATURDAY, MONDAY, date(2019, 7, 9)) == Why.ENOUGH
    # Last week's visits do not count for this one.
    assert due_on(twice, MONDAY, [MONDAY - timedelta(days=1)], Weekdays()).done == 0


def test_before_and_after_its_days_a_plan_asks_for_nothing() -> None:
    short = turns(Rhythm.MONTH, 1, ends_on=date(2019, 7, 20))
    assert why(short, date(2019, 6, 30)) == Why.NOT_YET
    assert why(short, date(2019, 7, 21)) == Why.OVER
    assert due_on(short, date(2019, 7, 2), [], Weekdays()).until == date(2019, 7, 20)


def test_only_stretches_that_are_over_can_have_been_missed() -> None:
    twice = turns(Rhythm.WEEK, 2)
    over = list(stretches(twice, date(2019, 7, 1), SATURDAY, Weekdays()))
    assert [(each.first, each.wanted) for each in over] == [(date(2019, 7, 1), 2)]
    days = [date(2019, 7, 1), date(2019, 7, 2), date(2019, 7, 3)]
    assert made(days, over) == 2
    daily = list(stretches(turns(Rhythm.WORKDAY), MONDAY, SATURDAY, Weekdays()))
    assert len(daily) == 5
    # More than wanted in one week make up for nothing in the next.
    weeks = list(stretches(twice, date(2019, 7, 1), date(2019, 7, 14), Weekdays()))
    assert made([*days, date(2019, 7, 9)], weeks) == 3


def test_the_days_of_visits_are_gone_through_once_for_all_stretches() -> None:
    daily = list(stretches(turns(Rhythm.DAY), date(2019, 7, 1), date(2019, 7, 30), Weekdays()))
    visited = iter([date(2019, 7, 3), date(2019, 7, 30), date(2019, 7, 31)])  # gives them once
    assert (len(daily), made(visited, daily)) == (30, 2)
