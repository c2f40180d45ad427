"""Who is at the desk, and which cases they may see."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from huying.cases import finding
from huying.cases.models import Case
from huying.people.acting import Actor
from huying.unkept import unkept

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor | None:
    """Who acts, on the post chosen; None when signed out or without a post."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor if actor is not None and actor.role is not None else None


def at_desk(view: View[P]) -> View[P]:
    """Signed in and on a post that works cases; others are told what they lack.

    Nothing that shows a case may stay in a cache: the next person at this computer is another.
    """

    @unkept
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if actor is None or not actor.works_cases:
            page = "desk/no_post.html"
            if actor is not None:
                page = "desk/guardian.html" if actor.is_guardian else "desk/member.html"
            return render(request, page, {"actor": actor}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def at(may_read: Callable[[Actor], bool]) -> Callable[[View[P]], View[P]]:
    """Signed in and on a post that may read these pages, a guardian's too."""

    def guard(view: View[P]) -> View[P]:
        @unkept
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            if actor is None:
                return render(request, "desk/no_post.html", {"actor": actor}, status=403)
            if not may_read(actor):
                return render(request, "403.html", {"actor": actor}, status=403)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def is_told(actor: Actor) -> bool:
    """Whether the post is told of things, and so has an inbox: all but the guardians'."""
    return not actor.is_guardian


def me(request: HttpRequest) -> Actor:
    """The actor of a view that `at_desk` or `at` guards."""
    actor = actor_of(request)
    assert actor is not None
    return actor


def is_number(typed: str) -> bool:
    """Whether it may name a case. What has a NUL in it the database would not even compare."""
    return typed.isascii() and typed.isdigit()


def case_seen(number: str, actor: Actor) -> Case | None:
    """The case, if the post may see it. Not being allowed looks exactly like not being there."""
    return finding.numbered(number, actor) if is_number(number) else None


def case_or_404(request: HttpRequest, number: str) -> Case:
    """The case that an address names, if the post may see it."""
    case = case_seen(number, me(request))
    if case is None:
        raise Http404
    return case


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that was asked to be next, else the one given."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Only whole paths: anything else `redirect` would take for the name of a view.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
        return wanted
    return otherwise


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def go(request: HttpRequest, target: str) -> HttpResponse:
    """Sends the page on, also where the answer is for the dialog over it."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def sheet(response: HttpResponse) -> HttpResponse:
    """Marks an answer as one that belongs into the dialog, whatever its status."""
    response.headers["X-Sheet"] = "1"
    return response
