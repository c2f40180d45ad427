"""What the phone takes along: the own tasks with the flow table's verbs, and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.cases.answers import owner_of
from huying.cases.models import Channel
from huying.field.forms import FORMS, following
from huying.forms import versions
from huying.intake.reporting import Told, take
from huying.intake.verbs import VERBS
from huying.people.acting import SYSTEM
from tests.desk.world import GRID, ITEM, LAT, LON, World
from tests.forms.generated import FUEL_FORM


def data(client: Client) -> dict[str, Any]:
    return dict(client.get("/field/data").json())


def test_the_handler_has_the_units_cases_with_what_may_be_done(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.dispatched(contact_name="张三", contact_phone="13800001111")
    answer = as_("handler").get("/field/data")
    (card,) = answer.json()["tasks"]
    assert card["number"] == case.number
    assert card["verbs"][:2] == ["sign_for", "return"]
    assert {each["kind"] for each in card["demands"]} >= {"photo_after"}
    assert "13800001111" not in answer.content.decode()
    assert data(as_("far_handler"))["tasks"] == []
    signed = world.do(case, "sign_for", "handler")
    (card,) = data(as_("handler"))["tasks"]
    assert (card["seq"], card["verbs"][:2]) == (signed.last_seq, ["arrive", "handle"])


def test_the_worker_has_the_grid_with_its_outline_and_open_cases(
    world: World, as_: Callable[..., Client]
) -> None:
    case, _ended = world.reported(), world.closed()
    mine, far = data(as_("worker")), data(as_("far_worker"))
    assert [each["number"] for each in mine["grid"]] == [case.number]
    assert "settle" in mine["grid"][0]["verbs"]
    assert [each["properties"]["code"] for each in mine["outlines"]] == [GRID]
    assert mine["report_demands"] == ["gps", "photo_before"]
    assert far["grid"] == []


def test_however_many_cases_a_grid_has_they_are_read_by_the_same_questions(world: World) -> None:
    from huying.field import cards

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            told = cards.in_grid(world.actor("worker"), timezone.now())
        assert all(each["why_due"] for each in told)
        return len(queries)

    until = timezone.now() + timedelta(days=2)
    world.do(world.dispatched(), "suspend", "dispatcher", until=until, reason="等待材料")
    world.dispatched()
    asked()  # what is kept for a while is read once
    few = asked()
    for _each in range(4):
        world.dispatched()
    assert asked() <= few + 2  # what is kept for a while may just have grown old


def test_what_a_grid_has_none_of_is_not_asked_for(
    world: World, as_: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    world.handled()
    world.reported()
    client = as_("worker")
    data(client)  # what is kept for a while is read once
    with django_assert_max_num_queries(7 + 3):  # of which three may just have grown old
        told = data(client)
    # One was handled by somebody else: it is a task, and stands in the grid too.
    assert (len(told["tasks"]), len(told["grid"])) == (1, 2)
    assert told["tasks"][0] in told["grid"]


def test_more_than_a_phone_takes_along_is_cut_in_each_list_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huying.field import cards

    world.reported()
    checked = world.handled()
    monkeypatch.setattr(cards, "MOST_IN_GRID", 1)
    worker, now = world.actor("worker"), timezone.now()
    tasks, grid = cards.both(worker, now)
    assert [each["number"] for each in tasks] == [checked.number]
    assert [len(grid), len(cards.in_grid(worker, now))] == [1, 1]


def test_a_notice_of_a_case_out_of_sight_tells_its_kind_alone(
    world: World, as_: Callable[..., Client]
) -> None:
    from tests.browser.everywhere import with_notices

    with_notices(world, world.handling())
    told = data(as_("dispatcher"))
    assert told["unread"] == 3
    hidden = [each for each in told["notices"] if not each["number"]]
    assert [(each["body"], each["number"]) for each in hidden] == [("", "")]


def test_each_form_asks_for_inputs_that_its_verb_knows() -> None:
    for verb, fields in FORMS.items():
        known = set(VERBS[verb].inputs)
        asked = {field.name for field in fields if field.kind != "position"}
        assert asked <= known, verb
        if any(field.kind == "position" for field in fields):
            assert {"lon", "lat"} <= known, verb


def test_who_has_no_connection_goes_on_by_the_flow_table() -> None:
    assert following("sign_for") == ["arrive", "handle", "return", "request_extension"]
    assert "handle" not in (following("handle") or [])
    assert following("comment") is None


def test_hints_name_items_that_the_words_fit(world: World, as_: Callable[..., Client]) -> None:
    answer = as_("worker").post("/field/hints", {"text": "路边垃圾成堆，臭味很大\0"})
    assert answer.json()["items"]
    assert answer.json()["danger"] == []
    said = as_("worker").post("/field/hints", {"text": "三楼没有起火，门口有汽油味"}).json()
    assert said["danger"] == ["汽油味"]
    assert as_("worker").post("/field/hints", {"text": " "}).json()["items"] == []


def test_who_reported_finds_the_items_questions_among_the_tasks(
    world: World, as_: Callable[..., Client]
) -> None:
    versions.write(owner_of(ITEM), FUEL_FORM, by=SYSTEM, now=timezone.now())
    versions.publish(owner_of(ITEM), by=SYSTEM, now=timezone.now())
    told = Told(
        channel=Channel.PATROL, text="一楼存放汽油", item=ITEM, lon=LON, lat=LAT,
        photos=[world.photo("worker", "photo_before")],
        answers={"fuel": "petrol", "owner": "13800001111"},
    )  # fmt: skip
    case = world.held_by_town(take(told, by=world.actor("worker"), now=timezone.now()))
    client = as_("worker")
    assert data(client)["tasks"] == []
    world.do(case, "ask_questions", "dispatcher")
    (card,) = data(client)["tasks"]
    assert (card["number"], card["asks"]["asked"]) == (case.number, True)
    assert card["asks"]["given"] == {"fuel": "petrol"}
    assert "answer_questions" in card["verbs"]
    owner = next(row for row in card["asks"]["sheet"]["questions"] if row["id"] == "owner")
    assert owner["help"] == "以前已填写，留空则保持不变。"
    sent = client.post(
        f"/api/v1/cases/{case.number}/verbs/answer_questions",
        {"answers": {"fuel": "none"}, "expect_seq": card["seq"]},
        content_type="application/json",
        headers={"Idempotency-Key": "answers-1"},
    )
    assert sent.status_code == 200
    assert data(client)["tasks"] == []
