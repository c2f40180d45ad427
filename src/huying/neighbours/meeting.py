"""活动: planned, signed up for, called off; and afterwards who was there."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.circles import may_run
from huying.neighbours.models import Circle, CircleActivity, CircleAttendance
from huying.neighbours.models.circles import AttendanceState, JoiningState
from huying.neighbours.noting import note, words_of
from huying.neighbours.sight import may_help
from huying.neighbours.telling import CANCELLED, MINE, put
from huying.notices.telling import Whom
from huying.people.acting import Actor

LONGEST: Final = timedelta(hours=24)
MOST_PLACES: Final = 500
MOST_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Told:
    """What, where and when, and for how many."""

    title: str
    spot: str
    begins_at: datetime | None
    ends_at: datetime | None
    places: int = 20
    words: str = ""


@transaction.atomic
def plan(pk: uuid.UUID, told: Told, *, by: Actor, now: datetime) -> CircleActivity:
    """A new activity of a team or group.

    Raises:
        NotFound, NotAllowed: it is not the actor's to see, or to run.
        BadInput, Missing: what was told is not right.
    """
    circle = Circle.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if circle is None:
        raise NotFound
    if not may_run(by, circle):
        raise NotAllowed
    if circle.ended_at is not None:
        raise WrongState(_("This team or group has ended."))
    if told.begins_at is None or told.begins_at <= now:
        raise BadInput(_("Please give a time to come."), field="begins_at")
    if told.ends_at is None or not told.begins_at < told.ends_at <= told.begins_at + LONGEST:
        raise BadInput(_("It ends after it begins, and within a day."), field="ends_at")
    if not 1 <= told.places <= MOST_PLACES:
        raise BadInput(_("Between 1 and %(n)s places.") % {"n": MOST_PLACES}, field="places")
    assert by.account_id is not None
    made = CircleActivity.objects.create(
        district_code=circle.district_code,
        area_code=circle.area_code,
        circle=circle,
        title=words_of(told.title, field="title", most=60),
        words=words_of(told.words, field="words", most=400, needed=False),
        spot=words_of(told.spot, field="spot", most=60),
        begins_at=told.begins_at,
        ends_at=told.ends_at,
        places=told.places,
        made_at=now,
        made_by_id=by.account_id,
    )
    note(made, "plan", by=by, now=now)
    return made


def _locked(pk: uuid.UUID, by: Actor) -> CircleActivity:
    """The activity, held until the transaction ends; raises NotFound for who does not see it."""
    rows = CircleActivity.objects.visible_to(by).select_for_update(of=("self",))
    found = rows.select_related("circle").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def taken(activity: CircleActivity) -> int:
    """How many places are taken."""
    return activity.attendances.exclude(state=AttendanceState.OFF).count()


@transaction.atomic
def sign_up(pk: uuid.UUID, *, by: Actor, now: datetime) -> CircleAttendance:
    """Somebody of the team or group takes one of the places.

    Raises:
        NotFound: it is not theirs to see.
        NotAllowed: they do not belong to the team or group.
        WrongState: it has begun, was called off, is full, or they have signed up already.
    """
    activity = _locked(pk, by)
    belongs = activity.circle.joinings.filter(account=by.account_id, state=JoiningState.IN)
    if not may_help(by) or not belongs.exists():
        raise NotAllowed(_("First join the team or group."))
    if activity.cancelled_at is not None:
        raise WrongState(_("This was called off."))
    if activity.begins_at <= now:
        raise WrongState(_("This has begun already."))
    mine = activity.attendances.filter(account=by.account_id).first()
    if mine is not None and mine.state != AttendanceState.OFF:
        raise WrongState(_("You have signed up already."))
    if taken(activity) >= activity.places:
        raise WrongState(_("All places are taken."))
    assert by.account_id is not None
    if mine is None:
        mine = CircleAttendance(
            district_code=activity.district_code, activity=activity, account_id=by.account_id
        )
    mine.state, mine.signed_at = AttendanceState.COMING, now
    mine.save()
    note(activity, "sign_up", by=by, now=now)
    return mine


@transaction.atomic
def sign_off(pk: uuid.UUID, *, by: Actor, now: datetime) -> CircleAttendance:
    """Gives the place free for another, before it begins.

    Raises:
        NotFound: they have none.
        WrongState: it has begun.
    """
    activity = _locked(pk, by)
    mine = activity.attendances.filter(account=by.account_id, state=AttendanceState.COMING).first()
    if mine is None:
        raise NotFound
    if activity.begins_at <= now:
        raise WrongState(_("This has begun already."))
    mine.state = AttendanceState.OFF
    mine.save()
    note(activity, "sign_off", by=by, now=now)
    return mine


@transaction.atomic
def call_off(pk: uuid.UUID, *, by: Actor, now: datetime) -> CircleActivity:
    """It does not take place; who had signed up is told.

    Raises:
        NotFound, NotAllowed: as `plan`.
        WrongState: it has begun or was called off.
    """
    activity = _locked(pk, by)
    if not may_run(by, activity.circle):
        raise NotAllowed
    if activity.cancelled_at is not None or activity.begins_at <= now:
        raise WrongState(_("This cannot be called off any more."))
    activity.cancelled_at = now
    activity.save(update_fields=["cancelled_at"])
    note(activity, "call_off", by=by, now=now)
    coming = activity.attendances.filter(state=AttendanceState.COMING)
    whom = Whom(accounts=tuple(coming.values_list("account", flat=True)), but=_one(by))
    day = f"{timezone.localtime(activity.begins_at):%m-%d}"
    put(CANCELLED, whom, activity, now, MINE, "", circle=activity.circle.name, day=day)
    return activity


def _one(by: Actor) -> tuple[int, ...]:
    return () if by.account_id is None else (by.account_id,)


@transaction.atomic
def confirm(
    pk: uuid.UUID,
    came: Collection[uuid.UUID],
    minutes: int,
    *,
    by: Actor,
    now: datetime,
    each: Mapping[uuid.UUID, int] | None = None,
) -> int:
    """Who was there, for so many minutes; the others who had signed up were not. How many came.

    ``each`` has the minutes of those who were there for longer, or not to the end. Nobody confirms
    themselves: their own line stays as it is, for another to say.

    Raises:
        NotFound, NotAllowed: as `plan`.
        WrongState: it was called off, or has not begun.
        BadInput: not between a minute and a day; the field is ``minutes``, or the line's id.
    """
    own = each or {}
    activity = _locked(pk, by)
    if not may_run(by, activity.circle):
        raise NotAllowed
    if activity.cancelled_at is not None or activity.begins_at > now:
        raise WrongState(_("Who was there is said once it has begun."))
    for field, n in (("minutes", minutes), *((str(line), own[line]) for line in own)):
        if not 1 <= n <= MOST_MINUTES:
            raise BadInput(_("Between a minute and a day."), field=field)
    assert by.account_id is not None
    rows = activity.attendances.select_for_update(of=("self",)).exclude(state=AttendanceState.OFF)
    there = 0
    given = 0
    for line in rows.exclude(account=by.account_id):
        was = line.pk in came
        line.state = AttendanceState.CAME if was else AttendanceState.MISSED
        line.minutes = own.get(line.pk, minutes) if was else 0
        line.confirmed_at, line.confirmed_by_id = now, by.account_id
        line.save()
        there += was
        given += line.minutes
    note(activity, "confirm", by=by, now=now, came=there, minutes=given)
    return there
