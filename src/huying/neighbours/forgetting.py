"""What tells of a person goes when they want it: words, phone, photos, hours; the steps stay."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as now_
from django.utils.translation import override

from huying.cases.models import Attachment
from huying.cases.unlinking import remove_with_commit
from huying.errors import NotAllowed, NotFound
from huying.neighbours.models import (
    CircleAttendance,
    ClaimRating,
    Joining,
    Suggestion,
    Wish,
    WishClaim,
)
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.models.wishes import Side
from huying.neighbours.noting import note
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind
from huying.registry.erasing import GONE


@transaction.atomic
def forget(pk: uuid.UUID, *, by: Actor, now: datetime) -> Suggestion:
    """Erases what tells of who suggested it, for whoever has its code, or the desk for them.

    What became of it goes on. Doing it again changes nothing.

    Raises:
        NotFound, NotAllowed: it is not the actor's to see, or to keep.
    """
    resident = by.kind is ActorKind.RESIDENT
    rows = Suggestion.objects.all() if resident else Suggestion.objects.visible_to(by)
    found = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    if not found.words:
        return found
    found.words = found.spot = found.phone_masked = ""
    found.phone_enc = found.phone_index = None
    found.said_digest = b""
    if found.state == SuggestionState.NEW:
        found.state, found.decided_at = SuggestionState.ANSWERED, now
        with override("zh-hans"):
            found.answer = now_("Taken back by who suggested it.")
    found.version += 1
    found.save()
    theirs = Attachment.objects.filter(of_neighbours__suggestion=found)
    if found.account_id is None:
        theirs = theirs.filter(uploader_kind=str(ActorKind.RESIDENT))
    _delete_photos(theirs)
    ClaimRating.objects.filter(suggestion=found).update(words="")
    note(found, "forget", by=by, now=now)
    return found


@transaction.atomic
def forget_wish(pk: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Empties the words of a wish that nobody can claim any more; what was done for it stays."""
    wish = Wish.objects.select_for_update(of=("self",)).get(pk=pk)
    wish.title, wish.words, wish.reason = GONE, "", ""
    wish.version += 1
    wish.save()
    note(wish, "forget", by=by, now=now)


@transaction.atomic
def forget_claim(pk: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Empties the words of a claim that has ended, with the claimant's rating and photos."""
    claim = WishClaim.objects.select_for_update(of=("self",)).get(pk=pk)
    claim.progress = claim.result = claim.asked = claim.reason = ""
    claim.save()
    ClaimRating.objects.filter(claim=claim, side=Side.CLAIMANT).update(words="")
    _delete_photos(Attachment.objects.filter(of_neighbours__claim=claim))
    note(claim, "forget", by=by, now=now)


@transaction.atomic
def forget_joining(pk: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Deletes that somebody was in a team or group, with their hours and certificates there."""
    joining = Joining.objects.select_for_update(of=("self",)).get(pk=pk)
    circle, account = joining.circle, joining.account_id
    note(joining, "forget", by=by, now=now)
    CircleAttendance.objects.filter(activity__circle=circle, account=account).delete()
    circle.certificates.filter(account=account).delete()
    joining.delete()


def _delete_photos(rows: QuerySet[Attachment]) -> None:
    erased = list(rows.values_list("pk", "kind"))
    rows.delete()
    remove_with_commit(erased)
