"""Where an account is signed in: listed, and ended at once by its holder."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone, translation

from huying.audit.models import AccessLog
from huying.errors import NotAllowed
from huying.people import browsers
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.devices import device_of, place_of
from huying.people.models import Browser
from huying.people.tidying import tidy

pytestmark = pytest.mark.django_db

PASSWORD = "three-kites-over-shiqi"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 14; SM) AppleWebKit/537.36 Chrome/130 MicroMessenger/8.0 x"


def sign_in(username: str, agent: str = WINDOWS, address: str = "10.12.3.40") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    sent = client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    assert sent.status_code == 302
    assert client.get("/me").status_code == 200
    return client


def listed(client: Client) -> list[str]:
    page = client.get("/me").content.decode()
    part = page[page.index('class="browsers"') :]
    return [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<li>(.*?)</li>", part, re.S)]


def ids(client: Client) -> list[str]:
    page = client.get("/me").content.decode()
    return re.findall(r'name="browser" value="(\d+)"', page)


def test_each_browser_is_listed_with_what_and_where_and_this_one_first(person: Any) -> None:
    person("zhang", "checker")
    desk = sign_in("zhang")
    sign_in("zhang", PHONE, "120.24.5.6")
    here, other = listed(desk)
    assert "Chrome · Windows" in here
    assert "内网 10.12.3.*" in here
    assert "本机" in here
    assert "微信 · Android" in other
    assert "公网 120.24.5.*" in other
    assert "本机" not in other
    assert timezone.localtime().strftime("%Y-%m-%d") in other


def test_one_that_is_ended_is_out_at_its_next_click(person: Any) -> None:
    account = person("zhang", "checker")
    desk, phone = sign_in("zhang"), sign_in("zhang", PHONE)
    [pk] = ids(desk)
    assert desk.post("/me/browsers/end", {"browser": pk}).headers["Location"] == "/me"
    assert phone.get("/me").headers["Location"].startswith("/accounts/login/")
    assert phone.get("/api/v1/cases").status_code == 401
    assert desk.get("/me").status_code == 200
    assert len(listed(desk)) == 1
    [noted] = AccessLog.objects.filter(action="end_session")
    assert (noted.account_id, noted.subject_id) == (account.pk, str(account.pk))
    again = desk.post("/me/browsers/end", {"browser": pk}, follow=True)
    assert "该登录已经结束" in again.content.decode()


def test_an_answer_under_way_does_not_bring_an_ended_session_back(person: Any) -> None:
    person("zhang", "checker")
    phone = sign_in("zhang", PHONE)
    under_way = phone.session
    assert under_way["last_seen"]
    Session.objects.filter(session_key=under_way.session_key).delete()
    under_way["last_seen"] = 1
    with pytest.raises(UpdateError):
        under_way.save()


def test_the_security_administrator_signs_somebody_out_everywhere(person: Any) -> None:
    account, other = person("zhang", "checker"), person("li", "checker")
    browsers_of = [sign_in("zhang"), sign_in("zhang", PHONE)]
    theirs = sign_in("li")
    assert browsers.end_all(account, by=SYSTEM, now=timezone.now()) == 2
    for client in browsers_of:
        assert client.get("/me").headers["Location"].startswith("/accounts/login/")
    assert theirs.get("/me").status_code == 200
    assert browsers.end_all(None, by=SYSTEM, now=timezone.now()) >= 1
    assert theirs.get("/me").status_code == 302
    noted = AccessLog.objects.filter(action__in=["end_sessions", "end_all_sessions"])
    assert list(noted.order_by("at").values_list("subject_id", flat=True)) == [
        str(account.pk),
        "everybody",
    ]
    with pytest.raises(NotAllowed):
        browsers.end_all(other, by=Actor(kind=ActorKind.ACCOUNT), now=timezone.now())


def test_all_others_are_ended_with_one_click(person: Any) -> None:
    person("zhang", "checker")
    desk = sign_in("zhang")
    others = [sign_in("zhang", PHONE, f"120.24.5.{n}") for n in range(3)]
    person("li", "checker")
    stranger = sign_in("li")
    answer = desk.post("/me/browsers/end", {"browser": "others"}, follow=True)
    assert "已退出其他 3 处登录" in answer.content.decode()
    assert [each.get("/me").status_code for each in others] == [302, 302, 302]
    assert [desk.get("/me").status_code, stranger.get("/me").status_code] == [200, 200]
    assert AccessLog.objects.filter(action="end_other_sessions").count() == 1


def test_nobody_ends_the_sessions_of_another(person: Any) -> None:
    person("zhang", "checker")
    person("li", "checker")
    zhang, li = sign_in("zhang"), sign_in("li")
    theirs = Browser.objects.get(account__username="li").pk
    for wanted in (theirs, "", "x", "-1", "9" * 400, "٣"):
        zhang.post("/me/browsers/end", {"browser": wanted})
    assert li.get("/me").status_code == 200
    assert zhang.get("/me/browsers/end").status_code == 405
    assert Client().post("/me/browsers/end", {"browser": theirs}).status_code == 302
    assert not AccessLog.objects.filter(action__startswith="end_").exists()


def test_the_idle_and_those_from_before_a_new_password_are_not_listed(person: Any) -> None:
    person("zhang", "checker")
    desk, phone = sign_in("zhang"), sign_in("zhang", PHONE)
    Browser.objects.filter(user_agent=PHONE).update(seen_at=timezone.now() - timedelta(minutes=31))
    assert len(listed(desk)) == 1
    phone.get("/me")
    Browser.objects.update(seen_at=timezone.now())
    assert len(listed(desk)) == 2
    new = "four-kites-over-shiqi"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert desk.post("/accounts/password/change/", data).status_code == 302
    [here] = listed(desk)
    assert "本机" in here
    assert phone.get("/me").status_code == 302


def test_without_a_post_one_ends_ones_sessions_too(person: Any) -> None:
    account = person("zhang")
    desk, phone = sign_in("zhang"), sign_in("zhang", PHONE)
    desk.post("/me/browsers/end", {"browser": "others"})
    assert phone.get("/me").status_code == 302
    [noted] = AccessLog.objects.filter(action="end_other_sessions")
    assert (noted.account_id, noted.role) == (account.pk, "account")


def test_what_has_ended_is_forgotten(person: Any) -> None:
    person("zhang", "checker")
    desk, phone = sign_in("zhang"), sign_in("zhang", PHONE)
    phone.post("/accounts/logout/")
    assert len(listed(desk)) == 1
    assert Browser.objects.count() == 2
    tidy(now=timezone.now())
    assert Browser.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("(X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        ("(Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("(iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604", "Safari · iPhone"),
        ("(Linux; Android 12; HarmonyOS) HuaweiBrowser/14 Chrome/114", "华为浏览器 · 鸿蒙"),
        ("(Windows NT 10.0) wxwork/4.1 MicroMessenger/7", "企业微信 · Windows"),
        ("curl/8", "其他程序"),
        ("", "其他程序"),
    ],
)
def test_devices_in_words(agent: str, device: str) -> None:
    with translation.override("zh-hans"):
        assert device_of(agent) == device


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (None, "地址不明"),
        ("127.0.0.1", "服务器本机"),
        ("::1", "服务器本机"),
        ("192.168.7.9", "内网 192.168.7.*"),
        ("::ffff:10.1.2.3", "内网 10.1.2.*"),
        ("121.8.9.10", "公网 121.8.9.*"),
        ("2409:8a55:1:2:3:4:5:6", "公网 2409:8a55:1:2::*"),
    ],
)
def test_places_in_words(address: str | None, place: str) -> None:
    with translation.override("zh-hans"):
        assert place_of(address) == place
