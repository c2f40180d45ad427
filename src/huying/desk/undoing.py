"""The bar after a step that can be undone, and the address that its button sends to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huying.cases import flow
from huying.cases.deferring import undo_within
from huying.cases.models import Case
from huying.cases.states import State
from huying.cases.undoing import undo
from huying.desk.here import at_desk, case_or_404, me, way_back
from huying.errors import HuyingError

KEPT = "desk.undo"


def done_words(case: Case, verb: str) -> str:
    """What is said after a step: that it is done, and where the case went."""
    if verb == "dispatch":
        words = _("Dispatched to %(unit)s, case %(number)s.")
    else:
        words = _("%(verb)s: done, case %(number)s.")
    label = flow.ROWS[verb].label
    return words % {"verb": label, "unit": case.lead_unit, "number": case.number}


def offer_undo(request: HttpRequest, case: Case, verb: str, words: str, draft: str) -> bool:
    """Lets the next pages offer to take the step just done back; whether it can be."""
    if verb not in flow.UNDOABLE:
        return False
    request.session[KEPT] = {
        "number": case.number,
        "seq": case.last_seq,
        "post": me(request).post_id,
        "until": (case.changed_at + undo_within()).timestamp(),
        "words": words,
        "draft": draft,
    }
    return True


def offered_undo(request: HttpRequest) -> dict[str, Any] | None:
    """The step that the person signed in may still take back, with the seconds left."""
    session = getattr(request, "session", None)
    kept = session.get(KEPT) if session is not None else None
    actor = getattr(request, "actor", None)
    if kept is None or actor is None or actor.post_id != kept["post"]:
        return None
    left = kept["until"] - timezone.now().timestamp()
    return kept | {"left": int(left) + 1} if left > 0 else None


@require_POST
@at_desk
def take_back(request: HttpRequest, number: str) -> HttpResponseBase:
    """Takes the last step back, or says why that cannot be any more."""
    found = case_or_404(request, number)
    seen = request.POST.get("expect_seq", "")
    try:
        after = undo(
            found.pk,
            by=me(request),
            now=timezone.now(),
            expect_seq=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
        )
    except HuyingError as error:
        request.session.pop(KEPT, None)
        context = {
            "case": found,
            "actor": me(request),
            "label": flow.ROWS["undo"].label,
            "icon": "arrow-back-up",
            "refusal": str(error),
            "inner": "desk/verbs/refused.html",
        }
        return render(request, "desk/verbs/page.html", context, status=error.status)
    request.session.pop(KEPT, None)
    words = _("Undone. Case %(number)s is as before: %(state)s.") % {
        "number": after.number,
        "state": State(after.state).label,
    }
    messages.success(request, words)
    return redirect(way_back(request, reverse("case", args=[number])))
