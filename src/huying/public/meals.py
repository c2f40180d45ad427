"""长者饭堂 for everybody: what there is on a day, and an order of one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huying.errors import HuyingError, KeyReused, NotFound, TooMany
from huying.people.acting import RESIDENT
from huying.places.models import Division
from huying.platforms import canteen
from huying.platforms.canteen import Wanted
from huying.platforms.models import CanteenDay, Way
from huying.platforms.models.canteen import MOST_OF_ONE
from huying.public.asking import Reach, checked, ticket_for
from huying.public.neighbours import community_or_404
from huying.public.platforms import counted
from huying.public.reporting import busy, quiet
from huying.unkept import unkept


class OrderForm(Reach):
    """Meals, and how one has them."""

    meals = forms.IntegerField(required=False)
    way = forms.CharField(max_length=8, required=False)
    name = forms.CharField(max_length=20, required=False)
    where = forms.CharField(max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        told = (given.get("name") or "").strip() or (given.get("where") or "").strip()
        if told and not given.get("consent") and "consent" not in self.errors:
            self.add_error("consent", _("Please read the privacy notice and agree first."))
        return given


def day_or_404(place: Division, pk: UUID) -> CanteenDay:
    found: CanteenDay | None = (
        CanteenDay.objects.for_residents(place.code)
        .filter(pk=pk, point__ended_at=None)
        .select_related("point")
        .first()
    )
    if found is None:
        raise Http404
    return found


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def meal(request: HttpRequest, code: str, pk: UUID) -> HttpResponseBase:
    """GET: the day with its form. POST: meals are ordered, and the order's page follows."""
    sending = request.method == "POST"
    try:
        counted(request, sending=sending)
    except TooMany:
        return busy(request)
    place = community_or_404(code)
    found = day_or_404(place, pk)
    if not sending:
        return _page(request, place, found, OrderForm())
    form = OrderForm(request.POST)
    status, anew = 422, False
    if form.is_valid():
        given = form.cleaned_data
        try:
            ticket = checked(request)
            wanted = Wanted(
                given["meals"] or 0, given["way"], given["name"], given["phone"], given["where"],
                ticket.number,
            )  # fmt: skip
            _made, booked = canteen.order(pk, wanted, by=RESIDENT, now=timezone.now())
            return quiet(redirect("n_booked", booked))
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            name = error.field or ""
            form.add_error(name if name in form.fields else None, str(error))
            status, anew = error.status, isinstance(error, KeyReused)
    return _page(request, place, day_or_404(place, pk), form, status, anew=anew)


def _page(
    request: HttpRequest,
    place: Division,
    found: CanteenDay,
    form: OrderForm,
    status: int = 200,
    *,
    anew: bool = False,
) -> HttpResponseBase:
    now = timezone.now()
    runs = found.closed_at is None and found.order_until > now
    context: dict[str, Any] = {
        "place": place,
        "canteen": found,
        "form": form,
        "meals": str(form["meals"].value() or "1"),
        "choices": [str(n) for n in range(1, MOST_OF_ONE + 1)],
        "way": form["way"].value() or Way.EAT_IN,
        "ways": Way.choices,
        "open": runs and found.left > 0,
        "full": runs and found.left == 0,
        **ticket_for(request, anew=anew),
    }
    return quiet(render(request, "public/platforms/meal.html", context, status=status))
