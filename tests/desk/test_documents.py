"""Documents at the desk: sent up, shown beside the photos, saved by those who see the case."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huying.cases.models import Attachment
from tests.cases import papers
from tests.desk.test_permissions import picture
from tests.desk.world import World


def sheet(body: bytes | None = None, name: str = "检查表.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, papers.hostile() if body is None else body, "application/pdf")


def sent_up(client: Client) -> str:
    answer = client.post("/desk/photos", {"photo": sheet(), "kind": "document"})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_it_stands_on_the_page_and_in_the_timeline_and_is_only_ever_saved(
    world: World, as_: Callable[..., Client]
) -> None:
    case, desk = world.dispatched(), as_("dispatcher")
    done = desk.post(f"/desk/cases/{case.number}/attach", {"documents": [sent_up(desk)]})
    assert done.status_code == 302, done.content
    kept = Attachment.objects.get(kind="document")
    assert kept.case_id == case.pk
    page = desk.get(f"/desk/cases/{case.number}").content.decode()
    assert page.count(f'href="/desk/attachments/{kept.pk}" download="检查表.pdf"') == 2
    assert f"/desk/attachments/{kept.pk}/thumb" not in page

    answer = desk.get(f"/desk/attachments/{kept.pk}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (
        answer["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    )
    assert "/JavaScript" not in papers.everything(b"".join(answer.streaming_content))
    assert desk.get(f"/desk/attachments/{kept.pk}/thumb").status_code == 404


def test_it_is_for_those_who_see_the_case_and_before_that_for_its_sender(
    world: World, as_: Callable[..., Client]
) -> None:
    case, desk = world.dispatched(), as_("dispatcher")
    url = f"/desk/attachments/{(pk := sent_up(desk))}"
    assert [as_(who).get(url).status_code for who in ("dispatcher", "handler")] == [200, 404]
    desk.post(f"/desk/cases/{case.number}/attach", {"documents": [pk]})
    people = ("dispatcher", "handler", "leader", "far_dispatcher", "far_worker")
    assert [as_(who).get(url).status_code for who in people] == [200, 200, 200, 404, 404]
    assert Client().get(url).status_code == 302


def test_a_page_that_calls_itself_a_pdf_is_refused_in_words(
    world: World, as_: Callable[..., Client]
) -> None:
    desk = as_("dispatcher")
    html = sheet(b"<html><script>alert(1)</script></html>")
    answer = desk.post("/desk/photos", {"photo": html, "kind": "document"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "这不是 PDF 文件。")
    locked = desk.post("/desk/photos", {"photo": sheet(papers.encrypted()), "kind": "document"})
    assert "密码" in locked.json()["detail"]
    assert not Attachment.objects.exists()


def test_without_scripts_the_files_come_with_the_form(
    world: World, as_: Callable[..., Client]
) -> None:
    case, desk = world.dispatched(), as_("dispatcher")
    url = f"/desk/cases/{case.number}/attach"
    refused = desk.post(url, {"file_documents": [sheet(), sheet(b"none")]})
    assert refused.status_code == 422
    assert "这不是 PDF 文件。" in refused.content.decode()
    kept = Attachment.objects.get()
    # The good one was kept, and is named, not sent again.
    assert f'value="{kept.pk}"' in refused.content.decode()
    done = desk.post(url, {"documents": [str(kept.pk)], "file_photos": [picture()]})
    assert done.status_code == 302
    assert set(case.attachments.values_list("kind", flat=True)) == {"document", "other"}


def test_a_report_may_bring_one(world: World, as_: Callable[..., Client]) -> None:
    form = {"channel": "walk_in", "text": "送来通知书", "file_documents": [sheet()]}
    assert as_("dispatcher").post("/desk/cases/new", form).status_code == 302
    assert Attachment.objects.get().case_id is not None


def test_it_is_no_evidence_in_a_photos_place(world: World, as_: Callable[..., Client]) -> None:
    from huying.response.handling import evidence_so_far

    case, desk = world.dispatched(), as_("dispatcher")
    before = evidence_so_far(case)
    desk.post(f"/desk/cases/{case.number}/attach", {"documents": [sent_up(desk)]})
    after = evidence_so_far(case)
    for kind in ("photo_before", "photo_after"):
        assert after.get(kind, 0) == before.get(kind, 0)
