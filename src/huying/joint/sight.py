"""Who sees what is shared, who keeps it, and for which unit somebody books."""

from __future__ import annotations

from django.db.models import Q

from huying.branches.models import Branch
from huying.branches.sight import is_office
from huying.branches.together import may_write
from huying.neighbours.sight import near
from huying.people.acting import Actor
from huying.people.models import Role, Unit, UnitKind

__all__ = ["is_office", "keeps", "may_enter", "near", "of_organisation", "seat_of", "takes_part"]

keeps = may_write
"""Whether the post keeps the lists of a community: its own desk."""


def seat_of(actor: Actor) -> int | None:
    """The branch or team of neighbours for which the post books; None for any other post.

    A member's or volunteer's own unit, the branch whose secretary the post is, or a grid's branch
    where the district says that its head is the secretary.
    """
    if actor.role == Role.MEMBER:
        return actor.unit_id
    if actor.role == Role.HANDLER and actor.unit_id is not None:
        rows = Unit.objects.filter(pk=actor.unit_id, kind=UnitKind.BRANCH)
        return rows.values_list("pk", flat=True).first()
    if actor.role == Role.GRID_HEAD:
        found = Branch.objects.visible_to(actor).living().values_list("unit", flat=True)
        return found.first()
    return None


def takes_part(actor: Actor) -> bool:
    """Whether the post books for a unit of its own."""
    return seat_of(actor) is not None


def may_enter(actor: Actor) -> bool:
    """Whether there is anything here for this post."""
    return is_office(actor) or takes_part(actor)


def of_organisation(seat: int, at: str = "") -> Q:
    """Rows whose organisation's own branch is this unit."""
    return Q(**{f"{at}organisation__branch__unit": seat})
