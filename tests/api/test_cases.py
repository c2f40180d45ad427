"""Reading cases: filters, the case itself, its events, what can be done with it."""

from __future__ import annotations

from typing import Any

import pytest

COMMUNITY = "440113120213"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"a", "b", "c"}),
        ({"state": "reported"}, {"a", "b", "c"}),
        ({"state": "closed"}, set()),
        ({"state": ["closed", "reported"]}, {"a", "b", "c"}),
        ({"item": "0203"}, {"a"}),
        ({"area": "440113120"}, {"a", "b"}),
        ({"area": COMMUNITY}, {"a"}),
        ({"held_by": "440113120"}, {"a", "b"}),
        ({"channel": "hotline"}, {"b"}),
        ({"since": "2000-01-01T00:00:00+08:00"}, {"a", "b", "c"}),
        ({"since": "2999-01-01T00:00:00Z"}, set()),
    ],
)
def test_filters(district: Any, query: dict[str, Any], found: set[str]) -> None:
    names = {
        district.report(area=COMMUNITY, item="0203").json()["number"]: "a",
        district.report(area="440113120", channel="hotline").json()["number"]: "b",
        district.report(area="440113").json()["number"]: "c",
    }
    items = district.get("/cases", **query).json()["items"]
    assert {names[item["number"]] for item in items} == found


def test_a_case_tells_its_place_and_why_it_is_due(district: Any) -> None:
    number = district.report(area=COMMUNITY, item="0203").json()["number"]
    case = district.get(f"/cases/{number}").json()
    assert "小龙村" in case["place"]
    assert case["light"] in ("green", "yellow")
    assert case["deadlines"]["accept"] == case["due_at"]
    assert case["why_due"]
    assert case["item_name"]


def test_events_are_in_order_with_their_words(district: Any) -> None:
    number = district.report("路灯不亮", area=COMMUNITY).json()["number"]
    district.verb(number, "comment", text="已联系上报人")
    events = district.get(f"/cases/{number}/events").json()["items"]
    assert [each["verb"] for each in events] == ["report", "comment"]
    assert events[0]["texts"] == [{"kind": "description", "body": "路灯不亮"}]
    assert events[1]["texts"] == [{"kind": "comment", "body": "已联系上报人"}]
    assert [each["seq"] for each in events] == [1, 2]


def test_verbs_are_allowed_or_say_why_not(caller: Any) -> None:
    desk = caller("dispatcher", "440113120")
    number = desk.report(area=COMMUNITY, item="0203").json()["number"]
    verbs = {each["verb"]: each for each in desk.get(f"/cases/{number}/verbs").json()["items"]}
    assert verbs["accept"]["allowed"]
    assert not verbs["verify"]["allowed"]
    assert verbs["verify"]["why_not"]
    assert "overdue" not in verbs
    leader = caller("town_leader", "440113120")
    verbs = {each["verb"]: each for each in leader.get(f"/cases/{number}/verbs").json()["items"]}
    assert not verbs["accept"]["allowed"]


def test_what_is_listed_as_allowed_has_an_address(district: Any) -> None:
    from huying.api.verbs import offered
    from huying.cases import flow

    listed = {row.verb for row in flow.TABLE if row.sources and row.by_people and not row.page_only}
    assert {verb.name for verb in offered()} == listed


def test_the_suggestion_names_a_unit_and_its_reasons(caller: Any) -> None:
    from django.utils import timezone

    from huying.catalogue.versions import snapshot
    from huying.people.models import Unit

    item = snapshot(timezone.now())["0203"]
    unit = Unit.objects.create(
        code="test",
        name="应急管理办公室",
        kind="department",
        level="town",
        area_code="440113120",
        district_code="440113",
        department=item.lead_department,
    )
    desk = caller("dispatcher", "440113120")
    number = desk.report(area=COMMUNITY, item="0203").json()["number"]
    suggestion = desk.get(f"/cases/{number}/suggestion").json()
    assert suggestion["best"]["unit"] == {"id": unit.pk, "name": unit.name}
    assert suggestion["best"]["reasons"]
    assert suggestion["best"]["due_at"]
    ruling = suggestion["ruling"]
    assert ruling["rule"] == {"code": "dangerous-goods", "name": "燃气燃油和危险品"}
    assert (ruling["version"], ruling["others"], ruling["for_other_items"]) == (1, [], 4)
    assert ruling["outcome"]
    number = desk.report(area=COMMUNITY, item="0204").json()["number"]
    ruling = desk.get(f"/cases/{number}/suggestion").json()["ruling"]
    assert ruling["rule"]["code"] == "shops"
    assert [each["code"] for each in ruling["others"]] == ["shops-emergency"]
    assert "紧急" in ruling["others"][0]["why_not"]
    assert desk.get(f"/cases/{number}").json()["why_here"]


@pytest.mark.parametrize("number", ["1", "x" * 25, "4401131202026010100000001", "a%00b", "9" * 99])
def test_a_case_that_is_not_there(district: Any, number: str) -> None:
    for path in ("", "/events", "/verbs", "/suggestion"):
        answer = district.get(f"/cases/{number}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_words_come_in_the_readers_language(district: Any) -> None:
    number = district.report(area=COMMUNITY).json()["number"]
    path = f"/api/v1/cases/{number}/events"

    def label(language: str) -> str:
        headers = district.headers | {"Accept-Language": language}
        event = district.client.get(path, headers=headers).json()["items"][0]
        return str(event["to_state"])

    assert label("en") != label("zh-CN")


def test_the_grid_of_a_position(district: Any, grid: str) -> None:
    found = district.post("/places/locate", {"lon": 113.45, "lat": 22.95}).json()
    assert found["outcome"] == "inside"
    assert found["grid"]["code"] == grid
    assert found["community"] == {"code": COMMUNITY, "name": "小龙村"}
    assert found["candidates"] == []
    near = district.post("/places/locate", {"lon": 113.4401, "lat": 22.95, "accuracy_m": 50})
    assert near.json()["outcome"] == "border"
    assert [each["code"] for each in near.json()["candidates"]] == [grid]
    far = district.post("/places/locate", {"lon": 116.4, "lat": 39.9}).json()
    assert (far["outcome"], far["grid"]) == ("outside", None)


def test_a_position_is_reported_in_its_grid(district: Any, grid: str) -> None:
    position = {"lon": 113.45, "lat": 22.95, "datum": "wgs84", "accuracy_m": 12}
    made = district.report(position=position).json()
    assert made["area"] == grid
    case = district.get(f"/cases/{made['number']}").json()
    assert (case["lon"], case["lat"]) == (113.45, 22.95)


def test_divisions_and_outlines(district: Any, grid: str) -> None:
    towns = district.get("/places/divisions", level="town").json()["items"]
    assert len(towns) == 16
    within = district.get("/places/divisions", area="440113120").json()["items"]
    assert {each["parent"] for each in within} == {"440113", "440113120"}
    outlines = district.get("/places/grids", area=COMMUNITY).json()
    assert outlines["type"] == "FeatureCollection"
    assert [each["properties"]["code"] for each in outlines["features"]] == [grid]
    whole = district.get("/places/grids", area="440113", level="community").json()
    assert [each["properties"]["code"] for each in whole["features"]] == [COMMUNITY]


def test_the_catalogue_in_force(district: Any) -> None:
    items = district.get("/catalogue").json()["items"]
    assert len(items) == 29
    item = district.get("/catalogue/0203").json()
    assert item.pop("form") is None
    assert item in items
    assert district.get("/catalogue/9999").status_code == 404
