"""What the phone takes along: the own tasks with the flow table's verbs, and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from huying.field.forms import FORMS, following
from huying.intake.verbs import VERBS
from tests.desk.world import GRID, World


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
