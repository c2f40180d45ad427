"""Tasks from above on the phone: what it takes along, and what it sends, once however often."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from huying.tasks import checking, issuing
from huying.tasks.asking import Asked
from huying.tasks.models import GridTask, State, TaskCase, TaskStep
from tests.desk.world import COMMUNITY, GRID, LAT, LON, OTHER_GRID, World
from tests.field.test_data import data

As = Callable[..., Client]


def given(world: World) -> GridTask:
    """The worker's part of a task that asks one question."""
    task = issuing.issue(
        by=world.actor("dispatcher"),
        now=timezone.now(),
        item="0302",
        title="用电安全宣传",
        words="逐户上门讲解。",
        areas=[COMMUNITY],
        due_at=timezone.now() + timedelta(days=2),
        questions=[Asked("走访了几户？", "number")],
    )
    return task.parts.get(grid_code=GRID)


def send(client: Client, part: GridTask, step: str, body: Any, key: str = "k1") -> Any:
    return client.post(
        f"/field/assigned/{part.pk}/{step}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_the_phone_takes_the_own_grids_part_with_its_questions(world: World, as_: As) -> None:
    part = given(world)
    (card,) = data(as_("worker"))["assigned"]
    assert (card["id"], card["state"], card["light"]) == (str(part.pk), "open", "green")
    assert card["sheet"]["questions"][0]["label"] == "走访了几户？"
    assert data(as_("dispatcher"))["assigned"] == []
    (other,) = data(as_("far_worker"))["assigned"]
    assert other["id"] == str(part.task.parts.get(grid_code=OTHER_GRID).pk)


def test_what_is_sent_twice_is_done_once(world: World, as_: As) -> None:
    part, client = given(world), as_("worker")
    photo = str(world.photo("worker", "photo_after"))
    body = {
        "words": "走访十二户",
        "answers": {"q1": "12"},
        "photos": [photo],
        "lon": LON,
        "lat": LAT,
    }
    for _again in range(2):
        assert send(client, part, "done", body).json() == {"state": "done"}
    part.refresh_from_db()
    assert (part.state, part.answers, part.lon) == (State.DONE, {"q1": 12}, LON)
    assert TaskStep.objects.filter(part=part, verb="complete").count() == 1
    assert data(client)["assigned"][0]["state"] == "done"
    # Another body under the key, and the same step under another one, are refused in words.
    assert send(client, part, "done", body | {"words": "x"}).json()["code"] == (
        "idempotency_key_reused"
    )
    assert send(client, part, "done", body, "k2").status_code == 409
    again = checking.ask_again(
        part.pk, by=world.actor("checker"), now=timezone.now(), reason="照片看不清"
    )
    (card,) = data(client)["assigned"]
    assert (card["state"], card["why"], again.round) == ("open", "照片看不清", 1)


def test_what_will_not_do_is_refused_and_the_key_stays_free(world: World, as_: As) -> None:
    part, client = given(world), as_("worker")
    photo = str(world.photo("worker", "photo_after"))
    good = {"words": "走访", "answers": {"q1": 3}, "photos": [photo]}
    for wrong in (
        {"words": ""},
        {"answers": {}},
        {"photos": []},
        {"photos": "x"},
        {"lon": "east"},
        {"words": ["x"]},
        {"lat": 1e9},
    ):
        answer = send(client, part, "done", good | wrong)
        assert answer.status_code == 422, wrong
        assert answer["Content-Type"] == "application/problem+json"
    for junk in ("[]", "\x00", "{", '{"words":"\\u0000"}'):
        assert send(client, part, "done", junk).status_code == 422
    assert send(client, part, "nothing", good).status_code == 404
    assert send(as_("far_worker"), part, "done", good).status_code == 404
    assert send(client, part, "done", good).status_code == 200


def test_a_task_is_given_back_and_a_case_tells_its_task(world: World, as_: As) -> None:
    part, client = given(world), as_("worker")
    photo = str(world.photo("worker", "photo_before"))
    made = client.post(
        "/api/v1/cases",
        {"text": "飞线充电", "position": {"lon": LON, "lat": LAT}, "photos": [photo]},
        content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex},
    ).json()
    for key in ("f1", "f2"):
        assert send(client, part, "found", {"number": made["number"]}, key).status_code == 200
    assert TaskCase.objects.get().part == part
    assert send(client, part, "found", {"number": "x"}, "f3").status_code == 404
    assert send(client, part, "give_back", {"reason": " "}).status_code == 422
    assert send(client, part, "give_back", {"reason": "已拆迁"}).json() == {"state": "given_back"}
    assert data(client)["assigned"] == []
