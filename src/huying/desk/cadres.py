"""驻点联系: which cadre keeps in touch with which grid, and the log of visits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.branches import cadres
from huying.branches.models import CadreAssignment
from huying.branches.sight import is_office
from huying.desk.here import at_desk, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.desk.together_forms import CadreForm, CadreVisitForm
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.places.models import Grid

MOST = 300
NARROW = 9
"""From a town down grids can be chosen in one list."""


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def listed(request: HttpRequest) -> HttpResponseBase:
    """GET: the cadres of the area, or one's own grids. POST: a cadre is assigned to a grid."""
    actor, now = me(request), timezone.now()
    today = timezone.localdate(now)
    seen = CadreAssignment.objects.visible_to(actor).living()
    assigns = is_office(actor) and cadres.may_assign(actor, actor.area_code)
    assigns = assigns and len(actor.area_code) >= NARROW
    if not is_office(actor) and not seen.exists():
        raise PermissionDenied
    form, status = None, 200
    if assigns:
        sent = request.POST if request.method == "POST" else None
        form = CadreForm(sent, area=actor.area_code, today=today)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            try:
                cadres.assign(**form.cleaned_data, by=actor, now=now)
            except NotAllowed:
                raise PermissionDenied from None
            except HuyingError as error:
                blamed(form, error)
                status = error.status
            else:
                messages.success(request, _("The cadre is assigned, and told so."))
                return redirect("cadres")
    rows = list(seen.select_related("grid", "account").order_by("grid_id", "since")[:MOST])
    months = cadres.this_month(rows, today)
    held = CadreAssignment.objects.living()
    grids = Grid.objects.within(actor.area_code).live() if is_office(actor) else Grid.objects.none()
    context = {
        "actor": actor,
        "rows": [
            (each, months.get(each.pk, 0), each.account_id == actor.account_id) for each in rows
        ],
        "form": form,
        "without": grids.exclude(pk__in=held.values("grid")).count(),
        "grids": grids.count(),
        "office": is_office(actor),
    }
    return render(request, "desk/branches/cadres.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def cadre(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: one cadre's log. POST: a visit is written down; or the cadre is relieved."""
    actor, now = me(request), timezone.now()
    rows = CadreAssignment.objects.visible_to(actor).select_related("grid", "account")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    mine = found.until is None and found.account_id == actor.account_id
    today = timezone.localdate(now)
    form = CadreVisitForm(request.POST if request.method == "POST" else None, today=today)
    status = 200
    if request.method == "POST":
        try:
            if "relieve" in request.POST:
                cadres.relieve(pk, by=actor, now=now)
                messages.success(request, _("The cadre is assigned no longer; the log stays."))
                return redirect("cadres")
            status = 422
            if not mine:
                raise NotAllowed
            if form.is_valid():
                cadres.log(pk, by=actor, now=now, **form.inputs())
                messages.success(request, _("The visit is written down."))
                return redirect("cadre", pk)
        except NotAllowed:
            raise PermissionDenied from None
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    return _page(request, found, form if mine else None, status)


def _page(request: HttpRequest, found: CadreAssignment, form: Any, status: int) -> HttpResponse:
    actor = me(request)
    visits = list(found.visits.all()[:MOST])
    context = {
        "actor": actor,
        "cadre": found,
        "visits": visits,
        "month": cadres.this_month([found], timezone.localdate())[found.pk],
        "form": form,
        "may_relieve": found.until is None and cadres.may_assign(actor, found.grid_id),
    }
    return render(request, "desk/branches/cadre.html", context, status=status)
