"""Tokens: what they may be used for, when they end, and that only their digest is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_the_digest_is_kept(district: Any) -> None:
    from huying.api.models import Token

    secret = district.headers["Authorization"].removeprefix("Bearer ")
    token = Token.objects.get(pk=district.token.pk)
    assert secret not in str(vars(token))
    assert bytes(token.digest) != secret.encode()
    assert len(secret) == 46


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer hy_wrong", "bad_token"),
        ("Bearer", "bad_token"),
        ("Bearer ", "bad_token"),
        ("Bearer 令牌", "bad_token"),
        ("Basic abc", "not_signed_in"),
        ("hy_abc", "not_signed_in"),
    ],
)
def test_what_is_no_token_lets_nobody_in(anyone: Any, db: None, header: str, code: str) -> None:
    answer = anyone.client.get("/api/v1/cases", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_with_its_day(caller: Any) -> None:
    from django.utils import timezone

    from huying.api import tokens
    from huying.api.models import Token

    api = caller(days=1)
    assert api.get("/cases").status_code == 200
    past = timezone.now() - timedelta(days=2)
    Token.objects.update(created_at=past, expires_at=past + timedelta(days=1))
    tokens.forget()
    answer = api.get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (401, "expired_token")


def test_an_expired_token_is_refused_even_where_it_is_remembered(db: None) -> None:
    from django.utils import timezone

    from huying.api import tokens
    from huying.api.problems import ExpiredToken

    now = timezone.now()
    system = tokens.connect("hotline", role="dispatcher", area_code="440113", now=now)
    _token, secret = tokens.issue(system, scopes=["read"], days=1, now=now)
    remembered = tokens.Tokens()
    remembered.actor(secret, now)
    with pytest.raises(ExpiredToken):
        remembered.actor(secret, now + timedelta(days=1))


def test_a_revoked_token_ends_within_five_seconds_in_every_process(db: None) -> None:
    from django.utils import timezone

    from huying.api import tokens
    from huying.api.problems import BadToken

    now, clock = timezone.now(), Clock()
    system = tokens.connect("hotline", role="dispatcher", area_code="440113", now=now)
    token, secret = tokens.issue(system, scopes=["read"], days=1, now=now)
    other_process = tokens.Tokens(clock)
    other_process.actor(secret, now)
    tokens.revoke(token.pk, now=now)
    clock.now = 1
    assert other_process.actor(secret, now).name == "hotline"
    clock.now = 5
    with pytest.raises(BadToken):
        other_process.actor(secret, now)
    with pytest.raises(BadToken):
        tokens.actor_for(secret, now)


def test_a_remembered_token_costs_no_query(district: Any, django_assert_num_queries: Any) -> None:
    from django.utils import timezone

    from huying.api import tokens

    secret = district.headers["Authorization"].removeprefix("Bearer ")
    tokens.actor_for(secret, timezone.now())
    with django_assert_num_queries(0):
        tokens.actor_for(secret, timezone.now())


def test_a_system_that_is_switched_off_has_no_tokens(district: Any, integration: Any) -> None:
    from huying.api import tokens

    integration.active = False
    integration.save()
    tokens.forget()
    assert district.get("/cases").status_code == 401


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("read", {"get": 200, "report": 403, "verb": 403, "locate": 403, "upload": 403}),
        ("report", {"get": 403, "report": 201, "verb": 403, "locate": 403, "upload": 403}),
        ("verbs", {"get": 403, "report": 403, "verb": 404, "locate": 403, "upload": 403}),
        ("locate", {"get": 403, "report": 403, "verb": 403, "locate": 200, "upload": 403}),
        ("attach", {"get": 403, "report": 403, "verb": 403, "locate": 403, "upload": 422}),
    ],
)
def test_a_scope_opens_its_own_doors(caller: Any, scope: str, expected: dict[str, int]) -> None:
    api = caller(scopes=(scope,))
    found = {
        "get": api.get("/cases"),
        "report": api.report(),
        "verb": api.verb("4401131202026010100000001", "comment", text="好"),
        "locate": api.post("/places/locate", {"lon": 113.4, "lat": 22.9}),
        "upload": api.client.post(
            "/api/v1/attachments", {}, headers=api.headers | {"Idempotency-Key": "k"}
        ),
    }
    assert {name: answer.status_code for name, answer in found.items()} == expected
    refused = [answer.json() for answer in found.values() if answer.status_code == 403]
    assert {each["code"] for each in refused} == {"scope_needed"}


@pytest.mark.parametrize("role", ["administrator", "security_administrator", "auditor", "king"])
def test_nobody_connects_a_system_as_a_guardian(db: None, role: str) -> None:
    from django.utils import timezone

    from huying.api import tokens
    from huying.errors import BadInput

    with pytest.raises(BadInput):
        tokens.connect("robot", role=role, area_code="440113", now=timezone.now())


def test_a_systems_role_does_not_change_by_asking_again(db: None) -> None:
    from django.utils import timezone

    from huying.api import tokens
    from huying.errors import BadInput

    now = timezone.now()
    first = tokens.connect("hotline", role="dispatcher", area_code="440113120", now=now)
    again = tokens.connect("hotline", role="dispatcher", area_code="440113120", now=now)
    assert first == again
    with pytest.raises(BadInput):
        tokens.connect("hotline", role="dispatcher", area_code="440113", now=now)


def test_the_day_of_last_use_is_noted(district: Any) -> None:
    from django.utils import timezone

    from huying.api.models import Token

    district.get("/cases")
    assert Token.objects.get(pk=district.token.pk).used_on == timezone.localdate()


def test_the_command_prints_the_secret_once(
    db: None, monkeypatch: pytest.MonkeyPatch, anyone: Any
) -> None:
    import argparse

    from huying.cli import token

    parser = argparse.ArgumentParser()
    token.arguments(parser)
    words = "create hotline --role dispatcher --area 440113120 --scopes read,report --days 30"
    made = token.run(parser.parse_args(words.split()))
    assert made["ok"]
    assert made["token"] in token.text(made)
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert anyone.client.get("/api/v1/cases", headers=headers).status_code == 200
    listed = token.run(parser.parse_args(["list"]))
    assert [each["scopes"] for each in listed["tokens"]] == [["read", "report"]]
    assert made["token"] not in json.dumps(listed) + token.text(listed)
    ended = token.run(parser.parse_args(["revoke", str(made["id"])]))
    assert ended["revoked_at"]
    assert anyone.client.get("/api/v1/cases", headers=headers).status_code == 401


def test_the_command_line_leaves_its_records_too(db: None) -> None:
    from argparse import Namespace

    from huying.api.admin import _issued
    from huying.audit.models import AccessLog
    from huying.cli import token as command

    given = {"verb": "create", "name": "hotline", "role": "dispatcher", "area": "440113"}
    more = {"unit": "", "scopes": "read,verbs", "days": 30}
    made = command.run(Namespace(**given, **more))
    command.run(Namespace(**given, **more))
    command.run(Namespace(verb="revoke", id=made["id"]))
    found = AccessLog.objects.order_by("pk").values_list("action", "role", "purpose")
    actions = ["admin_add", "issue_token", "issue_token", "revoke_token"]
    assert list(found) == [(action, "system", "dispatcher@440113") for action in actions]
    told = _issued()
    assert len(told) == 2
    assert all("命令行" in each and "hotline" in each for each in told)
