"""Pages by cursor: every case exactly once, whatever comes in meanwhile."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

START = datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.fixture
def report_at(db: None) -> Any:
    """Makes a case that was received at a minute after the start."""
    from huying.cases.models import Case, Channel
    from huying.intake.reporting import Told, take
    from huying.people.acting import SYSTEM

    def make(minute: int, area: str = "440113120213") -> str:
        case = take(
            Told(Channel.MESSAGE, "路灯不亮", area=area),
            by=SYSTEM,
            now=START + timedelta(minutes=minute),
        )
        return Case.objects.get(pk=case.pk).number

    return make


def _numbers(api: Any, between: Any = None, **query: Any) -> list[str]:
    """All numbers, page by page, up to a page that ends the list or thirty."""
    numbers: list[str] = []
    cursor = None
    for _page in range(30):
        page = api.get("/cases", **query | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= query["limit"]
        numbers += [item["number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        if between is not None:
            between()
    return numbers


@pytest.mark.parametrize("oldest_first", [True, False])
def test_new_cases_between_two_pages_move_nothing(
    district: Any, report_at: Any, oldest_first: bool
) -> None:
    # Three received at the same moment, so that a page ends within a tie.
    there = [report_at(minute) for minute in (0, 1, 2, 2, 2, 3, 4)]
    if not oldest_first:
        there.reverse()
    later, earlier = itertools.count(5), itertools.count(-1, -1)

    def meanwhile() -> None:
        report_at(next(later))
        report_at(next(earlier))
        report_at(2)

    numbers = _numbers(district, meanwhile, limit=2, oldest_first=oldest_first)
    assert len(numbers) == len(set(numbers))
    assert [number for number in numbers if number in there] == there


def test_what_one_may_not_see_makes_no_page_shorter(caller: Any, report_at: Any) -> None:
    for minute in range(12):
        report_at(minute, "440113120213" if minute % 2 else "440113009")
    api = caller("checker", "440113120")
    page = api.get("/cases", limit=3).json()
    assert len(page["items"]) == 3
    assert {item["area"][:9] for item in page["items"]} == {"440113120"}
    assert len(_numbers(api, limit=3)) == 6


def test_a_page_costs_a_fixed_number_of_queries(
    district: Any, report_at: Any, django_assert_max_num_queries: Any
) -> None:
    for minute in range(20):
        report_at(minute)
    district.get("/cases", limit=20)
    with django_assert_max_num_queries(1):
        district.get("/cases", limit=20)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "!!!!", "A" * 34, "钥匙"])
def test_a_made_up_cursor_is_refused(district: Any, cursor: str) -> None:
    answer = district.get("/cases", cursor=cursor)
    # 34 letters of the right alphabet may happen to be a place between two rows; no harm done.
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["field"] == "cursor"


@given(
    st.booleans(),
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.uuids(),
)
@settings(max_examples=200, deadline=None)
def test_a_cursor_reads_as_it_was_written(
    oldest_first: bool, received_at: datetime, case_id: uuid.UUID
) -> None:
    from huying.api.paging import Cursor

    cursor = Cursor(oldest_first, received_at, case_id)
    assert Cursor.read(str(cursor)) == cursor
