"""The emergency's part of a case page: the nearest teams, whom was called, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huying.cases import flow
from huying.cases.models import Case
from huying.desk.here import at_desk, case_seen, me
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.people.models import Role
from huying.response.alarming import alarm_answer, near
from huying.response.models import Alarm

MOST = 5
"""Teams that are proposed; the form of the verb has more of them."""


def calling(found: Case, actor: Actor, now: datetime, *, alarmed: bool) -> dict[str, Any] | None:
    """What the page of an emergency shows beside the case; None where there is nothing.

    ``alarmed``: whether any team was ever called.
    """
    given = Alarm.objects.filter(case=found).select_related("team", "answered_by")
    alarms = list(given.order_by("-given_at")) if alarmed else []
    row = flow.ROWS["alarm"]
    may_call = row.why_not(actor, found) is None
    looks_on = (
        found.state in row.sources
        and row.condition is not None
        and row.condition(found) is None
        and (actor.role == Role.DISPATCHER or actor.is_leader)
    )
    if not (alarms or may_call or looks_on):
        return None
    waiting = [each for each in alarms if _waits(each)]
    mine = next((each for each in waiting if each.team_id == actor.unit_id), None)
    called = {each.team_id for each in waiting}
    return {
        "alarms": alarms,
        "mine": mine,
        "may_call": may_call,
        "near": near(found, now, without=called)[:MOST] if may_call or looks_on else None,
    }


def _waits(alarm: Alarm) -> bool:
    return alarm.answered_at is None and alarm.missed_at is None and alarm.ended_at is None


@require_POST
@at_desk
def answer(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The team that was called is on its way."""
    alarm = Alarm.objects.filter(pk=pk).select_related("case").first()
    if alarm is None or (found := case_seen(alarm.case.number, me(request))) is None:
        raise Http404
    try:
        alarm_answer(found.pk, by=me(request), now=timezone.now())
    except HuyingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Answered: the desk knows that you are on your way."))
    return redirect(reverse("case", args=[found.number]))
