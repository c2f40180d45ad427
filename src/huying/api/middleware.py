"""The short way for programs: a request with a token needs no session, cookie or language page.

Stands before all that only people need. A request under /api/v1 that carries a bearer token goes
straight to its view; everything else goes the usual way. What the other parts would have done for
such a request is done here: the headers that tell a browser to keep its hands off.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch, get_resolver
from django.utils import translation

from huying.api.problems import NoSuchPath, answer, respond

PREFIX = "/api/v1/"

STRICT = "default-src 'none'; frame-ancestors 'none'"


@lru_cache(maxsize=512)
def _match(path: str) -> ResolverMatch:
    """The view of a path. Looking through the patterns costs more than all else done here."""
    return get_resolver().resolve(path)


class ShortWay:
    """Takes requests with a token past the middleware that only people need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A proxy before us may ask for a password of its own, with another kind of this header.
        token = request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
        if not token or not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if "HTTP_ACCEPT_LANGUAGE" in request.META:
            with translation.override(translation.get_language_from_request(request)):
                response = self._answer(request)
        else:
            response = self._answer(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers["Strict-Transport-Security"] = (
                f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
            )
        response.headers.setdefault("Content-Security-Policy", STRICT)
        response.headers.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            # Without it the answer goes out in chunks, which costs both ends more.
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    @staticmethod
    def _answer(request: HttpRequest) -> HttpResponse:
        try:
            match = _match(request.path_info)
        except Http404:
            return answer(NoSuchPath())
        request.resolver_match = match
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except Exception as error:
            return respond(request, error)
        return response
