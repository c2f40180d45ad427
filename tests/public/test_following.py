"""A resident follows a report by its code: what the page tells, takes, and keeps to itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying import limiting
from huying.audit.verifying import verify
from huying.cases import attaching
from huying.cases.answers import answers_of, owner_of, said_of
from huying.cases.attaching import file_of, stage
from huying.cases.models import Attachment, Case, CaseContact, CaseText, Channel
from huying.errors import HuyingError, WrongState
from huying.forms import versions
from huying.intake.reporting import Told
from huying.intake.residents import take_from_resident
from huying.logs import hushed
from huying.people.acting import RESIDENT, SYSTEM
from huying.places.locating import index
from huying.response.hearing import code_of
from huying.response.residents import CallBack
from tests.desk.world import ITEM, LAT, LON, World, picture
from tests.forms.generated import FUEL_FORM


@pytest.fixture(autouse=True)
def fresh() -> None:
    limiting.forget()


def reported(world: World, **more: Any) -> tuple[Case, str]:
    told: dict[str, Any] = {"text": "东街口垃圾堆了三天", "item": ITEM, "lon": LON, "lat": LAT}
    told |= {"contact_name": "欧阳询之", "contact_phone": "13926187754"} | more
    case, code = take_from_resident(
        Told(channel=Channel.RESIDENT, **told), form=f"form-{Case.objects.count()}",
        now=timezone.now(),
    )  # fmt: skip
    return world.held_by_town(case), f"/f/{code}"


def closed(world: World, case: Case) -> Case:
    case = world.do(case, "accept", "dispatcher", item=ITEM)
    case = world.do(case, "dispatch", "dispatcher", unit=world.units["lead"].pk)
    case = world.do(case, "sign_for", "handler")
    photos = [world.photo("handler", "photo_before"), world.photo("handler", "photo_after")]
    case = world.do(
        case, "handle", "handler", result="已清运。", photos=photos, lon=LON, lat=LAT, form="两车。"
    )
    case = world.do(case, "check_pass", "checker", text="已整洁。")
    return world.do(case, "close", "dispatcher")


def test_an_answer_that_is_refused_leaves_no_photo(world: World) -> None:
    _case, link = reported(world)
    before = set(attaching.folder().rglob("*.jpg"))
    # Nothing was asked.
    sent = Client().post(f"{link}/answer", {"text": "绿色那个。", "photos": [picture()]})
    assert sent.status_code == 409
    assert set(attaching.folder().rglob("*.jpg")) == before


def test_the_whole_way_from_a_question_to_the_second_opening(world: World) -> None:
    case, link = reported(world)
    browser = Client()
    case = world.do(case, "ask_resident", "dispatcher", question="是哪个垃圾桶？")
    assert "是哪个垃圾桶？" in browser.get(link).content.decode()
    # What a desk writes to a resident of somebody else is masked like any other words.
    other, its_link = reported(world)
    world.do(other, "ask_resident", "dispatcher", question="是住户13926187754家吗？")
    its_page = Client().get(its_link).content.decode()
    assert "139****7754" in its_page
    assert "13926187754" not in its_page
    assert browser.post(f"{link}/answer", {"text": " "}).status_code == 422
    sent = browser.post(f"{link}/answer", {"text": "绿色那个。", "photos": [picture()]})
    assert sent.status_code == 302
    assert Attachment.objects.filter(case=case, uploader_kind="resident").count() == 1
    assert browser.post(f"{link}/answer", {"text": "再答"}).status_code == 409
    case = closed(world, case)
    after = Attachment.objects.get(case=case, kind="photo_after").pk
    assert browser.get(f"{link}/photos/0").status_code == 404
    case = world.do(case, "share_photos", "dispatcher", photos=[after])
    assert browser.get(f"{link}/photos/0").headers["Content-Type"] == "image/jpeg"
    assert browser.get(f"{link}/photos/1").status_code == 404
    assert browser.post(f"{link}/rate", {"responded": "yes"}).status_code == 422
    three = {"responded": "yes", "solved": "no", "satisfied": "fairly"}
    assert browser.post(f"{link}/rate", three).status_code == 302
    assert browser.post(f"{link}/rate", three).status_code == 409
    kept = CallBack.objects.get(case=case)
    assert (kept.solved, kept.satisfied, kept.fairly_satisfied) == (False, False, True)
    assert browser.post(f"{link}/reopen", {"reason": ""}).status_code == 422
    assert browser.post(f"{link}/reopen", {"reason": "又堆起来了"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("accepted", 1)
    page = browser.get(link).content.decode()
    assert "重新受理" in page
    for secret in ("黄志强", "李建华", "梁永康", "13926187754", "欧阳", "东街口", "绿色那个"):
        assert secret not in page


def test_a_report_is_taken_back_until_the_unit_has_begun(world: World) -> None:
    case, link = reported(world)
    world.do(case, "accept", "dispatcher", item=ITEM)
    world.do(case, "dispatch", "dispatcher", unit=world.units["lead"].pk)
    assert Client().post(f"{link}/withdraw", {"reason": "已自行清理"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert not case.orders.filter(ended_at=None).exists()
    begun, other = reported(world)
    world.do(begun, "accept", "dispatcher", item=ITEM)
    world.do(begun, "dispatch", "dispatcher", unit=world.units["lead"].pk)
    world.do(begun, "sign_for", "handler")
    assert Client().post(f"{other}/withdraw", {"reason": "不用了"}).status_code == 409
    _fire, alarmed = reported(world, text="仓库起火冒烟", item="0201")
    assert Client().post(f"{alarmed}/withdraw", {"reason": "不用了"}).status_code == 409


def test_a_late_wish_to_open_again_is_refused(world: World) -> None:
    case, link = reported(world)
    closed(world, case)
    Case.objects.filter(pk=case.pk).update(ended_at=timezone.now() - timedelta(days=16))
    assert Client().post(f"{link}/reopen", {"reason": "又来了"}).status_code == 409


@pytest.mark.django_db(transaction=False)
def test_personal_data_go_when_the_desk_confirms_and_the_log_still_verifies(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    case, link = reported(world, address="东街 8 号 302", lon=LON + 0.001)
    with pytest.raises(HuyingError):
        world.do(case, "confirm_erasure", "dispatcher")
    assert Client().post(f"{link}/erase").status_code == 422
    assert Client().post(f"{link}/erase", {"sure": "yes"}).status_code == 302
    assert CaseContact.objects.filter(case=case).exists()
    sent = stage(picture(), kind="other", by=RESIDENT, now=timezone.now())
    Attachment.objects.filter(pk=sent.pk).update(case=case.pk, seq=1)
    with django_capture_on_commit_callbacks(execute=True):
        case = world.do(case, "confirm_erasure", "dispatcher")
    assert not Attachment.objects.filter(pk=sent.pk).exists()
    assert not file_of(sent.pk).exists()
    (kept,) = case.events.get(verb="confirm_erasure").data["photos_erased"]
    assert kept == {"id": str(sent.pk), "digest": bytes(sent.digest).hex()}
    middle = index().areas[case.grid_code]
    assert (case.lon, case.lat) == (round(middle.lon, 6), round(middle.lat, 6))
    assert case.told_lon is None
    assert not CaseContact.objects.filter(case=case).exists()
    assert not CaseText.objects.filter(case=case).exists()
    case.refresh_from_db()
    assert case.address == ""
    assert case.events.filter(verb="erased").exists()
    found = verify(number=case.number)
    assert found.ok, found
    assert "已删除" in Client().get(link).content.decode()


def test_who_telephoned_gets_a_code_when_the_desk_gives_one(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.held_by_town(world.reported(contact_name="欧阳询", contact_phone="13926187754"))
    url = f"/desk/cases/{case.number}/give_code"
    page = as_("dispatcher").post(url, {"expect_seq": case.last_seq}).content.decode()
    code = code_of(case)
    assert f"/f/{code}" in page
    assert code not in as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert case.events.latest("seq").verb == "give_code"
    assert code not in str(case.events.latest("seq").data)
    assert Client().get(f"/f/{code}").status_code == 200
    world.do(case, "ask_resident", "dispatcher", question="在几号楼？")
    own, _link = reported(world)
    with pytest.raises(WrongState):
        world.do(own, "give_code", "dispatcher")
    with pytest.raises(WrongState):
        world.do(world.held_by_town(world.reported()), "give_code", "dispatcher")


def test_a_wrong_code_tells_nothing_and_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huying.public import guarding

    _case, link = reported(world)
    monkeypatch.setattr(guarding, "LOOKS", 3)
    answers = [Client().get(f"/f/{'a' * 16}").status_code for _n in range(4)]
    assert answers == [404, 404, 404, 429]
    assert hushed(f"Not Found: {link}") == "Not Found: /f/…"


def test_the_code_is_found_as_people_type_it_and_no_log_tells_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    _case, link = reported(world)
    code = link.removeprefix("/f/")
    typed = " ".join(code[n : n + 4] for n in range(0, 16, 4)).upper()
    assert Client().post("/f/", {"code": typed}).url == link
    with caplog.at_level(logging.DEBUG, "huying"):
        page = Client().get(link)
    assert code not in caplog.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().get(f"{link}/code.svg").headers["Content-Type"] == "image/svg+xml"


def test_a_resident_is_asked_what_the_item_asks(world: World) -> None:
    versions.write(owner_of(ITEM), FUEL_FORM, by=SYSTEM, now=timezone.now())
    versions.publish(owner_of(ITEM), by=SYSTEM, now=timezone.now())
    case, link = reported(world)
    browser = Client()
    assert browser.post(f"{link}/questions", {"q.fuel": "none"}).status_code == 409
    case = world.do(case, "ask_questions", "dispatcher")
    assert "油品" in browser.get(link).content.decode()
    bad = browser.post(f"{link}/questions", {"q.fuel": ""})
    assert bad.status_code == 422
    assert 'id="bad-q.fuel"' in bad.content.decode()
    good = {"q.fuel": "none", "q.owner": "13926187754", "file_q.shot": picture()}
    assert browser.post(f"{link}/questions", good).status_code == 302
    told = browser.get(link).content.decode()
    assert "油品" not in told
    assert "情况已补充" in told
    assert [each.words for each in said_of(answers_of(case))] == ["没有", "139****7754", "1 张照片"]
    # Asked again: nothing of it is shown, and what is left empty stays.
    world.do(case, "ask_questions", "dispatcher")
    again = browser.get(link).content.decode()
    assert "checked" not in again.split("油品")[1].split("</fieldset>")[0]
    assert again.count("留空则保持不变") >= 3
    assert browser.post(f"{link}/questions", {"q.litres": "20"}).status_code == 302
    said = [each.words for each in said_of(answers_of(case))]
    assert said == ["没有", "20 升", "139****7754", "1 张照片"]
