"""On duty or not: the roster, its shifts and a moment decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huying.clock.calendar import CIVIL_TZ
from huying.response.duty import Standing, hours, on_duty, standing, standing_of
from huying.response.nearest import Candidate, Reason, rank


@dataclass(frozen=True)
class Turn:
    begins_at: datetime
    ends_at: datetime
    on_leave: bool = False
    came_at: datetime | None = None
    left_at: datetime | None = None


DAY = date(2019, 7, 11)
EIGHT, SIXTEEN = time(8), time(16)
moments = st.integers(0, 4 * 24 * 60).map(
    lambda minutes: datetime(2019, 7, 10, tzinfo=CIVIL_TZ) + timedelta(minutes=minutes)
)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def turn(begins: time, ends: time, **more: object) -> Turn:
    return Turn(*hours(DAY, begins, ends), **more)  # type: ignore[arg-type]


def at(hour: int, minute: int = 0, day: int = 11) -> datetime:
    return datetime(2019, 7, day, hour, minute, tzinfo=CIVIL_TZ)


def test_a_night_shift_runs_over_midnight_and_not_into_the_morning_before() -> None:
    night = turn(time(22), time(6))
    assert on_duty([night], at(22))
    assert on_duty([night], at(5, 59, day=12))
    assert not on_duty([night], at(6, day=12))
    assert not on_duty([night], at(2)), "the night before belongs to the day before"


def test_a_turn_tells_how_its_member_stands() -> None:
    came, left = at(8, 5), at(12)
    day = turn(EIGHT, SIXTEEN, came_at=came, left_at=left)
    assert [standing_of(day, at(h)) for h in (7, 8, 9, 12, 15, 16)] == [
        Standing.OFF,
        Standing.EXPECTED,
        Standing.PRESENT,
        Standing.LEFT,
        Standing.LEFT,
        Standing.OFF,
    ]
    away = turn(EIGHT, SIXTEEN, on_leave=True)
    assert standing([away, day], at(9)) == (Standing.PRESENT, day)
    assert not on_duty([away], at(9))


@given(times, times, moments)
def test_shifts_that_follow_each_other_leave_no_moment_out_and_cover_none_twice(
    one: time, other: time, now: datetime
) -> None:
    """From one to the other and back to the one: exactly one of each day's two runs, always."""
    if one == other:
        return
    days = [DAY + timedelta(days=n) for n in range(-3, 5)]
    turns = [Turn(*hours(day, one, other)) for day in days]
    turns += [Turn(*hours(day, other, one)) for day in days]
    assert sum(standing_of(each, now) is Standing.EXPECTED for each in turns) == 1


@given(times, times, moments)
def test_a_turn_lasts_at_most_a_day_and_is_on_duty_exactly_within(
    begins: time, ends: time, now: datetime
) -> None:
    one = turn(begins, ends)
    assert timedelta(0) < one.ends_at - one.begins_at <= timedelta(days=1)
    assert on_duty([one], now) == (one.begins_at <= now < one.ends_at)


def candidate(team: int, metres: float | None, **more: object) -> Candidate:
    given = {"sort": "joint", "seen": True, "load": 0, "skilled": False, "on_duty": 2} | more
    return Candidate(team_id=team, metres=metres, **given)  # type: ignore[arg-type]


def test_the_nearest_is_called_unless_it_is_busy_or_another_can_do_it() -> None:
    ranked = rank(
        [
            candidate(1, 900, load=2),
            candidate(2, 1500),
            candidate(3, 4000, skilled=True),
            candidate(4, None, skilled=True),
            candidate(5, 100, on_duty=0),
            candidate(6, 100, sort="volunteer"),
            candidate(7, 5000, sort="volunteer", skilled=True, seen=False),
        ]
    )
    assert [each.candidate.team_id for each in ranked] == [3, 2, 7, 1, 4]
    reasons = {each.candidate.team_id: each.reasons for each in ranked}
    assert reasons[3] == (Reason.DISTANCE, Reason.SKILLED, Reason.FREE, Reason.ON_DUTY)
    assert reasons[1] == (Reason.DISTANCE, Reason.BUSY, Reason.ON_DUTY)
    assert reasons[7][0] is Reason.AREA_DISTANCE
    assert reasons[4][0] is Reason.DISTANCE_UNKNOWN
