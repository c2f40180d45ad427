"""关爱走访: the care list of an area, somebody on it, and what a desk does with both."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.care import due, listing, revealing
from huying.care.concerned import Responsible
from huying.care.models import (
    LOOKING,
    VISITING,
    CareCase,
    CareKind,
    CareLevel,
    CarePerson,
    CareQuerySet,
    CareStep,
    EndReason,
)
from huying.care.steps import may_keep
from huying.care.visiting import photo_seen
from huying.cases.attaching import file_of
from huying.cases.models import Case
from huying.desk.care_forms import CareForm, EndForm, HandForm
from huying.desk.here import at, at_desk, me
from huying.desk.patrol import blamed
from huying.errors import HuyingError, NotAllowed, NotFound, Words
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places import naming
from huying.registry.models import Person
from huying.registry.searching import search

ON_A_PAGE = 50
MOST_STEPS = 60
SHOWN: dict[str, Words] = {
    "": pgettext_lazy("care", "all"),
    "late": pgettext_lazy("care", "overdue"),
    "due": pgettext_lazy("care", "due today"),
    "soon": pgettext_lazy("care", "due soon"),
    "twice": pgettext_lazy("care", "not met twice"),
    "gone": pgettext_lazy("care", "ended in the register"),
    "ended": pgettext_lazy("care", "no longer visited"),
}
STEP_WORDS: dict[str, Words] = {
    "put_on": pgettext_lazy("care", "put on the list"),
    "correct": pgettext_lazy("care", "changed"),
    "hand_over": pgettext_lazy("care", "handed over"),
    "end": pgettext_lazy("care", "ended"),
    "visit": pgettext_lazy("care", "visit written down"),
    "climb": pgettext_lazy("care", "missed visit told of"),
    "gone": pgettext_lazy("care", "ended in the register"),
    "follow": pgettext_lazy("care", "moved with the register"),
}
RUNG_WORDS: dict[int, Words] = {
    1: pgettext_lazy("care", "who visits"),
    2: gettext_lazy("the grid head"),
    3: gettext_lazy("the community's desk"),
    4: gettext_lazy("the town's desk"),
}


def may_look(actor: Actor) -> bool:
    """Desks, leaders and who walks a grid."""
    return actor.role in LOOKING


def may_visit(actor: Actor) -> bool:
    """Who walks a grid, a desk, and members and volunteers."""
    return actor.role in VISITING


def looking(request: HttpRequest) -> Actor:
    actor = me(request)
    if not may_look(actor):
        raise PermissionDenied
    return actor


def care_or_404(pk: UUID, actor: Actor) -> CarePerson:
    found = CarePerson.objects.visible_to(actor).for_pages().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def kind_names() -> dict[str, str]:
    return dict(CareKind.objects.values_list("code", "name"))


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """The list of the area, who is longest due first, narrowed by what the address says."""
    actor, now = looking(request), timezone.now()
    today = timezone.localdate(now)
    seen = CarePerson.objects.visible_to(actor)
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    level, kind = request.GET.get("level", ""), request.GET.get("kind", "")
    found = _narrowed(seen, show, today)
    if level.isascii() and level.isdecimal() and len(level) == 1:
        found = found.filter(level=int(level))
    names = kind_names()
    if kind in names:
        found = found.filter(kinds__contains=[kind])
    page = Paginator(found.for_pages(), ON_A_PAGE).get_page(request.GET.get("page"))
    cares = list(page.object_list)
    context = {
        "actor": actor,
        "page": page,
        "lines": lines_of(cares, now, names),
        "tabs": [(each, words, _narrowed(seen, each, today).count()) for each, words in
                 SHOWN.items()],
        "show": show,
        "level": level,
        "kind": kind,
        "levels": CareLevel.objects.all(),
        "kinds": names.items(),
        "may_add": may_keep(actor, actor.area_code),
    }  # fmt: skip
    return render(request, "desk/care/list.html", context)


def _narrowed(seen: CareQuerySet, show: str, today: date) -> CareQuerySet:
    if show == "ended":
        return seen.exclude(ended_on=None).order_by("-ended_on", "pk")
    if show == "late":
        return seen.late(today)
    if show == "due":
        return seen.standing().filter(due_on=today)
    if show == "soon":
        soon = today + timedelta(days=due.SOON_DAYS)
        return seen.standing().filter(due_on__gt=today, due_on__lte=soon)
    if show == "gone":
        return seen.standing().exclude(person__valid_until=None)
    return seen.standing().filter(misses__gte=2) if show == "twice" else seen.standing()


def lines_of(cares: list[CarePerson], now: datetime, names: dict[str, str]) -> list[dict[str, Any]]:
    """What a list says of each: how it stands, why, and who visits."""
    today = timezone.localdate(now)
    who = Responsible(cares, now) if cares else None
    return [
        {
            "care": care,
            "minor": care.is_minor(today),
            "standing": care.standing_on(today),
            "days": (today - care.due_on).days,
            "why": due.WORDS[due.Why(care.why)],
            "kinds": [names.get(code, code) for code in care.kinds],
            "workers": list(who.workers(care).values()) if who is not None else [],
            "members": list(who.member(care).values()) if who is not None else [],
        }
        for care in cares
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def find(request: HttpRequest) -> HttpResponseBase:
    """Somebody of the register, to be put on the list: typed, found, chosen."""
    actor, now = looking(request), timezone.now()
    if not may_keep(actor, actor.area_code):
        raise PermissionDenied
    context: dict[str, Any] = {"actor": actor}
    status = 200
    if request.method == "POST":
        typed = request.POST.get("q", "").replace("\0", "").strip()[:80]
        context["q"] = typed
        try:
            people = search(typed, by=actor, now=now).people
            there = CarePerson.objects.standing().filter(person__in=people)
            on_list = dict(there.values_list("person", "pk"))
            context["found"] = [(each, on_list.get(each.pk)) for each in people]
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    return render(request, "desk/care/find.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the form for somebody of the register. POST: they are on the list."""
    actor, now = looking(request), timezone.now()
    person = Person.objects.visible_to(actor).living().filter(pk=pk).first()
    if person is None:
        raise Http404
    if not may_keep(actor, person.area_code):
        raise PermissionDenied
    before = CarePerson.objects.standing().filter(person=person).first()
    if before is not None:
        return redirect("care_person", before.pk)
    form = CareForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            if form.is_valid():
                care = listing.put_on(pk, form.told, by=actor, now=now)
                messages.success(request, _("On the care list now."))
                return redirect("care_person", care.pk)
            status = 422
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    minor = person.is_minor(timezone.localdate(now))
    context = {"actor": actor, "person": person, "form": form, "minor": minor}
    return render(request, "desk/care/new.html", context, status=status)


@require_safe
@at_desk
def person(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Somebody on the list: when the next visit is due and why, the visits, what was done."""
    actor = looking(request)
    return _page(request, care_or_404(pk, actor))


def _page(
    request: HttpRequest,
    care: CarePerson,
    *,
    form: CareForm | None = None,
    hand: HandForm | None = None,
    end: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    keeps = care.ended_on is None and may_keep(actor, care.area_code)
    steps = list(care.steps.order_by("-seq")[:MOST_STEPS])
    accounts = [step.actor_id for step in steps if step.actor_id and step.actor_kind == "account"]
    given = [step.data.get(name) for step in steps for name in ("worker", "member")]
    names = dict(
        Account.objects.filter(pk__in=[*accounts, *filter(None, given)]).values_list("pk", "name")
    )
    levels = dict(CareLevel.objects.values_list("pk", "name"))
    (line,) = lines_of([care], now, kind_names())
    context = {
        "actor": actor,
        "care": care,
        "line": line,
        "visits": listing.visits_of(care),
        "cases": _cases_of(care, actor),
        "steps": [(each, STEP_WORDS[each.verb], _details(each, names, levels)) for each in steps],
        "names": names,
        "may_reveal": revealing.may_reveal(care, actor),
        "may_visit": care.ended_on is None and may_visit(actor),
        "keeps": keeps,
        "form": form or (CareForm(care=care) if keeps else None),
        "hand": hand or (HandForm(care=care, now=now) if keeps else None),
        "end": end or (EndForm(care=care) if keeps else None),
        "wrong": form or hand or end,
    }  # fmt: skip
    return render(request, "desk/care/person.html", context, status=status)


def _details(step: CareStep, names: dict[int, str], levels: dict[int, str]) -> str:
    """What a step says besides its name; of a visit the row itself tells."""
    data = step.data
    match step.verb:
        case "climb":
            return str(RUNG_WORDS.get(data["rung"], ""))
        case "end":
            return str(EndReason(data["reason"]).label)
        case "put_on":
            return levels.get(data["level"], "")
        case "correct" if data["was"] != data["level"]:
            return f"{levels.get(data['was'], '')} → {levels.get(data['level'], '')}"
        case "hand_over":
            given = [names.get(data[name] or 0, "") for name in ("worker", "member")]
            own = [given[0] or _("the grid's own worker"), given[1]]
            return " + ".join(filter(None, own))
        case "follow":
            return naming.own_name(data["area"])
    return ""


def _cases_of(care: CarePerson, actor: Actor) -> list[Case]:
    """The cases that became of emergencies, those that the reader may see."""
    links = CareCase.objects.filter(care=care).values("case")
    return list(Case.objects.visible_to(actor).for_pages().filter(pk__in=links))


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Tells anew how somebody is visited, hands over, or ends it."""
    actor, now = looking(request), timezone.now()
    care = care_or_404(pk, actor)
    form: forms.Form
    if step == "save":
        form, name = CareForm(request.POST, care=care), "form"
    elif step == "hand":
        form, name = HandForm(request.POST, care=care, now=now), "hand"
    elif step == "end":
        form, name = EndForm(request.POST, care=care), "end"
    else:
        raise Http404
    try:
        if not may_keep(actor, care.area_code):
            raise NotAllowed
        if not form.is_valid():
            return _page(request, care, status=422, **{name: form})  # type: ignore[arg-type]
        version = form.cleaned_data["version"]
        if isinstance(form, CareForm):
            listing.correct(pk, form.told, by=actor, now=now, version=version)
        elif isinstance(form, HandForm):
            listing.hand_over(pk, by=actor, now=now, version=version, **form.told)
        else:
            reason = form.cleaned_data["reason"]
            listing.end(pk, reason, by=actor, now=now, version=version)
    except NotAllowed:
        raise PermissionDenied from None
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        more: Any = {name: blamed(form, error)}
        return _page(request, care, status=error.status, **more)
    messages.success(request, _("Changed."))
    return redirect("care_person", pk)


@require_safe
@at(may_look)
def photo(request: HttpRequest, pk: UUID, thumb: bool = False) -> HttpResponseBase:
    """A photo of a visit, for who may see the person."""
    found = photo_seen(pk, me(request))
    path = file_of(found.pk, thumb=thumb) if found is not None else None
    if path is None or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")


def found_on_visit(case: Case, actor: Actor) -> dict[str, Any] | None:
    """That a case is an emergency of a visit, and the way to the person for who may see them."""
    link = CareCase.objects.filter(case=case).select_related("visit").first()
    if link is None:
        return None
    seen = CarePerson.objects.visible_to(actor).filter(pk=link.care_id)
    return {"care": link.care_id, "visit": link.visit, "open": may_look(actor) and seen.exists()}
