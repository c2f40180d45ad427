"""Lights and countdowns at given moments."""

from datetime import timedelta

import pytest
from clock_moments import CALENDAR, shanghai, told

from huying.clock.deadlines import due
from huying.clock.lights import Light, Standstill, countdown, light, time_left, yellow_at
from huying.clock.limits import Clock, Limit, Pause

FOUR_HOURS = due(shanghai("2019-07-11 10:00"), Limit(4, Clock.NATURAL_HOUR), CALENDAR)
ONE_WORK_DAY = due(shanghai("2019-07-12 17:00"), Limit(1, Clock.WORK_DAY), CALENDAR)


@pytest.mark.parametrize(
    ("now", "colour"),
    [
        ("2019-07-11 10:00", Light.GREEN),
        ("2019-07-11 12:59", Light.GREEN),
        ("2019-07-11 13:00", Light.YELLOW),  # three of four hours
        ("2019-07-11 14:00", Light.YELLOW),  # the deadline itself is in time
        ("2019-07-11 14:01", Light.RED),
    ],
)
def test_green_yellow_red(now: str, colour: Light) -> None:
    assert light(FOUR_HOURS, shanghai(now)) is colour


def test_yellow_counts_on_the_deadlines_own_clock() -> None:
    # Three quarters of 7 h are 5 h 15 min of working time: Monday 14:00 + 1 h 15 min.
    assert told(yellow_at(ONE_WORK_DAY)) == "2019-07-15 15:15"
    assert light(ONE_WORK_DAY, shanghai("2019-07-15 15:14")) is Light.GREEN
    assert light(ONE_WORK_DAY, shanghai("2019-07-15 15:15")) is Light.YELLOW


def test_grey_while_paused_but_red_stays_red() -> None:
    held = due(
        shanghai("2019-07-11 10:00"),
        Limit(4, Clock.NATURAL_HOUR),
        CALENDAR,
        [Pause(shanghai("2019-07-11 11:00"), shanghai("2019-07-12 11:00"))],
    )
    assert light(held, shanghai("2019-07-11 12:00")) is Light.GREY
    assert light(held, shanghai("2019-07-12 11:00")) is Light.GREEN
    late = due(
        shanghai("2019-07-11 10:00"),
        Limit(4, Clock.NATURAL_HOUR),
        CALENDAR,
        [Pause(shanghai("2019-07-11 15:00"))],
    )
    assert light(late, shanghai("2019-07-11 16:00")) is Light.RED


def test_a_finished_stage_keeps_the_light_of_its_finish() -> None:
    now = shanghai("2019-08-01 10:00")
    assert light(FOUR_HOURS, now, done_at=shanghai("2019-07-11 11:00")) is Light.GREEN
    assert light(FOUR_HOURS, now, done_at=shanghai("2019-07-11 13:30")) is Light.YELLOW
    assert light(FOUR_HOURS, now, done_at=shanghai("2019-07-11 14:30")) is Light.RED


def test_time_left_is_clock_time_and_negative_when_overdue() -> None:
    assert time_left(shanghai("2019-07-13 10:00"), ONE_WORK_DAY) == timedelta(hours=6, minutes=30)
    assert time_left(shanghai("2019-07-16 09:00"), ONE_WORK_DAY) == timedelta(hours=-1)


def test_a_countdown_stands_still_off_hours_until_work_begins() -> None:
    found = countdown(ONE_WORK_DAY, shanghai("2019-07-13 10:00"))
    assert found.standstill is Standstill.OFF_HOURS
    assert told(found.until) == "2019-07-15 08:30"
    assert found.left == timedelta(hours=6, minutes=30)


def test_a_running_countdown_says_when_it_will_stop() -> None:
    found = countdown(ONE_WORK_DAY, shanghai("2019-07-15 11:00"))
    assert found.running
    assert told(found.until) == "2019-07-15 12:00"
    natural = countdown(FOUR_HOURS, shanghai("2019-07-11 12:00"))
    assert natural.running
    assert natural.until is None


def test_a_paused_countdown_goes_on_when_the_clock_does() -> None:
    held = due(
        shanghai("2019-07-12 17:00"),
        Limit(1, Clock.WORK_DAY),
        CALENDAR,
        [Pause(shanghai("2019-07-15 09:00"), shanghai("2019-07-15 22:00"))],
    )
    found = countdown(held, shanghai("2019-07-15 10:00"))
    assert found.standstill is Standstill.PAUSED
    assert told(found.until) == "2019-07-16 08:30"
    before = countdown(held, shanghai("2019-07-15 08:45"))
    assert told(before.until) == "2019-07-15 09:00"


def test_an_open_pause_has_no_known_end() -> None:
    held = due(
        shanghai("2019-07-11 10:00"),
        Limit(4, Clock.NATURAL_HOUR),
        CALENDAR,
        [Pause(shanghai("2019-07-11 11:00"))],
    )
    found = countdown(held, shanghai("2019-07-20 10:00"))
    assert (found.light, found.standstill, found.until) == (Light.GREY, Standstill.PAUSED, None)
    assert found.left == timedelta(hours=3)
    assert yellow_at(held) is None
