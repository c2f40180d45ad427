"""When a notice leaves the house: quiet hours, digests, alarms; and how long a failure waits."""

from __future__ import annotations

import uuid
from datetime import time, timedelta

import pytest

from huying.notices.planning import How, Quiet, plan, wait
from tests.cases.town import at


@pytest.mark.parametrize(
    ("how", "now", "leaves", "gathered"),
    [
        (How.AT_ONCE, "2019-07-11 10:20", "2019-07-11 10:20", False),
        (How.AT_ONCE, "2019-07-11 22:00", "2019-07-12 07:00", True),
        (How.AT_ONCE, "2019-07-12 06:59", "2019-07-12 07:00", True),
        (How.AT_ONCE, "2019-07-12 07:00", "2019-07-12 07:00", False),
        (How.HOURLY, "2019-07-11 10:20", "2019-07-11 11:00", True),
        (How.HOURLY, "2019-07-11 21:20", "2019-07-12 07:00", True),
        (How.DAILY, "2019-07-11 08:20", "2019-07-11 08:30", True),
        (How.DAILY, "2019-07-11 08:30", "2019-07-12 08:30", True),
    ],
)
def test_when_a_notice_leaves(how: How, now: str, leaves: str, gathered: bool) -> None:
    planned = plan(alarm=False, how=how, quiet=Quiet(), now=at(now))
    assert planned is not None
    assert (planned.at, planned.gathered) == (at(leaves), gathered)


def test_an_alarm_asks_neither_the_hour_nor_the_choice() -> None:
    planned = plan(alarm=True, how=How.OFF, quiet=Quiet(), now=at("2019-07-11 03:00"))
    assert planned is not None
    assert (planned.at, planned.gathered) == (at("2019-07-11 03:00"), False)
    assert plan(alarm=False, how=How.OFF, quiet=Quiet(), now=at("2019-07-11 10:00")) is None


def test_quiet_hours_within_a_day_and_none() -> None:
    noon = Quiet(time(12), time(14))
    assert noon.end(at("2019-07-11 13:00")) == at("2019-07-11 14:00")
    assert noon.end(at("2019-07-11 14:00")) is None
    assert Quiet(time(0), time(0)).end(at("2019-07-11 00:00")) is None


def test_waits_double_up_to_the_longest_and_differ() -> None:
    ids = [uuid.uuid4() for _ in range(20)]
    waits = [[wait(n, each, first=30, longest=3600) for each in ids] for n in range(1, 12)]
    for number, some in enumerate(waits):
        usual = timedelta(seconds=min(3600, 30 * 2**number))
        assert all(usual / 2 <= each <= usual * 1.5 for each in some)
    assert len(set(waits[0])) == 20
    assert set(waits[-1]) == {timedelta(seconds=3600)}
    assert wait(3, ids[0], first=30, longest=3600) == wait(3, ids[0], first=30, longest=3600)
