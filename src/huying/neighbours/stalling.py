"""A claim of which nothing is heard returns to the list; its claimant is reminded before."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from huying.neighbours.models import Wish, WishClaim
from huying.neighbours.models.wishes import ClaimState, WishState
from huying.neighbours.noting import note
from huying.neighbours.telling import (
    STALLED,
    STALLED_HERE,
    URGED,
    tell_claimant,
    tell_desk_of_claim,
)
from huying.neighbours.wishing import finish_if_done
from huying.people.acting import SYSTEM

log = logging.getLogger(__name__)

URGED_BEFORE = timedelta(days=2)


def returns_at(claim: WishClaim) -> datetime:
    """When the claim returns to the list if nothing is heard of it."""
    return claim.heard_at + timedelta(days=claim.wish.stall_days)


def urged_from(claim: WishClaim) -> datetime:
    """When its claimant is reminded: two days before, or after half of a shorter time."""
    whole = timedelta(days=claim.wish.stall_days)
    return returns_at(claim) - min(URGED_BEFORE, whole / 2)


def see_to(*, now: datetime) -> int:
    """Reminds and returns what is due, and ends what is done; how many claims it touched."""
    due = WishClaim.objects.filter(
        state=ClaimState.RUNNING, heard_at__lte=now - F("wish__stall_days") * timedelta(hours=12)
    )
    touched = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            touched += _see_to(pk, now)
        except Exception:
            # One claim that cannot be seen to keeps the others from nothing.
            log.exception("claim %s could not be seen to", pk)
    return touched + _end(now)


@transaction.atomic
def _see_to(pk: uuid.UUID, now: datetime) -> int:
    # The wish first, as every other step locks them.
    wish = Wish.objects.select_for_update(skip_locked=True, of=("self",)).filter(claims=pk).first()
    if wish is None:
        return 0
    claim = wish.claims.select_for_update(of=("self",)).get(pk=pk)
    claim.wish = wish
    if claim.state != ClaimState.RUNNING:
        return 0
    if now >= returns_at(claim):
        claim.state, claim.ended_at = ClaimState.STALLED, now
        claim.save()
        note(claim, "stall", by=SYSTEM, now=now)
        tell_claimant(STALLED, claim, now, days=wish.stall_days)
        tell_desk_of_claim(STALLED_HERE, claim, now, days=wish.stall_days)
        return 1
    if now >= urged_from(claim) and claim.urged_at is None:
        claim.urged_at = now
        claim.save()
        note(claim, "urge", by=SYSTEM, now=now)
        day = f"{timezone.localtime(returns_at(claim)):%m-%d}"
        tell_claimant(URGED, claim, now, key=claim.heard_at.isoformat(), day=day)
        return 1
    return 0


def _end(now: datetime) -> int:
    """Ends wishes whose time for claiming is over and whose claims are all approved."""
    over = Wish.objects.filter(
        state=WishState.OPEN, claim_by__lt=timezone.localdate(now), claims__state=ClaimState.DONE
    )
    ended = 0
    for pk in set(over.values_list("pk", flat=True)):
        with transaction.atomic():
            wish = Wish.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if wish is not None and wish.state == WishState.OPEN:
                ended += finish_if_done(wish, by=SYSTEM, now=now)
    return ended
