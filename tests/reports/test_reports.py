"""A month of a town as a report: its words, its files, who has it made, and when by itself."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huying.assessment.following import behind_by, follow
from huying.errors import BadInput, NotFound
from huying.notices.models import Notice
from huying.places.models import Division
from huying.reports import keeping, making, typesetting
from huying.reports.collecting import reports
from huying.reports.keeping import Form, keep, path_of
from huying.reports.models import MadeReport
from huying.reports.printing import printed, said
from huying.reports.report import Report, read
from huying.reports.spans import Kind, Span
from huying.reports.workbooks import workbook
from tests.cases.town import GUIDE, OPINION, TOWN, XIAOLONG, Town

JULY = Span.around(Kind.MONTHLY, date(2019, 7, 1))
RARE = "石碁镇凼仔涌、湴湄、塱边、冚石、㘵口、氹仔、赤泥埗、屲下、邨前巷"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)


def made(area: str = TOWN, span: Span = JULY, at: datetime | None = None) -> Report:
    ((_area, report),) = reports([area], span, at or timezone.now())
    return report


def table(report: Report, title: str) -> list[dict[str, Any]]:
    (found,) = (each for one in report.sections for each in one.tables if each.title == title)
    heads = [column.title for column in found.columns]
    return [dict(zip(heads, row, strict=True)) for row in found.rows]


def glyphs(pdf: bytes) -> list[int]:
    """The numbers of all glyphs that the pages draw; 0 is the box of a character not there."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for page in file.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) not in ("Tj", "TJ"):
                    continue
                parts = operands[0] if str(operator) == "TJ" else operands
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        raw = bytes(part)
                        found += [
                            int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)
                        ]
    return found


def test_a_towns_month_as_page_pdf_and_excel(town: Town) -> None:
    town.bring_to("closed", item=GUIDE)
    town.bring_to("closed", item=OPINION)
    late = town.bring_to("handling", item=GUIDE)
    town.later(days=9)
    at = timezone.now()
    report = made(at=at)

    assert report.title == "关于2019年7月石碁镇网格化服务管理工作情况的通报"
    assert report.number == "2019年第7期"
    words = "".join(each for section in report.sections for each in section.paragraphs)
    assert "石碁镇共立案3宗（环比无数据，同比无数据）" in words
    assert "应结案3宗，已结案2宗，结案率66.67%" in words
    assert "满意率均为无数据" in words
    main = {row["指标"]: row for row in table(report, "主要指标")}
    assert (main["结案率"]["分子"], main["结案率"]["分母"], main["结案率"]["本期"]) == (
        "2",
        "3",
        6667,
    )
    assert (main["满意率"]["本期"], main["结案率"]["环比"]) == (None, "无数据")
    (red,) = table(report, "红灯案件")
    assert (red["案件编号"], red["属地"]) == (late.number, "小龙村")
    ranking = table(report, "各村（社区）结案排名")
    communities = Division.objects.filter(code__startswith=TOWN, level="community").count()
    assert len(ranking) == communities
    assert (ranking[0]["单位"], ranking[0]["名次"]) == ("小龙村", "1")
    assert {row["名次"] for row in ranking[1:]} == {"—"}

    # Kept as plain values, and the same again.
    assert read(json.loads(json.dumps(report.as_json()))) == report
    assert made(at=at) == report
    pdf, book = printed(report), workbook(report)
    assert (printed(report), workbook(report)) == (pdf, book), "byte for byte"
    assert 0 not in glyphs(pdf)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert sheets.sheet_names[:2] == ["通报", "主要指标"]
    rows = {str(row[0]): row for row in sheets.get_sheet_by_name("主要指标").to_python()}
    assert rows["结案率"][3] == pytest.approx(2 / 3, abs=1e-4)
    assert rows["满意率"][3] == "无数据"

    # From the facts, once they are kept, the same again.
    follow()
    assert behind_by(at) == timedelta(0)
    assert made(at=at) == report
    assert made(XIAOLONG).sections[1].heading == "二、各网格情况"
    nothing = made(span=JULY.before)
    assert "没有计入统计的案件" in nothing.sections[0].paragraphs[0]
    assert printed(nothing)


def test_every_name_of_a_place_is_drawn_and_so_are_rare_characters(town: Town) -> None:
    report = made()
    names = "、".join(Division.objects.order_by("code").values_list("name", flat=True))
    told = said(report) | {"opening": names + RARE, "banner": "石碁镇塱边湴湄通报"}
    pdf = typesetting.pdf("report", told, report.at)
    assert len(glyphs(pdf)) > len(names)
    assert 0 not in glyphs(pdf)
    # The check itself sees a character that no face has.
    gone = typesetting.pdf("report", told | {"opening": "𠮶巷"}, report.at)
    assert 0 in glyphs(gone)


def test_somebody_asks_for_a_report(town: Town, settings: Any) -> None:
    town.bring_to("closed", item=GUIDE)
    by, now = town.actor("dispatcher"), timezone.now()
    day = date(2019, 7, 11)
    for area, kind, wanted, error in (
        ("440113102", "monthly", day, NotFound),
        (TOWN, "yearly", day, BadInput),
        (TOWN, "weekly", None, BadInput),
        (TOWN, "weekly", date(2099, 1, 1), BadInput),
    ):
        with pytest.raises(error):
            making.ask(area, kind, wanted, by=by, now=now)
    with pytest.raises(NotFound):
        making.ask(TOWN, "monthly", day, by=town.actor("handler"), now=now)

    asked = making.ask(TOWN, "weekly", day, by=by, now=now)
    assert making.make_report(str(asked.pk)) == 1
    assert making.make_report(str(asked.pk)) == 0, "a repeated job makes nothing"
    asked.refresh_from_db()
    assert (asked.state, asked.done) == (MadeReport.State.READY, MadeReport.STEPS)
    notice = Notice.objects.get(kind="report_ready")
    assert (notice.account_id, notice.path) == (by.account_id, f"/desk/reports/{asked.pk}")

    # A file that is lost is made anew, the same; later events change nothing.
    before = path_of(asked.pk, Form.PDF).read_bytes()
    path_of(asked.pk, Form.PDF).unlink()
    town.bring_to("closed", item=GUIDE)
    asked.refresh_from_db()
    assert keep(asked, Form.PDF).read_bytes() == before
    assert MadeReport.objects.visible_to(town.actor("dispatcher")).count() == 1
    assert MadeReport.objects.visible_to(town.actor("handler")).count() == 0
    settings.HUYING = settings.HUYING.model_copy(update={"report_day": 0, "report_weekly": False})
    making.make_due(now=now + timedelta(days=400))
    assert not MadeReport.objects.filter(scheduled=False).exists()
    assert not path_of(asked.pk, Form.PDF).exists()


def test_what_is_over_is_reported_on_by_itself_once(
    town: Town, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(making, "keep", lambda *_: None)
    town.bring_to("closed", item=GUIDE)
    night = datetime(2019, 8, 4, 21, 30, tzinfo=UTC)  # half past five on Monday the fifth
    assert making.make_due(now=night) == 0
    morning = night + timedelta(hours=1)
    towns = Division.objects.exclude(level="community").count()
    assert making.make_due(now=morning) == 2 * towns
    assert making.make_due(now=morning + timedelta(hours=1)) == 0
    kept = {(each.kind, each.first) for each in MadeReport.objects.filter(area_code=TOWN)}
    assert kept == {("weekly", date(2019, 7, 29)), ("monthly", date(2019, 7, 1))}
    assert Notice.objects.filter(kind="report_ready", account__posts__area_code=TOWN).exists()

    settings.HUYING = settings.HUYING.model_copy(update={"report_day": 15})
    assert [each.kind for each in making.due_spans(date(2019, 9, 14))] == [Kind.WEEKLY]
