"""Grids and areas as GeoJSON: exact for exchange, rounded for maps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from huying.places import locating, naming
from huying.places.models import CODE_LENGTH, Grid, Level

MAP_DIGITS = 6
"""Decimals of a degree on maps: about a tenth of a metre."""


def export(area: str = "", using: str = "default") -> dict[str, Any]:
    """All grids in force in an area, exactly as held, in the form that `importing` reads."""
    grids = Grid.objects.using(using).live().within(area).order_by("code")
    return _collection(
        {
            "type": "Feature",
            "properties": {
                "code": grid.code,
                "name": grid.name,
                "area_m2": grid.area_m2,
                "generated": grid.generated,
            },
            "geometry": grid.outline,
        }
        for grid in grids.iterator()
    )


def outlines(
    area: str = "", level: Level | str = Level.GRID, digits: int = MAP_DIGITS
) -> dict[str, Any]:
    """The outlines for a map of all grids, communities, towns or districts in an area.

    From the process's own copy of the places. Each feature has ``code`` and ``name``. A
    division's outline is that of its grids together; one without grids has none.
    """
    shapes = _shapes(locating.index(), area, Level(level))
    return _collection(
        {
            "type": "Feature",
            "properties": {"code": code, "name": naming.own_name(code)},
            "geometry": _rounded(shape, digits),
        }
        for code, shape in shapes.items()
    )


def bounds(area: str = "") -> tuple[float, float, float, float] | None:
    """West, south, east and north of an area's grids in degrees; None if it has no grid."""
    shapes = _shapes(locating.index(), area, Level.GRID)
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(np.array(list(shapes.values()), dtype=object))
    return float(west), float(south), float(east), float(north)


def centre(code: str) -> tuple[float, float] | None:
    """A point (lon, lat) within a grid or division, near its middle; None if it has no grid."""
    shapes = _shapes(locating.index(), code, Level.GRID)
    if not shapes:
        return None
    whole = shapely.union_all(np.array(list(shapes.values()), dtype=object))
    middle = whole.centroid
    point = middle if whole.contains(middle) else whole.representative_point()
    return float(point.x), float(point.y)


def _shapes(index: locating.GridIndex, area: str, level: Level) -> Mapping[str, shapely.Geometry]:
    length = CODE_LENGTH[level]
    groups: dict[str, list[shapely.Geometry]] = defaultdict(list)
    first, end = index.range_of(area)
    for code, shape in zip(index.codes[first:end], index.outlines[first:end], strict=True):
        groups[code[:length]].append(shape)
    return {
        code: shapes[0] if level is Level.GRID else shapely.union_all(shapes)
        for code, shapes in groups.items()
    }


def _rounded(shape: shapely.Geometry, digits: int) -> dict[str, Any]:
    mapping = shapely.geometry.mapping(
        shapely.transform(shape, lambda points: np.round(points, digits))
    )
    return {"type": mapping["type"], "coordinates": mapping["coordinates"]}


def _collection(features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
