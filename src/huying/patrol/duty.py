"""在岗: going on duty and off it on the phone. Nobody's position is kept outside of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from huying.errors import NotAllowed
from huying.patrol.models import DutySpan, TrackPoint
from huying.patrol.visiting import moment_of
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Account

LONGEST: Final = timedelta(hours=12)
"""Whoever forgets to go off duty is off it after so long."""


def on_duty(actor: Actor, now: datetime) -> DutySpan | None:
    """The span that runs now."""
    spans = DutySpan.objects.filter(account=actor.account_id, ended_at=None)
    return spans.filter(began_at__lte=now, ends_by__gt=now).first()


@transaction.atomic
def go_on(*, by: Actor, now: datetime, at: datetime | None = None) -> DutySpan:
    """上岗, since the moment that the phone says. Who is on duty stays so.

    Raises:
        NotAllowed: the actor walks no grid.
    """
    if by.role not in ON_FOOT:
        raise NotAllowed
    assert by.account_id is not None
    Account.objects.select_for_update().get(pk=by.account_id)
    if (running := on_duty(by, now)) is not None:
        return running
    spans = DutySpan.objects.filter(account=by.account_id)
    spans.filter(ended_at=None).update(ended_at=F("ends_by"))
    begins = max(moment_of(at, now), now - LONGEST + timedelta(minutes=1))
    last = spans.order_by("-began_at").first()
    if last is not None and last.ended_at is not None:
        begins = max(begins, last.ended_at)
    return DutySpan.objects.create(
        account_id=by.account_id,
        district_code=by.area_code[:6],
        area_code=by.area_code,
        began_at=begins,
        ends_by=begins + LONGEST,
    )


@transaction.atomic
def go_off(*, by: Actor, now: datetime, at: datetime | None = None) -> DutySpan | None:
    """离岗. Who is off duty stays so."""
    spans = DutySpan.objects.select_for_update()
    running = spans.filter(account=by.account_id, ended_at=None).first()
    if running is None or by.account_id is None:
        return None
    ends = moment_of(at, now)
    running.ended_at = min(max(ends, running.began_at), running.ends_by)
    running.save(update_fields=["ended_at"])
    # A point that came between the end and the word of it lies outside now.
    TrackPoint.objects.filter(
        account_id=by.account_id, at__gt=running.ended_at, span=running
    ).delete()
    return running


def end_forgotten(*, now: datetime) -> int:
    """Ends the spans that have run too long; how many."""
    return DutySpan.objects.filter(ended_at=None, ends_by__lte=now).update(ended_at=F("ends_by"))
