"""Who stands before the wall: a screen of its own, or somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from huying.people.acting import Actor
from huying.people.models import LEADERS, Role
from huying.places.models import CODE_LENGTH, Level
from huying.places.naming import is_place
from huying.unkept import unkept
from huying.wall.models import WallScreen
from huying.wall.screens import screen_of

P = ParamSpec("P")

COOKIE: Final = "huying-wall"
PATH: Final = "/wall"
"""The cookie goes to these addresses alone: nothing else ever hears of it."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks at the wall, and of where.

    Attributes:
        area_code: what is shown.
        leads_on: whether figures lead to cases; a screen leads nowhere.
    """

    area_code: str
    leads_on: bool


def may_look(actor: Actor | None) -> bool:
    """Whether somebody signed in may open the wall: desks and leaders, each of their own area."""
    return actor is not None and (actor.role == Role.DISPATCHER or actor.role in LEADERS)


def looker(request: HttpRequest, now: datetime) -> Looker | None:
    """Who looks: somebody signed in on a post that may, else the screen; None for nobody."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and may_look(actor) and actor.area_code:
        return Looker(_chosen(request, actor.area_code), leads_on=True)
    secret = request.COOKIES.get(cookie_name(), "")
    screen = screen_of(secret, now) if secret else None
    return None if screen is None else Looker(screen.area_code, leads_on=False)


def _chosen(request: HttpRequest, own: str) -> str:
    """A smaller area within the own one, if the address names one."""
    area = request.GET.get("area", "")
    smaller = area.isdecimal() and len(area) <= CODE_LENGTH[Level.COMMUNITY]
    return area if smaller and area.startswith(own) and is_place(area) else own


View = Callable[Concatenate[HttpRequest, Looker, P], HttpResponseBase]


def before_the_wall(
    now: Callable[[], datetime], *, page: bool
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Lets in who may look. Others are led to where the secret is given, or told 401."""

    def guard(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @unkept
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            who = looker(request, now())
            if who is None:
                return redirect("wall_enter") if page else HttpResponse(status=401)
            return view(request, who, *args, **kwargs)

        return guarded

    return guard


def cookie_name() -> str:
    """The cookie's name; over https one that only a page over https can set."""
    return f"__Secure-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def let_in(response: HttpResponse, screen: WallScreen, secret: str, now: datetime) -> HttpResponse:
    """Leaves the secret with the browser, out of reach of scripts, for as long as it is good."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int((screen.expires_at - now).total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response
