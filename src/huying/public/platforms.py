"""便民服务 for everybody: where something gets done and when, and a time of one's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from huying.errors import HuyingError, KeyReused, NotFound, TooMany, WrongState
from huying.neighbours.models import CircleActivity
from huying.people.acting import RESIDENT
from huying.places.models import Division
from huying.platforms import appointing, canteen, free
from huying.platforms.appointing import Wanted
from huying.platforms.models import (
    Booking,
    CanteenDay,
    GuideKind,
    OnlineGuide,
    PlatformActivity,
    PointKind,
    ServicePoint,
)
from huying.public import guarding
from huying.public.asking import Reach, checked, ticket_for
from huying.public.neighbours import community_or_404
from huying.public.reporting import busy, quiet
from huying.templatetags.platforms import WEEKDAYS
from huying.unkept import unkept

MOST: Final = 30


def counted(request: HttpRequest, *, sending: bool = False) -> None:
    """Raises TooMany for an address that asks too often."""
    what, most = ("public-reports", guarding.REPORTS) if sending else (
        "public-looks", guarding.LOOKS,
    )  # fmt: skip
    guarding.count(request, what, most)


def day_of(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


def uuid_of(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


@require_safe
def services(request: HttpRequest, code: str) -> HttpResponseBase:
    """All that a community's residents can have done, go to, and do online."""
    try:
        counted(request)
    except TooMany:
        return busy(request)
    place, now = community_or_404(code), timezone.now()
    offices = ServicePoint.objects.for_residents(code).filter(ended_at=None)
    rows = offices.prefetch_related("closed_days", "matters").order_by(
        "-area_code", "order", "name"
    )
    points: list[dict[str, Any]] = [
        {
            "point": each,
            "standing": free.standing(each, now),
            "matters": [one for one in each.matters.all() if one.active],
        }
        for each in rows
    ]
    guides = list(OnlineGuide.objects.for_residents(code).order_by("-area_code", "order"))
    named = {each.kind for each in guides}
    context = {
        "place": place,
        "points": [each for each in points if each["point"].kind == PointKind.SERVICE],
        "guides": guides,
        "usual": [each for each in ("report", "follow", "suggest") if each not in named],
        "link": GuideKind.LINK,
        "circles": CircleActivity.objects.filter(
            area_code=code, ends_at__gt=now, cancelled_at=None
        ).select_related("circle")[:MOST],
        "activities": PlatformActivity.objects.for_residents(code).filter(ends_at__gt=now)[:MOST],
        "canteens": [
            (each, meals_of(each["point"], now))
            for each in points
            if each["point"].kind == PointKind.CANTEEN
        ],
        "now": now,
        "today": free.today_of(now),
    }
    return quiet(render(request, "public/platforms/services.html", context))


def meals_of(point: ServicePoint, now: datetime) -> list[CanteenDay]:
    """What a canteen has from today, of this week and the next."""
    today = free.today_of(now)
    until = canteen.monday_of(today) + timedelta(days=14)
    return list(CanteenDay.objects.filter(point=point, day__gte=today, day__lt=until))


def point_or_404(place: Division, pk: UUID) -> ServicePoint:
    found = (
        ServicePoint.objects.for_residents(place.code)
        .filter(pk=pk, ended_at=None)
        .prefetch_related("closed_days")
        .first()
    )
    if found is None:
        raise Http404
    return found


@unkept
@require_safe
def point(request: HttpRequest, code: str, pk: UUID) -> HttpResponseBase:
    """One point: its hours, what it does and what to bring, and the times that can be booked."""
    try:
        counted(request)
    except TooMany:
        return busy(request)
    place, now = community_or_404(code), timezone.now()
    found = point_or_404(place, pk)
    days = free.days(found, now)
    wanted = day_of(request.GET.get("day", ""))
    chosen = next((each for each in days if each.day == wanted), None)
    context = {
        "place": place,
        "point": found,
        "standing": free.standing(found, now),
        "week": list(zip(WEEKDAYS, found.week, strict=True)),
        "closed": [each for each in found.closed_days.all() if each.day >= free.today_of(now)],
        "matters": found.matters.filter(active=True),
        "none": Booking.NONE,
        "bookable": bool(found.seats),
        "days": [each for each in days if each.left],
        "chosen": chosen or next((each for each in days if each.left), None),
        "today": free.today_of(now),
    }
    return quiet(render(request, "public/platforms/point.html", context))


class BookForm(Reach):
    """A time of one's own."""

    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    at = forms.CharField(max_length=5, required=False)
    matter = forms.UUIDField(required=False)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, code: str, pk: UUID) -> HttpResponseBase:
    """GET: the form for a day. POST: the time is booked, and its page follows."""
    sending = request.method == "POST"
    try:
        counted(request, sending=sending)
    except TooMany:
        return busy(request)
    place = community_or_404(code)
    found = point_or_404(place, pk)
    if not sending:
        return _book_page(request, place, found, BookForm(initial=request.GET.dict()))
    form = BookForm(request.POST)
    status, anew = 422, False
    if form.is_valid():
        given = form.cleaned_data
        try:
            ticket = checked(request)
            wanted = Wanted(
                given["day"], given["at"], given["matter"], given["phone"], ticket.number
            )
            _made, booked = appointing.book(pk, wanted, by=RESIDENT, now=timezone.now())
            return quiet(redirect("n_booked", booked))
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            name = error.field or ""
            form.add_error(name if name in form.fields else None, str(error))
            status, anew = error.status, isinstance(error, KeyReused | WrongState)
    return _book_page(request, place, found, form, status, anew=anew)


def _book_page(
    request: HttpRequest,
    place: Division,
    found: ServicePoint,
    form: BookForm,
    status: int = 200,
    *,
    anew: bool = False,
) -> HttpResponseBase:
    now = timezone.now()
    wanted = day_of(str(form["day"].value() or ""))
    shown = free.day(found, wanted, now) if wanted is not None else None
    context: dict[str, Any] = {
        "place": place,
        "point": found,
        "form": form,
        "shown": shown,
        "at": form["at"].value() or "",
        "matters": found.matters.filter(active=True).exclude(booking=Booking.NONE),
        "matter": str(form["matter"].value() or ""),
        **ticket_for(request, anew=anew),
    }
    return quiet(render(request, "public/platforms/book.html", context, status=status))
