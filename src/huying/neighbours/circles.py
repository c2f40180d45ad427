"""Volunteer teams and groups: made, joined, led, left, ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.models import Circle, Joining
from huying.neighbours.models.circles import JoiningState, Tie
from huying.neighbours.noting import note, words_of
from huying.neighbours.posting import take_back
from huying.neighbours.sight import may_help, may_keep
from huying.neighbours.telling import tell_joined, tell_leads
from huying.neighbours.wishing import require_community
from huying.people.acting import Actor
from huying.people.models import TeamSort, Unit, UnitKind
from huying.places.models import Level

SIX: Final = (
    "微笑服务",
    "治安巡逻",
    "老人关怀",
    "文艺活动",
    "文明教育",
    "青少年关爱",
)
"""What volunteer teams are for; a community may have others."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a team or group is called and does."""

    tie: str
    name: str
    words: str = ""


def leads(actor: Actor, circle: Circle) -> bool:
    """Whether the actor leads it."""
    return circle.joinings.filter(account=actor.account_id, leads=True).exists()


def may_run(actor: Actor, circle: Circle) -> bool:
    """Whether the actor accepts people, plans activities and says who was there."""
    return may_keep(actor, circle.area_code) or (may_help(actor) and leads(actor, circle))


@transaction.atomic
def make(
    area_code: str, told: Told, *, by: Actor, now: datetime, unit: Unit | None = None
) -> Circle:
    """A new team or group. A team is a unit as well, so that it can be called.

    ``unit`` is a volunteer team that is there already.

    Raises:
        NotAllowed: the actor does not keep this community.
        BadInput, Missing: no name, no tie, or another has the name.
    """
    require_community(area_code)
    if not may_keep(by, area_code):
        raise NotAllowed
    if told.tie not in Tie.values:
        raise BadInput(_("Please choose one."), field="tie")
    assert by.account_id is not None
    name = words_of(told.name, field="name", most=40)
    taken = Circle.objects.filter(area_code=area_code, name=name, ended_at=None)
    if taken.exists():
        raise BadInput(_("There is one of this name already."), field="name")
    try:
        with transaction.atomic():
            circle = Circle.objects.create(
                district_code=area_code[:6],
                area_code=area_code,
                tie=told.tie,
                name=name,
                words=words_of(told.words, field="words", most=200, needed=False),
                unit=(unit or _unit(area_code, name)) if told.tie == Tie.TEAM else None,
                made_at=now,
                made_by_id=by.account_id,
            )
    except IntegrityError:
        raise BadInput(_("There is one of this name already."), field="name") from None
    note(circle, "make", by=by, now=now)
    return circle


def _unit(area_code: str, name: str) -> Unit:
    return Unit.objects.create(
        code=f"{area_code}-vol-{uuid.uuid4().hex[:8]}",
        name=name,
        kind=UnitKind.TEAM,
        sort=TeamSort.VOLUNTEER,
        level=Level.COMMUNITY,
        area_code=area_code,
        district_code=area_code[:6],
    )


def _circle(pk: uuid.UUID, by: Actor) -> Circle:
    """The team or group, held until the transaction ends.

    Raises:
        NotFound: it is not the actor's to see.
        WrongState: it has ended.
    """
    found = Circle.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if found.ended_at is not None:
        raise WrongState(_("This team or group has ended."))
    return found


@transaction.atomic
def ask(pk: uuid.UUID, *, by: Actor, now: datetime) -> Joining:
    """报名: the member signs up themselves.

    Raises:
        NotFound, WrongState: as `_circle`; or they have signed up already.
        NotAllowed: the post joins nothing.
    """
    circle = _circle(pk, by)
    if not may_help(by):
        raise NotAllowed
    assert by.account_id is not None
    try:
        with transaction.atomic():
            joining = Joining.objects.create(
                district_code=circle.district_code,
                circle=circle,
                account_id=by.account_id,
                asked_at=now,
            )
    except IntegrityError:
        raise WrongState(_("You have signed up already.")) from None
    note(joining, "ask", by=by, now=now)
    tell_leads(joining, now)
    return joining


@transaction.atomic
def decide(pk: uuid.UUID, joining: uuid.UUID, yes: bool, *, by: Actor, now: datetime) -> Joining:
    """The lead or the desk accepts somebody, or does not; never oneself.

    A post in the team's unit is not theirs to give: see `posting`.

    Raises:
        NotFound: nobody of this sign-up is there.
        NotAllowed: the actor does not run it, or it is themselves.
        WrongState: it was decided.
    """
    circle = _circle(pk, by)
    if not may_run(by, circle):
        raise NotAllowed
    found = circle.joinings.select_for_update(of=("self",)).filter(pk=joining).first()
    if found is None:
        raise NotFound
    if found.account_id == by.account_id:
        raise NotAllowed(_("Somebody else has to accept you."))
    if found.state != JoiningState.ASKED:
        raise WrongState(_("This was decided already."))
    found.state = JoiningState.IN if yes else JoiningState.REFUSED
    found.decided_at, found.decided_by_id = now, by.account_id
    found.save()
    note(found, "accept" if yes else "refuse", by=by, now=now)
    if yes:
        tell_joined(found, now)
    return found


@transaction.atomic
def let_lead(pk: uuid.UUID, joining: uuid.UUID, yes: bool, *, by: Actor, now: datetime) -> Joining:
    """The desk says who leads it; several may.

    Raises:
        NotFound: nobody of this sign-up is in it.
        NotAllowed: the actor is not its desk.
    """
    circle = _circle(pk, by)
    if not may_keep(by, circle.area_code):
        raise NotAllowed
    rows = circle.joinings.select_for_update(of=("self",))
    found = rows.filter(pk=joining, state=JoiningState.IN).first()
    if found is None:
        raise NotFound
    found.leads = yes
    found.save(update_fields=["leads"])
    note(found, "lead" if yes else "lead_no_more", by=by, now=now)
    return found


@transaction.atomic
def leave(pk: uuid.UUID, *, by: Actor, now: datetime) -> Joining:
    """The member leaves, or takes the sign-up back.

    Raises:
        NotFound: they are not in it.
    """
    circle = _circle(pk, by)
    rows = circle.joinings.select_for_update(of=("self",))
    current = [JoiningState.ASKED, JoiningState.IN]
    found = rows.filter(account=by.account_id, state__in=current).first()
    if found is None:
        raise NotFound
    found.state, found.leads, found.decided_at = JoiningState.LEFT, False, now
    found.save()
    take_back(circle, now, by.account_id)
    note(found, "leave", by=by, now=now)
    return found


@transaction.atomic
def end(pk: uuid.UUID, *, by: Actor, now: datetime) -> Circle:
    """Nobody joins it any more; hours and certificates stay.

    Raises:
        NotFound, NotAllowed, WrongState: it is not theirs to see or end, or has ended.
    """
    circle = _circle(pk, by)
    if not may_keep(by, circle.area_code):
        raise NotAllowed
    circle.ended_at = now
    circle.save(update_fields=["ended_at"])
    if circle.unit is not None:
        take_back(circle, now)
        Unit.objects.filter(circle=circle).update(active=False)
    note(circle, "end", by=by, now=now)
    return circle


def circles_of(account_id: int | None) -> list[Joining]:
    """Where somebody is in, or has signed up."""
    current = [JoiningState.ASKED, JoiningState.IN]
    rows = Joining.objects.filter(account=account_id, state__in=current, circle__ended_at=None)
    return list(rows.select_related("circle"))
