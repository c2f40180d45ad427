"""Places: from a position to its grid; divisions and outlines for those who draw maps."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic_core import to_json

from huying.api.doors import reads
from huying.api.schemas import Area, DivisionOut, Divisions, LocatedOut, Place, Position
from huying.api.tokens import Scope
from huying.places import exporting
from huying.places.locating import locate
from huying.places.models import Division, Level
from huying.places.naming import names, own_name

router = Router(tags=["places 地点"])


def _place(code: str | None) -> Place | None:
    return None if code is None else Place(code=code, name=own_name(code))


@router.post(
    "/locate",
    response=LocatedOut,
    auth=reads(Scope.LOCATE),
    summary="定位 Find the grid of a position",
    operation_id="locate",
)
def locate_position(request: HttpRequest, body: Position) -> LocatedOut:
    """Writes nothing, and so needs no idempotency key."""
    found = locate(body.lon, body.lat, body.datum, body.accuracy_m)
    return LocatedOut(
        outcome=found.outcome.value,
        lon=found.lon,
        lat=found.lat,
        grid=_place(found.grid_code),
        community=_place(found.community_code),
        town=_place(found.town_code),
        candidates=[Place(code=code, name=names(code)) for code in found.candidates],
    )


@router.get(
    "/divisions",
    response=Divisions,
    auth=reads(Scope.READ, Scope.LOCATE),
    summary="区划 Divisions: district, towns, communities",
    operation_id="list_divisions",
)
def divisions(
    request: HttpRequest, area: Area | None = None, level: Level | None = None
) -> Divisions:
    """The division with the code ``area`` and all below it; all without one."""
    found = Division.objects.within(area or "")
    if level is not None:
        found = found.filter(level=level)
    return Divisions(
        items=[
            DivisionOut(
                code=each.code,
                level=Level(each.level),
                name=each.name,
                short_name=each.short_name,
                parent=each.parent_id,
                lon=each.lon,
                lat=each.lat,
            )
            for each in found
        ]
    )


@router.get(
    "/grids",
    response={200: dict[str, Any]},
    auth=reads(Scope.READ, Scope.LOCATE),
    summary="网格轮廓 Outlines as GeoJSON",
    operation_id="list_outlines",
)
def grids(
    request: HttpRequest,
    area: Area,
    level: Annotated[Level, Query(description="of the outlines")] = Level.GRID,
) -> HttpResponse:
    """A FeatureCollection in CGCS2000 degrees; each feature has ``code`` and ``name``."""
    outlines = exporting.outlines(area, level)
    return HttpResponse(to_json(outlines), content_type="application/json")
