"""长者饭堂: the week of a canteen, its orders, what was handed over; to print as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.audit.codes import readable
from huying.desk import resent
from huying.desk.here import at_desk, me
from huying.desk.neighbours import looking, sure, uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.platform_forms import MealDayForm, MealForm
from huying.desk.platforms import day_given
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import HuyingError, KeyReused, NotFound
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor
from huying.platforms import canteen, free, holding
from huying.platforms.models import CanteenDay, MealOrder, PointKind, ServicePoint

WEEK: Final = timedelta(days=7)


def canteens(actor: Actor) -> list[ServicePoint]:
    rows = ServicePoint.objects.visible_to(actor)
    return list(rows.filter(kind=PointKind.CANTEEN, ended_at=None))


def _chosen(request: HttpRequest, actor: Actor) -> tuple[list[ServicePoint], ServicePoint | None]:
    """The canteens of the area, and the one that is looked at."""
    there = canteens(actor)
    wanted = request.POST.get("point", "") or request.GET.get("point", "")
    if not wanted:
        return there, there[0] if there else None
    found = next((each for each in there if str(each.pk) == wanted), None)
    if found is None:
        raise Http404
    return there, found


@require_safe
@at_desk
def week(request: HttpRequest) -> HttpResponseBase:
    """A canteen's week, and the form for a day."""
    return _week_page(request)


def _week_page(
    request: HttpRequest, form: MealDayForm | None = None, status: int = 200
) -> HttpResponse:
    actor, now = looking(request), timezone.now()
    there, found = _chosen(request, actor)
    monday = _monday(request)
    changed = None
    if found is not None and (day := request.GET.get("day", "")):
        changed = CanteenDay.objects.filter(point=found, day=day_given(day, now)).first()
    days = canteen.week(found, monday) if found is not None else []
    today = free.today_of(now)
    unplanned = [each.day for each in days if each.planned is None and each.day >= today]
    context = {
        "actor": actor,
        "canteens": there,
        "point": found,
        "days": days,
        "monday": monday,
        "before": monday - WEEK,
        "after": monday + WEEK,
        "today": today,
        "keeps": found is not None and may_keep(actor, found.area_code),
        "may_make": may_keep(actor, actor.area_code),
        "form": form or MealDayForm(day=changed, first=next(iter(unplanned), None)),
        "changed": changed,
    }
    return render(request, "desk/platforms/canteen.html", context, status=status)


def _monday(request: HttpRequest) -> date:
    given = request.POST.get("week", "") or request.GET.get("week", "")
    return canteen.monday_of(day_given(given, timezone.now()))


@require_safe
@at_desk
def printed(request: HttpRequest) -> HttpResponseBase:
    """The week with its orders, on paper: numbers and masked names, no phones."""
    actor = looking(request)
    _there, found = _chosen(request, actor)
    if found is None:
        raise Http404
    days = canteen.week(found, _monday(request))
    orders: dict[date, list[MealOrder]] = {}
    held = MealOrder.objects.filter(
        canteen__in=[each.planned for each in days if each.planned], state__in=list(canteen.HELD)
    )
    for each in held.order_by("day", "way", "number"):
        orders.setdefault(each.day, []).append(each)
    context = {
        "actor": actor,
        "point": found,
        "monday": days[0].day,
        "sunday": days[-1].day,
        "days": days,
        "lists": [(each, orders[each.day]) for each in days if each.day in orders],
        "now": timezone.now(),
    }
    return render(request, "desk/platforms/canteen_sheet.html", context)


@require_POST
@at_desk
@once_for_form()
def put(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Plans a day of a canteen, or changes one."""
    actor, now = looking(request), timezone.now()
    point = next((each for each in canteens(actor) if each.pk == pk), None)
    if point is None:
        raise Http404
    if not may_keep(actor, point.area_code):
        raise PermissionDenied
    form = MealDayForm(request.POST)
    if not form.is_valid():
        return _week_page(request, form, 422)
    try:
        day = form.cleaned_data["day"]
        # Who plans a day anew has not seen what stands there: version 0 fits no day that is.
        version = version_of(request) or 0
        canteen.put_day(pk, day, form.told, by=actor, now=now, version=version)
    except HuyingError as error:
        return _week_page(request, blamed(form, error), error.status)
    messages.success(request, _("Changed."))
    return redirect(
        f"{reverse('platforms_canteen')}?point={pk}&week={canteen.monday_of(day):%Y-%m-%d}"
    )


def day_or_404(pk: UUID, actor: Actor) -> CanteenDay:
    found: CanteenDay | None = (
        CanteenDay.objects.visible_to(actor).select_related("point").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def day(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The orders of a day: handed over or not, and one that is taken down by the telephone."""
    return _day_page(request, day_or_404(pk, looking(request)))


def _day_page(
    request: HttpRequest,
    found: CanteenDay,
    *,
    form: MealForm | None = None,
    chosen: UUID | None = None,
    clear: dict[str, str] | None = None,
    code: str = "",
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    rows = list(found.orders.all())
    chosen = chosen or uuid_of(request.GET.get("one", ""))
    keeps, today = may_keep(actor, found.area_code), free.today_of(now)
    runs = found.closed_at is None
    context = {
        "actor": actor,
        "canteen": found,
        "rows": rows,
        "count": next(
            each
            for each in canteen.week(found.point, canteen.monday_of(found.day))
            if each.day == found.day
        ),
        "one": next((each for each in rows if each.pk == chosen), None),
        "keeps": keeps,
        "may_hand": keeps and runs and found.day <= today,
        "may_order": keeps and runs and found.day >= today and found.left > 0,
        "may_close": keeps and runs and found.day >= today,
        "form": form or MealForm(),
        "clear": clear or {},
        "code": readable(code),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        **asked(request, holding.PURPOSES),
    }
    return render(request, "desk/platforms/canteen_day.html", context, status=status)


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Takes an order down, hands over, cancels, calls the day off, shows or erases one."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = day_or_404(pk, actor)
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now}
    form = MealForm(sent) if step == "order" else None
    chosen = uuid_of(sent.get("one", ""))
    row = found.orders.filter(pk=chosen).first() if chosen else None
    try:
        if form is not None:
            if not form.is_valid():
                return _day_page(request, found, form=form, status=422)
            wanted = replace(form.wanted, form=resent.sheet_of(request))
            made, code = canteen.order(pk, wanted, **told)
            return _day_page(request, day_or_404(pk, actor), chosen=made.pk, code=code)
        if step in ("handed", "missed") and row is not None:
            canteen.hand_over([row.pk], step == "handed", **told)
        elif step == "all":
            waiting = found.orders.filter(state="ordered").values_list("pk", flat=True)
            if waiting:
                canteen.hand_over(list(waiting), True, **told)
        elif step == "cancel" and row is not None:
            canteen.cancel(row.pk, **told)
        elif step == "call-off":
            canteen.call_off(pk, sent.get("reason", ""), **told)
        elif step == "reveal" and row is not None:
            purpose, words = sent.get("purpose", ""), sent.get("words", "")
            fields = ["name", "phone", "where"]
            clear = holding.reveal(row, fields, purpose=purpose, words=words, **told)
            return _day_page(request, found, chosen=row.pk, clear=clear)
        elif step == "erase" and row is not None:
            sure(request)
            canteen.forget(row.pk, **told)
        else:
            raise Http404
    except KeyReused:
        return resent.another(request)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if form is not None:
            return _day_page(request, found, form=blamed(form, error), status=error.status)
        return _day_page(
            request, found, chosen=chosen, bad=str(error), bad_at=step, status=error.status
        )
    return redirect("platforms_canteen_day", pk)
