"""/api/docs: the description of the interface as a page that can be tried out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@ensure_csrf_cookie
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own files and a script file: nothing inline, nothing from afar."""
    return render(request, "api/docs.html")
