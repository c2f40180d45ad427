"""The door where a screen is given its secret, the picture, and what moves in it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.installation import config
from huying.places import naming
from huying.places.outlines import box_of, geojson_of
from huying.templatetags import assets
from huying.unkept import unkept
from huying.wall import picture
from huying.wall.here import Looker, before_the_wall, let_in, looker
from huying.wall.screens import screen_of

EVERY_S: Final = 5
"""How often a screen asks. It is answered from memory, most times with a 304."""

NEVER_S: Final = 86_400
"""How old figures are that nobody ever summed up."""

guarded_page = before_the_wall(timezone.now, page=True)
guarded_part = before_the_wall(timezone.now, page=False)


@require_safe
@guarded_page
def wall(request: HttpRequest, who: Looker) -> HttpResponseBase:
    """The whole screen, or the same as tables."""
    now = timezone.now()
    table = request.GET.get("form") == "table"
    context = _shown(who, now) | {
        "table": table,
        "every": EVERY_S,
        "stale_after": config.wall_stale_seconds,
        "box": ",".join(f"{side:.5f}" for side in box_of(who.area_code) or box_of("") or ()),
        "zone": config.time_zone,
        "part": f"{reverse('wall_now')}?{_query(request, table)}",
        "shapes": f"{reverse('wall_shapes')}?{_query(request, False)}",
        "other_form": f"{reverse('wall')}?{_query(request, not table)}".rstrip("?"),
        "build": build(),
    }
    return render(request, "wall/page.html", context)


@require_safe
@guarded_part
def now_(request: HttpRequest, who: Looker) -> HttpResponseBase:
    """What moves: the parts of the page, or 304 where nothing did since the one named."""
    now = timezone.now()
    shown = _shown(who, now)
    name = "wall/_tables.html" if request.GET.get("form") == "table" else "wall/_parts.html"
    body = render_to_string(name, shown, request).encode()
    mark = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    same = request.headers.get("If-None-Match", "") == mark
    response = HttpResponse(status=304) if same else HttpResponse(body)
    at: datetime = shown["live"].at
    age = (now - at).total_seconds() if shown["live"].followed else NEVER_S
    for header, said in {
        "ETag": mark,
        "X-At": f"{timezone.localtime(at):%H:%M:%S}",
        "X-Age": f"{max(age, 0):.1f}",
        "X-Now": str(int(now.timestamp() * 1000)),
        "X-Build": build(),
    }.items():
        response.headers[header] = said
    return response


@require_safe
@guarded_part
def shapes(request: HttpRequest, who: Looker) -> HttpResponseBase:
    """The outlines of the area's grids."""
    return HttpResponse(geojson_of(who.area_code), content_type="application/geo+json")


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """Where a screen is given its secret, once; it stays in a cookie that scripts cannot read.

    A link carries it behind a #: no browser sends that on, so it is in no address and in no log.
    """
    now = timezone.now()
    wrong = ""
    if request.method == "POST":
        secret = request.POST.get("secret", "").strip()
        screen = screen_of(secret, now)
        if screen is not None:
            return let_in(redirect("wall"), screen, secret, now)
        wrong = _("This secret opens no wall: it was mistyped, has ended, or was taken back.")
    elif "ended" not in request.GET and looker(request, now) is not None:
        return redirect("wall")
    context = {"wrong": wrong, "ended": "ended" in request.GET}
    return render(request, "wall/enter.html", context, status=422 if wrong else 200)


def _shown(who: Looker, now: datetime) -> dict[str, Any]:
    area = who.area_code
    live, past = picture.lives.get(area, now), picture.pasts.get(area, now)
    # Where somebody signed in looks at more than a figure: the desk's own pages of the same.
    today = {"first": past.last.isoformat(), "last": past.last.isoformat(), "area": area}
    month = {"period": "days", "first": past.first.isoformat(), "last": past.last.isoformat()}
    return {
        "today": f"{reverse('process')}?{urlencode(today)}",
        "figures": f"{reverse('figures')}?{urlencode(month | {'by': 'all'})}",
        "who": who,
        "area": area,
        "place": naming.own_name(area),
        "live": live,
        "past": past,
        "cases": f"{reverse('desk')}?tab=area" + (f"&area={area}" if len(area) > 6 else ""),
    }


def _query(request: HttpRequest, table: bool) -> str:
    named = {"area": request.GET.get("area", ""), "form": "table" if table else ""}
    return urlencode({name: value for name, value in named.items() if value})


@cache
def build() -> str:
    """Which scripts and styles belong to this server: a screen with others loads itself anew."""
    styles, scripts = assets.files("wall")
    return hashlib.blake2b(" ".join([*styles, *scripts]).encode(), digest_size=6).hexdigest()
