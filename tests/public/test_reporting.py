"""A resident reports without an account: what is taken, what is kept out, and once only."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from huying import limiting
from huying.cases import attaching
from huying.cases.attaching import file_of
from huying.cases.models import Attachment, Case, CaseContact
from huying.forms import versions
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from huying.public import guarding
from tests.desk.world import LAT, LON, World, picture


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    limiting.forget()
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)


def filled(**more: Any) -> dict[str, Any]:
    """The form as a browser without scripts sends it, with the sum worked out."""
    ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    assert read is not None
    told = {
        "ticket": ticket,
        "answer": str(sum(guarding._sum(read))),
        "text": "东街口垃圾堆了三天，臭味很大。",
        "lon": LON,
        "lat": LAT,
        "consent": "on",
    }
    return told | more


def test_a_report_becomes_a_case_with_its_code(world: World) -> None:
    located = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "13926187754"
    Image.new("RGB", (60, 40)).save(located, "JPEG", exif=exif)
    located.seek(0)
    located.name = "a.jpg"
    answer = Client().post("/report", filled(contact_phone="13926187754", photos=[located]))
    assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.channel, case.reporter_id, case.area_code[:9]) == ("resident", None, "440113120")
    assert CaseContact.objects.get(case=case).phone_masked == "139****7754"
    assert not Image.open(file_of(Attachment.objects.get(case=case).pk)).getexif()
    page = Client().get(answer.url).content.decode()
    for secret in ("13926187754", "139****7754", "垃圾堆了三天", "东街口"):
        assert secret not in page
    assert "tel:119" not in page


def test_a_double_tap_makes_one_case_and_another_text_is_told(world: World) -> None:
    form = filled()
    first, second = Client().post("/report", form), Client().post("/report", form)
    assert first.url == second.url
    assert Case.objects.count() == 1
    other = Client().post("/report", form | {"text": "另一件事：路灯不亮。"})
    assert other.status_code == 422 or other.status_code == 409
    assert Case.objects.count() == 1
    # What is sent from the page that said so is another report.
    ticket = other.content.decode().split('name="ticket" value="')[1].split('"')[0]
    assert ticket != form["ticket"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer": "1"},
        {"ticket": "x"},
        {"website": "http://example.com"},
        {"consent": ""},
        {"text": " "},
        {"lon": "", "lat": ""},
        {"contact_phone": "电话"},
        {"lon": "2.35", "lat": "48.85"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_will_not_do_is_said_and_keeps_what_was_typed(
    world: World, wrong: dict[str, Any]
) -> None:
    page = Client().post("/report", filled(address="某小区门口") | {"address": ""} | wrong)
    assert page.status_code in (409, 422)
    assert Case.objects.count() == 0
    if wrong.get("text") is None:
        assert "东街口垃圾堆了三天" in page.content.decode()


def test_the_browsers_work_stands_for_the_sum(world: World) -> None:
    form = filled(answer="")
    read = guarding.read_ticket(form["ticket"])
    assert read is not None
    proof = next(str(n) for n in range(1 << 20) if guarding.worked(read, str(n)))
    assert Client().post("/report", form | {"proof": proof}).status_code == 302
    assert Client().get(f"/report/sum/{form['ticket']}").content.startswith(b"\x89PNG")


def test_who_is_too_quick_waits_and_sends_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 60)
    form = filled()
    assert Client().post("/report", form).status_code == 422
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    assert Client().post("/report", form).status_code == 302


def test_words_of_danger_show_whom_to_call_at_once_and_again_after(world: World) -> None:
    hint = Client().get("/report/hints", {"text": "楼上起火了，有人被困"}).content.decode()
    assert all(f"tel:{number}" in hint for number in ("110", "119", "120"))
    calm = Client().get("/report/hints", {"text": "没有起火，只是垃圾没人清"}).content.decode()
    assert "tel:119" not in calm
    sent = Client().post("/report", filled(text="楼上起火了，有人被困"))
    assert "tel:119" in Client().get(sent.url).content.decode()


def test_the_desks_new_case_shows_them_too(world: World, as_: Any) -> None:
    page = as_("dispatcher").get("/desk/cases/new/hints", {"text": "有人触电倒地"})
    assert "tel:120" in page.content.decode()


def test_the_items_questions_are_asked_and_photos_survive_a_refusal(world: World) -> None:
    owner = owner_of("0211")
    rows = [{"id": "bins", "kind": "number", "label": "几个桶", "required": True}]
    versions.write(owner, {"questions": rows}, by=SYSTEM, now=timezone.now())
    versions.publish(owner, by=SYSTEM, now=timezone.now())
    assert "几个桶" in Client().get("/report/questions", {"item": "0211"}).content.decode()
    form = filled(item="0211")
    page = Client().post("/report", form | {"photos": [picture()]})
    body = page.content.decode()
    assert page.status_code == 422
    assert "几个桶" in body
    kept = body.split('name="kept" value="')[1].split('"')[0]
    assert Client().post("/report", form | {"kept": kept, "q.bins": "3"}).status_code == 302
    assert Case.objects.get().attachments.count() == 1


def files() -> set[str]:
    return {path.name for path in attaching.folder().rglob("*.jpg")}


def kept_in(answer: Any) -> str:
    return str(answer.content.decode().split('name="kept" value="')[1].split('"')[0])


@pytest.mark.parametrize("wrong", [{"ticket": "x"}, {"website": "http://example.com"}, {}])
def test_what_a_program_sends_leaves_no_photo(
    world: World, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    before = files()
    if not wrong:
        monkeypatch.setattr(guarding, "LEAST_SECONDS", 60)
    page = Client().post("/report", filled(photos=[picture(), picture()]) | wrong)
    assert page.status_code == 422
    assert (files(), kept_in(page)) == (before, "")
    assert not Attachment.objects.filter(uploader_kind="resident").exists()
    said = page.content.decode()
    assert "照片未能保留" in said
    assert "东街口垃圾堆了三天" in said


@pytest.mark.parametrize("wrong", [{"answer": "1"}, {"consent": ""}, {"text": " "}])
def test_photos_are_kept_for_who_made_a_mistake(world: World, wrong: dict[str, Any]) -> None:
    form = filled()
    page = Client().post("/report", form | wrong | {"photos": [picture()]})
    assert page.status_code == 422
    assert "照片未能保留" not in page.content.decode()
    assert Client().post("/report", form | {"kept": kept_in(page)}).status_code == 302
    assert Case.objects.get().attachments.count() == 1


def test_who_left_the_page_open_for_a_day_loses_nothing(world: World) -> None:
    past = time.time() - 2 * guarding.GOOD_FOR
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: past)
        form = filled(photos=[picture()])
    page = Client().post("/report", form)
    assert page.status_code == 422
    assert kept_in(page)
    assert "东街口垃圾堆了三天" in page.content.decode()


def test_one_that_is_no_picture_leaves_none_of_those_with_it(world: World) -> None:
    before = files()
    junk = io.BytesIO(b"no picture")
    junk.name = "b.jpg"
    page = Client().post("/report", filled(photos=[picture(), junk]))
    assert page.status_code == 422
    assert (files(), kept_in(page)) == (before, "")


def test_photos_that_are_left_by_one_address_have_an_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "KEPT", 3)
    refused = {"consent": ""}
    Client().post("/report", filled(photos=[picture(), picture()]) | refused)
    before = files()
    page = Client().post("/report", filled(photos=[picture(), picture()]) | refused)
    assert "照片未能保留" in page.content.decode()
    assert (files(), kept_in(page)) == (before, "")
    # Another address has its own, and what is no mistake still comes in.
    other = Client(REMOTE_ADDR="198.51.100.9")
    assert kept_in(other.post("/report", filled(photos=[picture()]) | refused))
    assert Client().post("/report", filled(photos=[picture()])).status_code == 302
    assert Case.objects.get().attachments.count() == 1


def test_who_may_not_ask_any_more_leaves_no_photo(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "REPORTS", 1)
    Client().post("/report", filled())
    before = files()
    assert Client().post("/report", filled(photos=[picture()])).status_code == 429
    assert files() == before


def test_photos_to_questions_are_not_left_by_a_form_that_comes_back(world: World) -> None:
    owner = owner_of("0211")
    rows = [
        {"id": "bins", "kind": "number", "label": "几个桶", "required": True},
        {"id": "look", "kind": "photo", "label": "样子"},
    ]
    versions.write(owner, {"questions": rows}, by=SYSTEM, now=timezone.now())
    versions.publish(owner, by=SYSTEM, now=timezone.now())
    before, form = files(), filled(item="0211")
    asked = {"file_q.look": [picture()]}
    assert Client().post("/report", form | asked).status_code == 422
    assert Client().post("/report", form | {"answer": "1", "file_q.look": [picture()]})
    assert files() == before
    sent = Client().post("/report", form | {"q.bins": "3", "file_q.look": [picture()]})
    assert sent.status_code == 302
    assert Case.objects.get().attachments.count() == 1
    # Sent once more, it is the same report, whose photos are there already.
    after = files()
    assert after > before
    again = {"q.bins": "3", "file_q.look": [picture()]}
    assert Client().post("/report", form | again).url == sent.url
    assert files() == after


def test_a_flood_from_one_network_of_ipv6_is_stopped_whatever_its_lower_half(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "REPORTS", 2)
    answers = [
        Client(REMOTE_ADDR=f"2001:db8:1:2::{n}").post("/report", filled()).status_code
        for n in range(4)
    ]
    assert answers == [302, 302, 429, 429]
    assert Client(REMOTE_ADDR="2001:db8:1:3::1").post("/report", filled()).status_code == 302


def test_a_flood_from_one_address_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "REPORTS", 2)
    answers = [Client().post("/report", filled()).status_code for _n in range(4)]
    assert answers == [302, 302, 429, 429]
    monkeypatch.setattr(limiting, "_limits", {})  # another process of this machine
    assert Client().post("/report", filled()).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.9").post("/report", filled()).status_code == 302
