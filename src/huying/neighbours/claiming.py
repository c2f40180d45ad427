"""认领: taken on, told of, brought to a result, approved; or given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import Missing, NotAllowed, NotFound, WrongState
from huying.neighbours import photos, wishing
from huying.neighbours.models import Wish, WishClaim
from huying.neighbours.models.wishes import ClaimState, Stage, WishState
from huying.neighbours.noting import note, words_of
from huying.neighbours.sight import is_near, may_help
from huying.neighbours.telling import (
    APPROVED,
    CLAIMED,
    MORE,
    RESULT,
    tell_claimant,
    tell_desk_of_claim,
)
from huying.people.acting import Actor
from huying.people.models import Role


@transaction.atomic
def claim(pk: uuid.UUID, *, by: Actor, now: datetime) -> WishClaim:
    """Takes a wish on: a member for themselves, a handler for the unit they act for.

    The wish is locked, so that no more claim it than it has places; that nobody claims it twice
    the database sees to as well.

    Raises:
        NotFound: it is not the actor's to see.
        NotAllowed: the actor's post claims nothing.
        WrongState: it cannot be claimed now, there is no place left, or they have it already.
    """
    if not may_help(by) or by.unit_id is None or by.account_id is None:
        raise NotAllowed(_("Members claim for themselves, and handlers for their unit."))
    wish = Wish.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if wish is None or not is_near(by, wish.area_code):
        raise NotFound
    if wish.state != WishState.OPEN:
        raise WrongState(_("This cannot be claimed any more."))
    if wish.claim_by is not None and wish.claim_by < timezone.localdate(now):
        raise WrongState(_("The last day for claiming is over."))
    if WishClaim.objects.of(by).filter(wish=wish).holding().exists():
        raise WrongState(_("You have claimed this already."))
    if not wishing.places_left(wish):
        raise WrongState(_("Others have claimed it already; there is no place left."))
    try:
        with transaction.atomic():
            made = WishClaim.objects.create(
                district_code=wish.district_code,
                wish=wish,
                account_id=by.account_id,
                unit_id=by.unit_id,
                for_unit=by.role == Role.HANDLER,
                claimed_at=now,
                heard_at=now,
            )
    except IntegrityError:
        raise WrongState(_("You have claimed this already.")) from None
    note(made, "claim", by=by, now=now)
    tell_desk_of_claim(CLAIMED, made, now)
    return made


def _own(pk: uuid.UUID, by: Actor, *states: ClaimState) -> WishClaim:
    """The actor's claim on the wish ``pk``, its wish locked before it.

    Raises:
        NotFound: they have none.
        WrongState: it is in none of these states.
    """
    wish = Wish.objects.select_for_update().filter(pk=pk).first()
    found = WishClaim.objects.of(by).filter(wish=pk).select_for_update(of=("self",)).first()
    if wish is None or found is None:
        raise NotFound
    if found.state not in states:
        raise WrongState(_("The claim is in a state that does not allow this."))
    found.wish = wish
    return found


@transaction.atomic
def tell_progress(pk: uuid.UUID, words: str, *, by: Actor, now: datetime) -> WishClaim:
    """How it is getting on; the claim stays theirs for as many days again.

    Raises:
        NotFound, WrongState: as `_own`.
        Missing: nothing was said.
    """
    found = _own(pk, by, ClaimState.RUNNING)
    found.progress = words_of(words, field="words", most=400)
    found.heard_at, found.urged_at = now, None
    found.save()
    note(found, "progress", by=by, now=now)
    return found


@transaction.atomic
def tell_result(
    pk: uuid.UUID,
    words: str,
    *,
    before: Sequence[uuid.UUID] = (),
    after: Sequence[uuid.UUID] = (),
    by: Actor,
    now: datetime,
) -> WishClaim:
    """What was done, with at least one photo; the desk looks at it then.

    Raises:
        NotFound, WrongState: as `_own`.
        Missing: words or a photo lack.
        BadInput: a photo is not there.
    """
    found = _own(pk, by, ClaimState.RUNNING)
    found.result = words_of(words, field="words")
    photos.hold(before, Stage.BEFORE, by=by, now=now, claim=found)
    photos.hold(after, Stage.AFTER, by=by, now=now, claim=found)
    if not found.photos.filter(stage=Stage.AFTER).exists():
        raise Missing(_("Please add a photo of the result."), field="after")
    found.state, found.reported_at, found.heard_at = ClaimState.REPORTED, now, now
    found.urged_at = None
    found.save()
    note(found, "result", by=by, now=now)
    tell_desk_of_claim(RESULT, found, now, key=now.isoformat())
    return found


@transaction.atomic
def give_up(pk: uuid.UUID, reason: str, *, by: Actor, now: datetime) -> WishClaim:
    """Lets others have it.

    Raises:
        NotFound, WrongState: as `_own`.
        Missing: there is no reason.
    """
    found = _own(pk, by, ClaimState.RUNNING)
    found.reason = words_of(reason, field="reason", most=200)
    found.state, found.ended_at = ClaimState.GIVEN_UP, now
    found.save()
    note(found, "give_up", by=by, now=now)
    return found


def _reported(pk: uuid.UUID, claim_pk: uuid.UUID, by: Actor, version: int | None) -> WishClaim:
    wish = wishing.locked(pk, by, version)
    found = wish.claims.select_for_update(of=("self",)).filter(pk=claim_pk).first()
    if found is None:
        raise NotFound
    if found.state != ClaimState.REPORTED:
        raise WrongState(_("No result of this claim waits to be approved."))
    if found.account_id == by.account_id:
        raise NotAllowed(_("Somebody else has to approve what you did yourself."))
    found.wish = wish
    return found


@transaction.atomic
def approve(
    pk: uuid.UUID, claim_pk: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None
) -> WishClaim:
    """The desk is content with the result; with the last one the wish itself is done.

    Raises:
        NotFound, NotAllowed, StalePage: as `wishing.locked`; or it is one's own claim.
        WrongState: no result was told.
    """
    found = _reported(pk, claim_pk, by, version)
    found.state, found.ended_at, found.asked = ClaimState.DONE, now, ""
    found.save()
    note(found, "approve", by=by, now=now)
    tell_claimant(APPROVED, found, now)
    wishing.finish_if_done(found.wish, by=by, now=now)
    return found


@transaction.atomic
def ask_more(
    pk: uuid.UUID,
    claim_pk: uuid.UUID,
    words: str,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> WishClaim:
    """The desk wants more; the claim runs again.

    Raises:
        NotFound, NotAllowed, StalePage, WrongState: as `approve`.
        Missing: nothing was said.
    """
    found = _reported(pk, claim_pk, by, version)
    found.asked = words_of(words, field="words", most=200)
    found.state, found.heard_at = ClaimState.RUNNING, now
    found.save()
    note(found, "ask_more", by=by, now=now)
    tell_claimant(MORE, found, now, key=now.isoformat())
    return found
