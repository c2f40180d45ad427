"""办事服务、网络服务: the desk's service points, who comes when, and the online list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.codes import readable
from huying.desk import resent
from huying.desk.here import at_desk, me
from huying.desk.neighbours import looking, sure, uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.platform_forms import GuideForm, MatterForm, PointForm, areas
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import HuyingError, KeyReused, NotAllowed, NotFound, StalePage
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor
from huying.platforms import appointing, free, holding, online, points
from huying.platforms.appointing import Wanted
from huying.platforms.models import (
    Appointment,
    AppointmentState,
    Booking,
    GuideKind,
    OnlineGuide,
    PointKind,
    ServicePoint,
)

MOST: Final = 200


def day_given(given: str, now: datetime) -> date:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return free.today_of(now)


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """The points of the area: open now or not, and who comes today."""
    actor, now = looking(request), timezone.now()
    today = free.today_of(now)
    booked = Q(appointments__day=today, appointments__state__in=["booked", "came", "missed"])
    waiting = Q(appointments__day__gte=today, appointments__state=AppointmentState.BOOKED)
    rows = (
        ServicePoint.objects.visible_to(actor)
        .filter(ended_at=None, kind=PointKind.SERVICE)
        .annotate(
            today=Count("appointments", filter=booked, distinct=True),
            ahead=Count("appointments", filter=waiting, distinct=True),
            does=Count("matters", filter=Q(matters__active=True), distinct=True),
        )
        .prefetch_related("closed_days")
    )
    context = {
        "actor": actor,
        "rows": [(each, free.standing(each, now)) for each in rows[:MOST]],
        "keeps": may_keep(actor, actor.area_code),
    }
    return render(request, "desk/platforms/points.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new point."""
    actor, now = looking(request), timezone.now()
    if not may_keep(actor, actor.area_code):
        raise PermissionDenied
    form = PointForm(request.POST if request.method == "POST" else None, actor=actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = points.make(form.cleaned_data["area"], form.told, by=actor, now=now)
                messages.success(request, _("Written down. Now tell what is done there."))
                return redirect("platforms_point", made.pk)
            except NotAllowed:
                raise PermissionDenied from None
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/platforms/new_point.html", context, status=status)


def point_or_404(pk: UUID, actor: Actor) -> ServicePoint:
    rows = ServicePoint.objects.visible_to(actor).select_related("address")
    found: ServicePoint | None = rows.prefetch_related("closed_days").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def point(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One point: what it does, its hours, and days on which it is closed."""
    return _page(request, point_or_404(pk, looking(request)))


def _page(
    request: HttpRequest,
    found: ServicePoint,
    *,
    form: PointForm | None = None,
    matter_form: MatterForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    matters = list(found.matters.all())
    chosen = uuid_of(request.POST.get("matter", "") or request.GET.get("matter", ""))
    changed = next((each for each in matters if each.pk == chosen), None)
    context = {
        "actor": actor,
        "point": found,
        "standing": free.standing(found, now),
        "keeps": may_keep(actor, found.area_code) and found.ended_at is None,
        "matters": matters,
        "changed": changed,
        "form": form or PointForm(actor=actor, point=found),
        "editing": form is not None,
        "matter_form": matter_form or MatterForm(matter=changed),
        "closed": [each for each in found.closed_days.all() if each.day >= free.today_of(now)],
        "days": free.days(found, now)[:7],
        "today": free.today_of(now),
        "page": request.build_absolute_uri(reverse("n_services", args=[found.area_code]))
        if len(found.area_code) == 12
        else "",
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/platforms/point.html", context, status=status)


@require_POST
@at_desk
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes the point or what it does, closes a day or opens it again, ends the point."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = point_or_404(pk, actor)
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now}
    form = PointForm(sent, actor=actor, point=found) if step == "save" else None
    matter = MatterForm(sent) if step == "matter" else None
    try:
        if form is not None:
            if not form.is_valid():
                return _page(request, found, form=form, status=422)
            points.change(pk, form.told, version=version_of(request), **told)
        elif matter is not None:
            if not matter.is_valid():
                return _page(request, found, matter_form=matter, status=422)
            active = sent.get("active", "on") != "off"
            chosen = uuid_of(sent.get("matter", ""))
            points.put_matter(pk, matter.told, matter=chosen, active=active, **told)
        elif step == "close":
            day = day_given(sent.get("day", ""), now)
            n = points.close_day(pk, day, sent.get("reason", ""), **told)
            messages.success(request, _("Closed. Appointments called off: %(n)s.") % {"n": n})
        elif step == "open":
            points.open_day(pk, day_given(sent.get("day", ""), now), **told)
        elif step == "end":
            points.end(pk, **told)
            return redirect("platforms")
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except StalePage as error:
        found = point_or_404(pk, actor)
        return _page(request, found, form=form, bad=str(error), bad_at=step, status=error.status)
    except HuyingError as error:
        if form is not None:
            return _page(request, found, form=blamed(form, error), status=error.status)
        if matter is not None:
            return _page(request, found, matter_form=blamed(matter, error), status=error.status)
        return _page(request, found, bad=str(error), bad_at=step, status=error.status)
    messages.success(request, _("Changed."))
    return redirect("platforms_point", pk)


@require_safe
@at_desk
def day(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Who comes on a day; one of them beside it, to be looked at."""
    actor = looking(request)
    return _day_page(request, point_or_404(pk, actor))


def _day_page(
    request: HttpRequest,
    found: ServicePoint,
    *,
    shown: date | None = None,
    one: UUID | None = None,
    clear: str = "",
    code: str = "",
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    shown = shown or day_given(request.GET.get("day", ""), now)
    rows = list(
        Appointment.objects.visible_to(actor)
        .filter(point=found, day=shown)
        .select_related("matter")
    )
    one = one or uuid_of(request.GET.get("one", ""))
    keeps = may_keep(actor, found.area_code)
    context = {
        "actor": actor,
        "point": found,
        "day": shown,
        "today": free.today_of(now),
        "days": [free.today_of(now), *(each.day for each in free.days(found, now)[1:7])],
        "rows": rows,
        "held": sum(each.state in ("booked", "came", "missed") for each in rows),
        "came": sum(each.state == AppointmentState.CAME for each in rows),
        "one": next((each for each in rows if each.pk == one), None),
        "keeps": keeps,
        "may_tell": keeps and shown <= free.today_of(now),
        "now": now,
        "open": free.day(found, shown, now) if keeps and shown >= free.today_of(now) else None,
        "closed": next((each for each in found.closed_days.all() if each.day == shown), None),
        "matters": found.matters.filter(active=True).exclude(booking=Booking.NONE),
        "clear": clear,
        "code": readable(code),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        **asked(request, holding.PURPOSES),
    }
    return render(request, "desk/platforms/day.html", context, status=status)


@require_POST
@at_desk
def take(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The desk books for somebody who calls or stands before it; the code is shown once."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = point_or_404(pk, actor)
    shown = day_given(sent.get("day", ""), now)
    matter = uuid_of(sent.get("matter", ""))
    phone, sheet = sent.get("phone", "")[:24], resent.sheet_of(request)
    wanted = Wanted(shown, sent.get("at", ""), matter, phone, sheet)
    try:
        made, code = appointing.book(pk, wanted, by=actor, now=now)
    except KeyReused:
        return resent.another(request)
    except NotFound:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        return _day_page(
            request, found, shown=shown, bad=str(error), bad_at="book", status=error.status
        )
    return _day_page(request, found, shown=shown, one=made.pk, code=code)


@require_POST
@at_desk
def appointment_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Came or not, called off with a reason, the phone shown for a purpose, erased."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    rows = Appointment.objects.visible_to(actor).select_related("point")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now}
    where = point_or_404(found.point_id, actor)
    try:
        if step in ("came", "missed"):
            appointing.tell(pk, step == "came", version=version_of(request), **told)
        elif step == "call-off":
            appointing.call_off(pk, sent.get("reason", ""), **told)
        elif step == "reveal":
            purpose, words = sent.get("purpose", ""), sent.get("words", "")
            seen = holding.reveal(found, ["phone"], purpose=purpose, words=words, **told)
            return _day_page(request, where, shown=found.day, one=pk, clear=seen["phone"])
        elif step == "erase":
            sure(request)
            appointing.forget(pk, **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        return _day_page(
            request,
            where,
            shown=found.day,
            one=pk,
            bad=str(error),
            bad_at=step,
            status=error.status,
        )
    back = f"{reverse('platforms_day', args=[found.point_id])}?day={found.day}"
    return redirect(back if step in ("came", "missed") else f"{back}&one={pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def guides(request: HttpRequest) -> HttpResponseBase:
    """The online list of one community or town, in its order."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    known = areas(actor)
    wanted = sent.get("area") or request.GET.get("area", "") or (known[0][0] if known else "")
    if wanted not in dict(known):
        raise Http404
    if request.method == "POST" and not may_keep(actor, wanted):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now}
    form, bad, status = GuideForm(), "", 200
    chosen = uuid_of(sent.get("guide", "") or request.GET.get("guide", ""))
    rows = OnlineGuide.objects.visible_to(actor).filter(area_code=wanted)
    changed = rows.filter(pk=chosen).first() if chosen else None
    if request.method == "POST":
        step = sent.get("step", "")
        form = GuideForm(sent) if step == "put" else form
        try:
            if step == "put" and not form.is_valid():
                status = 422
            else:
                if step == "put":
                    online.put(wanted, form.told, pk=chosen, **told)
                elif step in ("up", "down") and chosen:
                    online.shift(wanted, chosen, step == "up", **told)
                elif step == "remove" and chosen:
                    online.remove(wanted, chosen, **told)
                else:
                    raise Http404
                return redirect(f"{request.path}?area={wanted}")
        except NotAllowed:
            raise PermissionDenied from None
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            form, status = blamed(form, error), error.status
    elif changed is not None:
        names = ("kind", "title", "words", "link")
        form = GuideForm(initial={name: getattr(changed, name) for name in names})
    context = {
        "actor": actor,
        "areas": known,
        "area": wanted,
        "rows": rows,
        "form": form,
        "changed": changed,
        "keeps": may_keep(actor, wanted),
        "link": GuideKind.LINK,
        "bad": bad,
    }
    return render(request, "desk/platforms/guides.html", context, status=status)
