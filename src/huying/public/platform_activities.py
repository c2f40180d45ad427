"""文体活动 for everybody: what it is, how many places are left, and a sign-up of one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from huying.errors import HuyingError, KeyReused, NotFound, TooMany
from huying.people.acting import RESIDENT
from huying.places.models import Division
from huying.platforms import joining
from huying.platforms.joining import Wanted
from huying.platforms.models import PlatformActivity
from huying.platforms.models.activities import MOST_PEOPLE
from huying.public.asking import Reach, checked, ticket_for
from huying.public.neighbours import community_or_404
from huying.public.platforms import counted
from huying.public.reporting import busy, quiet
from huying.unkept import unkept


class SignUpForm(Reach):
    """How many come."""

    people = forms.IntegerField(required=False)


def activity_or_404(place: Division, pk: UUID) -> PlatformActivity:
    found: PlatformActivity | None = (
        PlatformActivity.objects.for_residents(place.code).filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, code: str, pk: UUID) -> HttpResponseBase:
    """GET: the activity with its form. POST: places are taken, or waited for."""
    sending = request.method == "POST"
    try:
        counted(request, sending=sending)
    except TooMany:
        return busy(request)
    place = community_or_404(code)
    found = activity_or_404(place, pk)
    if not sending:
        return _page(request, place, found, SignUpForm())
    form = SignUpForm(request.POST)
    status, anew = 422, False
    if form.is_valid():
        given = form.cleaned_data
        try:
            ticket = checked(request)
            wanted = Wanted(given["people"] or 0, given["phone"], ticket.number)
            _made, booked = joining.sign_up(pk, wanted, by=RESIDENT, now=timezone.now())
            return quiet(redirect("n_booked", booked))
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            name = error.field or ""
            form.add_error(name if name in form.fields else None, str(error))
            status, anew = error.status, isinstance(error, KeyReused)
    return _page(request, place, activity_or_404(place, pk), form, status, anew=anew)


def _page(
    request: HttpRequest,
    place: Division,
    found: PlatformActivity,
    form: SignUpForm,
    status: int = 200,
    *,
    anew: bool = False,
) -> HttpResponseBase:
    now = timezone.now()
    context: dict[str, Any] = {
        "place": place,
        "activity": found,
        "form": form,
        "people": str(form["people"].value() or "1"),
        "choices": [str(n) for n in range(1, MOST_PEOPLE + 1)],
        "open": found.cancelled_at is None and found.sign_up_until > now,
        **ticket_for(request, anew=anew),
    }
    return quiet(render(request, "public/platforms/activity.html", context, status=status))
