"""资源清单: what member organisations share, each with its week, and how it is booked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.joint_forms import BookingForm, ResourceForm, hours_in_words
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotFound
from huying.joint import booking, resources
from huying.joint.booking import Taken
from huying.joint.models import SharedBooking, SharedResource
from huying.joint.models.resources import HOLDING, Kind
from huying.joint.sight import is_office, keeps, may_enter
from huying.joint.telling import user_of
from huying.joint.times import Span, Use, pieces
from huying.people.acting import Actor

MOST: Final = 300
MINUTE: Final = "%Y-%m-%dT%H:%M"


@require_safe
@at(may_enter)
def listed(request: HttpRequest) -> HttpResponseBase:
    """All that is shared in the area, or around who books."""
    actor, now = me(request), timezone.now()
    chosen = request.GET.get("kind", "")
    rows = SharedResource.objects.visible_to(actor).living().select_related("organisation")
    counts = [(kind, rows.filter(kind=kind.value).count()) for kind in Kind]
    if chosen in Kind.values:
        rows = rows.filter(kind=chosen)
    shown = list(rows.order_by("area_code", "kind", "organisation__name", "name")[:MOST])
    context = {
        "actor": actor,
        "rows": [{"row": each, "hours": hours_in_words(each.openings)} for each in shown],
        "counts": [(kind, n) for kind, n in counts if n],
        "chosen": chosen,
        "keeps": keeps(actor, actor.area_code),
        "wide": len(actor.area_code) < 12,
        "waiting": len(waiting_for(actor, now)),
    }
    return render(request, "desk/joint/resources.html", context)


def waiting_for(actor: Actor, now: datetime) -> list[SharedBooking]:
    """The bookings that wait for this post to confirm them."""
    rows = SharedBooking.objects.visible_to(actor).filter(state="asked", begins_at__gt=now)
    rows = rows.select_related("resource__organisation__branch", "unit")
    return [each for each in rows[:MOST] if booking.decides(actor, each.resource, now)]


def resource_or_404(pk: UUID, actor: Actor) -> SharedResource:
    rows = SharedResource.objects.visible_to(actor).select_related("organisation__branch")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_enter)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new line of the list, of the own community."""
    actor = me(request)
    if not keeps(actor, actor.area_code):
        raise PermissionDenied
    return _saved(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_enter)
def edit(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Says it anew, or takes it off the list."""
    actor = me(request)
    found = resource_or_404(pk, actor)
    if found.ended_at is not None or not keeps(actor, found.area_code):
        raise PermissionDenied
    return _saved(request, found)


def _saved(request: HttpRequest, row: SharedResource | None) -> HttpResponse:
    actor, now, status = me(request), timezone.now(), 200
    area = row.area_code if row is not None else actor.area_code
    form = ResourceForm(request.POST if request.method == "POST" else None, area=area, row=row)
    if request.method == "POST":
        status = 422
        try:
            if row is not None and "end" in request.POST:
                resources.end(row.pk, by=actor, now=now)
                messages.success(request, _("It is shared no longer."))
                return redirect("joint")
            if form.is_valid():
                if row is None:
                    made = resources.add(area, form.told, by=actor, now=now)
                else:
                    seen = form.cleaned_data["version"]
                    made = resources.correct(row.pk, form.told, by=actor, now=now, version=seen)
                messages.success(request, _("Saved."))
                return redirect("joint_resource", made.pk)
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    context = {"actor": actor, "form": form, "row": row}
    return render(request, "desk/joint/resource_form.html", context, status=status)


@require_safe
@at(may_enter)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One resource: what it is, its week, and the form that books it."""
    return _page(request, resource_or_404(pk, me(request)))


def _moment(typed: str) -> datetime | None:
    try:
        found = timezone.make_aware(datetime.fromisoformat(typed))
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None


def _monday(typed: str, today: date) -> date:
    """The Monday of the week that a day lies in; of this week where there is no such day."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = today
    if not abs(day - today) < timedelta(days=3650):
        day = today
    return day - timedelta(days=day.weekday())


def _page(
    request: HttpRequest,
    found: SharedResource,
    form: BookingForm | None = None,
    free: list[Span] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    asked = _moment(request.GET.get("begins", ""))
    given = {"begins_at": asked, "ends_at": _moment(request.GET.get("ends", ""))}
    told = form.cleaned_data.get("begins_at") if form is not None and form.is_bound else None
    near = told or asked
    week = request.GET.get("week", "") or (f"{timezone.localdate(near)}" if near else "")
    today = timezone.localdate(now)
    monday = _monday(week, today)
    mine = SharedBooking.objects.visible_to(actor)
    books = found.ended_at is None and booking.may_book(actor, found)
    context = {
        "actor": actor,
        "row": found,
        "hours": hours_in_words(found.openings),
        "days": _week(found, monday, now, set(mine.values_list("pk", flat=True))),
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "here": monday <= today < monday + timedelta(days=7),
        "form": form or BookingForm(resource=found, initial=given),
        "free": free or [],
        "books": books,
        "keeps": keeps(actor, found.area_code),
        "decides": booking.decides(actor, found, now),
        "owner": booking.owner_of(found, now),
    }
    return render(request, "desk/joint/resource.html", context, status=status)


def _week(
    resource: SharedResource, monday: date, now: datetime, seen: set[UUID]
) -> list[dict[str, Any]]:
    """Seven days, each with what is open of it in pieces, and who has it then."""
    zone = timezone.get_current_timezone()
    begin = datetime.combine(monday, datetime.min.time(), zone)
    rows = resource.bookings.filter(state__in=HOLDING).select_related("unit")
    held = list(rows.meeting(begin, begin + timedelta(days=7)))
    uses = [Use(each.span, each.quantity) for each in held]
    days = []
    for n in range(7):
        day = monday + timedelta(days=n)
        lines = []
        for window in booking.open_spans(resource, day, 1):
            for piece in pieces(window, uses, resource.quantity):
                users = [
                    {"booking": each, "name": user_of(each), "seen": each.pk in seen}
                    for each in held
                    if each.span.meets(piece.span)
                ]
                lines.append(_line(resource, piece.span, piece.left, users, now, day))
        days.append({"day": day, "today": day == timezone.localdate(now), "lines": lines})
    return days


def _line(
    resource: SharedResource, span: Span, left: int, users: list[Any], now: datetime, day: date
) -> dict[str, Any]:
    begins = timezone.localtime(span.begins)
    ends = timezone.localtime(span.ends)
    query = QueryDict(mutable=True)
    query["begins"] = f"{max(begins, _next_half(now)):{MINUTE}}"
    query["ends"] = f"{ends:{MINUTE}}"
    return {
        "begins": f"{begins:%H:%M}",
        "ends": "24:00" if ends.date() > day else f"{ends:%H:%M}",
        "left": left,
        "users": users,
        "state": "free" if left == resource.quantity else "part" if left else "full",
        "over": span.ends <= now,
        "query": query.urlencode() if left and span.ends > _next_half(now) else "",
    }


def _next_half(now: datetime) -> datetime:
    local = timezone.localtime(now).replace(second=0, microsecond=0)
    return local + timedelta(minutes=30 - local.minute % 30)


@require_POST
@at(may_enter)
@once_for_form()
def book(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Books it; if the time is taken, what is free instead is one press away."""
    actor, now = me(request), timezone.now()
    found = resource_or_404(pk, actor)
    if not booking.may_book(actor, found):
        raise PermissionDenied
    sent = request.POST.copy()
    begins, _slash, ends = sent.get("instead", "").partition("/")
    if _moment(begins) and _moment(ends):
        sent["begins_at"], sent["ends_at"] = begins, ends
    form = BookingForm(sent, resource=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        made = booking.book(pk, form.told, by=actor, now=now)
    except NotFound:
        raise Http404 from None
    except Taken as error:
        return _page(request, found, blamed(form, error), error.free, error.status)
    except HuyingError as error:
        return _page(request, found, blamed(form, error), status=error.status)
    said = _("It is yours.") if made.state == "confirmed" else _("Asked; you are told.")
    messages.success(request, said)
    return redirect("joint_booking", made.pk)


@require_safe
@at(may_enter)
def bookings(request: HttpRequest) -> HttpResponseBase:
    """What waits to be confirmed, what comes, and what was."""
    actor, now = me(request), timezone.now()
    rows = SharedBooking.objects.visible_to(actor).select_related("resource__organisation", "unit")
    waiting = waiting_for(actor, now)
    coming = rows.filter(state__in=HOLDING, ends_at__gt=now)
    coming = coming.exclude(pk__in=[each.pk for each in waiting]).order_by("begins_at")
    unreturned = rows.filter(state="confirmed", ends_at__lte=now).order_by("-ends_at")
    over = rows.exclude(state__in=HOLDING).order_by("-begins_at")
    context = {
        "actor": actor,
        "office": is_office(actor),
        "waiting": waiting,
        "coming": coming[:MOST],
        "unreturned": unreturned[:20],
        "over": over[:20],
    }
    return render(request, "desk/joint/bookings.html", context)


def booking_or_404(pk: UUID, actor: Actor) -> SharedBooking:
    rows = SharedBooking.objects.visible_to(actor)
    rows = rows.select_related("resource__organisation__branch", "unit", "account")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_enter)
def one_booking(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One booking and what can be done with it."""
    return _booking(request, booking_or_404(pk, me(request)))


def _booking(
    request: HttpRequest, found: SharedBooking, bad: str = "", bad_at: str = "", status: int = 200
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    own = booking.is_ones_own(actor, found)
    decides = booking.decides(actor, found.resource, now)
    lends = decides or keeps(actor, found.area_code)
    holds = found.state in HOLDING
    context = {
        "actor": actor,
        "booking": found,
        "own": own,
        "user": user_of(found),
        "may_decide": decides and found.state == "asked" and found.begins_at > now,
        "may_cancel": (own or lends) and holds and found.ends_at > now,
        "may_return": (own or lends) and found.state == "confirmed" and found.begins_at <= now,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/joint/booking.html", context, status=status)


@require_POST
@at(may_enter)
def booking_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Confirms, refuses, cancels it, or hands back what was used."""
    actor, sent = me(request), request.POST
    found = booking_or_404(pk, actor)
    version = sent.get("version", "")
    told: dict[str, Any] = {
        "by": actor,
        "now": timezone.now(),
        "version": int(version) if version.isascii() and version.isdigit() else None,
    }
    try:
        if step == "confirm":
            booking.decide(pk, True, **told)
        elif step == "refuse":
            booking.decide(pk, False, sent.get("reason", ""), **told)
        elif step == "cancel":
            booking.cancel(pk, sent.get("reason", ""), **told)
        elif step == "hand_back":
            booking.hand_back(pk, sent.get("words", ""), **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if error.status == 403:
            raise PermissionDenied from None
        found = booking_or_404(pk, actor)
        return _booking(request, found, str(error), step, error.status)
    return redirect("joint_booking", pk)


def for_home(actor: Actor) -> dict[str, Any]:
    """What a member may book, and what their unit has booked, for the members' home."""
    now = timezone.now()
    rows = SharedBooking.objects.visible_to(actor).filter(unit=actor.unit_id)
    rows = rows.filter(state__in=HOLDING, ends_at__gt=now).select_related("resource__organisation")
    return {
        "bookings": rows.order_by("begins_at")[:10],
        "shared": SharedResource.objects.visible_to(actor).living().count(),
    }
