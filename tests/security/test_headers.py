"""What holds for every sign-in and every answer, and is nobody's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from huying import settings as ours
from huying.installation import Settings
from huying.people import inviting
from huying.people.acting import SYSTEM
from tests.desk.world import World

As = Callable[..., Client]


def sign_in(name: str, password: str) -> int:
    return Client().post("/accounts/login/", {"login": name, "password": password}).status_code


def test_no_answer_allows_another_origin(world: World, as_: As) -> None:
    """But Open311's doors, which know no session: apps of any site may ask there."""
    client = as_("dispatcher", headers={"Origin": "https://evil.example"})
    for path in ("/desk/", "/api/v1/cases", "/healthz", "/me"):
        answer = client.get(path)
        assert not [name for name in answer.headers if name.startswith("Access-Control-")], path


def test_a_password_counts_to_the_last_sign(world: World) -> None:
    account = world.accounts["dispatcher"]
    long = "  Drei Drachen über 石碁 " + "x" * 100 + "Y  "
    validate_password(long, account)
    account.set_password(long)
    account.save()
    for other in (long.strip(), long[:-3] + "Z  ", long[:72], long.lower()):
        assert sign_in(account.username, other) != 302
    assert sign_in(account.username, long) == 302


def test_a_new_password_takes_no_second_factor_away(world: World) -> None:
    account = world.accounts["dispatcher"]
    TOTP.activate(account, generate_totp_secret())
    token = inviting.reset(account, by=SYSTEM, now=timezone.now())
    inviting.accept(token, "drei-drachen-fliegen", now=timezone.now())
    assert Authenticator.objects.filter(user_id=account.pk, type="totp").exists()
    client = Client()
    sent = {"login": account.username, "password": "drei-drachen-fliegen"}
    assert "2fa" in client.post("/accounts/login/", sent).headers["Location"]
    assert client.get("/me").status_code == 302


def test_a_session_ends_after_a_long_shift(world: World, as_: As) -> None:
    client = as_("dispatcher")
    assert client.get("/me").status_code == 200
    session = Session.objects.get(pk=client.session.session_key)
    assert session.expire_date <= timezone.now() + timedelta(hours=16)
    Session.objects.filter(pk=session.pk).update(expire_date=timezone.now())
    assert client.get("/me").status_code == 302


def test_passwords_are_hashed_slowly() -> None:
    # The tests' own settings hash quickly; the product's are Django's.
    assert not hasattr(ours, "PASSWORD_HASHERS") or "PBKDF2" in ours.PASSWORD_HASHERS[0]
    assert PBKDF2PasswordHasher.iterations >= 600_000


def test_debug_is_off_unless_it_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("HUYING_DEBUG", raising=False)
    assert not Settings(home=tmp_path).debug
    assert not ours.DEBUG
