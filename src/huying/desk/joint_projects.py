"""需求清单 and 项目清单: what is wanted, what may meet it, and what is done about it together."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.joint_project_forms import MilestoneForm, NeedForm, OfferForm, ProjectForm
from huying.desk.neighbours import uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotFound, Words
from huying.joint import needs, projects
from huying.joint.models import JointNeed, JointProject, SharedResource
from huying.joint.models.projects import NeedState, ProjectState
from huying.joint.sight import keeps, may_enter
from huying.neighbours.models import Suggestion, Wish
from huying.people.acting import Actor

MOST: Final = 200
NEEDS_SHOWN: Final[dict[str, Words]] = {
    "": pgettext_lazy("need", "wanted now"),
    "met": NeedState.MET.label,
    "dropped": NeedState.DROPPED.label,
}
PROJECTS_SHOWN: Final[dict[str, Words]] = {
    "": ProjectState.RUNNING.label,
    "done": ProjectState.DONE.label,
    "dropped": ProjectState.DROPPED.label,
}


@require_safe
@at(may_enter)
def needs_listed(request: HttpRequest) -> HttpResponseBase:
    """What is wanted in the area, or around."""
    actor, chosen = me(request), request.GET.get("show", "")
    rows = JointNeed.objects.visible_to(actor).select_related("unit")
    now_wanted = [NeedState.OPEN, NeedState.MATCHED]
    rows = rows.filter(state__in=[chosen] if chosen in ("met", "dropped") else now_wanted)
    context = {
        "actor": actor,
        "rows": rows.order_by("-state", "wanted_by", "-made_at")[:MOST],
        "shown": NEEDS_SHOWN.items(),
        "chosen": chosen if chosen in NEEDS_SHOWN else "",
        "raises": needs.may_raise(actor, actor.area_code[:12]),
        "today": timezone.localdate(),
    }
    return render(request, "desk/joint/needs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_enter)
@once_for_form()
def new_need(request: HttpRequest) -> HttpResponseBase:
    """A new need; of a suggestion or a wish, if one is named."""
    actor, status = me(request), 200
    area = actor.area_code[:12]
    if not needs.may_raise(actor, area):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = NeedForm(sent, initial=_from(request, actor))
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                made = needs.raise_one(area, form.told, by=actor, now=timezone.now())
                return redirect("joint_need", made.pk)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/joint/need_form.html", context, status=status)


def _from(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What a suggestion or wish says already."""
    said = uuid_of(request.GET.get("suggestion", ""))
    wish = uuid_of(request.GET.get("wish", ""))
    if said is not None:
        idea = Suggestion.objects.visible_to(actor).filter(pk=said).first()
        if idea is not None:
            return {"words": idea.words[:400], "suggestion": idea.pk}
    if wish is not None:
        found = Wish.objects.visible_to(actor).filter(pk=wish).first()
        if found is not None:
            return {"title": found.title, "words": found.words[:400], "wish": found.pk}
    return {}


def need_or_404(pk: UUID, actor: Actor) -> JointNeed:
    rows = JointNeed.objects.visible_to(actor).select_related("unit", "suggestion", "wish")
    found: JointNeed | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_enter)
def need(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One need, and the resources that may meet it."""
    return _need(request, need_or_404(pk, me(request)))


def _need(
    request: HttpRequest,
    found: JointNeed,
    form: NeedForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    open_ = found.state == NeedState.OPEN
    part = found.parts.select_related("project").first()
    changes = found.state in (NeedState.OPEN, NeedState.MATCHED) and needs.may_change(actor, found)
    context = {
        "actor": actor,
        "need": found,
        "project": part.project if part is not None else None,
        "matches": needs.matching(found) if open_ else [],
        "open": open_,
        "keeps": keeps(actor, found.area_code),
        "changes": changes,
        "form": form or (NeedForm(row=found) if changes else None),
        "editing": form is not None,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/joint/need.html", context, status=status)


@require_POST
@at(may_enter)
def need_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Says it anew, or that it is met or dropped."""
    actor, sent = me(request), request.POST
    found = need_or_404(pk, actor)
    if not needs.may_change(actor, found):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": timezone.now(), "version": version_of(request)}
    form = NeedForm(sent, row=found) if step == "save" else None
    if form is not None and not form.is_valid():
        return _need(request, found, form, status=422)
    try:
        if form is not None:
            needs.correct(pk, form.told, **told)
        elif step in ("met", "drop"):
            needs.end(pk, step == "met", sent.get("words", ""), **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        found = need_or_404(pk, actor)
        if form is not None:
            blamed(form, error)
        return _need(request, found, form, str(error), step, error.status)
    return redirect("joint_need", pk)


@require_safe
@at(may_enter)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The projects of the area, or around."""
    actor, chosen = me(request), request.GET.get("show", "")
    state = chosen if chosen in ("done", "dropped") else ProjectState.RUNNING
    rows = JointProject.objects.visible_to(actor).filter(state=state)
    rows = rows.select_related("unit", "organisation", "wish").annotate(
        points=Count("milestones", distinct=True),
        reached=Count("milestones", filter=Q(milestones__reached_on__isnull=False), distinct=True),
        late=Count(
            "milestones",
            filter=Q(milestones__reached_on=None, milestones__due_on__lt=timezone.localdate()),
            distinct=True,
        ),
    )
    context = {
        "actor": actor,
        "rows": rows[:MOST],
        "shown": PROJECTS_SHOWN.items(),
        "chosen": chosen if chosen in PROJECTS_SHOWN else "",
        "keeps": keeps(actor, actor.area_code),
    }
    return render(request, "desk/joint/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_enter)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new project of the own community; of a need and a resource, if they are named."""
    actor, status = me(request), 200
    if not keeps(actor, actor.area_code):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = ProjectForm(sent, area=actor.area_code, initial=_of_need(request, actor))
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                made = projects.begin(actor.area_code, form.told, by=actor, now=timezone.now())
                return redirect("joint_project", made.pk)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/joint/project_form.html", context, status=status)


def _of_need(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    wanted = uuid_of(request.GET.get("need", ""))
    used = uuid_of(request.GET.get("resource", ""))
    given: dict[str, Any] = {}
    found = JointNeed.objects.visible_to(actor).filter(pk=wanted).first() if wanted else None
    if found is not None:
        given = {"title": found.title, "words": found.words, "needs": [str(found.pk)]}
    lent = SharedResource.objects.visible_to(actor).filter(pk=used).first() if used else None
    if lent is not None:
        given |= {"resources": [str(lent.pk)], "partners": [str(lent.organisation_id)]}
    return given


def project_or_404(pk: UUID, actor: Actor) -> JointProject:
    rows = JointProject.objects.visible_to(actor)
    rows = rows.select_related("unit", "organisation__branch", "wish")
    found: JointProject | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_enter)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One project: what it brings together, its milestones, how it goes."""
    return _page(request, project_or_404(pk, me(request)))


def _page(
    request: HttpRequest,
    found: JointProject,
    forms: dict[str, Any] | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, given = me(request), forms or {}
    runs = found.state == ProjectState.RUNNING
    kept = runs and keeps(actor, found.area_code)
    parts = list(found.parts.select_related("need", "resource__organisation", "organisation"))
    milestones = list(found.milestones.all())
    context = {
        "actor": actor,
        "project": found,
        "needs": [each.need for each in parts if each.need],
        "resources": [each.resource for each in parts if each.resource],
        "partners": [each.organisation for each in parts if each.organisation],
        "milestones": milestones,
        "reached": sum(each.reached_on is not None for each in milestones),
        "progress": found.progress.all()[:MOST],
        "today": timezone.localdate(),
        "keeps": kept,
        "tells": runs and (kept or projects.leads(actor, found)),
        "form": given.get("save")
        or (ProjectForm(area=found.area_code, row=found) if kept else None),
        "milestone_form": given.get("plan") or MilestoneForm(),
        "offer_form": given.get("offer") or OfferForm(),
        "editing": "save" in given,
        "offering": "offer" in given,
        "may_offer": kept and found.wish_id is None,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/joint/project.html", context, status=status)


@require_POST
@at(may_enter)
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes it, plans and reaches milestones, tells how it goes, publishes, offers, ends it."""
    actor, sent = me(request), request.POST
    found = project_or_404(pk, actor)
    if not keeps(actor, found.area_code) and not projects.leads(actor, found):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": timezone.now(), "version": version_of(request)}
    forms: dict[str, Any] = {}
    if step == "save":
        forms[step] = ProjectForm(sent, area=found.area_code, row=found)
    elif step == "plan":
        forms[step] = MilestoneForm(sent)
    elif step == "offer":
        forms[step] = OfferForm(sent)
    if any(not each.is_valid() for each in forms.values()):
        return _page(request, found, forms, status=422)
    try:
        _do(step, pk, forms.get(step), sent, told)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if error.status == 403:
            raise PermissionDenied from None
        found = project_or_404(pk, actor)
        for each in forms.values():
            blamed(each, error)
        return _page(request, found, forms, str(error), step, error.status)
    if step == "offer":
        messages.success(request, _("Members and volunteers can claim it now."))
    return redirect("joint_project", pk)


def _do(step: str, pk: UUID, form: Any, sent: Any, told: dict[str, Any]) -> None:
    milestone = uuid_of(sent.get("milestone", ""))
    if step == "save":
        projects.change(pk, form.told, **told)
    elif step == "plan":
        projects.plan(pk, form.cleaned_data["title"], form.cleaned_data["due_on"], **told)
    elif step == "offer":
        given = form.cleaned_data
        projects.offer(pk, given["capacity"], given["claim_by"], **told)
    elif step in ("reach", "reach_not") and milestone is not None:
        projects.reach(pk, milestone, step == "reach", **told)
    elif step == "tell":
        projects.tell(pk, sent.get("words", ""), **told)
    elif step in ("publish", "hide"):
        projects.publish(pk, step == "publish", **told)
    elif step in ("done", "drop"):
        projects.end(pk, step == "done", sent.get("words", ""), **told)
    else:
        raise Http404
