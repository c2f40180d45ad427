"""The drawn grids: a valid tiling of the outline, in the published numbers."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import shapely

from huying.places import drawn, tiling
from huying.places.coverage import gaps, overlaps
from huying.places.measure import area_m2


@pytest.fixture(scope="module")
def cells():
    return drawn.cells()


@pytest.fixture(scope="module")
def polygons(cells):
    return [cell.polygon() for cell in cells]


def test_the_published_numbers(cells):
    towns = Counter(cell.code[:9] for cell in cells)
    assert len(cells) == 2025
    assert towns["440113120"] == 100
    assert len(towns) == 16
    assert {cell.code[:12] for cell in cells} == {
        row.code for row in drawn.divisions() if row.level == "community"
    }


def test_serials_run_from_001_without_a_break(cells):
    serials = defaultdict(list)
    for cell in cells:
        serials[cell.code[:12]].append(int(cell.code[12:]))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in serials.values())
    assert [cell.code for cell in cells] == sorted(cell.code for cell in cells)


def test_every_cell_is_one_sound_polygon(polygons):
    assert all(polygon.is_valid and not polygon.interiors for polygon in polygons)
    assert all(polygon.exterior.is_ccw for polygon in polygons)


def test_no_slivers(polygons):
    # 1 is a circle; a square has 0.79, a strip of one to ten 0.26.
    roundness = [4 * np.pi * polygon.area / polygon.length**2 for polygon in polygons]
    assert min(roundness) > 0.5
    assert min(area_m2(polygon) for polygon in polygons) > 50_000


def test_no_gap_and_no_overlap(polygons):
    outline = drawn.outline()
    assert sum(polygon.area for polygon in polygons) == pytest.approx(outline.area, rel=1e-9)
    assert shapely.union_all(polygons).symmetric_difference(outline).area < 1e-14
    array = np.array(polygons)
    first, second = shapely.STRtree(array).query(array, predicate="intersects")
    pairs = first < second
    shared = shapely.area(shapely.intersection(array[first[pairs]], array[second[pairs]]))
    assert shared.max() < 1e-12
    assert overlaps(polygons, 0.001) == []
    assert gaps(outline, polygons, 0.001) == []


def test_neighbours_share_their_corners_exactly(polygons):
    assert bool(shapely.coverage_is_valid(np.array(polygons)))


def test_towns_lie_around_their_centres(cells, polygons):
    index = shapely.STRtree(polygons)
    for town in drawn.towns():
        (hit,) = index.query(shapely.Point(town.lon, town.lat), predicate="intersects")
        assert cells[hit].code.startswith(town.code)


def test_towns_and_communities_are_each_of_one_piece(cells, polygons):
    for length in (9, 12):
        grounds = defaultdict(list)
        for cell, polygon in zip(cells, polygons, strict=True):
            grounds[cell.code[:length]].append(polygon)
        assert {shapely.union_all(parts).geom_type for parts in grounds.values()} == {"Polygon"}


def test_drawing_again_gives_the_carried_cells(cells):
    assert drawn.draw() == cells


def test_packed_cells_come_back(cells):
    assert drawn.unpack(drawn.pack(cells[:40])) == cells[:40]
    assert len(drawn.pack(cells)) < 100_000


def test_any_outline_can_be_tiled():
    outline = shapely.Polygon(
        [
            (113.1, 23.1),
            (113.2, 23.1),
            (113.2, 23.2),
            (113.14, 23.2),
            (113.15, 23.11),
            (113.1, 23.2),
        ]
    )
    towns = [
        tiling.Town("440100001", 113.12, 23.12, ("440100001001", "440100001002")),
        tiling.Town("440100002", 113.18, 23.15, ("440100002001",)),
    ]
    drawn_cells = tiling.draw(outline, towns, 60, {"440100002": 25})
    parts = [cell.polygon() for cell in drawn_cells]
    assert Counter(cell.code[:9] for cell in drawn_cells) == {"440100001": 35, "440100002": 25}
    assert bool(shapely.coverage_is_valid(np.array(parts)))
    assert shapely.union_all(parts).symmetric_difference(outline).area < 1e-14


def test_too_few_cells_are_refused():
    with pytest.raises(ValueError, match="fewer than"):
        tiling.draw(drawn.outline(), drawn.towns(), 200)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("德兴社区居民委员会", "德兴社区"),
        ("小龙村民委员会", "小龙村"),
        ("小龙村村民委员会", "小龙村"),
        ("御院社区居委会", "御院社区"),
        ("海傍农场生活区", "海傍农场生活区"),
        ("石碁镇", "石碁镇"),
        ("市桥街道", "市桥街道"),
    ],
)
def test_short_names(name, short):
    assert drawn.short_name(name) == short
