"""Rotating a token: a new secret, the old one for a while, and a warning in time."""

from __future__ import annotations

import argparse
import json
import logging
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from huying.api import rotating, tokens
from huying.api.models import Token
from huying.api.problems import BadToken, ExpiredToken
from huying.audit.models import AccessLog
from huying.cli import CommandError, token
from huying.errors import BadInput, NotAllowed, NotFound
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import Account, Post, Role

pytestmark = pytest.mark.django_db


def issued(days: int = 90, name: str = "hotline") -> tuple[Token, str]:
    now = timezone.now()
    system = tokens.connect(name, role="dispatcher", area_code="440113", now=now)
    return tokens.issue(system, scopes=["read", "report"], days=days, now=now)


def test_both_secrets_work_for_the_time_of_grace_and_then_the_new_one_alone() -> None:
    now = timezone.now()
    old, before = issued()
    new, secret = rotating.rotate(old.pk, by=SYSTEM, now=now)
    assert secret != before
    assert new.scopes == old.scopes
    assert abs(new.expires_at - now - timedelta(days=90)) < timedelta(seconds=5)
    fresh = tokens.Tokens()
    almost, over = now + timedelta(hours=23, minutes=59), now + timedelta(hours=24)
    assert fresh.actor(before, almost) == fresh.actor(secret, almost)
    with pytest.raises(ExpiredToken):
        fresh.actor(before, over)
    assert fresh.actor(secret, over).name == "hotline"
    old.refresh_from_db()
    assert old.replaced_by == new
    assert rotating.standing(old, almost) == "replaced"
    assert rotating.standing(old, over) == "expired"
    assert rotating.standing(new, over) == "live"


def test_without_grace_the_old_one_ends_at_once(anyone: Any) -> None:
    old, before = issued()
    headers = {"Authorization": f"Bearer {before}"}
    assert anyone.client.get("/api/v1/cases", headers=headers).status_code == 200
    rotating.rotate(old.pk, grace_hours=0, by=SYSTEM, now=timezone.now())
    assert anyone.client.get("/api/v1/cases", headers=headers).status_code == 401
    with pytest.raises(BadToken):
        tokens.actor_for(before, timezone.now())


def test_grace_lengthens_nothing() -> None:
    old, _secret = issued(days=1)
    ends = old.expires_at
    rotating.rotate(old.pk, grace_hours=720, by=SYSTEM, now=timezone.now())
    old.refresh_from_db()
    assert old.expires_at == ends


@pytest.mark.parametrize("hours", [-1, 721])
def test_grace_has_bounds(hours: int) -> None:
    old, _secret = issued()
    with pytest.raises(BadInput):
        rotating.rotate(old.pk, grace_hours=hours, by=SYSTEM, now=timezone.now())
    with pytest.raises(BadInput):
        rotating.rotate(old.pk, days=3661, by=SYSTEM, now=timezone.now())
    assert Token.objects.count() == 1


def test_what_has_ended_is_not_rotated() -> None:
    now = timezone.now()
    revoked, _ = issued(name="one")
    tokens.revoke(revoked.pk, now=now)
    replaced, _ = issued(name="two")
    rotating.rotate(replaced.pk, by=SYSTEM, now=now)
    expired, _ = issued(days=1, name="three")
    off, _ = issued(name="four")
    off.integration.active = False
    off.integration.save()
    count = Token.objects.count()
    for each, at in ((revoked, now), (replaced, now), (off, now), (expired, now + timedelta(2))):
        with pytest.raises(BadInput):
            rotating.rotate(each.pk, by=SYSTEM, now=at)
    with pytest.raises(NotFound):
        rotating.rotate(0, by=SYSTEM, now=now)
    assert Token.objects.count() == count


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY_ADMINISTRATOR])
def test_none_but_the_security_administrator_rotates(role: Role) -> None:
    old, _secret = issued()
    by = Actor(ActorKind.ACCOUNT, account_id=1, role=role, area_code="440113")
    with pytest.raises(NotAllowed):
        rotating.rotate(old.pk, by=by, now=timezone.now())


def test_it_leaves_who_did_it_in_the_access_log() -> None:
    old, _secret = issued()
    by = Actor(ActorKind.ACCOUNT, account_id=7, role=Role.SECURITY_ADMINISTRATOR)
    new, _secret = rotating.rotate(old.pk, by=by, now=timezone.now())
    found = AccessLog.objects.filter(subject_type="token").order_by("pk")
    assert [(each.action, each.subject_id, each.account_id) for each in found] == [
        ("rotate_token", str(old.pk), 7),
        ("issue_token", str(new.pk), 7),
    ]


def test_a_token_that_ends_soon_is_warned_of_until_it_is_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = timezone.now()
    soon, _ = issued(days=14)
    issued(days=30, name="archive")
    with caplog.at_level(logging.WARNING, "huying.api.rotating"):
        assert rotating.warn(now=now + timedelta(hours=1)) == 1
    assert "of hotline ends at" in caplog.text
    assert rotating.standing(soon, now + timedelta(hours=1)) == "ending"
    rotating.rotate(soon.pk, by=SYSTEM, now=now, days=90)
    assert rotating.warn(now=now + timedelta(hours=1)) == 0


def run(words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    token.arguments(parser)
    return token.run(parser.parse_args(words.split()))


def test_the_command_rotates_by_name() -> None:
    _old, before = issued()
    made = run("rotate hotline --grace-hours 2 --days 30")
    said = token.text(made)
    assert made["token"] in said
    assert made["token"] != before
    assert f"replaced by {made['id']}, works until" in said
    listed = run("list")
    assert [each["state"] for each in listed["tokens"]] == ["replaced", "live"]
    assert made["token"] not in json.dumps(listed) + token.text(listed)
    again = run("rotate hotline --grace-hours 0")
    assert [each["state"] for each in run("list")["tokens"]] == ["replaced", "revoked", "live"]
    assert again["replaces"]["id"] == made["id"]


def test_the_command_does_not_guess() -> None:
    first, _ = issued()
    issued()
    with pytest.raises(CommandError, match="several tokens"):
        run("rotate hotline")
    with pytest.raises(CommandError, match="no token that works"):
        run("rotate nobody")
    assert run(f"rotate --id {first.pk}")["replaces"]["id"] == first.pk


@pytest.fixture
def guardian(client: Any) -> Any:
    """Signs the browser in as a guardian, with the second factor shown."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from huying.people.second_factor import SET_UP_HERE

    def sign_in(role: Role) -> Any:
        account = Account.objects.create(username=f"g-{role}", name="安某")
        Post.objects.create(
            account=account,
            role=role,
            area_code="440113",
            district_code="440113",
            starts_on=date(2020, 1, 1),
        )
        TOTP.activate(account, generate_totp_secret())
        client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[SET_UP_HERE] = True
        session.save()
        return client

    return sign_in


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_the_other_guardians_neither_see_nor_rotate(guardian: Any, role: Role) -> None:
    old, _secret = issued(days=5)
    client = guardian(role)
    assert "请及时轮换" not in client.get("/admin/").content.decode()
    url = f"/admin/huying/token/{old.pk}/rotate/"
    assert client.get(url).status_code == 403
    assert client.post(url, {"grace_hours": "0"}).status_code == 403
    assert Token.objects.count() == 1


def test_the_admin_warns_rotates_and_shows_the_secret_once(guardian: Any) -> None:
    security = guardian(Role.SECURITY_ADMINISTRATOR)
    old, _before = issued(days=5)
    assert "请及时轮换" in security.get("/admin/").content.decode()
    page = security.get("/admin/huying/token/").content.decode()
    url = f"/admin/huying/token/{old.pk}/rotate/"
    assert url in page
    assert "即将到期" in page
    assert "宽限期" in security.get(url).content.decode()
    assert security.post(url, {"grace_hours": "721"}).status_code == 200
    assert Token.objects.count() == 1
    told = security.post(url, {"grace_hours": "48", "days": ""})
    assert "no-store" in told.headers["Cache-Control"]
    new = Token.objects.get(replaces=old)
    assert f"<code>{new.hint}" in told.content.decode()
    old.refresh_from_db()
    page = security.get("/admin/huying/token/").content.decode()
    assert "已轮换，宽限期内有效" in page
    assert url not in page
    assert "请及时轮换" in security.get("/admin/").content.decode()  # the new one has 5 days too
    refused = security.post(url, {"grace_hours": "48"})
    assert "已轮换" in refused.content.decode()
    assert Token.objects.count() == 2
    assert security.get("/admin/huying/token/0/rotate/").status_code == 404
