"""Reporting over the interface: one case, its receipt, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

COMMUNITY = "440113120213"


def test_a_report_becomes_a_case_with_a_receipt(caller: Any) -> None:
    api = caller("dispatcher", "440113")
    answer = api.report("东街闻到很浓的汽油味", area=COMMUNITY, item="0203", address="宗祠东街")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["state"] == "reported"
    assert made["area"] == COMMUNITY
    assert made["item"] == "0203"
    assert made["last_seq"] == 1
    seen = api.get(f"/cases/{made['number']}").json()
    assert seen["text"] == "东街闻到很浓的汽油味"
    assert seen["address"] == "宗祠东街"
    assert seen["channel"] == "api"


def test_who_reported_comes_out_masked_only(caller: Any) -> None:
    api = caller("dispatcher", "440113")
    made = api.report("路灯不亮", contact={"name": "张三丰", "phone": "138 0000 1234"}).json()
    answer = api.get(f"/cases/{made['number']}")
    assert answer.json()["contacts"] == [{"name": "张**", "phone": "138****1234"}]
    assert "13800001234" not in answer.content.decode()


def test_the_words_and_the_contact_are_not_kept_with_the_key(caller: Any) -> None:
    from huying.cases.models import IdempotencyKey

    api = caller("dispatcher", "440113")
    api.report("路灯不亮", contact={"name": "张三丰", "phone": "13800001234"}, address="东街1号")
    kept = str(IdempotencyKey.objects.values("answer", "key", "caller").get())
    assert not any(word in kept for word in ("路灯", "张", "1234", "东街"))


def test_a_system_that_names_no_place_speaks_of_its_own_area(caller: Any) -> None:
    api = caller("dispatcher", "440113120")
    assert api.report().json()["area"] == "440113120"


def test_a_place_outside_the_systems_area_is_refused(caller: Any) -> None:
    answer = caller("dispatcher", "440113120").report(area="440113009")
    assert answer.status_code == 422
    assert answer.json()["field"] == "area"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"area": "44"}, "area"),
        ({"item": "9999"}, "item"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "2019-01-01T00:00:00"}, "occurred_at"),
        ({"contact": {"phone": "abc"}}, "phone"),
        ({"position": {"lon": 113.4}}, "position.lat"),
        ({"position": {"lon": 116.4, "lat": 39.9}}, "position"),
        ({"photos": ["018f0000-0000-7000-8000-000000000000"]}, "photos"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_input_is_named(caller: Any, fields: dict[str, Any], field: str) -> None:
    answer = caller("dispatcher", "440113").post("/cases", {"text": "路灯不亮", **fields})
    assert answer.status_code == 422, answer.content
    assert answer.json()["field"] == field


def test_a_grid_workers_own_report_needs_position_and_photo(caller: Any) -> None:
    api = caller("grid_worker", COMMUNITY)
    answer = api.report(channel="patrol")
    assert (answer.status_code, answer.json()["code"]) == (422, "missing")
