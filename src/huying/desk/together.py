"""大党委 and 四个三: a community's member organisations, teams, platforms and projects."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.branches import together
from huying.branches.models import MemberOrganisation, Undertaking
from huying.branches.sight import is_office
from huying.desk.branch_members import asked_for
from huying.desk.here import at_desk, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.desk.together_forms import OrganisationForm, UndertakingForm
from huying.errors import HuyingError, NotFound
from huying.people.acting import Actor
from huying.places import naming

FORMS: dict[str, tuple[Any, Any]] = {
    "organisation": (MemberOrganisation, OrganisationForm),
    "undertaking": (Undertaking, UndertakingForm),
}


def office(request: HttpRequest) -> Actor:
    actor = me(request)
    if not is_office(actor):
        raise PermissionDenied
    return actor


@require_safe
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """Of a community all of it; of a town or the district how much each has."""
    actor = office(request)
    area = request.GET.get("area", "")
    if not (area.isdecimal() and actor.covers(area) and naming.is_place(area) and len(area) <= 12):
        area = actor.area_code[:12]
    context: dict[str, Any] = {
        "actor": actor,
        "area": area,
        "above": area[:-3] if len(area) > len(actor.area_code) else "",
        "may_write": together.may_write(actor, area),
    }
    if len(area) == 12:
        here = {"area_code": area}
        rows = Undertaking.objects.visible_to(actor).filter(**here)
        rows = rows.select_related("branch__unit", "organisation").order_by(
            "kind", "until", "since"
        )
        order = list(Undertaking.Kind)
        found = sorted(rows, key=lambda each: order.index(Undertaking.Kind(each.kind)))
        groups = {kind: list(some) for kind, some in groupby(found, key=lambda each: each.kind)}
        context |= {
            "organisations": MemberOrganisation.objects.visible_to(actor)
            .living()
            .filter(**here)
            .select_related("branch__unit"),
            "groups": [(kind, groups.get(kind, [])) for kind in Undertaking.Kind],
        }
    else:
        context["areas"] = _figures(area, 9 if len(area) == 6 else 12, actor)
    return render(request, "desk/branches/together.html", context)


def _figures(area: str, digits: int, actor: Actor) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    names: tuple[tuple[Any, str | None], ...] = (
        (MemberOrganisation, None), *((Undertaking, kind) for kind in Undertaking.Kind.values),
    )  # fmt: skip
    for model, kind in names:
        rows = model.objects.visible_to(actor).living().filter(area_code__startswith=area)
        if kind is not None:
            rows = rows.filter(kind=kind)
        counted = rows.annotate(place=Left("area_code", digits)).values("place")
        for row in counted.annotate(n=Count("pk")).order_by("place"):
            found.setdefault(row["place"], {})[kind or "organisations"] = row["n"]
    return [{"code": code, **counts} for code, counts in sorted(found.items())]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest, what: str) -> HttpResponseBase:
    """GET: the form. POST: an organisation, team, platform or project of the own community."""
    actor = office(request)
    if what not in FORMS:
        raise Http404
    if not together.may_write(actor, actor.area_code):
        raise PermissionDenied
    return _saved(request, what, None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def one(request: HttpRequest, what: str, pk: UUID) -> HttpResponseBase:
    """GET: what it says. POST: says it anew, or ends it."""
    actor = office(request)
    if what not in FORMS:
        raise Http404
    found = FORMS[what][0].objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.until is not None or not together.may_write(actor, found.area_code):
        raise PermissionDenied
    return _saved(request, what, found)


def _saved(request: HttpRequest, what: str, row: Any) -> HttpResponse:
    actor, now, status = me(request), timezone.now(), 200
    model, kind = FORMS[what]
    area = row.area_code if row is not None else actor.area_code
    back = f"{reverse('together')}?area={area}"
    sent = request.POST if request.method == "POST" else None
    form = kind(sent, area=area, today=timezone.localdate(now), row=row)
    if request.method == "POST":
        status = 422
        try:
            if row is not None and "end" in request.POST:
                together.end(model, row.pk, by=actor, now=now)
                messages.success(request, _("It is over; what it was stays to be looked up."))
                return redirect(back)
            if form.is_valid():
                if row is None:
                    together.add(area, form.told, by=actor, now=now)
                else:
                    seen = form.cleaned_data["version"]
                    together.correct(model, row.pk, form.told, by=actor, now=now, version=seen)
                messages.success(request, _("Saved."))
                return redirect(back)
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    context = {"actor": actor, "form": form, "row": row, "what": what, "back": back}
    return render(request, "desk/branches/together_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Who answers for an organisation, in clear: asks what for, then shows it once."""
    actor = office(request)
    found = MemberOrganisation.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    if not together.may_write(actor, found.area_code):
        raise PermissionDenied

    def opened(**given: Any) -> dict[str, str]:
        return together.reveal(found, by=actor, now=timezone.now(), **given)

    return asked_for(request, opened, together.OF_ORGANISATIONS, found.name, reverse("together"))
