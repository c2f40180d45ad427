"""Pages leave compressed, for the narrow line of an old office; photos and files as they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "application/json", "application/geo+json")


class CompressPages(GZipMiddleware):
    """Django's own middleware, with random padding against BREACH, for text alone."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").split(";")[0]
        if not isinstance(response, HttpResponse) or kind not in TEXTS:
            return response
        packed: HttpResponseBase = super().process_response(request, response)
        return packed
