"""Each request gets an id, is counted by the pattern of its path, and may get a line in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import resolve

from huying.admission import ANSWERED, REFUSED
from huying.people.addresses import is_proxy
from huying.security import ContentSecurityPolicy
from huying.telemetry import counted, present

HEADER: Final = "X-Request-ID"
SLOW_S: Final = 1.0

BY_ANY_NAME: Final = frozenset({"/healthz", "/metrics"})
"""For programs, which know an address of ours and no name."""

log = logging.getLogger("huying.requests")


class Observed:
    """Stands before all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.logged = settings.HUYING.log_requests

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        request.META[ANSWERED] = request
        work = present.Work(id_of(request.META), request)
        token = present.begin(work)
        try:
            response = self.get_response(request)
            response.headers[HEADER] = work.id
            seconds, status = perf_counter() - began, response.status_code
            route = present.route_of(request, status)
            counted.answered(str(request.method), route, status, seconds)
            # Those refused at the door are told of together, not a line each in a flood.
            noted = seconds >= SLOW_S or (status >= 500 and REFUSED not in request.META)
            if self.logged == "all" or (self.logged == "slow" and noted):
                self._tell(request, route, status, seconds)
            return response
        finally:
            present.end(token)

    @staticmethod
    def _tell(request: HttpRequest, route: str, status: int, seconds: float) -> None:
        method = request.method if request.method in counted.METHODS else "other"
        facts = {"status": status, "ms": round(seconds * 1000, 1)}
        log.info(
            "%s %s %s in %.0f ms", method, route, status, seconds * 1000, extra={"facts": facts}
        )


class ByAnyName:
    """Answers the programs that watch, with the headers of every page and without its names.

    Stands before whatever asks under which host name a request comes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Django's own say of themselves that they may be asynchronous, which these are not.
        in_no_frame = cast("Callable[[HttpRequest], HttpResponse]", XFrameOptionsMiddleware(_view))
        self.at_once = cast(
            "Callable[[HttpRequest], HttpResponse]",
            SecurityMiddleware(ContentSecurityPolicy(in_no_frame)),
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in BY_ANY_NAME:
            return self.at_once(request)
        return self.get_response(request)


def _view(request: HttpRequest) -> HttpResponse:
    request.resolver_match = match = resolve(request.path_info)
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer


def id_of(environ: Mapping[str, Any]) -> str:
    """The id that a proxy of ours gave the request, or a new one."""
    told = environ.get("HTTP_X_REQUEST_ID", "")
    if (
        told
        and present.is_well_formed(told)
        and is_proxy(environ.get("REMOTE_ADDR", ""), settings.HUYING.trusted_proxies)
    ):
        return str(told)
    return present.new_id()
