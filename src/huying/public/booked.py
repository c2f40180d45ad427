"""What somebody booked, by its code: how it stands, another time, cancelled, erased."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.codes import plain_code, readable
from huying.errors import HuyingError, TooMany
from huying.neighbours import codes as suggestion_codes
from huying.people.acting import RESIDENT
from huying.places.models import Division, Level
from huying.platforms import appointing, canteen, codes, free, holding, joining
from huying.platforms.models import (
    ActivitySignUp,
    Appointment,
    AppointmentState,
    MealOrder,
    SignUpState,
)
from huying.public import entering, guarding
from huying.public.platforms import day_of
from huying.public.reporting import busy, quiet
from huying.unkept import unkept

_TEMPLATES: Final = {
    Appointment: "public/platforms/appointment.html",
    ActivitySignUp: "public/platforms/sign_up.html",
    MealOrder: "public/platforms/meal_order.html",
}
_VERBS: Final[dict[type, Any]] = {
    Appointment: appointing,
    ActivitySignUp: joining,
    MealOrder: canteen,
}


ASKING: Final = "public/platforms/enter.html"


def _unknown(request: HttpRequest) -> HttpResponseBase:
    return entering.unknown(request, ASKING)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """GET: asks for the code. POST: goes to its page, whether there is one or not."""
    return entering.ask(request, ASKING, "n_booked")


@unkept
@require_safe
def booked(request: HttpRequest, code: str) -> HttpResponseBase:
    """How a booking stands. It shows no name and no phone."""
    try:
        guarding.count(request, "public-follow", guarding.LOOKS)
    except TooMany:
        return busy(request)
    found = codes.find(code)
    if found is None:
        if suggestion_codes.find(code) is not None:
            return quiet(redirect("n_follow", plain_code(code)))
        return _unknown(request)
    return _page(request, found, code)


def _page(
    request: HttpRequest, found: Any, code: str, bad: str = "", bad_at: str = "", status: int = 200
) -> HttpResponseBase:
    now, code = timezone.now(), plain_code(code)
    # Of a town's point no community is known: the page has no way back then.
    place = Division.objects.filter(code=found.area_code, level=Level.COMMUNITY).first()
    context: dict[str, Any] = {
        "found": found,
        "code": code,
        "readable": readable(code),
        "place": place,
        "erased": holding.is_bare(found),
        "fresh": found.version == 1,
        "bad": bad,
        "bad_at": bad_at,
    }
    if isinstance(found, Appointment):
        context |= _appointment(request, found)
    else:
        context["open_still"] = _VERBS[type(found)].is_to_come(found, now)
    if isinstance(found, ActivitySignUp) and found.state == SignUpState.WAITING:
        before = found.activity.sign_ups.filter(state=SignUpState.WAITING)
        context["before"] = before.filter(number__lt=found.number).count()
    context["now"] = now
    return quiet(render(request, _TEMPLATES[type(found)], context, status=status))


def _appointment(request: HttpRequest, found: Appointment) -> dict[str, Any]:
    now = timezone.now()
    open_still = found.state == AppointmentState.BOOKED and found.begins_at > now
    days = free.days(found.point, now) if open_still else []
    wanted = day_of(request.POST.get("day", "") or request.GET.get("day", ""))
    return {
        "open_still": open_still,
        "days": [each for each in days if each.left],
        "chosen": next((each for each in days if each.day == wanted), None),
        "today": free.today_of(now),
    }


@unkept
@require_POST
def act(request: HttpRequest, code: str, what: str) -> HttpResponseBase:
    """Whoever has the code moves it, cancels it, or has their data erased."""
    try:
        guarding.count(request, "public-reports", guarding.REPORTS)
    except TooMany:
        return busy(request)
    found, sent = codes.find(code), request.POST
    if found is None:
        return _unknown(request)
    if what not in ("move", "cancel", "erase") or (
        what == "move" and not isinstance(found, Appointment)
    ):
        raise Http404
    if what != "move" and sent.get("sure") != "yes":
        bad = now_("Please tick that this is what you want.")
        return _page(request, found, code, bad, what, status=422)
    told: dict[str, Any] = {"by": RESIDENT, "now": timezone.now()}
    verbs = _VERBS[type(found)]
    try:
        if what == "move":
            appointing.move(found.pk, day_of(sent.get("day", "")), sent.get("at", ""), **told)
        else:
            (verbs.cancel if what == "cancel" else verbs.forget)(found.pk, **told)
    except HuyingError as error:
        found = codes.find(code)
        return _page(request, found, code, str(error), what, status=error.status)
    return quiet(redirect("n_booked", plain_code(code)))
