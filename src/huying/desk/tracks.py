"""One worker's track of a day: shown to those of the area who say why, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import shapely
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from huying.clock.calendar import CIVIL_TZ
from huying.desk.here import at_desk
from huying.desk.patrol import blamed, looking
from huying.desk.patrol_forms import LookForm
from huying.errors import HuyingError, NotFound
from huying.patrol import tracking
from huying.patrol.models import PatrolVisit, TrackPoint
from huying.people.acting import Actor
from huying.places import exporting, naming
from huying.places.measure import metres_between, metres_per_degree

WIDTH = 720
GAP = timedelta(minutes=5)
"""Two points farther apart than this are no line."""


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """GET: whose, which day, and why. POST: that track, once it is written down who looked."""
    actor, now = looking(request), timezone.now()
    workers = [
        (account, f"{name} · {naming.own_name(area)}")
        for account, name, area in tracking.workers_of(actor, timezone.localdate(now))
    ]
    context: dict[str, Any] = {"actor": actor, "any": bool(workers)}
    if request.method != "POST":
        context["form"] = LookForm(workers=workers, now=now)
        return render(request, "desk/patrol/track.html", context)
    form = context["form"] = LookForm(request.POST, workers=workers, now=now)
    if not form.is_valid():
        return render(request, "desk/patrol/track.html", context, status=422)
    try:
        context |= _looked(form.cleaned_data, actor, now)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        blamed(form, error)
        return render(request, "desk/patrol/track.html", context, status=error.status)
    return render(request, "desk/patrol/track.html", context)


def _looked(given: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    if not given["account"]:
        raise NotFound
    first = datetime.combine(given["day"], time(0), CIVIL_TZ)
    last = first + timedelta(days=1)
    who, spans, points = tracking.look(
        int(given["account"]),
        first,
        last,
        by=actor,
        now=now,
        purpose=given["purpose"],
        words=given["words"],
    )
    visits = PatrolVisit.objects.filter(
        account=who, at__range=(first, last), grid_code__startswith=actor.area_code
    ).select_related("place")
    area = spans[0].area_code if spans else actor.area_code
    return {
        "who": who,
        "spans": spans,
        "points": len(points),
        "km": round(_metres(points) / 1000, 1),
        "visits": list(visits.order_by("at")),
        "drawing": draw(points, list(visits), area),
        "shown": True,
    }


def _runs(points: Sequence[TrackPoint]) -> list[list[TrackPoint]]:
    """The points as lines, broken where nothing was heard for a while."""
    runs: list[list[TrackPoint]] = []
    for point in points:
        if runs and point.at - runs[-1][-1].at <= GAP:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _metres(points: Sequence[TrackPoint]) -> float:
    return sum(
        metres_between(a.lon, a.lat, b.lon, b.lat)
        for run in _runs(points)
        for a, b in pairwise(run)
    )


@dataclass(frozen=True, slots=True)
class Drawing:
    """The track as a picture: paths in its own units."""

    height: int
    outlines: list[str]
    lines: list[str]
    ends: list[tuple[float, float]]
    visits: list[tuple[float, float, str]]


def draw(points: Sequence[TrackPoint], visits: Sequence[PatrolVisit], area: str) -> Drawing | None:
    """The outlines of the area, the track over them, and where somebody checked in."""
    bounds = exporting.bounds(area)
    if bounds is None or not points:
        return None
    west, south, east, north = bounds
    west, east = min(west, *(p.lon for p in points)), max(east, *(p.lon for p in points))
    south, north = min(south, *(p.lat for p in points)), max(north, *(p.lat for p in points))
    x_m, y_m = metres_per_degree((south + north) / 2)
    scale = (WIDTH - 20) / ((east - west) * x_m)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round(10 + (lon - west) * x_m * scale, 1), round(10 + (north - lat) * y_m * scale, 1)

    def path(pairs: Any) -> str:
        return "M" + "L".join("{},{}".format(*at(lon, lat)) for lon, lat in pairs)

    rings = []
    for feature in exporting.outlines(area)["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        for polygon in getattr(shape, "geoms", [shape]):
            rings.append(path(polygon.exterior.coords) + "Z")
    runs = _runs(points)
    return Drawing(
        round(20 + (north - south) * y_m * scale),
        rings,
        [path((p.lon, p.lat) for p in run) for run in runs if len(run) > 1],
        [at(run[0].lon, run[0].lat) for run in runs],
        [(*at(visit.place.lon, visit.place.lat), visit.place.name) for visit in visits],
    )
