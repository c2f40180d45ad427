"""Photos of suggestions and results: kept from now on, and who sees which."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from huying.cases.attaching import staged_by
from huying.cases.models import Attachment
from huying.errors import NotAllowed, NotFound
from huying.neighbours.models import NeighbourPhoto, Suggestion, WishClaim
from huying.neighbours.models.wishes import Stage
from huying.neighbours.noting import note
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor


def hold(
    ids: Sequence[uuid.UUID],
    stage: Stage,
    *,
    by: Actor,
    now: datetime,
    suggestion: Suggestion | None = None,
    claim: WishClaim | None = None,
) -> list[NeighbourPhoto]:
    """The actor's staged photos, from now on of the suggestion or the claim. In a transaction.

    Raises:
        BadInput: as `staged_by`.
    """
    found = staged_by(by, ids)
    Attachment.objects.filter(pk__in=[each.pk for each in found]).update(held=True)
    row = suggestion or claim
    assert row is not None
    return NeighbourPhoto.objects.bulk_create(
        NeighbourPhoto(
            district_code=row.district_code,
            attachment=each,
            suggestion=suggestion,
            claim=claim,
            stage=stage,
            at=now,
        )
        for each in found
    )


def seen(pk: uuid.UUID, by: Actor) -> Attachment | None:
    """The file of a photo, for who may see what it belongs to."""
    mine = Q(suggestion__in=Suggestion.objects.visible_to(by)) | Q(claim__in=_claims(by))
    found = NeighbourPhoto.objects.filter(mine, pk=pk).select_related("attachment").first()
    return found.attachment if found is not None else None


def _claims(by: Actor) -> object:
    from huying.neighbours.models import Wish

    if may_keep(by, by.area_code) or by.is_leader:
        return WishClaim.objects.filter(wish__in=Wish.objects.visible_to(by))
    return WishClaim.objects.of(by)


def shown(pk: uuid.UUID) -> Attachment | None:
    """The file of a photo that everybody may see."""
    found = NeighbourPhoto.objects.filter(pk=pk, shown=True).select_related("attachment").first()
    return found.attachment if found is not None else None


@transaction.atomic
def show(pk: uuid.UUID, yes: bool, *, by: Actor, now: datetime) -> NeighbourPhoto:
    """Lets everybody see a photo, or nobody outside any more.

    Raises:
        NotFound, NotAllowed: it is not the actor's to see; they keep nothing here.
    """
    if seen(pk, by) is None:
        raise NotFound
    photo = NeighbourPhoto.objects.select_for_update(of=("self",)).get(pk=pk)
    owner = photo.suggestion or (photo.claim.wish if photo.claim else None)
    assert owner is not None
    if not may_keep(by, owner.area_code):
        raise NotAllowed
    photo.shown = yes
    photo.save(update_fields=["shown"])
    note(owner, "show_photo" if yes else "hide_photo", by=by, now=now, photo=str(photo.pk))
    return photo
