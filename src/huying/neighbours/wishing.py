"""What the desk does with wishes and projects: written down, published, changed, closed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours.models import Wish, WishClaim
from huying.neighbours.models.wishes import (
    HOLDING,
    LONGEST_STALL,
    MOST_CLAIMS,
    ClaimState,
    Sort,
    WishState,
)
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import COMMUNITY, may_keep
from huying.neighbours.telling import ENDED, tell_claimant
from huying.people.acting import Actor
from huying.places.locating import is_live


@dataclass(frozen=True, slots=True)
class Told:
    """What a wish or project says."""

    sort: str
    title: str
    words: str
    capacity: int = 1
    claim_by: date | None = None
    due_on: date | None = None
    stall_days: int = 7


def require_community(area_code: str) -> str:
    """A code that names a community.

    Raises:
        BadInput: it does not.
    """
    if len(area_code) != COMMUNITY or not is_live(area_code):
        raise BadInput(_("Please choose a community."), field="area")
    return area_code


def _checked(told: Told) -> dict[str, object]:
    if told.sort not in Sort.values:
        raise BadInput(_("Please choose one."), field="sort")
    if not 1 <= told.capacity <= MOST_CLAIMS:
        raise BadInput(
            _("Between 1 and %(n)s may claim it.") % {"n": MOST_CLAIMS}, field="capacity"
        )
    if not 1 <= told.stall_days <= LONGEST_STALL:
        raise BadInput(_("Between 1 and %(n)s days.") % {"n": LONGEST_STALL}, field="stall_days")
    if told.claim_by and told.due_on and told.due_on < told.claim_by:
        raise BadInput(
            _("It cannot be done before the last day on which it is claimed."), field="due_on"
        )
    return {
        "sort": told.sort,
        "title": words_of(told.title, field="title", most=60),
        "words": words_of(told.words, field="words"),
        "capacity": told.capacity,
        "claim_by": told.claim_by,
        "due_on": told.due_on,
        "stall_days": told.stall_days,
    }


@transaction.atomic
def write(area_code: str, told: Told, *, by: Actor, now: datetime) -> Wish:
    """A wish or project that nobody outside sees yet.

    Raises:
        NotAllowed: the actor does not keep this community's list.
        BadInput, Missing: what was told is not right.
    """
    require_community(area_code)
    if not may_keep(by, area_code):
        raise NotAllowed
    assert by.account_id is not None
    wish = Wish.objects.create(
        district_code=area_code[:6],
        area_code=area_code,
        made_at=now,
        made_by_id=by.account_id,
        **_checked(told),
    )
    note(wish, "write", by=by, now=now)
    return wish


def locked(pk: uuid.UUID, by: Actor, version: int | None = None) -> Wish:
    """The wish, held until the transaction ends, for who keeps it.

    Raises:
        NotFound: it is not the actor's to see.
        NotAllowed: they see it and do not keep it.
        StalePage: see `require_version`.
    """
    wish = Wish.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if wish is None:
        raise NotFound
    if not may_keep(by, wish.area_code):
        raise NotAllowed
    require_version(wish, version)
    return wish


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> Wish:
    """Says it anew, while it has not ended.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: it has ended.
        BadInput, Missing: as `write`; or more have claimed it than it would have places.
    """
    wish = locked(pk, by, version)
    if wish.state not in (WishState.DRAFT, WishState.OPEN):
        raise WrongState(_("This has ended."))
    given = _checked(told)
    taken = wish.claims.holding().count()
    if told.capacity < taken:
        raise BadInput(_("%(n)s have claimed it already.") % {"n": taken}, field="capacity")
    for name, value in given.items():
        setattr(wish, name, value)
    _save(wish)
    note(wish, "change", by=by, now=now)
    return wish


def _save(wish: Wish) -> None:
    wish.version += 1
    wish.save()


@transaction.atomic
def publish(pk: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None) -> Wish:
    """发布: from now on everybody reads it and neighbours may claim it.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: it is published or has ended.
        BadInput: its last day for claiming is over.
    """
    wish = locked(pk, by, version)
    if wish.state != WishState.DRAFT:
        raise WrongState(_("This is not waiting to be published."))
    if wish.claim_by is not None and wish.claim_by < timezone.localdate(now):
        raise BadInput(_("The last day for claiming is over; please change it."), field="claim_by")
    wish.state, wish.published_at = WishState.OPEN, now
    _save(wish)
    note(wish, "publish", by=by, now=now)
    return wish


@transaction.atomic
def close(
    pk: uuid.UUID, reason: str, *, by: Actor, now: datetime, version: int | None = None
) -> Wish:
    """Takes it off the list without a result; who had claimed it is told.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: it has ended.
        Missing: there is no reason.
    """
    wish = locked(pk, by, version)
    if wish.state not in (WishState.DRAFT, WishState.OPEN):
        raise WrongState(_("This has ended."))
    wish.reason = words_of(reason, field="reason", most=200)
    wish.state, wish.ended_at = WishState.CLOSED, now
    _save(wish)
    running = [ClaimState.RUNNING, ClaimState.REPORTED]
    for claim in wish.claims.select_for_update(of=("self",)).filter(state__in=running):
        claim.state, claim.ended_at = ClaimState.CLOSED, now
        claim.save()
        tell_claimant(ENDED, claim, now)
    note(wish, "close", by=by, now=now)
    return wish


def finish_if_done(wish: Wish, *, by: Actor, now: datetime) -> bool:
    """Ends a locked wish whose claims are all approved; whether it did.

    What is claimed by fewer than there are places goes on until its last day for claiming, or
    until the desk says that it is done.
    """
    states = list(wish.claims.filter(state__in=HOLDING).values_list("state", flat=True))
    all_done = bool(states) and all(state == ClaimState.DONE for state in states)
    if not all_done or (len(states) < wish.capacity and not _claiming_is_over(wish, now)):
        return False
    _finish(wish, by=by, now=now)
    return True


def _claiming_is_over(wish: Wish, now: datetime) -> bool:
    return wish.claim_by is not None and wish.claim_by < timezone.localdate(now)


def _finish(wish: Wish, *, by: Actor, now: datetime) -> None:
    from huying.neighbours.suggesting import wish_was_done

    wish.state, wish.ended_at = WishState.DONE, now
    _save(wish)
    note(wish, "done", by=by, now=now)
    wish_was_done(wish, by=by, now=now)


@transaction.atomic
def finish(pk: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None) -> Wish:
    """The desk says that it is done although not every place was taken.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: it is not open, nothing was approved yet, or somebody still works on it.
    """
    wish = locked(pk, by, version)
    if wish.state != WishState.OPEN:
        raise WrongState(_("This has ended or was never published."))
    states = set(wish.claims.holding().values_list("state", flat=True))
    if states != {ClaimState.DONE}:
        raise WrongState(_("First every claim that runs must be approved or have ended."))
    _finish(wish, by=by, now=now)
    return wish


def places_left(wish: Wish) -> int:
    """How many may still claim it."""
    return max(0, wish.capacity - WishClaim.objects.filter(wish=wish).holding().count())
