"""Who may see branches, set them up, and keep their members. Pure."""

from __future__ import annotations

from typing import Final

from huying.people.acting import Actor
from huying.people.models import LEADERS, Role

OFFICES: Final = LEADERS | {Role.DISPATCHER}
"""They see which branches there are in their area, and the figures."""

LOOKING: Final = OFFICES | {Role.HANDLER, Role.GRID_HEAD}
"""A handler sees the branch that the post belongs to, a grid head the grid's where the district
says that grid heads are secretaries."""


def may_look(actor: Actor) -> bool:
    """Whether the branches' pages may be for this post; which branches, `visible_to` says."""
    return actor.role in LOOKING and bool(actor.area_code)


def is_office(actor: Actor) -> bool:
    """Whether the post looks at a whole area."""
    return actor.role in OFFICES and bool(actor.area_code)


def may_found(actor: Actor, area_code: str) -> bool:
    """Whether the post may found, change and end branches there: the desks of and above it."""
    return actor.keeps(area_code)


def is_at_home(actor: Actor, area_code: str) -> bool:
    """Whether the post is of the branch's own level: further up there are figures, not people."""
    return is_office(actor) and actor.area_code == area_code
