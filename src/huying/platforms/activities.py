"""文体活动: planned, changed, called off; and afterwards who was there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor
from huying.platforms import free
from huying.platforms.models import ActivitySignUp, PlatformActivity, SignUpState
from huying.platforms.models.activities import MOST_PLACES
from huying.platforms.points import require_area

LONGEST: Final = timedelta(days=3)
MOST_WALK_INS: Final = 5000


@dataclass(frozen=True, slots=True)
class Told:
    """What, where, when, for how many, and until when one signs up; else until it begins."""

    title: str
    spot: str
    begins_at: datetime | None
    ends_at: datetime | None
    capacity: int = 20
    sign_up_until: datetime | None = None
    words: str = ""


def moves_up(left: int, waiting: Sequence[int]) -> list[int]:
    """Which of those who wait get places: in their order, each who fits. Pure.

    Whoever is too many for what is left waits on, and holds up nobody behind them.
    """
    found = []
    for place, people in enumerate(waiting):
        if people <= left:
            found.append(place)
            left -= people
    return found


def _values(told: Told, now: datetime) -> dict[str, Any]:
    begins, ends = told.begins_at, told.ends_at
    if begins is None or begins <= now:
        raise BadInput(_("Please give a time to come."), field="begins_at")
    if ends is None or not begins < ends <= begins + LONGEST:
        raise BadInput(_("It ends after it begins, and within three days."), field="ends_at")
    until = told.sign_up_until or begins
    if not now < until <= begins:
        raise BadInput(_("Between now and the beginning."), field="sign_up_until")
    if not 1 <= told.capacity <= MOST_PLACES:
        raise BadInput(_("Between 1 and %(n)s places.") % {"n": MOST_PLACES}, field="capacity")
    return {
        "title": words_of(told.title, field="title", most=60),
        "words": words_of(told.words, field="words", most=400, needed=False),
        "spot": words_of(told.spot, field="spot", most=60),
        "begins_at": begins,
        "ends_at": ends,
        "sign_up_until": until,
        "capacity": told.capacity,
    }


@transaction.atomic
def plan(area_code: str, told: Told, *, by: Actor, now: datetime) -> PlatformActivity:
    """A new activity, which residents see at once.

    Raises:
        NotAllowed: the actor does not keep this area.
        BadInput, Missing: what was told is not right.
    """
    require_area(area_code)
    if not may_keep(by, area_code) or by.account_id is None:
        raise NotAllowed
    made = PlatformActivity.objects.create(
        district_code=area_code[:6],
        area_code=area_code,
        made_at=now,
        made_by_id=by.account_id,
        **_values(told, now),
    )
    note(made, "plan", by=by, now=now)
    return made


def _locked(pk: uuid.UUID, by: Actor, version: int | None = None) -> PlatformActivity:
    """The activity, held until the transaction ends, for who keeps it.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see, to keep, or has changed.
    """
    rows = PlatformActivity.objects.visible_to(by).select_for_update(of=("self",))
    found: PlatformActivity | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not may_keep(by, found.area_code):
        raise NotAllowed
    require_version(found, version)
    return found


def _to_come(found: PlatformActivity, now: datetime) -> None:
    if found.cancelled_at is not None or found.begins_at <= now:
        raise WrongState(_("This has begun or was called off."))


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> PlatformActivity:
    """Another time, place or number of places; who waits moves up into new ones.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: it has begun or was called off.
        BadInput, Missing: as `plan`; or more places are given than would be there.
    """
    found = _locked(pk, by, version)
    _to_come(found, now)
    for name, value in _values(told, now).items():
        setattr(found, name, value)
    if found.capacity < found.taken:
        raise BadInput(_("%(n)s places are given already.") % {"n": found.taken}, field="capacity")
    found.version += 1
    found.save()
    found.sign_ups.update(day=free.today_of(found.begins_at))
    move_up(found, by=by, now=now)
    note(found, "change", by=by, now=now)
    return found


def move_up(found: PlatformActivity, *, by: Actor, now: datetime) -> list[ActivitySignUp]:
    """Gives free places to who waits. Inside the transaction that holds the activity."""
    rows = found.sign_ups.select_for_update(of=("self",)).filter(state=SignUpState.WAITING)
    waiting = list(rows.order_by("number"))
    chosen = [waiting[n] for n in moves_up(found.left, [each.people for each in waiting])]
    for each in chosen:
        each.state, each.moved_up_at = SignUpState.IN, now
        each.version += 1
        each.save()
        found.taken += each.people
        note(each, "move_up", by=by, now=now)
    if chosen:
        found.save(update_fields=["taken"])
    return chosen


@transaction.atomic
def call_off(pk: uuid.UUID, reason: str, *, by: Actor, now: datetime) -> PlatformActivity:
    """It does not take place; whoever signed up reads why by their code.

    Raises:
        NotFound, NotAllowed: as `_locked`.
        WrongState: it has begun or was called off.
        Missing, BadInput: no reason, or one too long.
    """
    found = _locked(pk, by)
    _to_come(found, now)
    found.reason = words_of(reason, field="reason", most=100)
    found.cancelled_at, found.version = now, found.version + 1
    found.save()
    note(found, "call_off", by=by, now=now)
    return found


@transaction.atomic
def attend(
    pk: uuid.UUID,
    came: Mapping[uuid.UUID, int],
    walk_ins: int,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """How many came of each sign-up, and how many beside; how many in all. May be put right.

    Raises:
        NotFound, NotAllowed: as `_locked`.
        WrongState: it was called off, or has not begun.
        BadInput: more came of one than had signed up, or more beside than can be.
    """
    found = _locked(pk, by)
    if found.cancelled_at is not None or found.begins_at > now:
        raise WrongState(_("Who was there is said once it has begun."))
    if not 0 <= walk_ins <= MOST_WALK_INS:
        raise BadInput(_("Between 0 and %(n)s.") % {"n": MOST_WALK_INS}, field="walk_ins")
    total = walk_ins
    for each in found.sign_ups.select_for_update(of=("self",)).filter(state=SignUpState.IN):
        n = came.get(each.pk, 0)
        if not 0 <= n <= each.people:
            raise BadInput(_("At most as many as had signed up."), field="came")
        each.came = n
        each.save(update_fields=["came"])
        total += n
    found.walk_ins, found.attended_at = walk_ins, now
    found.version += 1
    found.save()
    note(found, "attend", by=by, now=now, came=total)
    return total
