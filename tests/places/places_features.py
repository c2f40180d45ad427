"""GeoJSON to try imports with, and the moment the tests live in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2019, 7, 11, 2, 0, tzinfo=UTC)

# Two communities of 石碁镇 in the carried list: 小龙村 and 凌边村.
XIAOLONG = "440113120213"
LINGBIAN = "440113120214"


def square(
    code: str | None, west: float, south: float, side: float = 0.01, **more: Any
) -> dict[str, Any]:
    """A feature: a square with this south-west corner, in degrees."""
    east, north = round(west + side, 9), round(south + side, 9)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return polygon(code, ring, **more)


def polygon(code: str | None, ring: Any, **more: Any) -> dict[str, Any]:
    """A feature: a polygon with this ring."""
    properties = {} if code is None else {"code": code}
    return {
        "type": "Feature",
        "properties": properties | more,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def four_squares() -> list[dict[str, Any]]:
    """Two by two squares, the southern two in 小龙村, the northern two in 凌边村."""
    return [
        square(f"{XIAOLONG}001", 113.40, 22.90),
        square(f"{XIAOLONG}002", 113.41, 22.90),
        square(f"{LINGBIAN}001", 113.40, 22.91),
        square(f"{LINGBIAN}002", 113.41, 22.91, name="码头网格"),
    ]


def collection(*features: Any, **more: Any) -> bytes:
    """The bytes of a file with these features."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()
