"""What the guards noticed: findings with their reasons and cases, for a person to decide on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.cases.models import Case
from huying.desk.here import at_desk, me
from huying.desk.neighbours import version_of
from huying.errors import HuyingError, NotFound
from huying.fairness import settling
from huying.fairness.guards import Guard
from huying.fairness.models import Unusual
from huying.fairness.saying import GUARD_WORDS, reason
from huying.people.acting import Actor

ON_A_PAGE = 30


def deciding(request: HttpRequest) -> Actor:
    actor = me(request)
    if not settling.may_decide(actor):
        raise PermissionDenied
    return actor


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """Findings of the area: those to be looked at, and those that were."""
    actor = deciding(request)
    state = request.GET.get("state", "new")
    state = state if state in Unusual.State.values else "new"
    rows = Unusual.objects.visible_to(actor).filter(state=state)
    guard = request.GET.get("guard", "")
    if guard in list(Guard):
        rows = rows.filter(guard=guard)
    page = Paginator(rows.select_related("account", "unit"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "actor": actor,
        "state": state,
        "guard": guard,
        "states": Unusual.State.choices,
        "guards": [(str(each), words[0]) for each, words in GUARD_WORDS.items()],
        "rows": page,
        "lines": [_line(each) for each in page],
        "keep": f"state={state}&guard={guard}",
    }
    return render(request, "desk/figures/unusual.html", context)


def _line(finding: Unusual) -> dict[str, Any]:
    guard = Guard(finding.guard)
    words, comes = GUARD_WORDS[guard]
    return {
        "finding": finding,
        "words": words,
        "comes": comes,
        "reason": reason(guard, finding.numbers),
        "whose": finding.account or finding.unit or "",
    }


def finding_or_404(pk: UUID, actor: Actor) -> Unusual:
    rows = Unusual.objects.visible_to(actor).select_related("account", "unit", "decided_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: a finding with its cases. POST: it is confirmed, or in order."""
    actor = deciding(request)
    found = finding_or_404(pk, actor)
    if request.method != "POST":
        return _page(request, found)
    confirmed = {"yes": True, "no": False}.get(request.POST.get("confirmed", ""))
    try:
        settling.decide(
            pk, confirmed, words=request.POST.get("words", ""), by=actor, now=timezone.now(),
            version=version_of(request),
        )  # fmt: skip
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        again = finding_or_404(pk, actor)
        return _page(request, again, str(error), error.field or "", error.status)
    messages.success(request, _("Your decision is written down."))
    return redirect("unusual")


def _page(
    request: HttpRequest, found: Unusual, bad: str = "", bad_at: str = "", status: int = 200
) -> HttpResponse:
    actor = me(request)
    there = list(found.cases.values_list("case", flat=True))
    seen = {
        case.pk: case for case in Case.objects.visible_to(actor).for_pages().filter(pk__in=there)
    }
    context = _line(found) | {
        "actor": actor,
        "cases": [seen[pk] for pk in there if pk in seen],
        "out_of_sight": len(there) - len(seen),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/figures/finding.html", context, status=status)
