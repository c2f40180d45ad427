"""A point and its grid, against a look at every grid."""

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from places_features import NOW, collection, four_squares

from huying.errors import BadInput
from huying.places import datum, drawn, locating
from huying.places.locating import GridIndex, Outcome, locate
from huying.places.measure import metres_per_degree


@pytest.fixture(scope="module")
def cells():
    return drawn.cells()


@pytest.fixture(scope="module")
def index(cells):
    return GridIndex([cell.code for cell in cells], [cell.polygon() for cell in cells])


def brute_force(index, lon, lat):
    """The lowest code of all grids that touch the point."""
    hits = np.flatnonzero(shapely.intersects(index.outlines, shapely.Point(lon, lat)))
    return index.codes[hits[0]] if len(hits) else None


def points(cells):
    """Random points in and around the district, corners, and points on edges."""
    rng = np.random.default_rng(2025)
    west, south, east, north = drawn.outline().bounds
    lons = rng.uniform(west - 0.01, east + 0.01, 1500).tolist()
    lats = rng.uniform(south - 0.01, north + 0.01, 1500).tolist()
    found = list(zip(lons, lats, strict=True))
    for number in rng.integers(0, len(cells), 500).tolist():
        corners = list(cells[number].polygon().exterior.coords)
        (x0, y0), (x1, y1) = corners[0], corners[1]
        found += [corners[1], ((x0 + x1) / 2, (y0 + y1) / 2)]
    return found


def test_the_same_as_looking_at_every_grid(cells, index):
    tried = points(cells)
    assert len(tried) >= 2000
    wrong = [point for point in tried if index.at(*point) != brute_force(index, *point)]
    assert wrong == []


def test_a_corner_belongs_to_the_lowest_code(cells, index):
    corners = {}
    for cell in cells:
        for corner in cell.polygon().exterior.coords[:-1]:
            corners.setdefault(corner, []).append(cell.code)
    shared = {corner: codes for corner, codes in corners.items() if len(codes) > 2}
    assert len(shared) > 3000
    assert all(index.at(*corner) == min(codes) for corner, codes in shared.items())


def test_codes_must_ascend(cells):
    with pytest.raises(ValueError, match="ascend"):
        GridIndex(["2", "1"], [cell.polygon() for cell in cells[:2]])


def test_near_names_the_nearest_first(cells, index):
    lon, lat = cells[700].polygon().exterior.coords[0]
    east, north = metres_per_degree(lat)
    near = index.near(lon, lat, 800.0)
    point = shapely.Point(lon * east, lat * north)
    flat = {
        cell.code: shapely.transform(cell.polygon(), lambda p: p * [east, north]).distance(point)
        for cell in cells
    }
    assert set(near) == {code for code, away in flat.items() if away < 800.0}
    assert [flat[code] for code in near] == sorted(flat[code] for code in near)


def test_an_empty_index_has_no_place():
    empty = GridIndex([], [])
    assert empty.at(113.4, 22.9) is None
    assert empty.near(113.4, 22.9, 100.0) == []


def test_inside(four_grids):
    found = locate(113.405, 22.905, accuracy_m=30)
    assert found.outcome is Outcome.INSIDE
    assert found.grid_code == "440113120213001"
    assert found.candidates == ()
    assert (found.community_code, found.town_code, found.district_code) == (
        "440113120213",
        "440113120",
        "440113",
    )
    assert (found.community_name, found.town_name) == ("小龙村", "石碁镇")
    assert found.place_name == "番禺区 石碁镇 小龙村 第1网格"


def test_outside_says_so(four_grids):
    found = locate(116.39, 39.9, accuracy_m=50)
    assert found.outcome is Outcome.OUTSIDE
    assert found.grid_code is None
    assert found.candidates == ()
    assert found.place_name is found.town_code is found.community_name is None


def test_nearer_to_a_border_than_the_accuracy(four_grids):
    # Ten metres west of the border between the two southern squares.
    east, _ = metres_per_degree(22.905)
    lon = 113.41 - 10 / east
    assert locate(lon, 22.905).outcome is Outcome.INSIDE
    assert locate(lon, 22.905, accuracy_m=9.8).outcome is Outcome.INSIDE
    found = locate(lon, 22.905, accuracy_m=10.2)
    assert found.outcome is Outcome.BORDER
    assert found.grid_code == "440113120213001"
    assert found.candidates == ("440113120213001", "440113120213002")


def test_a_corner_names_all_four(four_grids):
    found = locate(113.4101, 22.9101, accuracy_m=100)
    assert found.candidates[0] == found.grid_code == "440113120214002"
    assert len(found.candidates) == 4


def test_near_the_rim_from_both_sides(four_grids):
    within = locate(113.4001, 22.905, accuracy_m=50)
    assert (within.outcome, within.grid_code) == (Outcome.BORDER, "440113120213001")
    assert within.candidates == ("440113120213001",)
    beyond = locate(113.3999, 22.905, accuracy_m=50)
    assert (beyond.outcome, beyond.grid_code) == (Outcome.BORDER, None)
    assert beyond.candidates == ("440113120213001",)


def test_a_poor_position_names_a_bounded_number(demo_grids):
    found = locate(113.384, 22.938, accuracy_m=20_000)
    assert len(found.candidates) == locating.CANDIDATES_MOST
    assert found.candidates[0] == found.grid_code


@pytest.mark.parametrize("which", list(datum.Datum))
def test_every_datum_leads_to_the_same_grid_and_the_original_is_kept(four_grids, which):
    lon, lat = datum.from_wgs84(113.409, 22.9099, which)
    found = locate(lon, lat, which.value.upper(), 12.5)
    assert found.grid_code == "440113120213001"
    assert (found.given_lon, found.given_lat, found.datum) == (lon, lat, which)
    assert found.accuracy_m == 12.5
    assert (found.lon, found.lat) == pytest.approx((113.409, 22.9099), abs=1e-10)


@pytest.mark.parametrize(
    ("inputs", "field", "words"),
    [
        ((math.nan, 22.9), "lon", "not a number"),
        ((113.4, math.inf), "lat", "not a number"),
        ((None, 22.9), "lon", "not a number"),
        (("east", 22.9), "lon", "not a number"),
        ((True, 22.9), "lon", "not a number"),
        ((22.9, 113.4), "lat", "swapped"),
        ((181.0, 22.9), "lon", "between -180 and 180"),
        ((170.0, 95.0), "lat", "between -90 and 90"),
        ((113.4, 22.9, "beijing54"), "datum", "gcj02"),
        ((113.4, 22.9, None), "datum", "gcj02"),
        ((113.4, 22.9, "wgs84", -1), "accuracy_m", "not negative"),
        ((113.4, 22.9, "wgs84", math.nan), "accuracy_m", "not a number"),
    ],
)
def test_bad_input_says_what_is_wrong(inputs, field, words):
    with pytest.raises(BadInput) as caught:
        locate(*inputs)
    assert caught.value.field == field
    assert words in caught.value.problem()["detail"]
    assert caught.value.problem()["detail_zh"] != caught.value.problem()["detail"]


def test_a_voided_grid_is_left_out(four_grids):
    from huying.places.voiding import void

    assert locate(113.405, 22.905).grid_code == "440113120213001"
    void("440113120213001", reason="并入邻格", now=NOW)
    assert locate(113.405, 22.905).outcome is Outcome.OUTSIDE


def test_many_threads_get_the_same_answers(cells, index):
    tried = points(cells)[:400]
    expected = [index.at(*point) for point in tried]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [index.at(*point) for point in tried], range(16)))
    assert all(found == expected for found in rounds)


ASK = """
import sys, django
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from huying.places.locating import locate
print(locate(113.405, 22.905).grid_code, flush=True)
sys.stdin.readline()
from huying.places import locating
locating._index._look_again_at = 0.0   # a second has passed
print(locate(113.405, 22.905).grid_code, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_the_change(database_name):
    from huying.places import importing
    from huying.places.voiding import void

    importing.apply(importing.read(collection(*four_squares()), allow_gaps=True), now=NOW)
    process = subprocess.Popen(
        [sys.executable, "-c", ASK, database_name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().strip() == "440113120213001"
    void("440113120213001", reason="并入邻格", now=NOW)
    out, _ = process.communicate("\n", timeout=60)
    assert out.strip() == "None"
    assert process.returncode == 0
