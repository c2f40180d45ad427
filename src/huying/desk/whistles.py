"""The pages of whistles: those of one's desk or unit, one whistle, and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huying.branches import coming
from huying.cases import flow
from huying.cases.models import Case, CaseText, TextKind
from huying.desk.buttons import ICONS
from huying.desk.here import at_desk, go, is_htmx, me, sheet
from huying.desk.resent import once_for_form
from huying.desk.whistle_forms import WHISTLE_FORMS, StandingProblem, VetoForm
from huying.errors import HuyingError, NotAllowed, Words
from huying.people.acting import Actor
from huying.people.models import Account, Role
from huying.response import standing, vetoing
from huying.response.called import fitting
from huying.response.whistles import OPEN_CALLS, Call, CallState, Veto, Whistle, WhistleStep

ON_A_PAGE = 50

VETO_STEPS: dict[str, Words] = {
    "propose_veto": _("Propose a veto"),
    "decide_veto": _("Decide on the veto"),
    "appeal_veto": _("Appeal"),
    "settle_appeal": _("Settle the appeal"),
}
OF_CALLS = (
    "answer", "check_in", "refuse_call", "press_call", "stand_in", "arbitrate_call", "release",
    "rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One whistle of a list."""

    whistle: Whistle
    calls: Sequence[Call]
    now: datetime

    @property
    def open(self) -> bool:
        return any(call.is_open for call in self.calls)

    @property
    def answered(self) -> int:
        return sum(call.answered_at is not None for call in self.calls)

    @property
    def missed(self) -> int:
        return sum(call.late for call in self.calls)

    @property
    def next_due(self) -> datetime | None:
        """The first limit that a unit still has to answer by."""
        waiting = [call.answer_by for call in self.calls if call.state == CallState.CALLED]
        return min(waiting, default=None)

    @property
    def present(self) -> int:
        return sum(call.arrived_at is not None for call in self.calls)

    @property
    def missing(self) -> Sequence[str]:
        """The units that are still to come: they have not answered, or refuse."""
        waiting = (CallState.CALLED, CallState.REFUSED)
        return [call.unit.name for call in self.calls if call.state in waiting]

    @property
    def overdue(self) -> bool:
        """Whether somebody should have acted by now: a unit, or who decides on a refusal."""
        return any(call.overdue(self.now) for call in self.calls)


@dataclass(frozen=True, slots=True)
class CallLine:
    """One called unit on the whistle's page, with what its reader may do."""

    call: Call
    mine: bool
    overdue: bool
    verbs: Sequence[tuple[str, Words, str]]
    veto: Veto | None
    veto_steps: Sequence[tuple[str, Words]]
    people: coming.People | None = None


def concerned(actor: Actor) -> bool:
    """Whether the post may have anything to do with whistles; the menu has a line for it then."""
    return actor.role in (Role.DISPATCHER, Role.HANDLER) or actor.is_leader


def may_blow(actor: Actor) -> bool:
    return actor.role == Role.DISPATCHER and len(actor.area_code) in (9, 12)


def seen(actor: Actor) -> QuerySet[Whistle]:
    """The whistles that the post may see, with what a list shows."""
    found = Whistle.objects.visible_to(actor).select_related("case__item_version", "case")
    return found.prefetch_related("calls__unit")


def tabs_of(actor: Actor, now: datetime) -> dict[str, tuple[Words, QuerySet[Whistle]]]:
    """The lists of a post: those that there is something in, or might be."""
    found = seen(actor)
    open_calls = Call.objects.filter(state__in=sorted(OPEN_CALLS))
    if actor.role == Role.HANDLER:
        mine = open_calls.filter(unit=actor.unit_id)
        return {
            "called": (_("We are called"), found.filter(pk__in=mine.values("whistle"))),
            "past": (_("Past calls"), found.exclude(pk__in=mine.values("whistle"))),
        }
    if concerned(actor):
        to_us = open_calls.filter(
            Q(
                state=CallState.CALLED,
                level_code=actor.area_code,
                whistle__caller_code__gt=actor.area_code,
            )
            | Q(state=CallState.REFUSED, arbiter_code=actor.area_code)
        )
        late = open_calls.overdue(now)
        below = found.exclude(caller_code=actor.area_code)
        return {
            "ours": (_("Blown by us"), found.filter(caller_code=actor.area_code)),
            "climbed": (_("Climbed to us"), found.filter(pk__in=to_us.values("whistle"))),
            "overdue": (
                pgettext_lazy("whistles", "Overdue"),
                found.filter(pk__in=late.values("whistle")),
            ),
            "below": (_("Below us"), below),
        }
    return {}


def vetoes_seen(actor: Actor) -> QuerySet[Veto]:
    """The vetoes on whistles that the post may see; a unit sees its own alone."""
    found = Veto.objects.filter(call__whistle__in=Whistle.objects.visible_to(actor))
    if actor.role == Role.HANDLER:
        found = found.filter(unit=actor.unit_id)
    return found.select_related("unit", "call__whistle__case__item_version")


def first_tab(tabs: dict[str, tuple[Words, QuerySet[Whistle]]]) -> str:
    """What waits for us comes first; else the first list."""
    for name in ("overdue", "climbed"):
        if name in tabs and tabs[name][1].exists():
            return name
    return next(iter(tabs))


@require_safe
@at_desk
def whistles(request: HttpRequest) -> HttpResponseBase:
    """The whistles that one blew, is called by, or that climbed to one's desk; and vetoes."""
    actor, now = me(request), timezone.now()
    if not concerned(actor):
        raise PermissionDenied(now_("Whistles are for desks, leaders and called units."))
    tabs = tabs_of(actor, now)
    tab = request.GET.get("tab", "")
    if tab not in tabs and tab != "vetoes":
        tab = first_tab(tabs)
    vetoes = vetoes_seen(actor)
    lines = []
    if tab in tabs:
        lines = [Line(each, list(each.calls.all()), now) for each in tabs[tab][1][:ON_A_PAGE]]
        lines.sort(key=lambda line: not line.open)
    context = {
        "tab": tab,
        "tabs": [(name, words, found.count()) for name, (words, found) in tabs.items()],
        "vetoes": vetoes[:ON_A_PAGE] if tab == "vetoes" else [],
        "veto_count": vetoes.count(),
        "lines": lines,
        "may_blow": may_blow(actor),
    }
    return render(request, "desk/whistles/list.html", context)


def whistle_or_404(request: HttpRequest, pk: UUID) -> Whistle:
    found = seen(me(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def whistles_of(case: Case, actor: Actor, now: datetime) -> list[tuple[Line, bool]]:
    """The whistles on a case as they stand, and whether the reader may open each."""
    found = Whistle.objects.filter(case=case).prefetch_related("calls__unit")
    lines = [Line(each, list(each.calls.all()), now) for each in found]
    if not lines:
        return []
    may = set(Whistle.objects.visible_to(actor).filter(case=case).values_list("pk", flat=True))
    return [(line, line.whistle.pk in may) for line in lines]


def case_seen(whistle: Whistle, actor: Actor) -> Case | None:
    """Its case, while the post may see it."""
    if whistle.case_id is None:
        return None
    return Case.objects.visible_to(actor).filter(pk=whistle.case_id).first()


@require_safe
@at_desk
def whistle(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One whistle: whom it calls, how far each is, and what can be done."""
    actor, now = me(request), timezone.now()
    found = whistle_or_404(request, pk)
    case = case_seen(found, actor)
    calls = list(found.calls.select_related("unit", "whistle", "answered_by"))
    vetoes = {veto.call_id: veto for veto in Veto.objects.filter(call__in=calls)}
    people = coming.people(calls, timezone.localdate(now))
    context = {
        "whistle": found,
        "case": case,
        "line": Line(found, calls, now),
        "calls": [
            replace(
                _call_line(call, vetoes.get(call.pk), found, case, actor, now),
                people=people.get(call.pk),
            )
            for call in calls
        ],
        "words": words_of(found) if found.case_id is None or case is not None else None,
        "log": log_of(found),
        "release_all": _may_release(found, case, actor),
    }
    return render(request, "desk/whistles/page.html", context)


def _may_release(found: Whistle, case: Case | None, actor: Actor) -> str:
    """Where to release all units at once, where more than one can be."""
    free = found.calls.filter(**fitting("release", actor)).count()
    return _address("release", None, found, case) if free > 1 and _ok(
        "release", found, case, actor
    ) else ""  # fmt: skip


def _ok(verb: str, found: Whistle, case: Case | None, actor: Actor) -> bool:
    if found.case_id is None:
        return standing.why_not(verb, actor, found) is None
    return case is not None and flow.ROWS[verb].why_not(actor, case) is None


def _address(verb: str, call: Call | None, found: Whistle, case: Case | None) -> str:
    asked = f"?call={call.pk}" if call is not None else ""
    if case is not None:
        back = reverse("whistle", args=[found.pk])
        return (
            reverse("act", args=[case.number, verb])
            + (f"{asked}&" if asked else "?")
            + (f"next={back}")
        )
    return reverse("whistle_step", args=[found.pk, verb]) + asked


def _call_line(
    call: Call, veto: Veto | None, found: Whistle, case: Case | None, actor: Actor, now: datetime
) -> CallLine:
    fits = Call.objects.filter(pk=call.pk)
    verbs = [
        (verb, flow.ROWS[verb].label, _address(verb, call, found, case))
        for verb in OF_CALLS
        if fits.filter(**fitting(verb, actor)).exists()
        and _ok(verb, found, case, actor)
        and not (verb == "refuse_call" and call.upheld is False)  # an overruled one was the last
    ]
    none = pgettext_lazy("cases", "none")
    asks = {
        "propose_veto": lambda: vetoing.why_not_propose(actor, call),
        "decide_veto": lambda: vetoing.why_not_decide(actor, veto) if veto else none,
        "appeal_veto": lambda: vetoing.why_not_appeal(actor, veto) if veto else none,
        "settle_appeal": lambda: vetoing.why_not_settle(actor, veto) if veto else none,
    }
    return CallLine(
        call=call,
        mine=actor.unit_id is not None and call.unit_id == actor.unit_id,
        overdue=call.overdue(now),
        verbs=verbs,
        veto=veto,
        veto_steps=[(step, VETO_STEPS[step]) for step, ask in asks.items() if ask() is None],
    )


def words_of(found: Whistle) -> str:
    """What was said to be needed."""
    if found.case_id is None:
        first = found.texts.filter(seq=1, kind=TextKind.REQUIREMENT).first()
        return first.body if first else ""
    event = found.case.events.filter(verb="blow", data__whistle=str(found.pk)).first()  # type: ignore[union-attr]
    if event is None:
        return ""
    said = CaseText.objects.filter(
        case=found.case_id, seq=event.seq, kind=TextKind.REQUIREMENT
    ).first()
    return said.body if said else ""


def log_of(found: Whistle) -> list[dict[str, Any]]:
    """The whistle's own log, the latest first: of a standing problem, or of its vetoes."""
    steps: list[WhistleStep] = list(found.steps.all())
    people = dict(Account.objects.filter(
        pk__in={step.actor_id for step in steps}
    ).values_list("pk", "name"))  # fmt: skip
    units = {call.unit_id: call.unit.name for call in found.calls.select_related("unit")}
    texts: dict[int, list[str]] = {}
    for text in found.texts.all():
        texts.setdefault(text.seq, []).append(text.body)
    return [
        {
            "label": flow.ROWS[step.verb].label
            if step.verb in flow.ROWS
            else VETO_STEPS[step.verb],
            "icon": ICONS.get(step.verb, "gavel"),
            "at": step.at,
            "by": people.get(step.actor_id or 0) or now_("the system"),
            "unit": units.get(step.data.get("unit"), ""),
            "texts": texts.get(step.seq, []),
        }
        for step in reversed(steps)
    ]


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent; also when nothing was filled in."""
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A whistle on a standing problem that is no case."""
    actor = me(request)
    if not may_blow(actor):
        raise PermissionDenied(now_("A community or a town blows the whistle."))
    form = StandingProblem(_sent(request), actor=actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = standing.blow(by=actor, now=timezone.now(), **form.inputs())
            except HuyingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(request, now_("The whistle is blown."))
                return redirect("whistle", pk=made.pk)
    context = {"form": form, "centre": form.centre}
    return render(request, "desk/whistles/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """GET: the step's form. POST: does it. Of a standing problem, and of any veto."""
    found = whistle_or_404(request, pk)
    if step in VETO_STEPS:
        form: Any = VetoForm(_sent(request), step=step)
    elif step in OF_CALLS and found.case_id is None:
        kind = WHISTLE_FORMS[step]
        form = kind(
            _sent(request),
            initial=request.GET.dict(),
            case=found,  # type: ignore[arg-type]
            actor=me(request),
            now=timezone.now(),
        )
    else:
        raise Http404
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _do(step, found, form, _call_named(request, found), me(request))
            except HuyingError as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, str(error))
                status = error.status
            else:
                label = VETO_STEPS.get(step) or flow.ROWS[step].label
                messages.success(request, now_("Done: %(what)s") % {"what": label})
                return go(request, reverse("whistle", args=[found.pk]))
    elif (refusal := _refusal(step, found, _call_named(request, found), me(request))) is not None:
        raise PermissionDenied(str(refusal))
    return _form(request, found, step, form, status)


def _form(request: HttpRequest, found: Whistle, step: str, form: Any, status: int) -> HttpResponse:
    hidden = request.GET.get("call", "") or request.POST.get("call", "")
    context = {
        "whistle": found,
        "step": step,
        "label": VETO_STEPS.get(step) or flow.ROWS[step].label,
        "icon": ICONS.get(step, "gavel"),
        "form": form,
        "call": hidden if "call" not in form.fields else "",
        "centre": getattr(form, "centre", None),
        "inner": "desk/whistles/step.html",
    }
    template = "desk/whistles/step.html" if is_htmx(request) else "desk/whistles/step_page.html"
    return sheet(render(request, template, context, status=status))


def _call_named(request: HttpRequest, found: Whistle) -> Call | None:
    named = request.POST.get("call") or request.GET.get("call") or ""
    try:
        return found.calls.select_related("unit", "whistle").filter(pk=UUID(named)).first()
    except ValueError:
        return None


def _refusal(step: str, found: Whistle, call: Call | None, actor: Actor) -> Words | None:
    """Why a form is not even shown."""
    if step in OF_CALLS:
        refusal: Words | None = standing.why_not(step, actor, found)
        return refusal
    if call is None:
        return _("Please say which of the called units is meant.")
    if step == "propose_veto":
        return vetoing.why_not_propose(actor, call)
    veto = Veto.objects.filter(call=call).first()
    if veto is None:
        return _("No veto was proposed on this call.")
    ask = {
        "decide_veto": vetoing.why_not_decide,
        "appeal_veto": vetoing.why_not_appeal,
        "settle_appeal": vetoing.why_not_settle,
    }[step]
    return ask(actor, veto)


def _do(step: str, found: Whistle, form: Any, call: Call | None, actor: Actor) -> None:
    now, given = timezone.now(), form.inputs()
    if step in OF_CALLS:
        standing.do(step, found.pk, by=actor, now=now, **given)
        return
    if call is None:
        raise NotAllowed(_("Please say which of the called units is meant."))
    if step == "propose_veto":
        vetoing.propose(call.pk, by=actor, now=now, **given)
        return
    veto = Veto.objects.filter(call=call).first()
    if veto is None:
        raise NotAllowed(_("No veto was proposed on this call."))
    does: Any = {
        "decide_veto": vetoing.decide,
        "appeal_veto": vetoing.appeal,
        "settle_appeal": vetoing.settle,
    }[step]
    does(veto.pk, by=actor, now=now, **given)
