"""Divisions and demo grids come in once, complete."""

import time

import pytest
import shapely
from places_features import NOW

from huying.places import drawn
from huying.places.freshness import versions
from huying.places.loading import load_demo_grids, load_divisions
from huying.places.models import Division, Grid, GridChange

pytestmark = pytest.mark.django_db


def test_the_published_tree():
    levels = [
        Division.objects.filter(level=level).count() for level in ("district", "town", "community")
    ]
    assert levels == [1, 16, 276]
    village = Division.objects.get(code="440113120213")
    assert (village.short_name, village.name) == ("小龙村", "小龙村民委员会")
    assert village.parent.short_name == "石碁镇"
    assert village.parent.parent.short_name == "番禺区"
    assert village.parent.parent.parent is None


def test_loading_divisions_again_keeps_what_somebody_changed(django_assert_max_num_queries):
    Division.objects.filter(code="440113120").update(short_name="石碁")
    with django_assert_max_num_queries(4):
        assert load_divisions() == 0
    assert Division.objects.get(code="440113120").short_name == "石碁"


def test_missing_divisions_come_back():
    Division.objects.within("440113120213").delete()
    assert load_divisions() == 1


def test_demo_grids_come_in_once_and_say_that_they_are_generated():
    before = versions()
    start = time.perf_counter()
    assert load_demo_grids(NOW) == 2025
    assert time.perf_counter() - start < 5
    assert versions() > before
    assert load_demo_grids(NOW) == 0
    grids = Grid.objects.live()
    assert grids.count() == 2025
    assert grids.filter(generated=True).count() == 2025
    assert grids.within("440113120").count() == 100
    assert grids.get(code="440113120213003").name == "小龙村第3网格"
    assert GridChange.objects.filter(kind="created", at=NOW).count() == 2025
    total = sum(grids.values_list("area_m2", flat=True))
    assert total == pytest.approx(521e6, rel=0.01)


def test_outlines_come_back_from_the_database_to_the_last_bit(demo_grids):
    held = dict(Grid.objects.values_list("code", "outline"))
    for cell in drawn.cells():
        assert shapely.geometry.shape(held[cell.code]).equals_exact(cell.polygon(), tolerance=0)


def test_a_district_with_a_grid_gets_no_demo_grids(four_grids):
    assert load_demo_grids(NOW) == 0
    assert Grid.objects.count() == 4
