"""Letters of an office: what a unit is told in writing, and what is given to somebody to keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from huying.clock.calendar import CIVIL_TZ
from huying.reports.material import moment
from huying.reports.report import Report, Table
from huying.reports.typesetting import pdf

BEST: Final = 10_000
"""Hundredths of a percent: everything in time."""


@dataclass(frozen=True, slots=True)
class Supervised:
    """What a notice of formal supervision says 督办通知单; None where something is not known."""

    number: str
    title: str
    item: str
    place: str
    to: str
    issuer: str
    cause: str
    leader: str
    opened_at: datetime
    step_due: datetime | None
    due_at: datetime
    required: str


def supervision(of: Supervised, at: datetime) -> bytes:
    """The notice, to be signed for by the unit."""
    late = "" if of.step_due is None else f"，原期限为{moment(of.step_due)}"
    facts = (
        ("案件编号", of.number),
        ("事项", of.item or "未定"),
        ("地点", of.place),
        ("督办原因", of.cause),
        ("责任领导", of.leader or "—"),
        ("督办时间", moment(of.opened_at)),
        ("办结期限", moment(of.due_at)),
    )
    required = of.required or "按期办结，书面报告办理结果，说明超期原因和责任人。"
    words = (
        f"下列案件因{of.cause}{late}，现予督办。请于{moment(of.due_at)}前办结并反馈结果。",
        f"督办要求：{required}",
    )
    return _letter(
        banner=of.issuer,
        title="督办通知单",
        number=of.title,
        to=of.to,
        paragraphs=words,
        facts=facts,
        issuer=of.issuer,
        day=_day(of.opened_at),
        signs=("签收人", "签收时间"),
        at=at,
    )


def praised(report: Report) -> Table | None:
    """The units that did everything in time and nothing twice; None where there are none."""
    found = next(
        (
            each
            for section in report.sections
            for each in section.tables
            if "责任单位" in each.title
        ),
        None,
    )
    if found is None:
        return None
    heads = [column.title for column in found.columns]
    rows = [dict(zip(heads, row, strict=True)) for row in found.rows]
    good = tuple(
        (str(at), each["责任单位"], each["应处置"], "100.00%")
        for at, each in enumerate(
            (row for row in rows if row["按期处置率"] == BEST and not row["返工率"]), 1
        )
    )
    return Table("按期处置且无返工的责任单位", found.columns[:4], good) if good else None


def praise(report: Report) -> bytes:
    """The letter that praises them 表扬通报.

    Raises:
        ValueError: there is nobody to praise.
    """
    table = praised(report)
    if table is None:
        raise ValueError("nobody to praise")
    span = report.title.removeprefix("关于").removesuffix("网格化服务管理工作情况的通报")
    words = (
        f"在{span}网格化服务管理工作中，下列{len(table.rows)}个责任单位应处置的案件全部按期处置，"
        "没有返工。现予以通报表扬。希望受表扬的单位再接再厉，其他单位向其学习，"
        "及时处置群众反映的每一宗问题。",
    )
    shown = {
        "title": table.title,
        "widths": [1, 5, 2, 3],
        "head": ["序号", "责任单位", "应处置", "按期处置率"],
        "rows": [[str(cell) for cell in row] for row in table.rows],
    }
    return _letter(
        banner=report.issuer,
        title="表扬通报",
        number=report.number,
        paragraphs=words,
        tables=(shown,),
        issuer=report.issuer,
        day=report.issued_on,
        at=report.at,
    )


def hours(
    *, name: str, circle: str, year: int, given: str, number: str, code: str, address: str,
    issuer: str, issued_at: datetime,
) -> bytes:  # fmt: skip
    """A certificate of volunteer hours 服务时长证明, with its code as an SVG picture."""
    day = _day(issued_at)
    said = {
        "title": "志愿服务时长证明",
        "number": number,
        "words": f"兹证明{name}于{year}年参加“{circle}”的志愿服务，经确认的服务时长共{given}小时。"
        "特此证明。",
        "code": code,
        "address": address,
        "issuer": issuer,
        "issued_on": day.isoformat(),
        "issued_said": _said(day),
    }
    return pdf("hours", said, issued_at)


def _letter(
    *,
    banner: str,
    title: str,
    issuer: str,
    day: date,
    at: datetime,
    number: str = "",
    to: str = "",
    paragraphs: tuple[str, ...] = (),
    facts: tuple[tuple[str, str], ...] = (),
    tables: tuple[dict[str, Any], ...] = (),
    signs: tuple[str, ...] = (),
) -> bytes:
    said = {
        "banner": banner,
        "title": title,
        "number": number,
        "to": to,
        "paragraphs": paragraphs,
        "facts": facts,
        "tables": tables,
        "signs": signs,
        "issuer": issuer,
        "issued_on": day.isoformat(),
        "issued_said": _said(day),
    }
    return pdf("letter", said, at)


def _day(at: datetime) -> date:
    return at.astimezone(CIVIL_TZ).date()


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
