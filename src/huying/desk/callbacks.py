"""回访: whom the desk calls back, and the three rates by town."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from huying.cases.models import Case
from huying.desk.here import at_desk, me
from huying.intake.models import HotlineOrder
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming
from huying.response.calling_back import WITHIN, rates, to_call

MOST_SHOWN = 100
COUNTED = timedelta(days=90)


@require_safe
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """Closed cases whose residents nobody has heard yet, the oldest first; what hotlines
    heard; the rates of 90 days."""
    actor, now = me(request), timezone.now()
    if actor.role != Role.DISPATCHER and not actor.is_leader:
        return render(request, "403.html", {"actor": actor}, status=403)
    cases = []
    if actor.role == Role.DISPATCHER:
        waiting = to_call(actor, now).exclude(hotline_order__called_back_at__gte=F("ended_at"))
        cases = list(waiting.select_related("item_version")[:MOST_SHOWN])
    context = {
        "actor": actor,
        "cases": cases,
        "within": WITHIN.days,
        "days": COUNTED.days,
        "lines": _lines(actor.area_code, now),
        "heard": _heard_by_hotline(actor, now),
    }
    return render(request, "desk/callbacks.html", context)


def _heard_by_hotline(actor: Actor, now: datetime) -> list[HotlineOrder]:
    """What hotlines heard of their callers, the newest first; they count by themselves."""
    orders = HotlineOrder.objects.filter(
        called_back_at__gt=now - COUNTED, case__in=Case.objects.visible_to(actor).values("pk")
    )
    return list(
        orders.select_related("case__item_version", "source").order_by("-called_back_at")[
            :MOST_SHOWN
        ]
    )


def _lines(area_code: str, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "town": naming.own_name(each.area_code),
            "tried": each.tried,
            "valid": each.valid,
            "rates": [
                None if rate is None else round(rate * 100)
                for rate in (each.response_rate, each.solution_rate, each.satisfaction_rate)
            ],
        }
        for each in rates(area_code, now - COUNTED, now + timedelta(seconds=1))
    ]
