"""The link of an outside party: what it shows, what it takes, and what it tells nobody."""

from __future__ import annotations

import io
import logging

import pytest
from django.test import Client
from PIL import Image

from huying import limiting
from huying.cases.attaching import file_of
from huying.cases.models import Attachment, Case
from huying.logs import hushed
from huying.public import answering
from huying.response.models import OutsideAsk
from tests.desk.world import World, picture


@pytest.fixture(autouse=True)
def fresh() -> None:
    limiting.forget()


def asked(world: World, **more: object) -> tuple[Case, str]:
    case = world.handling(contact_name="欧阳询之", contact_phone="13926187754")
    given = {"to": "物业服务中心", "question": "地下室的电表箱由谁管理？"} | more
    case = world.do(case, "ask_outside", "handler", **given)
    return case, f"/a/{case.shown_once}"


def test_it_shows_what_was_written_and_chosen_and_nothing_else(world: World) -> None:
    case, link = asked(world)
    page = Client().get(link)
    body = page.content.decode()
    assert page.status_code == 200
    assert "地下室的电表箱由谁管理？" in body
    for secret in (case.number, "东街口", "欧阳", "13926187754", "小龙村", "物业服务中心"):
        assert secret not in body
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "no-store" in page.headers["Cache-Control"]
    _case, open_link = asked(world, show_place=True, show_item=True)
    assert "小龙村" in Client().get(open_link).content.decode()


def test_an_answer_with_photos_is_taken_once_without_where_they_were_taken(world: World) -> None:
    case, link = asked(world)
    located = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "13926187754"
    Image.new("RGB", (60, 40)).save(located, "JPEG", exif=exif)
    located.seek(0)
    located.name = "a.jpg"
    client = Client()
    answer = client.post(link, {"text": "由我司管理。", "photos": [located]})
    assert answer.status_code == 302
    photo = Attachment.objects.get(case=case, uploader_kind="outside")
    assert not Image.open(file_of(photo.pk)).getexif()
    assert client.post(link, {"text": "再答一次"}).status_code == 404
    assert OutsideAsk.objects.get(case=case).answered_at is not None


def test_whatever_ended_a_link_looks_the_same(world: World) -> None:
    _case, used = asked(world)
    Client().post(used, {"text": "由我司管理。"})
    other, revoked = asked(world)
    world.do(other, "revoke_ask", "handler", ask=other.outside_asks.get().pk)
    pages = [Client().get(link) for link in (used, revoked, "/a/" + "x" * 32)]
    assert [page.status_code for page in pages] == [404] * 3
    told = {page.content.decode().split("<main")[1].split("</main>")[0] for page in pages}
    assert len(told) == 1
    assert "链接无效" in pages[0].content.decode()
    before = Attachment.objects.count()
    assert Client().post(used, {"text": "x", "photos": [picture()]}).status_code == 404
    assert Attachment.objects.count() == before


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    _case, link = asked(world)
    assert Client(enforce_csrf_checks=True).post(link, {"text": "x"}).status_code == 403


def test_chosen_photos_are_shown_and_no_others(world: World) -> None:
    shown = world.photo("dispatcher", "photo_before")
    case = world.handling(photos=[shown])
    case = world.do(case, "ask_outside", "handler", to="物业", question="？", photos=[shown])
    link = f"/a/{case.shown_once}"
    assert Client().get(f"{link}/photos/0").headers["Content-Type"] == "image/jpeg"
    assert Client().get(f"{link}/photos/1").status_code == 404


def test_who_tries_many_links_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "LOOKS", 3)
    answers = [Client().get(f"/a/{'y' * 30}{n}").status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    # Another process of this machine, which has just started, knows of them.
    monkeypatch.setattr(limiting, "_limits", {})
    assert Client().get("/a/" + "y" * 32).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.9").get("/a/" + "y" * 32).status_code == 404


def test_no_log_tells_a_token(world: World, caplog: pytest.LogCaptureFixture) -> None:
    _case, link = asked(world)
    assert link not in hushed(f"Not Found: {link}")
    assert hushed(f"Not Found: {link}/photos/9") == "Not Found: /a/…/photos/9"
    with caplog.at_level(logging.DEBUG, "huying"):
        Client().get(link)
    assert link not in caplog.text


def test_the_desk_sees_the_link_once_and_no_session_keeps_it(world: World, as_: object) -> None:
    case = world.handling()
    handler = as_("handler")  # type: ignore[operator]
    page = handler.post(
        f"/desk/cases/{case.number}/ask_outside", {"to": "物业", "question": "？", "days": "3"}
    )
    token = page.content.decode().split("/a/")[1].split("<")[0]
    assert Client().get(f"/a/{token}").status_code == 200
    assert token not in str(dict(handler.session))
    assert token not in handler.get(f"/desk/cases/{case.number}").content.decode()
