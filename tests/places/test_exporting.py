"""Outlines for maps, names, and the command."""

import json

import pytest
import shapely
from places_features import NOW, XIAOLONG, collection, four_squares

from huying.places import drawn, exporting, naming
from huying.places.measure import area_m2
from huying.places.models import Level


def shapes(features):
    return {
        feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"])
        for feature in features["features"]
    }


def test_grids_of_an_area_for_a_map(demo_grids):
    found = exporting.outlines("440113120")
    assert len(found["features"]) == 100
    first = found["features"][0]
    assert first["properties"] == {
        "code": "440113120001001",
        "name": naming.own_name("440113120001001"),
    }
    assert all(shape.is_valid for shape in shapes(found).values())
    flat = json.dumps(found)
    assert len(flat) < 100_000
    x = first["geometry"]["coordinates"][0][0][0]
    assert round(x, exporting.MAP_DIGITS) == x


@pytest.mark.parametrize(
    ("level", "number"),
    [(Level.GRID, 2025), ("community", 276), (Level.TOWN, 16), (Level.DISTRICT, 1)],
)
def test_outlines_of_a_level_cover_the_district(demo_grids, level, number):
    found = shapes(exporting.outlines(level=level, digits=9))
    assert len(found) == number
    total = sum(area_m2(shape) for shape in found.values())
    assert total == pytest.approx(area_m2(drawn.outline()), rel=1e-3)


def test_the_middle_and_the_bounds_of_a_place(demo_grids):
    town = shapes(exporting.outlines("440113120", "town"))["440113120"]
    assert town.contains(shapely.Point(exporting.centre("440113120")))
    assert exporting.bounds("440113120") == pytest.approx(town.bounds, abs=1e-6)
    assert exporting.centre("440114") is None
    assert exporting.bounds("440114") is None


def test_names(four_grids):
    assert naming.names(f"{XIAOLONG}001") == "番禺区 石碁镇 小龙村 第1网格"
    assert naming.names(XIAOLONG) == "番禺区 石碁镇 小龙村"
    assert naming.names("440113") == "番禺区"
    assert naming.names("440113120214002") == "番禺区 石碁镇 凌边村 码头网格"
    assert naming.own_name(f"{XIAOLONG}001") == "小龙村第1网格"


def test_names_of_codes_nobody_knows(four_grids):
    assert naming.names(f"{XIAOLONG}999") == f"番禺区 石碁镇 小龙村 {XIAOLONG}999"
    assert naming.names("990000") == "990000"
    assert naming.names("") == ""


def test_a_voided_grid_keeps_its_name(four_grids):
    from huying.places.voiding import void

    void(f"{XIAOLONG}001", reason="撤销", now=NOW)
    assert naming.names(f"{XIAOLONG}001") == "番禺区 石碁镇 小龙村 第1网格"


def test_names_cost_no_query_once_known(four_grids, django_assert_num_queries):
    naming.names(XIAOLONG)
    with django_assert_num_queries(0):
        assert naming.names(XIAOLONG).endswith("小龙村")


# The command, without the process around it


def command(*arguments):
    import argparse

    from huying.cli import places

    parser = argparse.ArgumentParser()
    places.arguments(parser)
    options = parser.parse_args([*arguments])
    options.json = True
    return places.run(options)


def test_import_dry_run_import_export_void_and_locate(db, tmp_path):
    file = tmp_path / "grids.geojson"
    file.write_bytes(collection(*four_squares()))
    assert command("import", str(file))["ok"] is False
    tried = command("import", str(file), "--allow-gaps", "--dry-run")
    assert (tried["ok"], tried["created"], tried["dry_run"]) == (True, 4, True)
    assert command("export")["features"] == []
    assert command("import", str(file), "--allow-gaps")["created"] == 4
    assert len(command("export", "--town", "440113120")["features"]) == 4
    found = command("locate", "113.405", "22.905")
    assert (found["outcome"], found["place"]) == ("inside", "番禺区 石碁镇 小龙村 第1网格")
    assert command("void", f"{XIAOLONG}001", "--reason", "撤销")["code"] == f"{XIAOLONG}001"
    assert command("locate", "113.405", "22.905")["outcome"] == "outside"


def test_an_import_is_told_in_words(db, tmp_path):
    from huying.cli import places

    file = tmp_path / "grids.geojson"
    file.write_bytes(collection(*four_squares()))
    words = places.text(command("import", str(file)))
    assert "error gap:" in words
    assert words.endswith("1 errors; nothing was imported")


def test_drawing_writes_the_package_file(tmp_path):
    file = tmp_path / "grids.json.gz"
    assert command("draw", str(file))["grids"] == 2025
    assert drawn.unpack(file.read_bytes()) == drawn.cells()
