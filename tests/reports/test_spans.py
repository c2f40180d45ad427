"""The weeks and months that are reported on, and what they are held against."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.reports.report import percent
from huying.reports.spans import Kind, Span
from huying.reports.wording import change_of_count, change_of_rate, ranked

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


@given(DAYS, st.sampled_from(list(Kind)))
def test_spans_follow_each_other_without_a_gap(day: date, kind: Kind) -> None:
    span = Span.around(kind, day)
    assert span.first <= day <= span.last
    assert (span.first - span.before.last).days == 1
    assert Span.ended_before(kind, day) == span.before
    assert span.year_before.number[0] == span.number[0] - 1
    assert span.year_before.last < span.first
    assert len(span.days) == (span.last - span.first).days + 1


@pytest.mark.parametrize(
    ("kind", "day", "number", "said"),
    [
        (Kind.MONTHLY, date(2026, 10, 31), (2026, 10), "2026年10月"),
        (Kind.WEEKLY, date(2026, 11, 1), (2026, 44), "2026年第44周（10月26日至11月1日）"),
        # The first days of a year may belong to the last week of the year before.
        (Kind.WEEKLY, date(2027, 1, 3), (2026, 53), "2026年第53周（12月28日至1月3日）"),
    ],
)
def test_a_span_has_its_number_and_words(
    kind: Kind, day: date, number: tuple[int, int], said: str
) -> None:
    span = Span.around(kind, day)
    assert (span.number, span.said) == (number, said)


def test_what_there_is_nothing_to_hold_against_is_no_change() -> None:
    assert change_of_count(5, None) == change_of_rate(5, None) == "无数据"
    assert change_of_rate(None, 5) == "无数据"
    assert change_of_count(5, 0) == "增加5宗"
    assert change_of_count(9, 8) == "上升12.50%"
    assert change_of_count(6, 8) == "下降25.00%"
    assert change_of_count(8, 8) == change_of_rate(8, 8) == "持平"
    assert change_of_rate(9_877, 9_750) == "上升1.27个百分点"
    assert percent(-5) == "-0.05%"


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=8))
def test_the_same_figure_has_the_same_rank_and_no_figure_has_none(values: list[int | None]) -> None:
    order = ranked(list(enumerate(values)), lambda row: row[1], lambda row: (row[0],))
    for place, (_at, value) in order:
        better = sum(each is not None and value is not None and each > value for each in values)
        assert place == (None if value is None else better + 1)
    assert sorted(row for _place, row in order) == sorted(enumerate(values))
