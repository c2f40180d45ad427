"""Signing in: user name and password, a lock-out after five failures, no other door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from huying.people import accounts, inviting
from huying.people.acting import SYSTEM

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "three-kites-over-shiqi"


def attempt(name: str, password: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(LOGIN, {"login": name, "password": password}, **more)


def test_the_page_is_chinese_and_changes_to_english() -> None:
    client = Client()
    page = client.get(LOGIN).content.decode()
    assert 'lang="zh-Hans"' in page
    for words in ("登录", "用户名", "密码"):
        assert words in page
    client.post(reverse("set_language"), {"language": "en", "next": LOGIN})
    assert "User name" in client.get(LOGIN).content.decode()


def test_name_and_password_sign_in_and_nothing_is_remembered(person: Any) -> None:
    person("zhang", "checker", area="440113120")
    client = Client()
    response = attempt("Zhang ", PASSWORD, client)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    cookie = client.cookies["huying"]
    assert cookie["max-age"] == ""  # gone with the browser
    assert cookie["httponly"]
    assert "remember" not in Client().get(LOGIN).content.decode()


def test_next_leads_back_but_not_away(person: Any) -> None:
    person("zhang", "checker")
    inside = Client().post(f"{LOGIN}?next=/me", {"login": "zhang", "password": PASSWORD})
    assert inside.headers["Location"] == "/me"
    away = {"login": "zhang", "password": PASSWORD, "next": "https://example.org/"}
    assert Client().post(LOGIN, away).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(person: Any) -> None:
    person("zhang", "checker")
    wrong, unknown = attempt("zhang", "not-the-password"), attempt("nobody", "not-the-password")
    for response in (wrong, unknown):
        assert response.status_code == 200
        assert "用户名或密码不正确" in response.content.decode()


@pytest.fixture
def locked(person: Any) -> Any:
    account = person("zhang", "checker")
    for _try in range(4):
        assert attempt("zhang", "wrong").status_code == 200
    response = attempt("zhang", "wrong")
    assert response.status_code == 429
    return account, response


def test_five_failures_lock_out_in_chinese_even_with_the_right_password(locked: Any) -> None:
    _account, response = locked
    assert "锁定 15 分钟" in response.content.decode()
    client = Client()
    assert attempt("zhang", PASSWORD, client).status_code == 429
    assert attempt("ZHANG", PASSWORD, client).status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_lock_out_is_one_name_at_one_address(locked: Any, person: Any) -> None:
    person("li", "checker")
    assert attempt("li", PASSWORD).status_code == 302
    assert attempt("zhang", PASSWORD, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_lock_out_ends_after_fifteen_minutes_also_when_it_was_knocked_at(locked: Any) -> None:
    attempt("zhang", "wrong")
    past = timezone.now() - timedelta(minutes=15, seconds=1)
    AccessAttempt.objects.update(attempt_time=past)
    assert attempt("zhang", PASSWORD).status_code == 302


def test_the_security_administrator_unlocks(locked: Any) -> None:
    account, _response = locked
    accounts.unlock(account, by=SYSTEM, now=timezone.now())
    assert attempt("zhang", PASSWORD).status_code == 302


def test_a_blocked_account_does_not_come_in_and_is_thrown_out(person: Any, signed_in: Any) -> None:
    account = person("zhang", "checker")
    client = signed_in(account)
    accounts.set_active(account, active=False, by=SYSTEM, now=timezone.now())
    assert attempt("zhang", PASSWORD).headers.get("Location") != "/"
    assert client.get("/me").headers["Location"].startswith(LOGIN)


def test_a_reset_password_ends_other_sessions(person: Any, signed_in: Any) -> None:
    account = person("zhang", "checker")
    client = signed_in(account)
    inviting.reset(account, by=SYSTEM, now=timezone.now())
    assert client.get("/me").headers["Location"].startswith(LOGIN)


def test_an_account_without_password_cannot_be_guessed(now: Any) -> None:
    accounts.create_account("zhang", "张三", by=SYSTEM, now=now)
    for guess in ("", "!", "zhang"):
        assert attempt("zhang", guess).status_code == 200


def test_nobody_signs_up_or_gets_a_password_by_mail() -> None:
    for path in ("signup/", "email/", "password/reset/", "password/set/", "login/code/confirm/"):
        assert Client().get(f"/accounts/{path}").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


def test_changing_the_password_keeps_to_the_rules(person: Any, signed_in: Any) -> None:
    account = person("zhang", "checker")
    client = signed_in(account)
    url = reverse("account_change_password")
    assert client.get(url).status_code == 200
    for weak in ("short-1", "1234567890", "zhang-zhang"):
        typed = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
        assert client.post(url, typed).status_code == 200
    new = "nine-lanterns-at-dusk"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(url, typed).status_code == 302
    account.refresh_from_db()
    assert account.check_password(new)


def test_signing_out_takes_a_click(person: Any, signed_in: Any) -> None:
    client = signed_in(person("zhang", "checker"))
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/").headers["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", [LOGIN, "/accounts/inactive/", "/accounts/invitation/x/"])
def test_pages_carry_the_policy_and_nothing_inline(path: str) -> None:
    response = Client().get(path)
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="module"')
