"""Whether shapes tile the ground: overlaps and gaps (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from huying.places.measure import area_m2

HAIRLINE = 1e-6
"""Degrees, about a tenth of a metre: what rounding leaves between surveyed neighbours."""


class Overlap(NamedTuple):
    """Two shapes, by their place in the sequence, that share ground."""

    first: int
    second: int
    m2: float


class Gap(NamedTuple):
    """Ground that no shape covers, with a point in it (degrees)."""

    lon: float
    lat: float
    m2: float


def overlaps(
    shapes: Sequence[shapely.Geometry], tolerance_m2: float, *, checked: int | None = None
) -> list[Overlap]:
    """Every pair of shapes that share more than the tolerance.

    ``checked``: only pairs with at least one of the first so many shapes.
    """
    if not shapes:
        return []
    array = np.array(shapes, dtype=object)
    tree = shapely.STRtree(array)
    first, second = tree.query(array[:checked], predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(array[first], array[second])
    found = []
    for one, other, ground in zip(first.tolist(), second.tolist(), shared, strict=True):
        m2 = area_m2(ground)
        if m2 > tolerance_m2:
            found.append(Overlap(one, other, m2))
    return sorted(found)


def gaps(
    ground: shapely.Geometry, shapes: Sequence[shapely.Geometry], tolerance_m2: float
) -> list[Gap]:
    """Every connected piece of the ground, larger than the tolerance, that no shape covers."""
    left = shapely.difference(ground, shapely.union_all(np.array(shapes, dtype=object)))
    found = []
    for piece in polygons(left):
        m2 = area_m2(piece)
        if m2 > tolerance_m2:
            point = piece.representative_point()
            found.append(Gap(float(point.x), float(point.y), m2))
    return sorted(found, key=lambda gap: (-gap.m2, gap.lon, gap.lat))


def holes(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The ground that shapes enclose without covering it.

    Hairlines between neighbours, up to `HAIRLINE` wide on each side, do not open a hole.
    """
    if not shapes:
        return shapely.Polygon()
    grown = shapely.buffer(np.array(shapes, dtype=object), HAIRLINE, join_style="mitre")
    inner = [
        shapely.Polygon(ring)
        for piece in polygons(shapely.union_all(grown))
        for ring in piece.interiors
    ]
    grown_back = shapely.buffer(np.array(inner, dtype=object), HAIRLINE, join_style="mitre")
    return shapely.union_all(grown_back)


def polygons(geometry: Any) -> list[shapely.Polygon]:
    """The polygons in a geometry, without the lines and points that may be there too."""
    return [
        part
        for part in shapely.get_parts(geometry).tolist()
        if part.geom_type == "Polygon" and not part.is_empty
    ]
