"""Reports at the desk: asked for, read, downloaded; and letters as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

from django.http import FileResponse
from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from tests.desk.world import World
from tests.reports.shown import with_report


def content(response: Any) -> bytes:
    assert isinstance(response, FileResponse)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response.streaming_content)


def test_a_report_is_asked_for_read_and_downloaded(
    world: World, as_: Callable[..., Client]
) -> None:
    from huying.reports import making
    from huying.reports.models import MadeReport

    world.dispatched()
    desk = as_("dispatcher")
    bad = desk.post("/desk/reports", {"area": "440113102", "kind": "monthly", "day": ""})
    assert bad.status_code == 422
    today = timezone.localdate().isoformat()
    asked = desk.post("/desk/reports", {"area": "440113120", "kind": "weekly", "day": today})
    assert asked.status_code == 302
    made = MadeReport.objects.get()
    assert "hx-trigger" in desk.get("/desk/reports").content.decode()
    assert desk.get(f"/desk/reports/{made.pk}").status_code == 404, "not made yet"
    making.make_report(str(made.pk))

    page = desk.get(f"/desk/reports/{made.pk}").content.decode()
    made.refresh_from_db()
    report = made.report
    assert report.title in page
    # Figures in the sentences are links.
    said = re.sub(r"<a href=[^>]*>|</a>", "", page)
    for section in report.sections:
        for words in (section.heading, *section.paragraphs):
            assert words in said
    assert content(desk.get(f"/desk/reports/{made.pk}/pdf")).startswith(b"%PDF")
    assert content(desk.get(f"/desk/reports/{made.pk}/xlsx")).startswith(b"PK")
    assert desk.get(f"/desk/reports/{made.pk}/docx").status_code == 404


LINK = re.compile(r'<a href="(/desk/figures/cases\?[^"]+)">([^<]+)</a>')


def test_every_figure_of_a_report_leads_to_its_cases_as_they_were(
    world: World, as_: Callable[..., Client]
) -> None:
    world.closed()
    late = world.dispatched()
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    made = with_report(world)
    world.closed()  # what came after the report is none of its figures
    desk = as_("dispatcher")
    page = desk.get(f"/desk/reports/{made.pk}").content.decode()
    leads: dict[str, str] = {}
    for href, said in LINK.findall(page):
        address = unescape(href)
        assert leads.setdefault(address, said) == said or "%" in said + leads[address]
    asked = [dict(parse_qsl(each.split("?")[1])) for each in leads]
    assert {each["by"] for each in asked} >= {"all", "community", "unit", "item", "channel"}
    compared = 0
    for (address, said), each in zip(leads.items(), asked, strict=True):
        if said == "0" or each["by"] not in ("all", "unit", "channel") or "%" in said:
            continue
        opened = desk.get(address).content.decode()
        listed = re.search(r'aria-current="page">[^<]*<span class="num">(\d+)', opened)
        assert listed is not None
        assert listed[1] == said, address
        compared += 1
    assert compared > 5


def test_a_report_that_was_kept_before_figures_opened_is_read(
    world: World, as_: Callable[..., Client]
) -> None:
    world.closed()
    made = with_report(world)
    kept = made.content
    for section in kept["sections"]:
        del section["marks"]
        for each in (*section["tables"], *section["charts"]):
            del each["by"], each["keys"]
        for table in section["tables"]:
            for column in table["columns"]:
                del column["opens"]
        for chart in section["charts"]:
            for line in chart["series"]:
                del line["opens"]
    made.save(update_fields=["content"])
    page = as_("dispatcher").get(f"/desk/reports/{made.pk}")
    assert page.status_code == 200
    assert "/desk/figures/cases" not in page.content.decode()


def test_a_notice_of_supervision_is_a_file(world: World, as_: Callable[..., Client]) -> None:
    case = world.do(world.dispatched(), "supervise", "leader", reason="超期未处置")
    told = as_("dispatcher").get(f"/desk/cases/{case.number}/sheets/supervision?pdf=1")
    first = content(told)
    assert first.startswith(b"%PDF")
    again = as_("dispatcher").get(f"/desk/cases/{case.number}/sheets/supervision?pdf=1")
    assert content(again) == first
