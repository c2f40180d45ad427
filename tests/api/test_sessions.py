"""Signed-in people over the interface: the post they act on, and the page's CSRF token."""

from __future__ import annotations

import json
from typing import Any

import pytest

COMMUNITY = "440113120213"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def person(db: None) -> Any:
    """Makes an account with a post, and its client, which keeps to CSRF as a browser does."""
    from django.test import Client
    from django.utils import timezone

    from huying.people.models import Account, Post

    def make(role: str, area: str) -> Client:
        account = Account.objects.create(username=f"{role}-{area}", name="李四")
        Post.objects.create(
            account=account,
            role=role,
            area_code=area,
            district_code="440113",
            starts_on=timezone.localdate(),
        )
        client = Client(enforce_csrf_checks=True)
        client.force_login(account, backend=BACKEND)
        client.get("/api/docs")  # sets the CSRF cookie
        return client

    return make


def _post(client: Any, path: str, body: Any, *, csrf: bool = True, key: str = "k1") -> Any:
    headers = {"Idempotency-Key": key}
    if csrf:
        headers["X-CSRFToken"] = client.cookies["huying-csrf"].value
    return client.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_person_reads_and_writes_on_their_post(person: Any) -> None:
    client = person("dispatcher", "440113120")
    made = _post(client, "/cases", {"text": "路灯不亮", "area": COMMUNITY, "item": "0203"})
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert client.get(f"/api/v1/cases/{number}").json()["channel"] == "desk"
    accepted = _post(client, f"/cases/{number}/verbs/accept", {"item": "0203"})
    assert accepted.status_code == 200, accepted.content
    events = client.get(f"/api/v1/cases/{number}/events").json()["items"]
    assert [each["by"] for each in events] == ["李四", "李四"]


def test_who_reported_takes_it_back(person: Any) -> None:
    client = person("dispatcher", "440113120")
    number = _post(client, "/cases", {"text": "路灯不亮", "area": COMMUNITY}).json()["number"]
    done = _post(client, f"/cases/{number}/verbs/withdraw", {"reason": "已自行修复"})
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")


def test_a_write_without_the_pages_token_is_refused(person: Any) -> None:
    client = person("dispatcher", "440113120")
    answer = _post(client, "/cases", {"text": "路灯不亮"}, csrf=False)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert client.get("/api/v1/cases").status_code == 200


def test_a_person_does_not_pass_for_a_connected_system(person: Any) -> None:
    client = person("dispatcher", "440113120")
    body = {"text": "路灯不亮", "area": COMMUNITY, "channel": "api"}
    answer = _post(client, "/cases", body)
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")


def test_a_grid_workers_report_is_a_patrols(person: Any) -> None:
    client = person("grid_worker", f"{COMMUNITY}001")
    body = {"text": "路灯不亮", "area": COMMUNITY}
    answer = _post(client, "/cases", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "missing")
    answer = _post(client, "/cases", body | {"channel": "desk"})
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")


def test_a_token_counts_before_the_session(person: Any, caller: Any) -> None:
    client = person("dispatcher", "440113120")
    narrow = caller("dispatcher", "440113120", scopes=("locate",))
    assert client.get("/api/v1/cases", headers=narrow.headers).status_code == 403


def test_a_proxys_password_does_not_hide_the_session(person: Any) -> None:
    client = person("dispatcher", "440113120")
    assert client.get("/api/v1/cases", headers={"Authorization": "Basic YTpi"}).status_code == 200


def test_a_request_with_a_token_leaves_no_session_behind(district: Any) -> None:
    answer = district.get("/cases")
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_a_guardian_without_the_second_factor_is_told_as_a_problem(person: Any) -> None:
    answer = person("auditor", "440113").get("/api/v1/catalogue")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer["Content-Type"] == "application/problem+json"
