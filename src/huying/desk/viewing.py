"""The addresses of saved views: keeping one, naming and ordering them, their numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from huying.desk import queue, saved
from huying.desk.filters import Filters
from huying.desk.here import at_desk, go, is_htmx, me, sheet, way_back
from huying.errors import BadInput, NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: asks for the name of the view in the address. POST: keeps it, and shows it."""
    actor, now = me(request), timezone.now()
    if request.method == "POST":
        query, name = request.POST.get("query", ""), request.POST.get("name", "")
        try:
            view = saved.keep(actor, query, name, now)
        except BadInput as refusal:
            return _asking(request, query, name=name, refusal=refusal)
        return go(request, f"{reverse('desk')}?{view.query}")
    return _asking(request, request.GET.urlencode())


def _asking(
    request: HttpRequest, query: str, *, name: str | None = None, refusal: BadInput | None = None
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    filters = Filters.read(QueryDict(query), actor)
    mine = saved.saved(actor)
    if refusal is None and (why := saved.why_not_kept(filters, mine)):
        refusal = BadInput(why)
    context = {
        "query": filters.query(),
        "said": saved.said(filters, now),
        "name": saved.proposed_name(filters, mine, now) if name is None else name,
        "longest": saved.LONGEST,
        "refusal": str(refusal or ""),
        "of_name": refusal is not None and refusal.field == "name",
        "back": f"{reverse('desk')}?{filters.query()}",
    }
    return _sheet(request, "desk/views/_new.html", context, 422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def manage(request: HttpRequest) -> HttpResponseBase:
    """GET: one's views, to be named, ordered and removed. POST: does all of that at once."""
    actor = me(request)
    back = way_back(request, reverse("desk"))
    if request.method != "POST":
        return _managing(request, back)
    try:
        order = [UUID(each) for each in request.POST.getlist("view")]
        removed = {UUID(each) for each in request.POST.getlist("remove")}
        names = {pk: request.POST.get(f"name-{pk}", "") for pk in _moved(order, request.POST)}
        troubles = saved.arrange(actor, names, removed)
    except (ValueError, NotFound):
        raise Http404 from None
    if troubles:
        return _managing(request, back, names=names, removed=removed, troubles=troubles)
    if "up" in request.POST or "down" in request.POST:
        return _managing(request, back)
    return go(request, back)


def _moved(order: list[UUID], sent: QueryDict) -> list[UUID]:
    """The order with one view a place up or down, as a browser without scripts asks."""
    for name, step in (("up", -1), ("down", 1)):
        if name in sent:
            at = order.index(UUID(sent.get(name)))
            if 0 <= at + step < len(order):
                order[at], order[at + step] = order[at + step], order[at]
    return order


def _managing(
    request: HttpRequest,
    back: str,
    *,
    names: dict[UUID, str] | None = None,
    removed: set[UUID] | None = None,
    troubles: dict[UUID, str] | None = None,
) -> HttpResponse:
    """The list of views; after a refusal with what was typed and ordered."""
    now, typed = timezone.now(), names or {}
    place = {pk: at for at, pk in enumerate(typed)}
    kept = sorted(saved.saved(me(request)), key=lambda each: place.get(each.view.pk, len(place)))
    lines: list[dict[str, Any]] = [
        {
            "pk": each.view.pk,
            "name": typed.get(each.view.pk, each.view.name),
            "said": saved.said(each.filters, now),
            "removed": each.view.pk in (removed or ()),
            "trouble": (troubles or {}).get(each.view.pk, ""),
        }
        for each in kept
    ]
    context = {"lines": lines, "longest": saved.LONGEST, "most": saved.MOST, "back": back}
    return _sheet(request, "desk/views/_manage.html", context, 422 if troubles else 200)


@require_safe
@at_desk
def counts(request: HttpRequest) -> HttpResponse:
    """How many cases stand in each view, by its id; without those that take too long to count."""
    actor = me(request)
    found = saved.counts(saved.saved(actor), actor, timezone.now())
    return JsonResponse({str(pk): queue.in_words(count) for pk, count in found.items()})


def _sheet(request: HttpRequest, inner: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A form in the dialog, or as a page of its own."""
    if is_htmx(request):
        return sheet(render(request, inner, context, status=status))
    return render(request, "desk/views/page.html", context | {"inner": inner}, status=status)
