"""What of a view lies where: single cases, or numbers for each area where they are too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Left

from huying.cases import finding
from huying.cases.reading import CaseQuerySet
from huying.catalogue.versions import snapshot
from huying.clock.lights import Light
from huying.desk import queue
from huying.desk.filters import Filters
from huying.people.acting import Actor
from huying.places import naming
from huying.places.locating import index
from huying.places.models import CODE_LENGTH, Division, Level
from huying.places.outlines import Box

MOST = 2000
"""Single cases sent at once; more of them nobody could tell apart."""

FEW = 60
"""So few cases are drawn one by one from however far away."""

TOWNS_BELOW = 14
COMMUNITIES_BELOW = 15
"""Zoom levels: farther away than this, cases are counted by town, or by community."""

STEP = 50
LONGEST = 200
"""Lines of the list beside the map: so many at first, and at most; the queue has them all."""

Point = tuple[str, float, float, str, int, str]
"""Number, longitude, latitude, light, whether an emergency, item."""


@dataclass(frozen=True, slots=True)
class View:
    """The part of the map that is looked at; no box: everything, wherever it lies."""

    box: Box | None
    zoom: int


def counted_by(zoom: int, filters: Filters, actor: Actor) -> Level | None:
    """The level to count by at this zoom; None where single cases are shown.

    Always below the area that is looked at: one number for all of it would say nothing.
    """
    known = len(filters.area or actor.area_code)
    if zoom < TOWNS_BELOW and known <= CODE_LENGTH[Level.DISTRICT]:
        return Level.TOWN
    if zoom < COMMUNITIES_BELOW and known <= CODE_LENGTH[Level.TOWN]:
        return Level.COMMUNITY
    return None


def chart(filters: Filters, actor: Actor, now: datetime, view: View) -> dict[str, Any]:
    """What the map draws for a view of the queue, never more than the actor may see."""
    cases = shown(filters, actor, now)
    level = counted_by(view.zoom, filters, actor)
    if level is None:
        found = _points(cases, now, view.box, MOST)
        if found is None:
            return _numbers(within(cases, view.box), now, Level.GRID)
    else:
        found = _points(cases, now, None, FEW)
        if found is None:
            return _numbers(cases, now, level)
    unplaced = queue.counted(within(cases.filter(lon__isnull=True), view.box))
    catalogue = snapshot(now)
    named = {code: catalogue.get(code) for code in {point[5] for point in found}}
    return {
        "mode": "cases",
        "cases": found,
        "items": {code: item.name for code, item in named.items() if item is not None},
        "unplaced": unplaced,
    }


def shown(filters: Filters, actor: Actor, now: datetime) -> CaseQuerySet:
    """The cases of a view."""
    return filters.applied(queue.of_tab(filters.tab, actor), now)


def within(cases: CaseQuerySet, box: Box | None) -> CaseQuerySet:
    """Cases in a box; one without a point lies in the middle of its area, as in the numbers."""
    if box is None:
        return cases
    west, south, east, north = box
    codes = [
        code
        for code, area in index().areas.items()
        if west <= area.lon <= east and south <= area.lat <= north
    ]
    placed = Q(lon__range=(west, east), lat__range=(south, north))
    return cases.filter(placed | Q(lon__isnull=True, area_code__in=codes))


def lines(
    filters: Filters, actor: Actor, now: datetime, box: Box | None, many: int, chosen: str = ""
) -> tuple[list[queue.Row], bool]:
    """The list beside the map, the least time left first, and whether there are more.

    The case ``chosen`` on the map is among them even where its turn is far off: it then stands
    last.
    """
    cases = filters.narrowing(queue.of_tab(filters.tab, actor), now).for_pages()
    looking = finding.looking(filters.words, now)
    found = queue.first(within(cases, box), looking, many + 1, ended=False)
    listed = found[:many]
    if chosen and all(case.number != chosen for case in listed):
        listed += shown(filters, actor, now).for_pages().filter(number=chosen)
    return queue.rows(listed, now), len(found) > many


def _points(cases: CaseQuerySet, now: datetime, box: Box | None, most: int) -> list[Point] | None:
    """The cases that have a point; None if they are more than ``most``."""
    placed = cases.filter(lon__isnull=False, lat__isnull=False)
    if box is not None:
        west, south, east, north = box
        placed = placed.filter(lon__range=(west, east), lat__range=(south, north))
    rows = placed.order_by().values_list(
        "number", "lon", "lat", "due_at", "yellow_at", "suspended_until", "emergency", "item_code"
    )[: most + 1]
    if len(rows) > most:
        return None
    return [
        (number, round(lon, 6), round(lat, 6), _light(due, yellow, paused, now), int(urgent), item)
        for number, lon, lat, due, yellow, paused, urgent, item in rows
        if lon is not None and lat is not None
    ]


def _light(
    due: datetime | None, yellow: datetime | None, paused: datetime | None, now: datetime
) -> str:
    """The light of `standing`, without its words."""
    if paused is not None:
        return Light.GREY
    if due is None:
        return ""
    if now > due:
        return Light.RED
    return Light.YELLOW if yellow is not None and now >= yellow else Light.GREEN


def _numbers(cases: CaseQuerySet, now: datetime, level: Level) -> dict[str, Any]:
    """How many cases lie in each area, those known only by a larger one under that one."""
    rows = (
        cases.order_by()
        .annotate(place=Left("area_code", CODE_LENGTH[level]))
        .values("place")
        .annotate(
            n=Count("*"),
            emergencies=Count("pk", filter=Q(emergency=True)),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            unplaced=Count("pk", filter=Q(lon__isnull=True)),
        )
        .order_by("place")
    )
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    known = index().areas
    without = [row["place"] for row in found if row["place"] not in known]
    stated = {
        division.code: (division.lon, division.lat)
        for division in Division.objects.filter(code__in=without)
    }
    areas = []
    for row in found:
        code = row.pop("place")
        area = known.get(code)
        # An area without grids has the centre that its division states, or stands in the list only.
        lon, lat = (area.lon, area.lat) if area else stated.get(code, (None, None))
        box = [round(side, 5) for side in area[2:]] if area else None
        place = {"code": code, "name": naming.own_name(code), "lon": lon, "lat": lat, "box": box}
        areas.append(place | row)
    return {"mode": "numbers", "level": str(level), "areas": areas}
