"""双网融合 on the map, and the list of what is not covered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huying.branches import covering
from huying.branches.sight import is_office
from huying.desk.branches import looking
from huying.desk.here import at_desk, me
from huying.places import naming
from huying.places.locating import index

MOST_ON_MAP = 2500
MOST_LISTED = 300


@require_safe
@at_desk
def coverage(request: HttpRequest) -> HttpResponseBase:
    """Grids without a branch, and branches without a grid or building."""
    actor = looking(request)
    area = request.GET.get("area", "")
    if not (area.isdecimal() and actor.covers(area) and naming.is_place(area)):
        area = actor.area_code
    context = {
        "actor": actor,
        "area": area,
        "whole": covering.in_all(area),
        "gaps": covering.gaps(actor, area, MOST_LISTED),
        "most": MOST_LISTED,
    }
    return render(request, "desk/branches/coverage.html", context)


@require_safe
@at_desk
def on_map(request: HttpRequest) -> HttpResponseBase:
    """Each grid with or without its branch, and the buildings that have one."""
    actor = me(request)
    if not is_office(actor):
        return _answer([], 0, 0)
    grids, places = covering.on_map(actor, MOST_ON_MAP)
    areas = index().areas
    marks: list[dict[str, Any]] = []
    for code, branch in grids:
        where = areas.get(code)
        if where is not None:
            marks.append(
                {
                    "lon": round(where.lon, 5),
                    "lat": round(where.lat, 5),
                    "is": "red" if branch is None else "green",
                    "grid": naming.own_name(code),
                    "name": branch.unit.name if branch is not None else "",
                    "url": reverse("branch", args=[branch.pk]) if branch is not None else "",
                }
            )
    for place in places:
        house = place.building
        if house is not None and house.lon is not None and house.lat is not None:
            marks.append(
                {
                    "lon": round(house.lon, 5),
                    "lat": round(house.lat, 5),
                    "is": "building",
                    "grid": house.full_name,
                    "name": place.branch.unit.name,
                    "url": reverse("branch", args=[place.branch_id]),
                }
            )
    return _answer(marks, len(grids), sum(branch is not None for _code, branch in grids))


def _answer(marks: list[dict[str, Any]], grids: int, covered: int) -> HttpResponse:
    return JsonResponse(
        {"marks": marks, "grids": grids, "covered": covered},
        json_dumps_params={"ensure_ascii": False},
    )
