"""Outlines of the grids in view, for the map panels. No base map is needed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from huying.desk.here import at_desk
from huying.places import naming
from huying.places.locating import index

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

MOST_EXACT = 400
"""Beyond so many outlines in view they are drawn coarsely: a pixel is wider than their bends."""

COARSE = 2000
"""Into so many parts of the box's width; bends smaller than one of them are left out."""


@require_safe
@at_desk
def grids(request: HttpRequest) -> HttpResponseBase:
    """The grids that meet a box of degrees ``west,south,east,north``, as GeoJSON."""
    box = read_box(request.GET.get("box", ""))
    if box is None:
        return JsonResponse({"detail": "box=west,south,east,north"}, status=422)
    found = index()
    if not len(found):
        return JsonResponse({"type": "FeatureCollection", "features": []})
    west, south, east, north = box
    bounds = shapely.bounds(found.outlines)
    meets = (
        (bounds[:, 0] <= east)
        & (bounds[:, 2] >= west)
        & (bounds[:, 1] <= north)
        & (bounds[:, 3] >= south)
    )
    chosen = np.flatnonzero(meets)
    outlines = found.outlines[chosen]
    if len(chosen) > MOST_EXACT:
        outlines = shapely.simplify(outlines, (east - west) / COARSE)
    shapes = shapely.to_geojson(shapely.set_precision(outlines, 0.00001))
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {
                "code": code,
                "name": naming.own_name(code),
                "community": naming.own_name(code[:12]),
            },
            "geometry": json.loads(shape),
        }
        for code, shape in zip((found.codes[each] for each in chosen), shapes, strict=True)
    ]
    body = json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    response = HttpResponse(body, content_type="application/geo+json")
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def read_box(text: str) -> Box | None:
    """A box out of an address; None where it says none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return west, south, east, north
