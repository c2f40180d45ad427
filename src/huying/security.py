"""The content security policy that every page carries, and what no address may hold."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from huying.installation import config
from huying.logs import hushed

log = logging.getLogger(__name__)

REFUSED: Final = (401, 403, 429)
"""Not known, not allowed, too many."""

_LONGEST: Final = 200


def policy(tile_url: str = "") -> str:
    """The policy: nothing inline, nothing from elsewhere but the base map's tiles, if set."""
    images = "'self' data: blob:"
    if tile_url:
        parts = urlsplit(tile_url.replace("{s}.", "*."))
        images += f" {parts.scheme}://{parts.netloc}"
    rules = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": images,
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class ContentSecurityPolicy:
    """Sets the policy on each response that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.value = policy(config.map_tile_url)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.value)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"
        )
        return response


class NotedRefusals:
    """Leaves a line in the log for each request that was refused: what, which account and post.

    Not from where: addresses are kept with the sign-ins, and no log is told who people are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSED:
            actor = getattr(request, "actor", None)
            log.warning(
                "refused %s %s %s account=%s post=%s",
                response.status_code,
                request.method,
                hushed(request.path_info)[:_LONGEST],
                getattr(actor, "account_id", None) or "-",
                getattr(actor, "post_id", None) or "-",
            )
        return response


class NoNul:
    """Refuses addresses with a NUL in them, which no text in the database can hold or equal.

    Nobody types one. The interface says so itself, in its own form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if held and not request.path_info.startswith("/api/"):
            raise BadRequest
        return self.get_response(request)


class WholeOnly:
    """Does nothing with a request that was cut off. Stands behind whatever reads forms.

    The check of a form's security token reads it, passes over that it cannot, and takes the token
    from the header; the view would then see an empty form, and might act on it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        cut = getattr(request.META.get("wsgi.input"), "cut", False)
        return HttpResponseBadRequest() if cut else None  # nobody is there to read it
