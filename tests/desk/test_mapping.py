"""The map: the queue's own cases by place, counted where they are many, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from huying.desk import charting
from tests.desk.world import COMMUNITY, GRID, LAT, LON, OTHER_GRID, TOWN, World

As = Callable[..., Client]
BOX = "113.40,22.94,113.45,22.97"
AWAY = "113.60,22.80,113.61,22.81"


def charted(client: Client, query: str = "tab=area", zoom: int = 16, box: str = BOX) -> Any:
    answer = client.get(f"/desk/map/cases.json?{query}&box={box}&zoom={zoom}")
    assert answer.status_code == 200
    return answer.json()


def numbers(found: Any) -> set[str]:
    return {case[0] for case in found["cases"]}


def listed(client: Client, query: str = "tab=area") -> list[str]:
    page = client.get(f"/desk/map/list?{query}").content.decode()
    return [part.split('"')[0] for part in page.split('data-row="')[1:]]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that two cases are many."""
    monkeypatch.setattr(charting, "FEW", 1)


def test_each_sees_on_the_map_what_they_see_in_the_queue(world: World, as_: As) -> None:
    here, sent = world.held_by_town(world.reported()), world.dispatched()
    both = {here.number, sent.number}
    for name in ("dispatcher", "checker", "leader", "worker"):
        assert numbers(charted(as_(name))) == both, name
        assert set(listed(as_(name))) == both, name
    assert numbers(charted(as_("handler"), "tab=unit")) == {sent.number}
    for name in ("far_dispatcher", "far_checker", "far_worker"):
        assert charted(as_(name))["cases"] == [], name
        assert listed(as_(name)) == [], name
    assert charted(as_("far_handler"), "tab=unit")["cases"] == []


def test_a_case_of_others_is_not_shown_for_the_asking(world: World, as_: As) -> None:
    case = world.dispatched()
    assert listed(as_("dispatcher"), f"tab=area&box={AWAY}&chosen={case.number}") == [case.number]
    for name in ("far_dispatcher", "far_handler", "far_worker"):
        assert listed(as_(name), f"tab=area&chosen={case.number}") == []
        assert listed(as_(name), f"tab=area&area={TOWN}") == []


def test_a_point_carries_light_emergency_and_item(world: World, as_: As) -> None:
    now = timezone.now()
    lights = {
        "red": {"due_at": now - timedelta(hours=1)},
        "yellow": {"due_at": now + timedelta(hours=1), "yellow_at": now - timedelta(minutes=1)},
        "green": {"due_at": now + timedelta(hours=9), "yellow_at": now + timedelta(hours=8)},
        "grey": {"due_at": None, "suspended_until": now + timedelta(days=1)},
        "": {"due_at": None},
    }
    made = {}
    for light, columns in lights.items():
        case = world.accepted()
        Case.objects.filter(pk=case.pk).update(**columns, emergency=light == "red")
        made[case.number] = light
    found = charted(as_("dispatcher"))
    assert {case[0]: case[3] for case in found["cases"]} == made
    assert all(case[1:3] == [LON, LAT] for case in found["cases"])
    assert [made[case[0]] for case in found["cases"] if case[4]] == ["red"]
    assert all(found["items"][case[5]] for case in found["cases"])


def test_far_away_cases_are_counted_by_the_server(world: World, as_: As, many: None) -> None:
    now = timezone.now()
    late, urgent, vague = (world.held_by_town(world.reported()) for _ in range(3))
    Case.objects.filter(pk=late.pk).update(due_at=now - timedelta(hours=1))
    Case.objects.filter(pk=urgent.pk).update(emergency=True, due_at=now + timedelta(hours=1))
    Case.objects.filter(pk=vague.pk).update(lon=None, lat=None, area_code=TOWN, due_at=None)
    towns = charted(as_("district_dispatcher"), zoom=11)
    assert (towns["mode"], towns["level"]) == ("numbers", "town")
    (town,) = towns["areas"]
    figures = {name: town[name] for name in ("code", "name", "n", "emergencies", "overdue")}
    assert figures == {"code": TOWN, "name": "石碁镇", "n": 3, "emergencies": 1, "overdue": 1}
    assert town["unplaced"] == 1
    west, south, east, north = town["box"]
    assert west < town["lon"] < east
    assert south < town["lat"] < north
    # A town's own desk is told more than one number: its communities, and what only it is known by.
    areas = charted(as_("dispatcher"), zoom=11)["areas"]
    assert {area["code"]: area["n"] for area in areas} == {TOWN: 1, COMMUNITY: 2}
    assert charted(as_("district_dispatcher"), zoom=14)["level"] == "community"
    assert charted(as_("district_dispatcher"), f"tab=area&area={TOWN}", zoom=11)["level"] == (
        "community"
    )


def test_few_cases_are_shown_one_by_one_from_afar(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    assert numbers(charted(as_("district_dispatcher"), zoom=10)) == {case.number}


def test_more_points_than_can_be_told_apart_are_counted_by_grid(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charting, "MOST", 2)
    cases = [world.held_by_town(world.reported()) for _ in range(2)]
    assert numbers(charted(as_("dispatcher"))) == {case.number for case in cases}
    beside = world.held_by_town(world.reported(lon=LON + 0.004))
    found = charted(as_("dispatcher"))
    assert (found["mode"], found["level"]) == ("numbers", "grid")
    assert {area["code"]: area["n"] for area in found["areas"]} == {GRID: 2, OTHER_GRID: 1}
    beside.refresh_from_db()
    assert beside.area_code == OTHER_GRID
    near = f"{LON + 0.003},{LAT - 0.001},{LON + 0.005},{LAT + 0.001}"
    assert numbers(charted(as_("dispatcher"), box=near)) == {beside.number}


def test_without_a_point_a_case_is_in_the_list_and_in_the_numbers(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    Case.objects.filter(pk=case.pk).update(lon=None, lat=None, area_code=COMMUNITY)
    found = charted(as_("dispatcher"))
    assert (found["cases"], found["unplaced"]) == ([], 1)
    page = as_("dispatcher").get("/desk/map/list?tab=area").content.decode()
    assert case.number in page
    assert "未定位" in page
    assert "data-lon" not in page
    # In a part of the map it is listed where the middle of its area lies.
    assert listed(as_("dispatcher"), f"tab=area&box={BOX}") == [case.number]
    assert listed(as_("dispatcher"), f"tab=area&box={AWAY}") == []


def test_the_list_follows_the_map_and_grows_by_steps(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charting, "STEP", 2)
    monkeypatch.setattr(charting, "LONGEST", 4)
    now = timezone.now()
    cases = [world.held_by_town(world.reported()) for _ in range(6)]
    for hours, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(due_at=now + timedelta(hours=hours))
    order = [case.number for case in cases]
    desk = as_("dispatcher")
    assert listed(desk) == order[:2]
    assert listed(desk, "tab=area&many=3") == order[:3]
    assert listed(desk, "tab=area&many=999") == order[:4]
    assert listed(desk, f"tab=area&chosen={order[5]}") == [*order[:2], order[5]]
    assert "data-more-rows" in desk.get("/desk/map/list?tab=area").content.decode()
    assert "data-more-rows" not in desk.get("/desk/map/list?tab=area&many=4").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "tab=area",
        f"tab=area&box={BOX}",
        f"tab=area&box={BOX}&zoom=x",
        f"tab=area&box={BOX}&zoom=99",
        f"tab=area&box={BOX}&zoom=²",
        "tab=area&box=1,2,3&zoom=12",
        "tab=area&box=nan,nan,nan,nan&zoom=12",
    ],
)
def test_a_box_and_a_zoom_are_wanted(query: str, world: World, as_: As) -> None:
    assert as_("dispatcher").get(f"/desk/map/cases.json?{query}").status_code == 422


def test_the_list_says_nothing_when_nothing_has_changed(world: World, as_: As) -> None:
    world.held_by_town(world.reported())
    desk, url = as_("dispatcher"), "/desk/map/list?tab=area"
    version = desk.get(url).headers["X-Version"]
    assert desk.get(url, headers={"X-Seen": version}).status_code == 204
    world.held_by_town(world.reported())
    assert desk.get(url, headers={"X-Seen": version}).status_code == 200


def test_queue_and_map_hand_their_view_to_each_other(world: World, as_: As) -> None:
    case = world.accepted()
    desk, query = as_("dispatcher"), "tab=held&state=accepted&item=0211"
    escaped = query.replace("&", "&amp;")
    assert f'href="/desk/map/?{escaped}"' in desk.get(f"/desk/?{query}").content.decode()
    page = desk.get(f"/desk/map/?{query}").content.decode()
    assert f'href="/desk/?{escaped}"' in page
    assert case.number in page
    # By the bar at the top, without a query, the last view comes again in both.
    assert desk.get("/desk/").url == f"/desk/?{query}"
    assert desk.get("/desk/map/").url == f"/desk/map/?{query}"
    assert numbers(charted(desk, "tab=held&state=accepted")) == {case.number}
    assert numbers(charted(desk, "tab=held&state=reported")) == set()


def test_a_map_just_opened_shows_the_area_and_leaves_the_queue_alone(world: World, as_: As) -> None:
    desk = as_("dispatcher")
    first = desk.get("/desk/map/").url
    assert first == "/desk/map/?tab=area"
    desk.get(first)
    assert 'aria-current="page">待我办理' in desk.get("/desk/").content.decode()
    assert as_("handler").get("/desk/map/").url == "/desk/map/?tab=unit"


def test_the_map_is_of_open_cases(world: World, as_: As) -> None:
    world.closed()
    assert charted(as_("dispatcher"), "tab=area&ended=1")["cases"] == []
    assert listed(as_("dispatcher"), "tab=area&state=closed") == []
    assert "/desk/map/?" not in as_("dispatcher").get("/desk/?tab=area&ended=1").content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("tab=area", "这个列表没有在办案件"),
        ("tab=area&q=没有", "没有符合条件的案件"),
    ],
)
def test_an_empty_map_says_why(query: str, words: str, world: World, as_: As) -> None:
    assert words in as_("dispatcher").get(f"/desk/map/?{query}").content.decode()
