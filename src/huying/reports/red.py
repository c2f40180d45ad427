"""The cases that a report names: late ones, 红灯, and those under formal supervision."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from huying.assessment.opening import Part
from huying.assessment.tallies import Tally, civil_day
from huying.reports.gathering import Behind
from huying.reports.material import Material, moment
from huying.reports.opening import CASE, figure
from huying.reports.report import Column, Section, Shape, Table

MOST_LISTED: Final = 100
"""Cases in one list; how many there are in all is said beside it."""

_OF_CASES: Final = (
    Column("案件编号", Shape.TEXT, 7, CASE),
    Column("事项", Shape.TEXT, 5),
    Column("属地", Shape.TEXT, 3),
    Column("责任单位", Shape.TEXT, 5),
)


def red(of: Material) -> Section:
    """What ran out within the span and is not done: each case once, the longest late first."""
    by_case: dict[UUID, Behind] = {}
    for each in sorted(of.now.late, key=lambda one: (one.line.day, one.line.seq)):
        by_case.setdefault(each.case, each)
    order = sorted(by_case.values(), key=lambda each: (each.line.day, of.names.cases[each.case]))
    today = civil_day(of.at)
    late = tuple(
        (
            *_of_case(of, each),
            f"{each.line.day:%m-%d}",
            _late_by((today - each.line.day).days),
        )
        for each in order[:MOST_LISTED]
    )
    n = of.now.whole
    waiting = n[Tally.HANDLE_DUE] - n[Tally.HANDLE_DONE]
    open_ = n[Tally.TOTAL_DUE] - n[Tally.TOTAL_DONE]
    words = (
        f"截至{moment(of.at)}，本期到期而未办结的案件{len(order)}宗，亮红灯，"
        f"其中到期未处置{figure(waiting, 'handled', Part.REST)}宗次，"
        f"到期未结案{figure(open_, 'closed', Part.REST)}宗。"
        "请有关单位逐宗核对原因，抓紧办理。"
        if order
        else "本期到期的案件均已办结，没有红灯案件。"
    )
    watched = sorted(of.now.supervised, key=lambda each: (each.line.day, of.names.cases[each.case]))
    tables = []
    if order:
        tables.append(
            Table(
                "红灯案件",
                (*_OF_CASES, Column("期限", Shape.TEXT, 2), Column("超期", Shape.TEXT, 2)),
                late,
                f"共{len(order)}宗，列前{MOST_LISTED}宗。" if len(order) > MOST_LISTED else "",
            )
        )
    if watched:
        tables.append(
            Table(
                "督办案件",
                (*_OF_CASES, Column("督办日期", Shape.TEXT, 3)),
                tuple(
                    (*_of_case(of, each), f"{each.line.day:%m-%d}")
                    for each in watched[:MOST_LISTED]
                ),
                f"共{len(watched)}宗，列前{MOST_LISTED}宗。" if len(watched) > MOST_LISTED else "",
            )
        )
    return Section("红灯与督办案件", (words,), (), tuple(tables))


def _late_by(days: int) -> str:
    return f"{days}天" if days else "不足1天"


def _of_case(of: Material, each: Behind) -> tuple[str, ...]:
    about = each.line.about
    place = about.area[: min(len(about.area), 12)]
    unit = (
        "尚未派遣" if about.unit is None else of.names.units.get(str(about.unit), str(about.unit))
    )
    return (
        of.names.cases[each.case],
        of.names.items.get(about.item, about.item) or "未定",
        of.names.places.get(place, place),
        unit,
    )
