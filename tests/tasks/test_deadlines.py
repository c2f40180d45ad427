"""The ladder of a part: pure, so that each moment can be asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huying.clock.lights import Light
from huying.tasks.deadlines import Rung, Span

ISSUED = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SPAN = Span(ISSUED, ISSUED + timedelta(hours=100))


def after(hours: float) -> datetime:
    return ISSUED + timedelta(hours=hours)


def test_rungs_stand_at_three_quarters_at_the_end_and_at_twice_the_time() -> None:
    assert [SPAN.at(rung) for rung in Rung] == [after(75), after(100), after(200)]
    assert SPAN.next_after(0) == after(75)
    assert SPAN.next_after(Rung.TOWN) is None


def test_rungs_are_climbed_once_and_missed_ones_are_made_up_for() -> None:
    assert SPAN.reached(0, after(75)) == []  # the moment itself is still in time
    assert SPAN.reached(0, after(76)) == [Rung.REMIND]
    assert SPAN.reached(Rung.REMIND, after(76)) == []
    assert SPAN.reached(0, after(300)) == [Rung.REMIND, Rung.COMMUNITY, Rung.TOWN]


def test_the_light_follows_the_rungs() -> None:
    lights = [SPAN.light(after(hours)) for hours in (1, 75, 100, 101)]
    assert lights == [Light.GREEN, Light.YELLOW, Light.YELLOW, Light.RED]
