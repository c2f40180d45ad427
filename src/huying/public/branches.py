"""What the code on a branch's plate leads to: the branch's public facts, and nobody's name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huying.branches.models import Branch
from huying.errors import TooMany
from huying.public import guarding
from huying.public.reporting import busy


@require_safe
def branch(request: HttpRequest, code: str) -> HttpResponseBase:
    """The branch with this code: its name, its plate, where it is, how to reach it."""
    try:
        guarding.count(request, "public-looks", guarding.LOOKS)
    except TooMany:
        return busy(request)
    wanted = code.upper() if code.isascii() and code.isalnum() else ""
    found = Branch.objects.filter(code=wanted).select_related("unit").first() if wanted else None
    context = {
        "branch": found,
        "places": found.places.living().select_related("grid", "building") if found else [],
    }
    return render(request, "public/branch.html", context, status=200 if found else 404)
