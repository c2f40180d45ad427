"""报名: places taken without an account, given up again, and waited for."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.noting import note
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind
from huying.platforms import free, holding
from huying.platforms.activities import move_up
from huying.platforms.codes import code_of
from huying.platforms.models import ActivitySignUp, PlatformActivity, SignUpState
from huying.platforms.models.activities import MOST_PEOPLE

MOST_WAITING: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Places for so many people.

    Attributes:
        form: the number of the public form; sent twice, it signs up once.
    """

    people: int = 1
    phone: str = ""
    form: str = ""

    @property
    def whole(self) -> str:
        return json.dumps([self.people, self.phone])


def _activity(pk: uuid.UUID, by: Actor) -> PlatformActivity:
    """The activity, held: whoever signs up after this one sees what was given.

    Raises:
        NotFound: there is none, or it is not the desk's.
        NotAllowed: the actor neither is a resident nor keeps it.
    """
    resident = by.kind is ActorKind.RESIDENT
    rows = PlatformActivity.objects.all() if resident else PlatformActivity.objects.visible_to(by)
    found: PlatformActivity | None = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    return found


@transaction.atomic
def sign_up(
    activity: uuid.UUID, wanted: Wanted, *, by: Actor, now: datetime
) -> tuple[ActivitySignUp, str]:
    """Places, or a place on the waiting list; and the code to come back by.

    Raises:
        NotFound, NotAllowed: it is not there, or not the actor's to keep.
        BadInput: not between one and five people, no phone number.
        WrongState: it was called off or is closed, this phone has signed up, the list is full.
        KeyReused: the form was sent before and said something else.
    """
    found, sent = _activity(activity, by), f"{activity} {wanted.whole}"
    if (before := holding.again(ActivitySignUp, wanted.form, sent)) is not None:
        return before, code_of(before.pk)
    if found.cancelled_at is not None:
        raise WrongState(_("This was called off."))
    if found.sign_up_until <= now:
        raise WrongState(_("Sign-up has ended."))
    if not 1 <= wanted.people <= MOST_PEOPLE:
        raise BadInput(_("Between one and %(n)s people.") % {"n": MOST_PEOPLE}, field="people")
    row = ActivitySignUp(
        district_code=found.district_code,
        area_code=found.area_code,
        activity=found,
        day=free.today_of(found.begins_at),
        people=wanted.people,
        state=SignUpState.IN if wanted.people <= found.left else SignUpState.WAITING,
    )
    code = holding.begin(row, wanted.phone, wanted.form, sent, by=by, now=now)
    current = found.sign_ups.exclude(state=SignUpState.OFF)
    if row.phone_index and current.filter(phone_index=row.phone_index).exists():
        raise WrongState(_("With this phone somebody has signed up already."), field="phone")
    if row.state == SignUpState.WAITING:
        if current.filter(state=SignUpState.WAITING).count() >= MOST_WAITING:
            raise WrongState(_("The waiting list is full too."), field="people")
    else:
        found.taken += row.people
        found.save(update_fields=["taken"])
    row.number = (found.sign_ups.aggregate(n=Max("number"))["n"] or 0) + 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise WrongState(
            _("With this phone somebody has signed up already."), field="phone"
        ) from None
    note(row, "sign_up", by=by, now=now, people=row.people, state=str(row.state))
    return row, code


def _own(pk: uuid.UUID, by: Actor) -> ActivitySignUp:
    """The sign-up with its activity, both held. A resident is who has the code.

    Raises:
        NotFound, NotAllowed: as `_activity`.
    """
    there = ActivitySignUp.objects.filter(pk=pk).values_list("activity", flat=True).first()
    if there is None:
        raise NotFound
    activity = _activity(there, by)
    found: ActivitySignUp = ActivitySignUp.objects.select_for_update(of=("self",)).get(pk=pk)
    found.activity = activity
    return found


def _give_up(found: ActivitySignUp, *, by: Actor, now: datetime) -> None:
    """Gives the places to who waits."""
    had, found.state = found.state, SignUpState.OFF
    found.version += 1
    found.save()
    if had == SignUpState.IN:
        found.activity.taken -= found.people
        found.activity.save(update_fields=["taken"])
        move_up(found.activity, by=by, now=now)


def is_to_come(found: ActivitySignUp, now: datetime) -> bool:
    """Whether it can be given up still."""
    activity = found.activity
    runs = activity.cancelled_at is None and activity.begins_at > now
    return runs and found.state != SignUpState.OFF


@transaction.atomic
def cancel(pk: uuid.UUID, *, by: Actor, now: datetime) -> ActivitySignUp:
    """They do not come; who waits moves up.

    Raises:
        NotFound, NotAllowed: as `_activity`.
        WrongState: it has begun, was called off, or they had cancelled.
    """
    found = _own(pk, by)
    if not is_to_come(found, now):
        raise WrongState(_("This cannot be changed any more."))
    _give_up(found, by=by, now=now)
    note(found, "cancel", by=by, now=now)
    return found


@transaction.atomic
def forget(pk: uuid.UUID, *, by: Actor, now: datetime) -> ActivitySignUp:
    """Erases what tells of who signed up; what is still to come is cancelled with it.

    Raises:
        NotFound, NotAllowed: as `_activity`.
    """
    found = _own(pk, by)
    if holding.is_bare(found):
        return found
    holding.bare(found)
    if is_to_come(found, now):
        _give_up(found, by=by, now=now)
    else:
        found.version += 1
        found.save()
    note(found, "forget", by=by, now=now)
    return found
