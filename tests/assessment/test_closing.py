"""A closed month keeps its figures; what is learned later is a correction with its cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huying.assessment.closing import (
    AlreadyClosed,
    NotFollowed,
    TooEarly,
    as_of,
    close,
    close_due,
    corrections,
    month_of,
    week_of,
)
from huying.assessment.counting import Asked, By, counted
from huying.assessment.following import follow
from huying.assessment.models import ClosedPeriod, RolledCursor
from huying.assessment.rolled import behind, rolled
from huying.assessment.tallies import Tally
from tests.assessment.test_rolled import command
from tests.cases.town import DISTRICT, GUIDE, TOWN, XIAOLONG, Town

JULY = (date(2019, 7, 1), date(2019, 7, 31))


def test_months_and_weeks_are_whole() -> None:
    assert month_of(date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert week_of(date(2026, 11, 29)) == (date(2026, 11, 23), date(2026, 11, 29))
    assert as_of(date(2026, 10, 31)) == datetime(2026, 11, 3, 16, tzinfo=UTC)


def test_a_closed_month_stands_and_what_came_later_is_said(town: Town) -> None:
    closed = town.bring_to("closed", item=GUIDE)
    case = town.bring_to("handling", item=GUIDE)
    with pytest.raises(NotFollowed):
        close(DISTRICT, *JULY, now=datetime.now(UTC))
    follow()
    at = datetime.now(UTC)
    later = at + timedelta(hours=2)
    with pytest.raises(TooEarly):
        close(DISTRICT, *JULY, now=at, at=at)
    with pytest.raises(TooEarly):
        close(DISTRICT, *JULY, now=at, at=datetime(2019, 7, 20, tzinfo=UTC))
    with pytest.raises(ValueError, match="neither"):
        close(DISTRICT, date(2019, 7, 2), date(2019, 7, 31), now=at)
    period = close(DISTRICT, *JULY, now=later, at=at)
    with pytest.raises(AlreadyClosed):
        close(DISTRICT, *JULY, now=later, at=at)

    told = {
        (area, by): {
            name: each.counts for name, each in counted(Asked(area, *JULY, at), by).items()
        }
        for area in (DISTRICT, TOWN, XIAOLONG)
        for by in By
    }
    for verb in ("handle", "check_fail", "handle", "check_pass", "close"):
        case = town.do(verb, case)
    follow()
    for (area, by), counts in told.items():
        assert rolled(area, *JULY, by) == counts, (area, by)
    assert rolled(TOWN, *JULY, at=datetime.now(UTC)) != told[TOWN, By.ALL]
    asked = (TOWN, *JULY, By.ALL, "", Tally.HANDLE_DONE)
    assert behind(*asked) == [closed.pk], "a figure opens into what it was made of"

    found = {each.tally: each for each in corrections(TOWN, period)}
    done = found[Tally.HANDLE_DONE]
    assert (done.then, done.now, done.more, done.fewer) == (1, 2, (case.pk,), ())
    assert Tally.HANDLE_DUE not in found, "that it was due is no news"
    now = counted(Asked(TOWN, *JULY, datetime.now(UTC)))[""].counts
    for tally, each in found.items():
        assert each.now == now[tally]
    assert corrections("440113102", period) == []
    said = command("corrections", TOWN, "--month", "2019-07")
    assert {each["tally"] for each in said["corrections"]} == {str(each) for each in found}


def test_the_job_closes_the_last_month_and_week_once(town: Town) -> None:
    town.bring_to("closed", item=GUIDE)
    follow()
    now = datetime(2030, 1, 4, 18, tzinfo=UTC)
    assert close_due(now=now) == 2
    kept = ClosedPeriod.objects.values_list("kind", "first", "last")
    assert set(kept) == {
        ("month", date(2029, 12, 1), date(2029, 12, 31)),
        ("week", date(2029, 12, 24), date(2029, 12, 30)),
    }
    assert close_due(now=now) == 0
    assert command("rebuild")["ok"]
    assert RolledCursor.objects.exists()
    assert ClosedPeriod.objects.count() == 2
