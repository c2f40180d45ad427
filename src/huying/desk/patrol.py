"""巡查: plans with their places, labels to print, what was covered, and the layer on the map."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from uuid import UUID

import qrcode
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from huying.cases.models import Case
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.here import at_desk, me
from huying.desk.patrol_forms import PlaceForm, PlanForm
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.forms.definition import read
from huying.forms.saying import Said, said
from huying.patrol import covering, planning
from huying.patrol.models import LOOKING, PatrolCase, PatrolPlace, PatrolPlan, PatrolVisit
from huying.people.acting import Actor
from huying.places import naming

SPANS = (7, 30)
MOST_ON_MAP = 2000


def looking(request: HttpRequest) -> Actor:
    actor = me(request)
    if actor.role not in LOOKING:
        raise PermissionDenied
    return actor


def plan_or_404(pk: UUID, actor: Actor) -> PatrolPlan:
    plan = PatrolPlan.objects.visible_to(actor).filter(pk=pk).select_related("form").first()
    if plan is None:
        raise Http404
    return plan


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """The plans of the area, with how many places are due today."""
    actor, now = looking(request), timezone.now()
    here = Q(places__removed_at=None, places__grid_code__startswith=actor.area_code)
    plans = PatrolPlan.objects.visible_to(actor).annotate(n=Count("places", filter=here))
    sums: dict[UUID, covering.Sum] = {}
    for each in covering.cover(actor, now, SPANS[0]):
        sums.setdefault(each.place.plan_id, covering.Sum()).add(each)
    context = {
        "actor": actor,
        "lines": [(plan, sums.get(plan.pk)) for plan in plans.order_by("stopped_at", "title")],
        "items": item_names(now),
        "may_plan": planning.may_plan(actor),
        "days": SPANS[0],
    }
    return render(request, "desk/patrol/list.html", context)


def item_names(now: datetime) -> dict[str, str]:
    return {item.code: item.name for item in snapshot(now).items}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: a plan, whose places come next."""
    actor, now = looking(request), timezone.now()
    if not planning.may_plan(actor):
        raise PermissionDenied
    if request.method != "POST":
        return _new_page(request, PlanForm(now=now))
    form = PlanForm(request.POST, now=now)
    if not form.is_valid():
        return _new_page(request, form, 422)
    try:
        plan = planning.make(form.told, by=actor, now=now)
    except HuyingError as error:
        return _new_page(request, blamed(form, error), error.status)
    messages.success(request, _("The plan is there; now its places."))
    return redirect("patrol_plan", plan.pk)


def _new_page(request: HttpRequest, form: PlanForm, status: int = 200) -> HttpResponse:
    context = {"actor": me(request), "form": form}
    return render(request, "desk/patrol/new.html", context, status=status)


def blamed(form: Any, error: HuyingError) -> Any:
    """The form with a refusal at the field that it is about."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return form


@require_safe
@at_desk
def plan(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One plan: its places and how each stands, and the forms that change it."""
    actor = looking(request)
    return _plan_page(request, plan_or_404(pk, actor))


def _plan_page(
    request: HttpRequest,
    found: PatrolPlan,
    form: PlanForm | None = None,
    place: PlaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    places = PatrolPlace.objects.visible_to(actor).filter(plan=found, removed_at=None)
    today = timezone.localdate(now)
    calendar = covering.calendar_for(found.area_code)
    rows = covering.standings(list(places.select_related("plan")), today, SPANS[0], calendar)
    context = {
        "actor": actor,
        "plan": found,
        "rows": rows,
        "item": item_names(now).get(found.item_code, ""),
        "may_change": planning.may_change(found, actor),
        "form": form or PlanForm(now=now, plan=found),
        "place": place or PlaceForm(now=now),
        "centre": offers.centre_of(found.area_code),
        "days": SPANS[0],
    }
    return render(request, "desk/patrol/plan.html", context, status=status)


@require_POST
@at_desk
@once_for_form()
def plan_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes a plan, stops it, lets it go on, or puts places into it."""
    actor, now = looking(request), timezone.now()
    found = plan_or_404(pk, actor)
    if step not in ("save", "stop", "resume", "places"):
        raise Http404
    form = PlanForm(request.POST, now=now, plan=found) if step == "save" else None
    place = PlaceForm(request.POST, now=now) if step == "places" else None
    try:
        if not planning.may_change(found, actor):
            raise NotAllowed
        if form is not None:
            if not form.is_valid():
                return _plan_page(request, found, form=form, status=422)
            planning.change(pk, form.told, by=actor, now=now)
        elif place is not None:
            if not place.is_valid():
                return _plan_page(request, found, place=place, status=422)
            made = planning.put(pk, place.spots, by=actor, now=now)
            messages.success(request, _("Places put into the plan: %(n)s.") % {"n": len(made)})
        elif step == "stop":
            planning.stop(pk, by=actor, now=now)
        else:
            planning.resume(pk, by=actor)
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        wrong: forms.Form = blamed(form or place, error)
        more = {"form": wrong} if form is not None else {"place": wrong}
        return _plan_page(request, found, status=error.status, **more)  # type: ignore[arg-type]
    return redirect("patrol_plan", pk)


def _place_or_404(pk: UUID, actor: Actor) -> PatrolPlace:
    found = PatrolPlace.objects.visible_to(actor).filter(pk=pk, removed_at=None)
    place = found.select_related("plan").first()
    if place is None:
        raise Http404
    return place


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def place(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One place: who was there, what was not good, and the form that changes or removes it."""
    actor, now = looking(request), timezone.now()
    found = _place_or_404(pk, actor)
    if request.method != "POST":
        return _place_page(request, found, PlaceForm(now=now, place=found))
    form = PlaceForm(request.POST, now=now, place=found)
    try:
        if not planning.may_change(found.plan, actor):
            raise NotAllowed
        if "remove" in request.POST:
            planning.remove(pk, by=actor, now=now)
            messages.success(request, _("The place is no longer in the plan."))
            return redirect("patrol_plan", found.plan_id)
        if not form.is_valid():
            return _place_page(request, found, form, 422)
        (spot,) = form.spots
        planning.change_place(pk, spot, by=actor, now=now)
    except NotAllowed:
        raise PermissionDenied from None
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        return _place_page(request, found, blamed(form, error), error.status)
    messages.success(request, _("Changed."))
    return redirect("patrol_place", pk)


def _place_page(
    request: HttpRequest, found: PatrolPlace, form: PlaceForm, status: int = 200
) -> HttpResponse:
    actor = me(request)
    visits = found.visits.select_related("account", "form").prefetch_related("found__case")[:30]
    context = {
        "actor": actor,
        "place": found,
        "plan": found.plan,
        "form": form,
        "centre": offers.centre_of(found.grid_code),
        "may_change": planning.may_change(found.plan, actor),
        "visits": [
            (
                visit,
                [
                    point
                    for point, good in zip(visit.points, visit.answers, strict=False)
                    if good is False
                ],
                [link.case.number for link in visit.found.all()],
                said_on(visit),
            )
            for visit in visits
        ],
    }
    return render(request, "desk/patrol/place.html", context, status=status)


def said_on(visit: PatrolVisit) -> list[Said]:
    """The answers to the checklist, in words; none where the points were looked at."""
    return [] if visit.form is None else said(read(visit.form.definition), visit.said)


@require_safe
@at_desk
def labels(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The labels of a plan's places, to print and put up."""
    actor = looking(request)
    found = plan_or_404(pk, actor)
    places = PatrolPlace.objects.visible_to(actor).filter(plan=found, removed_at=None)
    rows = []
    for each in places:
        address = request.build_absolute_uri(reverse("field_patrol_code", args=[each.code]))
        rows.append((each, qr_of(address)))
    context = {"actor": actor, "plan": found, "labels": rows}
    return render(request, "desk/patrol/labels.html", context)


def qr_of(text: str) -> SafeString:
    """The text as a QR code, an SVG without a word of style in it."""
    target = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(target)
    drawn = target.getvalue().decode()
    return mark_safe(drawn[drawn.index("<svg") :])  # noqa: S308 - of our own making


@require_safe
@at_desk
def coverage(request: HttpRequest) -> HttpResponseBase:
    """What of the wanted visits was made, by grid and by worker, and where nobody was."""
    actor, now = looking(request), timezone.now()
    days = SPANS[1] if request.GET.get("days") == str(SPANS[1]) else SPANS[0]
    found = covering.cover(actor, now, days)
    workers, grids = covering.by_worker(actor, found, now, days), covering.by_grid(found)
    for each in workers:
        if each.area_code in grids:
            grids[each.area_code].workers.append(each.name)
    context = {
        "actor": actor,
        "days": days,
        "spans": SPANS,
        "whole": covering.in_all(found),
        "grids": grids.items(),
        "workers": workers,
        "missing": [each for each in found if each.missing][:100],
    }
    return render(request, "desk/patrol/coverage.html", context)


@require_safe
@at_desk
def on_map(request: HttpRequest) -> HttpResponseBase:
    """The places of the area and how they stand today, for the map; who looks at none gets none.

    The figures are of all places, also where there are too many to be drawn.
    """
    actor, now = me(request), timezone.now()
    found = covering.cover(actor, now, SPANS[0]) if actor.role in LOOKING else []
    whole = covering.in_all(found)
    drawn = sorted(found, key=lambda each: (not each.missing, not each.due.due))[:MOST_ON_MAP]
    answer = {
        "places": [
            {
                "url": reverse("patrol_place", args=[each.place.pk]),
                "name": each.place.name,
                "lon": round(each.place.lon, 5),
                "lat": round(each.place.lat, 5),
                "is": _is(each),
                "why": each.due.words,
                "grid": naming.own_name(each.place.grid_code),
            }
            for each in drawn
        ],
        "all": whole.places,
        "today": whole.today,
        "done": whole.today_done,
        "ratio": whole.ratio,
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def found_at(case: Case, actor: Actor) -> dict[str, Any] | None:
    """The place where somebody on patrol found the case, and their check-in there."""
    link = PatrolCase.objects.filter(case=case).select_related("place").first()
    if link is None:
        return None
    there = PatrolPlace.objects.visible_to(actor).filter(pk=link.place_id, removed_at=None)
    return {
        "place": link.place,
        # It may still wait on a phone.
        "visit": PatrolVisit.objects.filter(pk__in=[link.visit_id]).first(),
        "open": actor.role in LOOKING and there.exists(),
    }


def _is(each: covering.Standing) -> str:
    if each.due.why == "visited":
        return "green"
    if each.missing:
        return "red"
    return "yellow" if each.due.due else "grey"
