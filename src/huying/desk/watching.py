"""待关注: a desk marks a case by hand for its next shifts, with a line of words."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huying.cases.models import Case
from huying.cases.verbs import keepable
from huying.desk.handing import has_desk
from huying.desk.here import at_desk, case_or_404, go, is_htmx, me, sheet, way_back
from huying.desk.models import WatchMark
from huying.errors import BadInput, HuyingError, Missing, NotAllowed, WrongState
from huying.people.acting import Actor

LONGEST = 120
FORM = "desk/handover/_watch.html"


def mark_of(case: Case, actor: Actor) -> WatchMark | None:
    """The mark that the actor's desk has put on the case."""
    if not has_desk(actor) or not case.is_open:
        return None
    found = WatchMark.objects.filter(area_code=actor.area_code, case=case)
    return found.select_related("marked_by").first()


def mark(case: Case, actor: Actor, words: str, now: datetime) -> None:
    """Marks a case, or gives its mark other words.

    Raises:
        NotAllowed: the post is none of a desk.
        WrongState: the case has ended.
        Missing: there are no words.
        BadInput: they are too long, or cannot be kept.
    """
    _may(case, actor)
    words = " ".join(words.split())
    if not words:
        raise Missing(_("Please say it in words."), field="words")
    if len(words) > LONGEST or not keepable(words):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="words"
        )
    assert actor.account_id is not None
    WatchMark.objects.update_or_create(
        area_code=actor.area_code,
        case=case,
        defaults={
            "district_code": case.district_code,
            "marked_by_id": actor.account_id,
            "marked_at": now,
            "words": words,
        },
    )


def unmark(case: Case, actor: Actor) -> None:
    """Takes the desk's mark off, and its words with it."""
    _may(case, actor)
    WatchMark.objects.filter(area_code=actor.area_code, case=case).delete()


def _may(case: Case, actor: Actor) -> None:
    if not has_desk(actor):
        raise NotAllowed(_("Only the posts of a desk mark cases for its next shift."))
    if not case.is_open:
        raise WrongState(_("The case has ended; there is nothing left to watch."), state=case.state)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def watch(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: asks for the words. POST: marks the case, or with ``remove`` takes the mark off."""
    actor, found = me(request), case_or_404(request, number)
    if not has_desk(actor):
        raise PermissionDenied(now_("Only the posts of a desk mark cases for its next shift."))
    before = mark_of(found, actor)
    context = {
        "case": found,
        "actor": actor,
        "mark": before,
        "longest": LONGEST,
        "words": request.POST.get("words", before.words if before else ""),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "label": now_("Watch for the next shift"),
        "inner": FORM,
    }
    template = FORM if is_htmx(request) else "desk/verbs/page.html"
    if request.method != "POST":
        return sheet(render(request, template, context))
    try:
        if "remove" in request.POST:
            unmark(found, actor)
            said = now_("The mark is taken off.")
        else:
            mark(found, actor, request.POST.get("words", ""), timezone.now())
            said = now_("Marked: it stands on the next handover note.")
    except HuyingError as error:
        context["bad"] = str(error)
        return sheet(render(request, template, context, status=error.status))
    messages.success(request, said)
    return go(request, way_back(request, reverse("case", args=[found.number])))
