"""考核评比清单: what evaluations there are, how many fall on each town, who wants another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk import offers
from huying.desk.duties import number_of, revision_of
from huying.desk.here import at, me
from huying.desk.measure_forms import EvaluationForm
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.duties.sight import applies, decides, may_read
from huying.errors import HuyingError, NotFound
from huying.measures import evaluating
from huying.measures.models import Evaluation, EvaluationCap, EvaluationState


@require_safe
@at(may_read)
def page(request: HttpRequest) -> HttpResponseBase:
    """The list with its counts."""
    return _page(request)


def _page(request: HttpRequest, bad: str = "", bad_at: str = "", status: int = 200) -> HttpResponse:
    actor, today = me(request), timezone.localdate()
    rows = list(Evaluation.objects.visible_to(actor).select_related("holder", "applied_by"))
    holding = evaluating.standing(rows, today)
    towns = offers.areas_of(actor.area_code[:6])
    counts = evaluating.by_town(holding, [code for code, _name in towns])
    caps = {
        each.year: each.most
        for each in EvaluationCap.objects.filter(district_code=actor.area_code[:6])
    }
    context = {
        "actor": actor,
        "rows": holding,
        "waiting": [each for each in rows if each.state == EvaluationState.APPLIED],
        "to_come": [
            each
            for each in rows
            if each.state == EvaluationState.APPROVED and each.valid_from > today
        ],
        "off": [
            each
            for each in rows
            if each.state in (EvaluationState.REFUSED, EvaluationState.STRUCK)
            or (each.state == EvaluationState.APPROVED and each.valid_until < today)
        ],
        "counts": [(name, *counts[code]) for code, name in towns],
        "year": today.year,
        "used": len(evaluating.in_year(rows, today.year)),
        "most": caps.get(today.year),
        "years": [(year, caps.get(year)) for year in (today.year, today.year + 1)],
        "applies": evaluating.may_apply(actor),
        "decides": decides(actor),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/measures/evaluations.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_read)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """Applies for a new one."""
    actor, status = me(request), 200
    if not evaluating.may_apply(actor):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = EvaluationForm(sent, district=actor.area_code[:6], own=applies(actor))
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                evaluating.apply(form.told, by=actor, now=timezone.now())
                return redirect("evaluations")
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/measures/evaluation_form.html", context, status=status)


@require_POST
@at(may_read)
def cap(request: HttpRequest) -> HttpResponseBase:
    """Sets how many a year may have."""
    actor, sent = me(request), request.POST
    if not decides(actor):
        raise PermissionDenied
    typed = sent.get("most", "")
    most = number_of(typed) if typed.isascii() and typed.isdigit() else None
    try:
        evaluating.cap(number_of(sent.get("year", "")), most, by=actor, now=timezone.now())
    except HuyingError as error:
        return _page(request, str(error), "cap", error.status)
    return redirect("evaluations")


@require_POST
@at(may_read)
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Approves, refuses or strikes one off."""
    actor, words = me(request), request.POST.get("words", "")
    if not decides(actor):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": timezone.now(), "revision": revision_of(request)}
    known = {
        "approve": evaluating.approve,
        "refuse": evaluating.refuse,
        "strike": evaluating.strike,
    }
    if step not in known:
        raise Http404
    try:
        known[step](pk, words, **told)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        return _page(request, str(error), str(pk), error.status)
    return redirect("evaluations")
