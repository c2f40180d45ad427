"""Telling of requests whose fifteen working days run out, and have run out; once each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from huying.clock.explaining import countdown_words, light_words
from huying.clock.lights import Light, countdown, light
from huying.clock.reading import calendar_for
from huying.dispatch.standing import NONE, Standing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.requests.models import PersonRequest, State
from huying.requests.taking import due_of

DUE = kind(
    "person_request_due",
    _("A person's request"),
    _("Request {number} about personal data is due soon: three quarters of its time are used."),
    group=Group.DESK,
)
OVERDUE = kind(
    "person_request_overdue",
    _("A person's request"),
    _("Request {number} about personal data is overdue; the person has a right to an answer."),
    group=Group.DESK,
)
RUNGS: Final = {Light.YELLOW: 1, Light.RED: 2}


def standing(row: PersonRequest, now: datetime) -> Standing:
    """The light and the time left of a request that is not answered yet."""
    if row.state == State.ANSWERED:
        return NONE
    due = due_of(row.district_code, row.taken_at)
    left = countdown(due, now)
    words = countdown_words(left, calendar_for(row.district_code), now)
    return Standing(left.light, light_words(left.light), words, row.due_at)


def watch(*, now: datetime) -> int:
    """Tells the desk and its leaders of what has become yellow or red; how many were told of."""
    told = 0
    for row in PersonRequest.objects.exclude(state=State.ANSWERED).filter(rung__lt=2):
        rung = RUNGS.get(light(due_of(row.district_code, row.taken_at), now), 0)
        if rung <= row.rung:
            continue
        areas = tuple(row.area_code[:n] for n in (6, 9, 12) if n <= len(row.area_code))
        tell(
            OVERDUE if rung == 2 else DUE,
            Whom(accounts=(row.taken_by_id,), desks=(row.area_code,), leaders=areas),
            key=f"person_request:{row.pk}:{rung}",
            district_code=row.district_code,
            now=now,
            path=f"/desk/requests/{row.pk}",
            data={"number": row.number},
        )
        PersonRequest.objects.filter(pk=row.pk, rung__lt=rung).update(rung=rung)
        told += 1
    return told
