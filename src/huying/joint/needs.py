"""需求清单: raised by the community's desk or a branch's secretary, until it is met or dropped."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.joint.matching import Match, Offer, matches
from huying.joint.models import JointNeed, SharedResource
from huying.joint.models.projects import NeedState
from huying.joint.models.resources import Kind
from huying.joint.noting import note
from huying.joint.sight import keeps, seat_of
from huying.neighbours.models import Suggestion, Wish
from huying.neighbours.noting import require_version, words_of
from huying.neighbours.wishing import require_community
from huying.people.acting import Actor
from huying.people.models import Role


@dataclass(frozen=True, slots=True)
class Told:
    """What is wanted, and by when."""

    kind: str
    title: str
    words: str = ""
    wanted_by: date | None = None
    suggestion: uuid.UUID | None = None
    wish: uuid.UUID | None = None


def may_raise(actor: Actor, area_code: str) -> bool:
    """The community's own desk, and secretaries of branches there, for their branch."""
    if keeps(actor, area_code):
        return True
    led = actor.role != Role.MEMBER and seat_of(actor) is not None
    return led and actor.area_code[:12] == area_code


def may_change(actor: Actor, need: JointNeed) -> bool:
    """Its community's desk, and the secretary of the branch that wants it."""
    if keeps(actor, need.area_code):
        return True
    return actor.role != Role.MEMBER and need.unit_id is not None and seat_of(actor) == need.unit_id


@transaction.atomic
def raise_one(area_code: str, told: Told, *, by: Actor, now: datetime) -> JointNeed:
    """A new line of the list.

    Raises:
        NotAllowed: the post raises nothing here.
        BadInput, Missing: what was told is not right.
    """
    require_community(area_code)
    if not may_raise(by, area_code):
        raise NotAllowed
    assert by.account_id is not None
    need = JointNeed(
        district_code=area_code[:6],
        area_code=area_code,
        unit_id=None if keeps(by, area_code) else seat_of(by),
        made_at=now,
        made_by_id=by.account_id,
    )
    _set(need, told, now)
    if told.suggestion is not None:
        need.suggestion = _seen(Suggestion, told.suggestion, need, by)
    if told.wish is not None:
        need.wish = _seen(Wish, told.wish, need, by)
    need.save(force_insert=True)
    note(need, "raise", by=by, now=now)
    return need


def _seen(model: type, pk: uuid.UUID, need: JointNeed, by: Actor):  # type: ignore[no-untyped-def]
    found = model.objects.visible_to(by).filter(pk=pk, area_code=need.area_code).first()  # type: ignore[attr-defined]
    if found is None:
        raise BadInput(_("There is no such suggestion or wish here."))
    return found


def _set(need: JointNeed, told: Told, now: datetime) -> None:
    if told.kind not in Kind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if told.wanted_by is not None and told.wanted_by < timezone.localdate(now):
        raise BadInput(_("This day is over."), field="wanted_by")
    need.kind, need.wanted_by = told.kind, told.wanted_by
    need.title = words_of(told.title, field="title", most=60)
    need.words = words_of(told.words, field="words", most=400, needed=False)


def locked(pk: uuid.UUID, by: Actor, version: int | None = None) -> JointNeed:
    """The need, held until the transaction ends, for who may change it.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or change, or was changed.
        WrongState: it has ended.
    """
    rows = JointNeed.objects.visible_to(by).select_for_update(of=("self",))
    found: JointNeed | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not may_change(by, found):
        raise NotAllowed
    require_version(found, version)
    if found.state not in (NeedState.OPEN, NeedState.MATCHED):
        raise WrongState(_("This need has ended."))
    return found


def _save(need: JointNeed, verb: str, by: Actor, now: datetime) -> JointNeed:
    need.version += 1
    need.save()
    note(need, verb, by=by, now=now)
    return need


@transaction.atomic
def correct(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> JointNeed:
    """Says it anew; where it comes from stays. Raises as `locked`, and BadInput, Missing."""
    need = locked(pk, by, version)
    if told.wanted_by != need.wanted_by or told.wanted_by is None:
        _set(need, told, now)
    else:
        # A day that is over by now may stay.
        _set(need, told, min(now, need.made_at))
    return _save(need, "correct", by, now)


@transaction.atomic
def end(
    pk: uuid.UUID,
    met: bool,
    words: str,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointNeed:
    """It is met, or dropped; in words.

    Raises: as `locked`; WrongState: it is in a project, which ends first; Missing, BadInput.
    """
    need = locked(pk, by, version)
    if need.state == NeedState.MATCHED:
        raise WrongState(_("It is in a project; that ends first."))
    need.outcome = words_of(words, field="words", most=200)
    need.state = NeedState.MET if met else NeedState.DROPPED
    need.ended_at = now
    return _save(need, "met" if met else "drop", by, now)


def matching(need: JointNeed) -> list[Match[SharedResource]]:
    """The resources of the community that may meet the need, each with the reasons."""
    rows = SharedResource.objects.living().filter(area_code=need.area_code)
    offers = [
        Offer(each, each.kind, f"{each.name} {each.words} {each.get_kind_display()}")
        for each in rows.select_related("organisation")
    ]
    return list(matches(need.kind, f"{need.title} {need.words}", offers))
