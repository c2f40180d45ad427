"""What suggests items: the catalogue's words or a model, how good each was, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huying.catalogue.models import SuggestionModel
from huying.catalogue.versions import snapshot
from huying.desk.here import at, me
from huying.errors import HuyingError
from huying.intake import learning, suggesting

SHOWN = 40
LONGEST = 600


_at_suggestions = at(learning.may_read)
"""Signed in and on a post that keeps the catalogue, or watches who does."""


@require_http_methods(["GET", "HEAD", "POST"])
@_at_suggestions
def page(request: HttpRequest) -> HttpResponseBase:
    """What is in charge, every try with its figures; POST: what a sentence would be suggested."""
    return _page(request, tried=request.POST.get("text", "")[:LONGEST].strip())


@require_POST
@_at_suggestions
def charge(request: HttpRequest) -> HttpResponseBase:
    """Puts an earlier model or the catalogue's words back in charge."""
    told = request.POST.get("model", "")
    try:
        key = UUID(told) if told else None
    except ValueError:
        return _page(request, bad=_("This model is not kept any more."), status=409)
    try:
        learning.put_in_charge(key, by=me(request), now=timezone.now())
    except HuyingError as error:
        return _page(request, bad=str(error), status=error.status)
    messages.success(request, _("From now on this suggests."))
    return redirect("suggestions")


def _page(
    request: HttpRequest, *, tried: str = "", bad: str = "", status: int = 200
) -> HttpResponseBase:
    actor, now = me(request), timezone.now()
    catalogue = snapshot(now)
    rows = SuggestionModel.objects.select_related("by", "against").defer(
        "data", "digest", "against__data", "against__digest"
    )
    kept = set(SuggestionModel.objects.exclude(data=None).values_list("pk", flat=True))
    found = suggesting.suggest(tried, now) if tried else None
    context: dict[str, Any] = {
        "actor": actor,
        "may_change": learning.may_change(actor),
        "current": rows.filter(in_charge=True).first(),
        "lines": [{"row": row, "kept": row.pk in kept} for row in rows[:SHOWN]],
        "least": round(suggesting.LEAST * 100),
        "fewest": learning.FEWEST,
        "fewest_new": learning.FEWEST_NEW,
        "tried": tried,
        "guesses": [(each, catalogue[each.item_code]) for each in found.items] if found else [],
        "by_words": [(each, catalogue[each.item_code]) for each in found.by_words] if found else [],
        "bad": bad,
    }
    return render(request, "desk/suggestions.html", context, status=status)
