"""The map page: the grids of one's area, the open cases on them, and the same cases as a list."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from huying.desk import charting
from huying.desk.filters import Filters, tabs_of
from huying.desk.here import at_desk, me
from huying.desk.offers import box_of
from huying.desk.pages import answer_if_new, choices, remembered
from huying.people.acting import Actor
from huying.places.outlines import Box, read_box

REFRESH_S = 30

FARTHEST, NEAREST = 3, 19


@require_safe
@at_desk
def map_page(request: HttpRequest) -> HttpResponseBase:
    """The map with its list. Shares with the queue which view was last looked at."""
    actor, now = me(request), timezone.now()
    kept = remembered(actor)
    if not request.GET:
        last = request.session.get(kept) or _first(actor)
        return redirect(f"{reverse('map')}?{last}")
    filters = _filters(request, actor)
    if kept in request.session or filters.query() != _first(actor):
        # A map just opened chooses nothing: the queue still begins with its own first list.
        request.session[kept] = filters.query()
    rows, more = charting.lines(filters, actor, now, None, charting.STEP)
    area = filters.area or actor.area_code
    context = {
        **choices(filters, actor, now),
        "rows": rows,
        "more": more,
        "longer": more,
        "area": area,
        "own": actor.area_code,
        "box": box_of(area) or box_of(actor.area_code[:6]),
        "every": REFRESH_S,
    }
    return render(request, "desk/map.html", context)


@require_safe
@at_desk
def cases(request: HttpRequest) -> HttpResponseBase:
    """What the map draws: single cases or numbers, whichever this part of it can show."""
    actor = me(request)
    box, zoom = read_box(request.GET.get("box", "")), request.GET.get("zoom", "")
    if box is None or not _is_zoom(zoom):
        return _what_is_wanted()
    filters = _filters(request, actor)
    return JsonResponse(
        charting.chart(filters, actor, timezone.now(), charting.View(box, int(zoom))),
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """The lines of the list alone; without a box those of the whole view."""
    actor, now = me(request), timezone.now()
    box: Box | None = None
    if "box" in request.GET and (box := read_box(request.GET["box"])) is None:
        return _what_is_wanted()
    filters = _filters(request, actor)
    many = _many(request.GET.get("many", ""))
    chosen = request.GET.get("chosen", "")
    rows, more = charting.lines(
        filters, actor, now, box, many, chosen if chosen.isdecimal() else ""
    )
    context = {
        "rows": rows,
        "more": more,
        "longer": more and many < charting.LONGEST,
        "filters": filters,
        "boxed": box,
    }
    return answer_if_new(request, "desk/_map_rows.html", context)


def _filters(request: HttpRequest, actor: Actor) -> Filters:
    """The queue's filters; what has ended is found in the queue, the map is of open cases."""
    filters = Filters.read(request.GET, actor, request.session)
    return replace(filters, ended=False, state="") if filters.ended else filters


def _first(actor: Actor) -> str:
    """The widest list that a post has: a map is opened to see how an area stands."""
    tabs = tabs_of(actor)
    return Filters(tab="area" if "area" in tabs else tabs[-1]).query()


def _is_zoom(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 3 and FARTHEST <= int(text) <= NEAREST


def _many(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else charting.STEP
    return min(max(number, charting.STEP), charting.LONGEST)


def _what_is_wanted() -> HttpResponse:
    detail = f"box=west,south,east,north&zoom={FARTHEST}..{NEAREST}"
    return JsonResponse({"detail": detail}, status=422)
