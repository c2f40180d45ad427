"""What a page carries out of the house: its headers, and other people's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.desk.world import PASSWORD, World

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3)"


def test_words_stay_words(world: World, as_: Callable[..., Client]) -> None:
    case = world.dispatched(text=EVIL, address=EVIL[:100], contact_name=EVIL[:30])
    world.do(case, "comment", "dispatcher", text=EVIL)
    world.do(case, "return", "handler", reason=EVIL, reason_code="other",
             suggested_unit=world.units["far"].pk)  # fmt: skip
    for person in ("dispatcher", "leader"):
        client = as_(person)
        for url in (
            f"/desk/cases/{case.number}",
            "/desk/?tab=area",
            "/desk/?tab=area&rows=1",
            f"/desk/?tab=area&q={EVIL}",
            f"/desk/cases/new/hints?text={EVIL}",
            f"/desk/cases/{EVIL}",
        ):
            body = client.get(url).content.decode()
            assert "<script>alert" not in body, url
            assert "<img src=x" not in body, url
    said = as_("dispatcher").post(f"/desk/cases/{case.number}/comment", {"text": EVIL * 300})
    assert "<script>alert" not in said.content.decode()


@pytest.mark.parametrize(
    "url", ["/desk/?tab=area", "/desk/cases/new", "/me", "/accounts/login/", "/nothing", "/healthz"]
)
def test_every_page_is_closed_in(url: str, world: World, as_: Callable[..., Client]) -> None:
    client = Client() if "login" in url else as_("dispatcher")
    answer = client.get(url)
    policy = answer.headers["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert "unsafe" not in policy
    assert directives["default-src"] == "'none'" or directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert directives["base-uri"] in ("'none'", "'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_is_of_a_case_is_in_no_cache(world: World, as_: Callable[..., Client]) -> None:
    case = world.dispatched(photos=[world.photo("dispatcher", "photo_before")])
    photo = case.attachments.get().pk
    for url in (f"/desk/cases/{case.number}", "/desk/?tab=area", f"/desk/attachments/{photo}"):
        kept = as_("dispatcher").get(url).headers.get("Cache-Control", "")
        assert "no-store" in kept or "private" in kept, (url, kept)


def sign_in(client: Client, name: str, password: str, **more: str) -> int:
    sent = {"login": name, "password": password}
    return client.post("/accounts/login/", sent, **more).status_code


def account_with_password(world: World) -> str:
    account = world.accounts["dispatcher"]
    account.set_password(PASSWORD)
    account.save()
    return account.username


def test_a_forged_address_does_not_get_round_the_lock(world: World) -> None:
    name = account_with_password(world)
    for number in range(settings.AXES_FAILURE_LIMIT + 2):
        forged = {
            "HTTP_X_FORWARDED_FOR": f"203.0.113.{number}",
            "HTTP_X_REAL_IP": f"1.1.1.{number}",
        }
        sign_in(Client(), name, "falsch-1234", **forged)
    assert sign_in(Client(), name, PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99") != 302


def test_signing_in_leads_to_no_other_house(world: World) -> None:
    name = account_with_password(world)
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        client = Client()
        sent = {"login": name, "password": PASSWORD, "next": target}
        answer = client.post("/accounts/login/", sent)
        assert answer.status_code == 302
        assert "evil" not in answer.url
        assert "javascript" not in answer.url


def test_signing_in_makes_a_new_session_and_a_new_password_ends_the_others(world: World) -> None:
    name = account_with_password(world)
    client = Client()
    client.get("/accounts/login/")
    client.session["planted"] = True
    before = client.session.session_key
    assert sign_in(client, name, PASSWORD) == 302
    assert client.session.session_key != before
    assert client.get("/me").status_code == 200
    world.accounts["dispatcher"].set_password("Another-7788-word")
    world.accounts["dispatcher"].save()
    assert client.get("/me").status_code == 302


def test_a_form_from_elsewhere_does_nothing(world: World, as_: Callable[..., Client]) -> None:
    case = world.dispatched()
    client = as_("dispatcher", enforce_csrf_checks=True)
    for url in (f"/desk/cases/{case.number}/comment", "/desk/cases/new", "/desk/photos"):
        assert client.post(url, {"text": "x"}).status_code == 403
    seq = case.last_seq
    case.refresh_from_db()
    assert case.last_seq == seq
