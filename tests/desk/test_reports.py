"""Reports at the desk: asked for, read, downloaded; and letters as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse
from django.test import Client
from django.utils import timezone

from tests.desk.world import World


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
    for section in report.sections:
        for words in (section.heading, *section.paragraphs):
            assert words in page
    assert content(desk.get(f"/desk/reports/{made.pk}/pdf")).startswith(b"%PDF")
    assert content(desk.get(f"/desk/reports/{made.pk}/xlsx")).startswith(b"PK")
    assert desk.get(f"/desk/reports/{made.pk}/docx").status_code == 404


def test_a_notice_of_supervision_is_a_file(world: World, as_: Callable[..., Client]) -> None:
    case = world.do(world.dispatched(), "supervise", "leader", reason="超期未处置")
    told = as_("dispatcher").get(f"/desk/cases/{case.number}/sheets/supervision?pdf=1")
    first = content(told)
    assert first.startswith(b"%PDF")
    again = as_("dispatcher").get(f"/desk/cases/{case.number}/sheets/supervision?pdf=1")
    assert content(again) == first
