"""Letters: who is praised, and what a certificate says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from huying.reports.letters import hours, praise, praised
from huying.reports.report import Column, Report, Section, Shape, Table

AT = datetime(2026, 11, 1, 22, tzinfo=UTC)
HEADS = ("名次", "责任单位", "派遣", "应处置", "已处置", "按期处置率", "返工率", "退单率")
COLUMNS = tuple(Column(each, Shape.TEXT) for each in HEADS)


def report(*rows: tuple[str | int | None, ...]) -> Report:
    table = Table("责任单位处置排名", COLUMNS, rows)
    return Report(
        "石碁镇网格化服务管理工作通报", "2026年第10期", "石碁镇城市运行综合指挥中心",
        date(2026, 11, 2), "关于2026年10月石碁镇网格化服务管理工作情况的通报", "通报",
        date(2026, 10, 1), date(2026, 10, 31), AT, "", (Section("三", tables=(table,)),), (),
    )  # fmt: skip


def test_praised_is_who_did_all_in_time_and_nothing_twice() -> None:
    good = ("1", "石碁镇城管执法队", 3, 3, 3, 10_000, 0, 0)
    unchecked = ("1", "石碁镇住建", 1, 1, 1, 10_000, None, 0)
    twice = ("1", "石碁镇消防", 2, 2, 2, 10_000, 5_000, 0)
    late = ("4", "石碁镇水务", 2, 2, 1, 5_000, 0, 0)
    idle = ("—", "石碁镇民政", 1, 0, 0, None, None, None)
    some = report(good, unchecked, twice, late, idle)
    table = praised(some)
    assert table is not None
    assert [row[1] for row in table.rows] == ["石碁镇城管执法队", "石碁镇住建"]
    assert praise(some) == praise(some)
    assert praised(report(late, idle)) is None
    with pytest.raises(ValueError, match="nobody"):
        praise(report(late))
    assert praised(replace(some, sections=())) is None


def test_a_certificate_of_hours_is_the_same_file_each_time() -> None:
    code = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9h-9z"/></svg>'
    )
    made = [
        hours(
            name="何婉仪", circle="微笑服务队", year=2026, given="36.5", number="N-1", code=code,
            address="https://huying.example/n/c/abc", issuer="石碁镇小龙村", issued_at=AT,
        )
        for _twice in range(2)
    ]  # fmt: skip
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF")
