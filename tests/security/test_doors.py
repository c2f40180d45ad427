"""Every address of the web, tried by nobody, by strangers, and with junk."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from huying.desk.forms import FORMS
from tests.desk.world import World
from tests.security.test_planted import token

OPEN_TO_ALL = {
    "healthz",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "locked",
    "outside_thanks",
    "theme",
    "open311_discovery",
    "open311_services",
    "open311_requests",
    # What residents use without an account, and the questions they are asked.
    "public_report",
    "public_hints",
    "public_items",
    "public_questions",
    "public_grids",
    "public_sum",
    "public_privacy",
    "public_done",
    "public_done_csv",
    "follow_code",
    "n_start",
    "n_enter",
    "n_booked_enter",
    # Where a screen is given its secret.
    "wall_enter",
    # The phone's empty frame: it must open without signal, and holds nothing of anybody's.
    "field",
    "field_tasks",
    "field_assigned",
    "field_patrol",
    "field_care",
    "field_month",
    "field_care_person",
    "field_patrol_place",
    "field_patrol_code",
    "field_surveys",
    "field_survey",
    "field_survey_new",
    "field_survey_target",
    "field_survey_entry",
    "field_assignment",
    "field_case",
    "field_act",
    "field_report",
    "field_settle",
    "field_outbox",
    "field_grid",
    "field_inbox",
    "field_me",
    "field_worker",
    "field_manifest",
}
VALUES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1"}


def addresses(patterns: Any = None, before: str = "") -> Iterator[tuple[str, str | None]]:
    """Each address with something in its holes, and the name of its view."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = str(each.pattern)
        for hole, convert in each.pattern.converters.items():
            kind = type(convert).__name__.removesuffix("Converter").lower()
            for form in (f"<{kind}:{hole}>", f"<{hole}>"):
                route = route.replace(form, VALUES.get(kind, "x"))
        if "(" in route or "^" in route:
            route = route.strip("^$").replace("(?P<url>.*)", "x").replace("\\Z", "")
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, before + route)
        elif isinstance(each, URLPattern):
            yield f"/{before}{route}", each.name


def test_nobody_gets_in_anywhere(world: World) -> None:
    let_in = []
    client = Client()
    for url, name in addresses():
        for ask in (client.get, client.post):
            client.cookies.clear()  # nobody was here before
            status = ask(url).status_code
            assert status < 500, url
            inside = url.startswith(("/desk", "/admin/", "/me", "/api/v1"))
            if status < 300 and (inside or name not in OPEN_TO_ALL):
                let_in.append((url, name, status))
    # The description of the interface is public, and so are the pages of signing in.
    public = ("/api/docs", "/api/v1/openapi.json", "/accounts/login", "/admin/jsi18n", "/i18n/")
    assert not [each for each in let_in if not each[0].startswith(public)]


@pytest.mark.parametrize("person", ["dispatcher", "worker", "leader"])
def test_who_works_cases_administers_nothing(
    person: str, world: World, as_: Callable[..., Client]
) -> None:
    client = as_(person)
    got = [
        (url, status)
        for url, _name in addresses()
        if url.startswith("/admin/")
        and (status := client.get(url).status_code) == 200
        and not url.startswith(("/admin/login", "/admin/logout", "/admin/jsi18n"))
    ]
    assert not got


JUNK: tuple[Any, ...] = (
    "",
    "\x00",
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    "9" * 400,
    "-1",
    "1e999",
    "nan",
    "inf",
    "٣٤",
    "x" * 30_000,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "../../etc/passwd",
    "{{7*7}}",
    "2019-13-45T99:99",
    "0001-01-01",
    "9999-12-31T23:59",
    "440113",
    "🙂" * 50,
)
FIELDS = [
    "expect_seq",
    "unit",
    "assist",
    "reason",
    "reason_code",
    "suggested_unit",
    "text",
    "item",
    "emergency",
    "kind",
    "result",
    "lon",
    "lat",
    "accuracy",
    "form",
    "photos",
    "until",
    "amount",
    "clock",
    "to",
    "number",
    "likely_one",
    "area",
    "address",
    "channel",
    "contact_name",
    "contact_phone",
    "occurred_at",
    "purpose",
    "true",
    "when",
    "next",
    "datum",
    "photo_before",
    "photo_after",
]
QUERY = [
    "tab",
    "state",
    "light",
    "item",
    "channel",
    "area",
    "q",
    "after",
    "ended",
    "rows",
    "text",
    "lon",
    "lat",
    "box",
    "reason",
    "seq",
]


@pytest.mark.slow
def test_junk_in_an_address_is_no_error_of_ours(world: World, as_: Callable[..., Client]) -> None:
    case, client, dice = world.dispatched(), as_("dispatcher"), random.Random(1)
    bearer = {"Authorization": f"Bearer {token()}"}
    paths = (
        "/desk/",
        "/desk/cases/new",
        "/desk/cases/new/hints",
        f"/desk/cases/{case.number}",
        f"/desk/cases/{case.number}/pulse",
        f"/desk/cases/{case.number}/comment",
        "/desk/grids.json",
    )
    for path in paths:
        for junk in JUNK:
            sent = {name: junk for name in QUERY if dice.random() < 0.5} | {"tab": "area"}
            assert client.get(path, sent).status_code < 500, (path, junk)
        for name in QUERY:
            answer = client.get(path, {"tab": "area", name: dice.choice(JUNK)})
            assert answer.status_code < 500, (path, name)
    for junk in ("x", "9" * 300, "%00", "%ff", "..%2f..", "'", "۴"):
        assert client.get(f"/desk/cases/{junk}").status_code in (400, 404)
        assert client.get(f"/api/v1/cases/{junk}", headers=bearer).status_code in (400, 404, 422)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["reported", "accepted", "dispatched", "handled"])
def test_junk_in_a_form_is_refused_in_words(
    state: str, world: World, as_: Callable[..., Client]
) -> None:
    case = getattr(world, state)()
    client = as_({"dispatched": "handler", "handled": "checker"}.get(state, "dispatcher"))
    for verb in sorted(FORMS):
        dice = random.Random(f"{verb} {state}")
        for _ in range(3):
            sent = {name: dice.choice(JUNK) for name in FIELDS if dice.random() < 0.7}
            # Whatever came of it, the next one finds the case as it was.
            with transaction.atomic():
                answer = client.post(f"/desk/cases/{case.number}/{verb}", sent)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (verb, state, sent)


def test_junk_in_a_new_case_loses_no_words(world: World, as_: Callable[..., Client]) -> None:
    client, dice = as_("dispatcher"), random.Random(7)
    for _ in range(25):
        sent = {name: dice.choice(JUNK) for name in FIELDS if dice.random() < 0.6}
        sent["text"] = "三巷的路灯不亮，请派人看看"
        answer = client.post("/desk/cases/new", sent)
        assert answer.status_code in (302, 422), answer.status_code
        if answer.status_code == 422:
            assert "三巷的路灯不亮" in answer.content.decode()
