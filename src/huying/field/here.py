"""Who holds the phone. The app's own page is for everybody; what it asks for is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token

from huying.errors import HuyingError, NotAllowed, NotSignedIn
from huying.people.acting import Actor
from huying.unkept import unkept

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def in_the_field(view: View[P]) -> View[P]:
    """Signed in and on a post that may see cases. A program asks: it is told as a program is."""

    @unkept
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return refused(NotSignedIn())
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or not actor.works_cases:
            return refused(NotAllowed())
        return view(request, *args, **kwargs)

    return guarded


def with_token(view: View[P]) -> View[P]:
    """Gives a browser that has none the token without which it may send nothing.

    Django's own ``ensure_csrf_cookie`` makes up a new mask for a token that is there already.
    """

    @wraps(view)
    def given(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if "CSRF_COOKIE" not in request.META:
            get_token(request)
        return view(request, *args, **kwargs)

    return given


def me(request: Any) -> Actor:
    """The actor of a view that `in_the_field` guards."""
    actor: Actor = request.actor
    return actor


def refused(error: HuyingError) -> JsonResponse:
    """A refusal in the form that the interface has for it."""
    return JsonResponse(
        error.problem(), status=error.status, content_type="application/problem+json"
    )
