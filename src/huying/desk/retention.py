"""How long things are kept: the rules, what a dry run counts, changes that wait, and holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huying.desk.here import at, me
from huying.errors import BadInput, HuyingError
from huying.people.acting import Actor
from huying.people.turns import QUIET
from huying.retention import deciding, finding, running
from huying.retention.models import RetentionChange, RetentionHold, RetentionRun
from huying.retention.rules import RULES
from huying.retention.swept import swept

HELD = {
    finding.REQUEST: gettext_lazy("a person's request is to be decided"),
    finding.SUPERVISED: gettext_lazy("formal supervision is open"),
    finding.OPEN_CASE: gettext_lazy("the case, or one it belongs to, goes on"),
    **dict(RetentionHold.Reason.choices),
}
SUBJECTS = (
    ("case", gettext_lazy("case, by its number")),
    ("person", gettext_lazy("person of the registers, by the record's id")),
    ("enterprise", gettext_lazy("unit of the registers, by the record's id")),
)
RUNS = 20
BUSY = (RetentionRun.State.WAITING, RetentionRun.State.RUNNING)


@require_http_methods(["GET", "HEAD", "POST"])
@at(deciding.may_look)
def page(request: HttpRequest) -> HttpResponseBase:
    """GET: all of it; ``?dry`` the last dry run alone. POST: changes something."""
    if request.method == "POST":
        return _change(request)
    if "dry" in request.GET:
        return render(request, "desk/retention/_dry.html", _dry(me(request)))
    return _page(request)


def _change(request: HttpRequest) -> HttpResponse:
    actor, now, what = me(request), timezone.now(), request.POST.get("do", "")
    sent = request.POST
    try:
        if what == "change":
            made = deciding.change(
                sent.get("rule", ""),
                days=_number(sent.get("days", "")),
                on=sent.get("on") == "1",
                seen=_number(sent.get("seen", "")),
                by=actor,
                now=now,
            )
            waits = made.state == RetentionChange.State.ASKED
            messages.success(
                request,
                _("A second administrator has to agree before this takes effect.")
                if waits
                else _("The change is in force."),
            )
        elif what in ("agree", "refuse"):
            deciding.decide(_key(request), agree=what == "agree", by=actor, now=now)
            messages.success(request, _("Decided."))
        elif what == "hold":
            deciding.hold(
                sent.get("subject", ""),
                sent.get("named", ""),
                reason=sent.get("reason", ""),
                words=sent.get("words", ""),
                by=actor,
                now=now,
            )
            messages.success(request, _("The record is held back from all rules."))
        elif what == "lift":
            deciding.lift(_key(request), by=actor, now=now)
            messages.success(request, _("The hold is lifted."))
        elif what == "dry":
            running.ask_dry(by=actor, now=now)
        else:
            raise Http404
    except HuyingError as error:
        return _page(request, error)
    return redirect("retention")


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        raise Http404 from None


def _number(typed: str) -> int:
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 7):
        raise BadInput(_("Please enter a number of days."), field="days")
    return int(typed)


def _page(request: HttpRequest, bad: HuyingError | None = None) -> HttpResponse:
    actor, sent = me(request), request.POST
    waiting = {
        each.rule: each
        for each in RetentionChange.objects.filter(
            state=RetentionChange.State.ASKED
        ).select_related("asked_by")
    }
    lines = [
        {
            "set": each,
            "waits": waiting.get(each.rule.code),
            "own": each.rule.code in waiting
            and waiting[each.rule.code].asked_by_id == actor.account_id,
            "last": last,
            "bad": bad
            if bad and sent.get("do") == "change" and sent.get("rule") == each.rule.code
            else None,
        }
        for each, last in zip(deciding.settings(), _lasts(), strict=True)
    ]
    at_a_line = any(line["bad"] for line in lines)
    of_hold = bad is not None and sent.get("do") == "hold"
    context = {
        "actor": actor,
        "may_change": deciding.may_change(actor),
        "lines": lines,
        "sent": sent,
        "bad": None if at_a_line or of_hold else bad,
        "bad_hold": bad if of_hold else None,
        "swept": swept(),
        "holds": RetentionHold.objects.filter(lifted_at=None).select_related("placed_by")[:200],
        "subjects": SUBJECTS,
        "reasons": RetentionHold.Reason.choices,
        "changes": RetentionChange.objects.select_related("asked_by", "decided_by")[:RUNS],
        "names": {each.code: each.label for each in RULES},
        **_dry(actor),
    }
    status = bad.status if bad is not None else 200
    return render(request, "desk/retention/page.html", context, status=status)


def _lasts() -> list[dict[str, Any] | None]:
    """When each rule ran last, and how many rows went."""
    runs = RetentionRun.objects.filter(dry=False, state=RetentionRun.State.DONE)[:RUNS]
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        for code, told in run.result.items():
            found.setdefault(code, {"at": run.asked_at, "gone": told["gone"]})
    return [found.get(each.rule.code) for each in deciding.settings()]


def _dry(actor: Actor) -> dict[str, Any]:
    """The last dry run, and how far it is."""
    run = RetentionRun.objects.filter(dry=True).select_related("asked_by").first()
    if run is None:
        return {"run": None, "may_change": deciding.may_change(actor)}
    busy = run.state in BUSY
    told = [
        {
            "label": rule.label,
            "days": each["days"],
            "due": each["due"],
            "held": [(HELD.get(reason, reason), n) for reason, n in each["held"].items()],
            "years": list(each["years"].items()),
            "sample": [pk[-8:] for pk in each["sample"]],
        }
        for rule in RULES
        if (each := run.result.get(rule.code)) is not None
    ]
    return {
        "run": run,
        "busy": busy,
        "quiet": busy and timezone.now() - run.touched_at > QUIET,
        "told": told,
        "total": sum(each["due"] for each in told),
        "wanted": len(run.rules),
        "may_change": deciding.may_change(actor),
    }
