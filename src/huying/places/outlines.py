"""What maps and lists show of places: outlines, where a map begins, towns and communities."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import shapely

from huying.places import naming
from huying.places.locating import Box, GridIndex, index
from huying.places.models import CODE_LENGTH

MOST_EXACT = 400
"""Beyond so many outlines in view they are drawn coarsely: a pixel is wider than their bends."""

COARSE = 2000
"""Into so many parts of the box's width; bends smaller than one of them are left out."""


def read_box(text: str) -> Box | None:
    """A box out of an address; None where it says none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return west, south, east, north


def geojson(box: Box) -> str:
    """The grids that meet the box."""
    west, south, east, north = box
    found = index()
    chosen = np.array([], dtype=int)
    if len(found):
        bounds = shapely.bounds(found.outlines)
        meets = (
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
        chosen = np.flatnonzero(meets)
    return _collection(found, chosen, east - west)


def geojson_of(area_code: str) -> str:
    """The grids of an area, each with the name of the part of the area that it lies in."""
    found, box = index(), box_of(area_code)
    chosen = np.flatnonzero([code.startswith(area_code) for code in found.codes])
    below = next((each for each in sorted(CODE_LENGTH.values()) if each > len(area_code)), 0)
    return _collection(found, chosen, 0 if box is None else box[2] - box[0], below)


def _collection(found: GridIndex, chosen: Any, across: float, below: int = 0) -> str:
    """These grids of the index, coarsely where they are many in ``across`` degrees.

    ``below``: the length of the codes of the parts to name.
    """
    features: list[dict[str, Any]] = []
    if len(chosen):
        outlines = found.outlines[chosen]
        if len(chosen) > MOST_EXACT:
            outlines = shapely.simplify(outlines, across / COARSE)
        shapes = shapely.to_geojson(shapely.set_precision(outlines, 0.00001))
        features = [
            {
                "type": "Feature",
                "properties": {
                    "code": code,
                    "name": naming.own_name(code),
                    "community": naming.own_name(code[:12]),
                }
                | ({"part": naming.own_name(code[:below])} if below else {}),
                "geometry": json.loads(shape),
            }
            for code, shape in zip((found.codes[each] for each in chosen), shapes, strict=True)
        ]
    return json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )


class Centre(NamedTuple):
    """Where a map begins, in degrees, and how close."""

    lon: float
    lat: float
    zoom: int


def centre_of(area_code: str) -> Centre:
    """Where a map of an area begins: the middle of its grids, and how close."""
    box = box_of(area_code)
    if box is None:
        return Centre(113.38, 22.94, 10)
    west, south, east, north = box
    zoom = {6: 11, 9: 13, 12: 15, 15: 16}.get(len(area_code), 12)
    return Centre(round((west + east) / 2, 5), round((south + north) / 2, 5), zoom)


def box_of(area_code: str) -> Box | None:
    """The box around all grids of an area, in degrees; None where there are none."""
    return index().box_of(area_code)
