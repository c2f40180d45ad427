"""The patrol on the phone: what it takes along, and what it sends, once however often."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying.cases.answers import owner_of
from huying.forms import versions
from huying.patrol.models import DutySpan, PatrolPlan, PatrolVisit, TrackPoint
from huying.people.acting import SYSTEM
from tests.browser.everywhere import with_patrol
from tests.desk.world import ITEM, LAT, LON, World
from tests.field.test_data import data

As = Callable[..., Client]
FORM = {"questions": [{"id": "depth", "kind": "number", "label": "水深", "required": True}]}


def send(client: Client, path: str, body: Any, key: str = "k1") -> Any:
    return client.post(
        path, body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_where_places_are_too_many_those_that_are_due_go_along(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_patrol(world)
    monkeypatch.setattr("huying.field.patrol.MOST", 1)
    (kept,) = data(as_("worker"))["patrol"]["places"]
    # By its name it comes after the other one, which somebody has visited already.
    assert (kept["name"], kept["due"]) == ("水闸", True)


def test_the_days_places_go_along_and_a_check_in_counts_once(world: World, as_: As) -> None:
    with_patrol(world)
    client = as_("worker")
    first, visited = data(client)["patrol"]["places"]
    assert (first["name"], first["due"], visited["visited"]) == ("水闸", True, True)
    assert data(as_("dispatcher"))["patrol"]["places"] == []
    assert data(as_("far_worker"))["patrol"]["places"] == []
    path = f"/field/patrol/{first['id']}/visit"
    body = {"visit": str(uuid.uuid4()), "lon": LON, "lat": LAT + 0.01, "accuracy_m": 9}
    refused = send(client, path, body)
    assert refused.status_code == 422
    assert refused.json()["field"] == "position"
    # Mended under the same key: the refusal has left it free.
    body |= {"lat": LAT, "answers": [True, True], "at": int(time.time() * 1000) - 5000}
    for _again in range(2):
        assert send(client, path, body).status_code == 200
    assert PatrolVisit.objects.filter(place=first["id"]).count() == 1
    assert send(as_("far_worker"), path, body).status_code == 404


def test_positions_are_taken_on_duty_only_and_each_once(world: World, as_: As) -> None:
    client, now = as_("worker"), int(time.time() * 1000)

    def track(*ages: int) -> int:
        points = [[now - age * 1000, LON, LAT, 9] for age in ages]
        answer = client.post("/field/track", {"points": points}, content_type="application/json")
        return int(answer.json()["kept"])

    assert track(60, 30) == 0
    assert send(client, "/field/duty/on", {"at": now - 90_000}).json() == {"on": True}
    assert data(client)["patrol"]["duty"]
    assert (track(60, 30, 0), track(30, 0, 120)) == (3, 0)
    assert send(client, "/field/duty/off", {"at": now - 10_000}).json() == {"on": False}
    assert track(5) == 0
    assert TrackPoint.objects.count() == 2
    assert DutySpan.objects.get().ended_at is not None
    bad = client.post("/field/track", {"points": [["x"]]}, content_type="application/json")
    assert bad.status_code == 422


def test_a_checklist_of_questions_goes_along_once_and_comes_back_answered(
    world: World, as_: As
) -> None:
    place, now = with_patrol(world), timezone.now()
    versions.write(owner_of(ITEM), FORM, by=SYSTEM, now=now)
    asks = versions.publish(owner_of(ITEM), by=SYSTEM, now=now).id
    PatrolPlan.objects.filter(pk=place.plan_id).update(form=asks)
    client = as_("worker")
    told = data(client)["patrol"]
    assert told["sheets"][str(asks)]["questions"][0]["label"] == "水深"
    first = told["places"][0]
    assert (first["form"], first["points"]) == (asks, [])
    path = f"/field/patrol/{first['id']}/visit"
    body = {"visit": str(uuid.uuid4()), "lon": LON, "lat": LAT, "form": asks, "given": {}}
    refused = send(client, path, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_answers")
    assert send(client, path, body | {"given": {"depth": "30"}}).status_code == 200
    assert PatrolVisit.objects.get(pk=body["visit"]).said == {"depth": 30}
