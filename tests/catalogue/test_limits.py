"""An emergency has the emergency's limits, whatever its item."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from huying.catalogue.limits import EMERGENCY, limits_of
from huying.catalogue.versions import current
from huying.clock.limits import Clock, Limit
from huying.clock.stages import StageLimits

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def item(**fields: Any) -> Any:
    stated = {
        "accept_limit_min": 60, "sign_limit_min": 120, "handle_limit": 5,
        "handle_clock": "work_day", "check_limit": 1, "check_clock": "work_day",
        "total_limit_hours": None,
    }  # fmt: skip
    return SimpleNamespace(**(stated | fields))


def test_an_ordinary_case_has_its_items_limits() -> None:
    limits = StageLimits.from_catalogue(**limits_of(item()))
    assert limits.accept == Limit.in_minutes(60)
    assert limits.handle == Limit(5, Clock.WORK_DAY)
    assert limits.total is None


def test_an_emergency_has_the_emergencys_limits() -> None:
    limits = StageLimits.from_catalogue(**limits_of(item(), emergency=True))
    assert limits.accept == Limit.in_minutes(15)
    assert limits.sign == Limit.in_minutes(10)
    assert limits.handle == Limit(4, Clock.NATURAL_HOUR)
    assert limits.check == Limit(1, Clock.NATURAL_HOUR)


def test_an_items_own_stricter_limit_stays() -> None:
    strict = item(accept_limit_min=5, handle_limit=2, handle_clock="natural_hour")
    limits = limits_of(strict, emergency=True)
    assert (limits["accept_limit_min"], limits["handle_limit"]) == (5, 2)


def test_a_limit_on_a_work_clock_is_never_stricter() -> None:
    """One work hour late on Friday ends on Monday."""
    slow = item(handle_limit=1, handle_clock="work_hour")
    limits = limits_of(slow, emergency=True)
    assert (limits["handle_limit"], limits["handle_clock"]) == (4, "natural_hour")


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["0203", "0403"])
def test_the_figures_are_those_of_the_catalogues_own_emergencies(code: str) -> None:
    assert limits_of(current(code, NOW)) == EMERGENCY
    assert limits_of(current(code, NOW), emergency=True) == EMERGENCY
