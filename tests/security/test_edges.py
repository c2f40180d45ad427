"""Addresses at the edge of what dates, texts and lists can be."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huying.api import paging
from huying.audit.identifiers import new_id
from huying.cases.contacts import masked_name
from huying.cases.models import Case, CaseContact, CaseParty
from huying.desk import exporting, writing
from huying.desk.models import Export
from huying.people.admin_site import site
from huying.people.models import Account, Post, Role
from tests.desk.world import GRID, World

As = Callable[..., Client]
DAYS = ["0001-01-01", "0001-01-02", "1999-12-31", "9999-12-31", "2026-02-30", "\x00", "1", "0000"]


@pytest.mark.parametrize("day", DAYS)
def test_the_workbench_of_any_day(day: str, world: World, as_: As) -> None:
    answer = as_("dispatcher").get("/desk/today/", {"day": day})
    assert answer.status_code == (400 if "\0" in day else 200)
    if answer.status_code == 200:
        assert answer.context["day"] == timezone.localdate()
    assert as_("dispatcher").get("/desk/today/", {"day": "2000-01-01"}).status_code == 200


CURSORS = [
    "2026-01-01T00:00:00+23:59",
    "2026-01-01T00:00:00-23:59:59",
    "2026-01-01T00:00:00+15:59:59.999999",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+00:00",
]


@pytest.mark.parametrize("moment", CURSORS)
def test_cursors_from_nowhere(moment: str, world: World, as_: As) -> None:
    world.dispatched()
    for plain in (f"{moment}|{moment}|{new_id()}", f"|{moment}|{new_id()}", f"{moment}|x|x"):
        after = base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        for more in ({}, {"ended": "1"}):
            sent = {"tab": "area", "rows": "1", "after": after} | more
            assert as_("dispatcher").get("/desk/", sent).status_code == 200


def test_cursors_of_the_interface_from_nowhere(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for micros in (-(2**63), 2**63 - 1, -62135596800 * 10**6, 253402300799 * 10**6):
        packed = paging._FORM.pack(False, micros, new_id().bytes)
        cursor = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
        assert client.get("/api/v1/cases", {"cursor": cursor}).status_code in (200, 422)
    for since in CURSORS:
        assert client.get("/api/v1/cases", {"since": since}).status_code in (200, 422)


@pytest.fixture
def as_guardian(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Role], Client]:
    """A guardian's browser, the second factor shown."""
    for name in ("was_used", "is_set_up"):
        monkeypatch.setattr(f"huying.people.second_factor.{name}", lambda *_: True)

    def sign_in(role: Role) -> Client:
        account = Account.objects.create(username=f"g-{role}", name="守门")
        Post.objects.create(
            account=account,
            role=role,
            area_code="440113",
            district_code="440113",
            starts_on=timezone.localdate() - timedelta(days=1),
        )
        client = Client()
        session = client.session
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        return client

    return sign_in


@pytest.mark.parametrize(
    "role", [Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR], ids=str
)
def test_no_list_of_the_administration_falls_over(
    role: Role, as_guardian: Callable[[Role], Client]
) -> None:
    client, looked_at = as_guardian(role), 0
    for model, admin in site._registry.items():
        base = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if client.get(base).status_code != 200:
            continue
        looked_at += 1
        narrowed = [each for each in admin.list_filter if isinstance(each, str)]
        for name in ["q", "p", "o", "all", *narrowed, *(f"{each}__exact" for each in narrowed)]:
            assert client.get(base, {name: "a\x00"}).status_code == 400, (base, name)
        for path in ("%00/change/", "a%00/history/", "x/change/", "9999999999999999999/change/"):
            assert client.get(base + path).status_code in (302, 400, 403, 404), base
        if (day := admin.date_hierarchy) is not None:
            for year in ("9999", "0001", "0", "x", "9" * 30, "٢٠٢٦"):
                assert client.get(base, {f"{day}__year": year}).status_code == 302, year
            assert client.get(base, {f"{day}__year": "2026"}).status_code == 200
        for chosen in ("x", "\x00", "1e9", "9" * 30, ""):
            sent = {"action": "delete_selected", "_selected_action": chosen, "index": "0"}
            assert client.post(base, sent).status_code < 500, (base, chosen)
    assert looked_at >= 4


@pytest.mark.parametrize("path", ["/desk/?q=a%00b", "/desk/cases/%00", "/me?x=%00", "/%00"])
def test_an_address_with_a_nul_is_not_understood(path: str, world: World, as_: As) -> None:
    answer = as_("dispatcher").get(path)
    assert answer.status_code == 400
    assert "400" in answer.content.decode()


def test_the_interface_says_so_in_its_own_form(world: World, as_: As) -> None:
    answer = as_("dispatcher").get("/api/v1/cases/%00")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- lists as files


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written: the worker is busy elsewhere."""
    monkeypatch.setattr(exporting, "_defer", lambda _export: None)


def ask(client: Client, query: str = "tab=area") -> int:
    return client.post("/desk/exports", {"query": query}).status_code


@pytest.mark.parametrize("letter", ["龘", "🏚", "%", "é", "+"])
def test_the_longest_search_becomes_a_file(letter: str, world: World, as_: As, waits: None) -> None:
    client = as_("dispatcher")
    page = client.get("/desk/", {"tab": "area", "q": letter * 200, "item": "0211", "area": GRID})
    assert page.status_code == 200
    query = page.context["filters"].query()
    assert ask(client, query) == 302
    assert Export.objects.get().query == query
    assert writing.chosen(world.posts["dispatcher"], query, timezone.now()).count() == 0


def test_what_narrows_a_list_is_never_cut_off(world: World, as_: As, waits: None) -> None:
    assert ask(as_("dispatcher"), "tab=area&q=" + "%E9%BE%98" * 400 + "&state=dispatched") == 302
    assert "state=dispatched" in Export.objects.get().query


def test_again_is_one_of_the_three(world: World, as_: As, waits: None) -> None:
    client = as_("dispatcher")
    for _ in range(3):
        assert ask(client) == 302
    assert ask(client) == 409
    first = Export.objects.earliest("asked_at")
    client.post(f"/desk/exports/{first.pk}/cancel")
    assert ask(client) == 302
    again = client.post(f"/desk/exports/{first.pk}/again")
    assert again.status_code == 409
    assert "正在" in again.content.decode() or "三" in again.content.decode()
    first.refresh_from_db()
    assert first.state == Export.State.CANCELLED
    # One that stands still may be started again in its own place.
    last = Export.objects.latest("asked_at")
    Export.objects.filter(pk=last.pk).update(touched_at=timezone.now() - timedelta(minutes=5))
    assert client.post(f"/desk/exports/{last.pk}/again").status_code == 302
    assert Export.objects.filter(state=Export.State.WAITING).count() == 3


# --- what is out of sight


def test_into_which_case_is_told_only_to_who_may_see_it(world: World, as_: As) -> None:
    stays, goes = world.accepted(), world.accepted()
    Case.objects.filter(pk=stays.pk).update(area_code=GRID[:-3] + "002")
    stays.refresh_from_db()
    world.do(goes, "merge", "dispatcher", into=stays.pk, reason="同一处垃圾")

    def told(person: str) -> Any:
        answer = as_(person).get(f"/api/v1/cases/{goes.number}")
        assert answer.status_code == 200, answer.content
        return answer.json()["merged_into"]

    assert told("dispatcher") == stays.number
    assert told("worker") is None
    events = as_("worker").get(f"/api/v1/cases/{goes.number}/events").json()
    assert stays.number not in json.dumps(events)


def test_a_photo_goes_out_of_sight_with_its_case(world: World, as_: As) -> None:
    photo = world.photo("handler", "photo_before")
    client, path = as_("handler"), f"/api/v1/attachments/{photo}"
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "max-age=3600" not in answer.headers["Cache-Control"]
    case = world.do(world.handling(), "attach", "handler", photos=[photo], text="现场")
    assert client.get(path).status_code == client.get(f"{path}/thumb").status_code == 200
    # The unit takes part no longer.
    CaseParty.objects.filter(case=case).update(until_seq=case.last_seq)
    assert client.get(path).status_code == client.get(f"{path}/thumb").status_code == 404
    assert as_("dispatcher").get(path).status_code == 200


@pytest.mark.parametrize(("name", "masked"), [("欧", "*"), ("张三", "张*"), ("", "")])
def test_a_name_is_never_shown_whole(name: str, masked: str, world: World) -> None:
    assert masked_name(name) == masked
    case = world.reported(contact_name=name, contact_phone="13926187753")
    assert CaseContact.objects.get(case=case).name_masked == masked


def test_names_kept_before_are_masked_by_the_migration(world: World) -> None:
    from importlib import import_module

    case = world.reported(contact_name="欧阳", contact_phone="13926187753")
    kept = CaseContact.objects.filter(case=case)
    kept.update(name_masked="欧")
    (step,) = import_module("huying.migrations.0011_one_letter_names").Migration.operations
    with connection.cursor() as cursor:
        cursor.execute(step.sql)
    assert kept.get().name_masked == "*"
