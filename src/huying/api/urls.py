"""Everything under /api. What is not here is told as a problem, too."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from huying.api.app import api
from huying.api.pages import docs
from huying.api.problems import no_such_path, told

patterns, _app, namespace = api.urls


def _all_told(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            _all_told(pattern.url_patterns)
        else:
            pattern.callback = told(pattern.callback)
    return patterns


urlpatterns = [
    path("docs", docs, name="api-docs"),
    path("v1/", include((_all_told(patterns), "api"), namespace=namespace)),
    re_path(r"^(?P<path>.*)$", no_such_path),
]
