"""The rungs of a step: at which moments, on which clock, and what a moved deadline does to them."""

from datetime import timedelta

import pytest
from clock_moments import CALENDAR, shanghai, told

from huying.clock.deadlines import Due, due
from huying.clock.ladder import Ladder, Rung, after_reworks, moments, next_rung, still_climbed
from huying.clock.limits import Clock, Limit, Pause

SIXTEEN_HOURS = Limit(16, Clock.NATURAL_HOUR)
ONE_WORK_DAY = Limit(1, Clock.WORK_DAY)


def told_of(found: Due, ladder: Ladder) -> list[str | None]:
    return [each.at and told(each.at) for each in moments(found, ladder)]


def test_on_a_clock_that_never_stops() -> None:
    found = due(shanghai("2019-07-12 17:00"), SIXTEEN_HOURS, CALENDAR)
    assert told_of(found, Ladder()) == [
        "2019-07-13 05:00",
        "2019-07-13 09:00",
        "2019-07-13 09:00",
        "2019-07-14 01:00",
    ]


def test_beyond_the_deadline_the_nights_of_a_work_clock_do_not_count() -> None:
    found = due(shanghai("2019-07-12 10:00"), ONE_WORK_DAY, CALENDAR)
    assert told_of(found, Ladder(leader=150)) == [
        "2019-07-12 17:15",
        "2019-07-15 10:00",
        "2019-07-15 15:30",
        "2019-07-16 10:00",
    ]


def test_a_pause_moves_what_lies_ahead_and_an_open_one_hides_it() -> None:
    start = shanghai("2019-07-12 17:00")
    over = Pause(shanghai("2019-07-13 10:00"), shanghai("2019-07-13 13:00"))
    found = due(start, SIXTEEN_HOURS, CALENDAR, [over])
    assert told_of(found, Ladder())[2:] == ["2019-07-13 09:00", "2019-07-14 04:00"]
    found = due(start, SIXTEEN_HOURS, CALENDAR, [Pause(over.start)])
    assert told_of(found, Ladder())[2:] == ["2019-07-13 09:00", None]


def test_after_an_extension_the_whole_allowance_counts_on_the_last_clock() -> None:
    found = due(
        shanghai("2019-07-12 10:00"), Limit(4, Clock.NATURAL_HOUR), CALENDAR, (), [ONE_WORK_DAY]
    )
    # 4 h by the natural clock, 7 of work; the same 11 h once more are working time.
    assert told_of(found, Ladder())[1:] == ["2019-07-15 12:00"] * 2 + ["2019-07-17 09:00"]


def test_a_deadline_that_moved_on_takes_rungs_back() -> None:
    start, ladder = shanghai("2019-07-12 17:00"), Ladder()
    short = due(start, SIXTEEN_HOURS, CALENDAR)
    longer = due(start, SIXTEEN_HOURS, CALENDAR, (), [SIXTEEN_HOURS])
    now = shanghai("2019-07-13 10:00")
    assert still_climbed(short, Rung.TELL_LEADER, ladder, now) == Rung.TELL_LEADER
    assert still_climbed(longer, Rung.TELL_LEADER, ladder, now) == 0
    now += timedelta(hours=8)
    assert still_climbed(longer, Rung.TELL_LEADER, ladder, now) == Rung.REMIND


def test_the_rungs_follow_each_other() -> None:
    assert [next_rung(climbed) for climbed in range(5)] == [*Rung, None]
    assert [after_reworks(n, 0, Ladder()) for n in (1, 2, 3)] == [False, True, True]
    assert not after_reworks(2, 2, Ladder())


@pytest.mark.parametrize(
    "wrong", [{"remind": 0}, {"remind": 101}, {"leader": 99}, {"supervise": 99}, {"reworks": 0}]
)
def test_rungs_out_of_order_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="out of order"):
        Ladder(**wrong)
