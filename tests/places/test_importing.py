"""Real grids: everything wrong is told at once, and all comes in or nothing."""

import json
from copy import deepcopy

import pytest
from django.db import IntegrityError, transaction
from places_features import (
    LINGBIAN,
    NOW,
    XIAOLONG,
    collection,
    four_squares,
    polygon,
    square,
)

from huying.errors import BadInput, NotFound, WrongState
from huying.places import drawn, exporting, importing
from huying.places.features import read_features, read_outline
from huying.places.models import Grid, GridChange
from huying.places.voiding import void


def kinds(faults):
    return [(fault.feature, fault.kind) for fault in faults]


def faults_of(*features, **more):
    return kinds(read_features(collection(*features, **more))[1])


# Each feature by itself


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"type": "Feature"}',
        b'{"type": "FeatureCollection", "features": {}}',
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection", "features": [NaN]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_file_of_features(body):
    features, faults = read_features(body)
    assert features == []
    assert kinds(faults) == [(None, "json")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (None, "code"),
        ("", "code"),
        ("44011312021300", "code"),
        ("4401131202130011", "code"),
        ("44011312021300x", "code"),
        ("４４０１１３１２０２１３００１", "code"),
        ("440113120213001\n", "code"),
        (440113120213001, "code"),
        ("440113120213000", "code"),
    ],
)
def test_codes_that_are_none(code, kind):
    feature = square(None, 113.4, 22.9)
    feature["properties"]["code"] = code
    assert faults_of(feature) == [(0, kind)]


BOW_TIE = [[113.4, 22.9], [113.41, 22.91], [113.41, 22.9], [113.4, 22.91], [113.4, 22.9]]
UNCLOSED = [[113.4, 22.9], [113.41, 22.9], [113.41, 22.91]]
SWAPPED = [[22.9, 113.4], [22.9, 113.41], [22.91, 113.41], [22.9, 113.4]]
METRES = [[438000, 2530000], [439000, 2530000], [439000, 2531000], [438000, 2530000]]
TINY = [[113.4, 22.9], [113.400001, 22.9], [113.400001, 22.900001], [113.4, 22.9]]


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        (BOW_TIE, "Self-intersection"),
        (UNCLOSED, "cannot be read"),
        (SWAPPED, "swapped"),
        (METRES, "not degrees"),
        (TINY, "smaller than"),
        ([], "empty"),
        ([["a", "b"]], "cannot be read"),
    ],
)
def test_geometries_that_are_none(ring, words):
    _, faults = read_features(collection(polygon(f"{XIAOLONG}001", ring)))
    assert kinds(faults) == [(0, "geometry")]
    assert words in str(faults[0].sentence)
    assert faults[0].code == f"{XIAOLONG}001"


@pytest.mark.parametrize(
    "geometry",
    [None, [], {"type": "Point", "coordinates": [113.4, 22.9]}, {"type": "Polygon"}],
)
def test_geometries_of_another_kind(geometry):
    feature = square(f"{XIAOLONG}001", 113.4, 22.9)
    feature["geometry"] = geometry
    assert faults_of(feature) == [(0, "geometry")]


@pytest.mark.parametrize("feature", [None, 3, "x", [], {"type": "Polygon"}])
def test_features_that_are_none(feature):
    assert faults_of(feature) == [(0, "feature")]


@pytest.mark.parametrize("name", [3, "长" * 61, "两\n行", ["x"]])
def test_names_that_are_none(name):
    assert faults_of(square(f"{XIAOLONG}001", 113.4, 22.9, name=name)) == [(0, "name")]


def test_a_code_used_twice():
    one, other = square(f"{XIAOLONG}001", 113.4, 22.9), square(f"{XIAOLONG}001", 113.5, 22.9)
    assert faults_of(one, other) == [(1, "duplicate")]


def test_coordinates_in_another_system():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    assert faults_of(square(f"{XIAOLONG}001", 113.4, 22.9), crs=crs) == [(None, "json")]
    crs["properties"]["name"] = "urn:ogc:def:crs:EPSG::4490"
    assert faults_of(square(f"{XIAOLONG}001", 113.4, 22.9), crs=crs) == []


def test_coordinates_in_an_offset_datum_are_brought_home():
    from huying.places.datum import Datum, from_wgs84

    ring = [
        list(from_wgs84(lon, lat, Datum.GCJ02))
        for lon, lat in [(113.4, 22.9), (113.41, 22.9), (113.41, 22.91), (113.4, 22.9)]
    ]
    data = collection(polygon(f"{XIAOLONG}001", ring))
    (feature,), faults = read_features(data, Datum.GCJ02)
    assert faults == []
    assert feature.outline.bounds == pytest.approx((113.4, 22.9, 113.41, 22.91), abs=1e-10)


def test_an_outline_is_all_polygons_of_a_file_together():
    outline = read_outline(collection(square(None, 113.4, 22.9), square(None, 113.41, 22.9)))
    assert outline.bounds == (113.4, 22.9, 113.42, 22.91)
    with pytest.raises(ValueError, match="Self-intersection"):
        read_outline(collection(polygon(None, BOW_TIE)))


# All together, against the database


def test_all_errors_are_told_at_once_and_nothing_comes_in(four_grids):
    before = list(Grid.objects.values())
    features = [
        square(f"{XIAOLONG}003", 113.42, 22.90),
        square("12", 113.42, 22.91),
        square("440113999999001", 113.43, 22.90),
        polygon(f"{XIAOLONG}004", BOW_TIE),
        square(f"{XIAOLONG}005", 113.405, 22.905),
        square(f"{XIAOLONG}003", 113.45, 22.90),
        square(f"{XIAOLONG}006", 113.425, 22.90, name="长" * 61),
    ]
    plan = importing.read(collection(*features))
    assert not plan.ok
    found = kinds(plan.faults)
    assert found[:3] == [(0, "overlap"), (1, "code"), (2, "parent")]
    assert (3, "geometry") in found
    assert found.count((4, "overlap")) == 4
    assert (5, "duplicate") in found
    assert (6, "name") in found
    with pytest.raises(BadInput) as caught:
        importing.apply(plan, now=NOW)
    assert len(caught.value.extra["errors"]) == len(plan.faults)
    assert caught.value.extra["errors"][1]["feature"] == 1
    assert list(Grid.objects.values()) == before


def test_an_overlap_names_both_grids_and_its_size(four_grids):
    plan = importing.read(collection(square(f"{XIAOLONG}003", 113.419, 22.90)))
    overlap = plan.faults[0]
    assert (overlap.feature, overlap.code) == (0, f"{XIAOLONG}003")
    assert f"{XIAOLONG}002" in str(overlap.sentence)
    # A thousandth of a degree by a hundredth, at this latitude.
    m2 = float(str(overlap.sentence).split(" m²")[0].rsplit(" ", 1)[1])
    assert m2 == pytest.approx(102.6 * 1107.4, rel=0.01)


def test_a_grid_that_shrinks_leaves_a_gap(four_grids):
    plan = importing.read(collection(square(f"{XIAOLONG}001", 113.40, 22.90, side=0.009)))
    assert kinds(plan.faults) == [(None, "gap")]
    assert "113.4" in str(plan.faults[0].sentence)
    assert importing.read(
        collection(square(f"{XIAOLONG}001", 113.40, 22.90, side=0.009)), allow_gaps=True
    ).ok


def test_a_hole_between_new_grids_is_a_gap(four_grids):
    around = [
        square(f"{XIAOLONG}{serial:03d}", 113.43 + 0.01 * column, 22.90 + 0.01 * row)
        for serial, (row, column) in enumerate(
            [(r, c) for r in range(3) for c in range(3) if (r, c) != (1, 1)], start=3
        )
    ]
    assert kinds(importing.read(collection(*around)).faults) == [(None, "gap")]


def test_a_hole_that_was_there_does_not_stand_in_the_way(four_grids):
    ring = [
        square(f"{LINGBIAN}{serial:03d}", 113.43 + 0.01 * column, 22.90 + 0.01 * row)
        for serial, (row, column) in enumerate(
            [(r, c) for r in range(3) for c in range(3)], start=3
        )
    ]
    importing.apply(importing.read(collection(*ring)), now=NOW)
    void(f"{LINGBIAN}007", reason="撤销", now=NOW)
    plan = importing.read(collection(square(f"{XIAOLONG}003", 113.39, 22.90)))
    assert plan.ok
    assert kinds(plan.warnings) == [(None, "gap")]


def test_rounding_is_no_overlap_and_no_gap(four_grids):
    nudged = square(f"{XIAOLONG}001", 113.4, 22.9)
    nudged["geometry"]["coordinates"][0][1] = [113.41 + 1e-9, 22.9]
    plan = importing.read(collection(nudged))
    assert plan.ok
    assert len(plan.redrawn) == 1


def test_new_redrawn_unchanged_and_their_history(four_grids):
    west, east = square(f"{XIAOLONG}001", 113.40, 22.90), square(f"{XIAOLONG}002", 113.41, 22.90)
    west["geometry"]["coordinates"][0][1] = [113.412, 22.9]
    east["geometry"]["coordinates"][0][0] = [113.412, 22.9]
    east["geometry"]["coordinates"][0][4] = [113.412, 22.9]
    north = four_squares()[2:]
    plan = importing.read(
        collection(west, east, *north, square(f"{XIAOLONG}003", 113.42, 22.90)),
        reason="2019年网格调整",
    )
    assert plan.as_dict() == {
        "ok": True,
        "created": 1,
        "redrawn": 2,
        "voided": 0,
        "unchanged": 2,
        "errors": [],
        "warnings": [],
    }
    before = Grid.objects.get(code=f"{XIAOLONG}001").outline
    importing.apply(plan, now=NOW, by_account=7)
    redrawn = Grid.objects.get(code=f"{XIAOLONG}001")
    assert [113.412, 22.9] in redrawn.outline["coordinates"][0]
    assert redrawn.name == "小龙村第1网格"
    change = GridChange.objects.filter(grid=redrawn).last()
    assert (change.kind, change.reason, change.by_account) == ("redrawn", "2019年网格调整", 7)
    assert change.outline_before == before
    assert GridChange.objects.filter(grid_id=f"{LINGBIAN}001").count() == 1
    assert Grid.objects.get(code=f"{LINGBIAN}002").name == "码头网格"


def test_replacing_needs_a_reason(four_grids):
    plan = importing.read(collection(*four_squares()), replace=True, reason="  ")
    assert kinds(plan.faults) == [(None, "reason")]


def test_replacing_voids_what_the_file_lacks_and_its_code_never_comes_back(four_grids):
    wide = square(f"{XIAOLONG}001", 113.40, 22.90)
    wide["geometry"]["coordinates"][0][1:3] = [[113.42, 22.90], [113.42, 22.91]]
    file = collection(wide, *four_squares()[2:])
    assert kinds(importing.read(file).faults) == [(0, "overlap")]
    plan = importing.read(file, replace=True, reason="两格合并")
    importing.apply(plan, now=NOW)
    gone = Grid.objects.get(code=f"{XIAOLONG}002")
    assert (gone.voided_at, gone.void_reason) == (NOW, "两格合并")
    assert [change.kind for change in gone.changes.all()] == ["created", "voided"]
    assert gone.changes.last().outline_before == gone.outline
    again = importing.read(collection(square(f"{XIAOLONG}002", 113.42, 22.90)))
    assert kinds(again.faults) == [(0, "voided")]


def test_replacing_in_an_area_leaves_the_rest(four_grids):
    wide = square(f"{XIAOLONG}001", 113.40, 22.90)
    wide["geometry"]["coordinates"][0][1:3] = [[113.42, 22.90], [113.42, 22.91]]
    plan = importing.read(collection(wide), replace=True, reason="合并", area=XIAOLONG)
    assert (plan.ok, plan.voided) == (True, (f"{XIAOLONG}002",))
    strange = importing.read(collection(square(f"{LINGBIAN}009", 113.42, 22.9)), area=XIAOLONG)
    assert kinds(strange.faults) == [(0, "area")]


def test_an_outline_given_is_what_must_be_covered(four_grids):
    outline = read_outline(collection(square(None, 113.40, 22.90, side=0.03)))
    features = [*four_squares(), square(f"{XIAOLONG}003", 113.42, 22.899, side=0.01)]
    assert kinds(importing.read(collection(*features), outline=outline).faults) == [
        (4, "outside"),
        (None, "gap"),
    ]


def test_the_first_import_must_cover_the_district(db):
    plan = importing.read(collection(*four_squares()))
    assert kinds(plan.faults) == [(None, "gap")]


def test_an_export_comes_in_as_it_went_out(demo_grids):
    file = json.dumps(exporting.export()).encode()
    plan = importing.read(file, replace=True, reason="核对")
    assert (plan.ok, plan.unchanged, plan.created, plan.redrawn) == (True, 2025, (), ())


def test_an_export_without_one_grid_or_with_one_moved_is_refused(demo_grids):
    whole = exporting.export()
    missing = deepcopy(whole)
    code = missing["features"].pop(1000)["properties"]["code"]
    plan = importing.read(json.dumps(missing).encode(), replace=True, reason="核对")
    assert kinds(plan.faults) == [(None, "gap")]
    assert plan.voided == (code,)
    moved = deepcopy(whole)
    for point in moved["features"][1000]["geometry"]["coordinates"][0]:
        point[0] += 0.0005
    plan = importing.read(json.dumps(moved).encode())
    assert {"overlap", "gap"} == {fault.kind for fault in plan.faults}
    assert len(drawn.cells()) == Grid.objects.live().count()


def test_a_grid_that_is_new_to_the_district_is_no_longer_generated(demo_grids):
    whole = exporting.export("440113120213")
    for feature in whole["features"]:
        feature["properties"]["name"] = "实测" + feature["properties"]["name"]
    plan = importing.read(json.dumps(whole).encode())
    importing.apply(plan, now=NOW)
    surveyed = Grid.objects.filter(generated=False)
    assert surveyed.count() == len(whole["features"])
    assert all(code.startswith(XIAOLONG) for code in surveyed.values_list("code", flat=True))


def test_a_plan_made_before_another_change_is_refused(four_grids):
    plan = importing.read(collection(square(f"{XIAOLONG}003", 113.42, 22.90)))
    void(f"{XIAOLONG}001", reason="撤销", now=NOW)
    with pytest.raises(WrongState):
        importing.apply(plan, now=NOW)
    assert not Grid.objects.filter(code=f"{XIAOLONG}003").exists()


def test_a_failure_half_way_leaves_nothing(four_grids, monkeypatch):
    plan = importing.read(collection(square(f"{XIAOLONG}003", 113.42, 22.90)))

    def fail(*args, **kwargs):
        raise IntegrityError("the last row fails")

    monkeypatch.setattr("huying.places.freshness.raise_versions", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        importing.apply(plan, now=NOW)
    assert not Grid.objects.filter(code=f"{XIAOLONG}003").exists()
    assert not GridChange.objects.filter(grid_id=f"{XIAOLONG}003").exists()


# Voiding


def test_voiding_keeps_code_reason_and_history(four_grids):
    void(f"{XIAOLONG}001", reason=" 撤销 ", now=NOW, by_account=9)
    grid = Grid.objects.get(code=f"{XIAOLONG}001")
    assert (grid.voided_at, grid.void_reason) == (NOW, "撤销")
    change = grid.changes.last()
    assert (change.kind, change.reason, change.by_account) == ("voided", "撤销", 9)
    assert Grid.objects.live().count() == 3


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (f"{XIAOLONG}001", " ", BadInput),
        (f"{XIAOLONG}001", "长" * 201, BadInput),
        (f"{XIAOLONG}009", "撤销", NotFound),
    ],
)
def test_voidings_that_are_refused(four_grids, code, reason, error):
    with pytest.raises(error):
        void(code, reason=reason, now=NOW)


def test_a_grid_is_voided_once(four_grids):
    void(f"{XIAOLONG}001", reason="撤销", now=NOW)
    with pytest.raises(WrongState):
        void(f"{XIAOLONG}001", reason="再撤", now=NOW)
