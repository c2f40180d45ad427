"""Branches over the map: who is given them, what they say, and that many cost no more than few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.branches import founding
from huying.branches.founding import Told
from huying.places.models import Grid
from huying.registry import addressing
from huying.registry.addressing import Spot
from tests.browser.everywhere import with_branches
from tests.desk.world import COMMUNITY, LAT, LON, World

As = Callable[..., Client]
LAYER = "/desk/map/branches.json"


@pytest.fixture
def party(world: World) -> Any:
    return with_branches(world)


def of_building(world: World, number: int) -> Any:
    """A branch of a building of its own."""
    by, now = world.actor("village_dispatcher"), timezone.now()
    house = addressing.ensure(
        COMMUNITY, f"后街{number}号", by=by, now=now, spot=Spot(LON + number / 50_000, LAT)
    )
    told = Told(f"后街{number}号楼党支部", "building", buildings=[house.pk])
    return founding.found(COMMUNITY, told, by=by, now=now)


@pytest.mark.parametrize("who", ["dispatcher", "village_dispatcher", "leader"])
def test_desks_and_leaders_are_given_each_grid_and_building_with_its_branch(
    who: str, world: World, party: Any, as_: As
) -> None:
    house = of_building(world, 1)
    found = as_(who).get(LAYER).json()
    by_name = {each["name"]: each for each in found["marks"] if each["name"]}
    grid = by_name[party.branch.unit.name]
    assert (grid["is"], grid["url"]) == ("green", f"/desk/branches/{party.branch.pk}")
    building = by_name["后街1号楼党支部"]
    assert (building["is"], building["grid"]) == ("building", "后街1号")
    assert building["url"] == f"/desk/branches/{house.pk}"
    assert abs(building["lon"] - (LON + 0.00002)) < 0.0001
    area = world.actor(who).area_code
    assert found["grids"] == Grid.objects.within(area).live().count()
    assert found["covered"] == 1
    bare = [each for each in found["marks"] if each["is"] == "red"]
    assert len(bare) == found["grids"] - 1
    assert {each["url"] for each in bare} <= {""}
    # What stands on the map is of branches, and of nobody in them.
    assert "何" not in str(found)
    assert "陈" not in str(found)


@pytest.mark.parametrize("who", ["worker", "handler", "checker", "secretary"])
def test_others_are_given_nothing(who: str, party: Any, as_: As) -> None:
    assert as_(who).get(LAYER).json() == {"marks": [], "grids": 0, "covered": 0}


def test_another_town_sees_its_own_grids_alone(party: Any, as_: As) -> None:
    found = as_("far_dispatcher").get(LAYER).json()
    assert found["covered"] == 0
    assert party.branch.unit.name not in {each["name"] for each in found["marks"]}
    assert as_("member").get(LAYER).status_code == 403


def test_a_branch_that_ended_leaves_its_grid_bare(world: World, party: Any, as_: As) -> None:
    house = of_building(world, 2)
    founding.end(house.pk, by=world.actor("village_dispatcher"), now=timezone.now())
    found = as_("village_dispatcher").get(LAYER).json()
    assert "后街2号楼党支部" not in {each["name"] for each in found["marks"]}


def test_many_branches_cost_as_many_queries_as_few(world: World, party: Any, as_: As) -> None:
    desk = as_("village_dispatcher")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LAYER).status_code == 200
        return sum("branch" in each["sql"] or "grid" in each["sql"] for each in queries)

    desk.get(LAYER)
    few = asked()
    assert few <= 4
    for number in range(10, 22):
        of_building(world, number)
    assert asked() == few
