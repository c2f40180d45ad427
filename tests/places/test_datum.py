"""Datums: known offsets, exact inverses, vectors like scalars, nothing outside of China."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.places import datum
from huying.places.datum import Datum
from huying.places.measure import metres_per_degree

PANYU = st.tuples(st.floats(113.2, 113.65), st.floats(22.8, 23.15))
CHINA = st.tuples(st.floats(73.5, 135.1), st.floats(3.8, 53.6))
SHIFTED = [Datum.GCJ02, Datum.BD09]


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east, north = metres_per_degree(one[1])
    return math.hypot((one[0] - other[0]) * east, (one[1] - other[1]) * north)


def test_gcj02_of_a_published_pair():
    # 天安门 in both datums, as widely published; good to the metre.
    assert metres(datum.wgs84_to_gcj02(116.391311, 39.906073), (116.397554, 39.907476)) < 1.0


def test_bd09_of_a_published_pair():
    # The pair in the manuals of the map services, to four decimals.
    lon, lat = datum.gcj02_to_bd09(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41036949, 39.92133699), abs=1e-7)


@pytest.mark.parametrize("which", SHIFTED)
@given(point=PANYU)
def test_round_trip_in_the_district(which, point):
    there = datum.from_wgs84(*point, which)
    assert 300 < metres(point, there) < 1500
    assert metres(point, datum.to_wgs84(*there, which)) < 1e-6


@pytest.mark.parametrize("which", SHIFTED)
@given(point=CHINA)
def test_round_trip_in_all_of_china(which, point):
    there = datum.from_wgs84(*point, which)
    assert metres(point, datum.to_wgs84(*there, which)) < 1e-6


@pytest.mark.parametrize("which", SHIFTED)
@given(point=CHINA)
def test_the_way_back_and_there_again(which, point):
    back = datum.to_wgs84(*point, which)
    assert metres(point, datum.from_wgs84(*back, which)) < 1e-6


@pytest.mark.parametrize("which", SHIFTED)
@pytest.mark.parametrize("lon", [105.0, 105.0 + 1e-12, 105.0 - 1e-9])
def test_round_trip_where_the_formula_has_a_kink(which, lon):
    there = datum.from_wgs84(lon, 35.0, which)
    assert metres((lon, 35.0), datum.to_wgs84(*there, which)) < 1e-6


@given(point=st.tuples(st.floats(-180, 180), st.floats(-90, 90)))
def test_outside_of_china_nothing_moves(point):
    if not datum.in_china(*point):
        for which in Datum:
            assert datum.from_wgs84(*point, which) == point
            assert datum.to_wgs84(*point, which) == point


@given(point=CHINA)
def test_wgs84_and_cgcs2000_are_one(point):
    assert Datum.of("CGCS2000") is Datum.of("WGS-84") is Datum.WGS84
    assert datum.to_wgs84(*point, Datum.WGS84) == point


def test_vectors_are_moved_like_single_points():
    rng = np.random.default_rng(20190711)
    lon, lat = rng.uniform(60, 140, 2000), rng.uniform(-5, 60, 2000)
    for which in Datum:
        for move in (datum.from_wgs84, datum.to_wgs84):
            many = np.stack(move(lon, lat, which), axis=1)
            single = [move(x, y, which) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
            assert np.abs(many - np.array(single)).max() < 1e-11


@pytest.mark.parametrize(
    ("word", "which"),
    [
        ("GCJ-02", Datum.GCJ02),
        ("gcj02", Datum.GCJ02),
        ("BD09LL", Datum.BD09),
        (" bd-09", Datum.BD09),
    ],
)
def test_usual_spellings(word, which):
    assert Datum.of(word) is which


def test_an_unknown_datum_is_named():
    with pytest.raises(ValueError, match="beijing54"):
        Datum.of("beijing54")
