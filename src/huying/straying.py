"""Addresses that are nearly right: typed with a slash at the end that ours has not, or without one
that it has."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import is_valid_path
from django.utils.http import escape_leading_slashes
from django.views import defaults


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """On to the page that was meant, if only the last slash is wrong; else the page that says no.

    A page that is there and has nothing to show under this name says no as it does.
    """
    if request.resolver_match is None and request.method in ("GET", "HEAD"):
        typed = request.path_info
        meant = typed.rstrip("/") if typed.endswith("/") else f"{typed}/"
        if meant and is_valid_path(meant):
            asked = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(
                escape_leading_slashes(meant) + (f"?{asked}" if asked else "")
            )
    return defaults.page_not_found(request, exception)
