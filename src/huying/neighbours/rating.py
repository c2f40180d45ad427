"""双向考评: the resident rates what was done, who did it rates how the community supported it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotFound, WrongState
from huying.neighbours.models import ClaimRating, Suggestion, WishClaim
from huying.neighbours.models.wishes import ClaimState, Side
from huying.neighbours.noting import note, words_of
from huying.people.acting import RESIDENT, Actor


def _stars(stars: int | None) -> int:
    if stars is None or not 1 <= stars <= 5:
        raise BadInput(_("Please choose between one and five stars."), field="stars")
    return stars


def _write(
    claim: WishClaim,
    side: Side,
    stars: int | None,
    words: str,
    suggestion: Suggestion | None,
    by: Actor,
    now: datetime,
) -> ClaimRating:
    given = _stars(stars)
    said = words_of(words, field="words", most=400, needed=False)
    try:
        with transaction.atomic():
            rating = ClaimRating.objects.create(
                district_code=claim.district_code,
                claim=claim,
                side=side,
                suggestion=suggestion,
                stars=given,
                words=said,
                at=now,
            )
    except IntegrityError:
        raise WrongState(_("This was rated already. Thank you.")) from None
    note(claim, "rate", by=by, now=now, side=str(side))
    return rating


def to_rate(suggestion: Suggestion) -> list[WishClaim]:
    """The approved claims of what a suggestion became, that were not rated from it yet."""
    if suggestion.wish_id is None:
        return []
    done = WishClaim.objects.filter(wish=suggestion.wish_id, state=ClaimState.DONE)
    rated = ClaimRating.objects.filter(side=Side.RESIDENT, suggestion=suggestion)
    return list(done.exclude(pk__in=rated.values("claim")).order_by("ended_at", "id"))


@transaction.atomic
def by_resident(
    suggestion: Suggestion, claim: uuid.UUID, stars: int | None, words: str, *, now: datetime
) -> ClaimRating:
    """Whoever has the suggestion's code says how it went, once for each claim.

    Raises:
        NotFound: nothing of this claim is there to be rated from here.
        BadInput: no stars, or words that cannot be kept.
        WrongState: it was rated already.
    """
    found = (
        WishClaim.objects.filter(pk=claim, wish=suggestion.wish_id, state=ClaimState.DONE)
        .select_related("wish")
        .first()
    )
    if found is None or suggestion.wish_id is None:
        raise NotFound
    return _write(found, Side.RESIDENT, stars, words, suggestion, RESIDENT, now)


@transaction.atomic
def by_claimant(
    wish: uuid.UUID, stars: int | None, words: str, *, by: Actor, now: datetime
) -> ClaimRating:
    """Who did it says how the community supported them, once.

    Raises:
        NotFound: nothing of theirs is done here.
        BadInput, WrongState: as `by_resident`.
    """
    found = (
        WishClaim.objects.of(by)
        .filter(wish=wish, state=ClaimState.DONE)
        .select_related("wish")
        .first()
    )
    if found is None:
        raise NotFound
    return _write(found, Side.CLAIMANT, stars, words, None, by, now)
