"""Outlines of the grids in view, for the map panels. No base map is needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from huying.desk.here import at_desk
from huying.places.outlines import geojson, read_box


@require_safe
@at_desk
def grids(request: HttpRequest) -> HttpResponseBase:
    """The grids that meet a box of degrees ``west,south,east,north``, as GeoJSON."""
    box = read_box(request.GET.get("box", ""))
    if box is None:
        return JsonResponse({"detail": "box=west,south,east,north"}, status=422)
    response = HttpResponse(geojson(box), content_type="application/geo+json")
    response.headers["Cache-Control"] = "private, max-age=60"
    return response
