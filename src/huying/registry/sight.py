"""Who may see the registers, change them, and be shown what is masked. Pure."""

from __future__ import annotations

from typing import Final

from huying.people.acting import Actor
from huying.people.models import LEADERS, ON_FOOT, Role

LOOKING: Final = ON_FOOT | {Role.DISPATCHER} | LEADERS
"""Handlers and checkers see of the registers what stands on the page of a case, and no more."""

WRITING: Final = ON_FOOT | {Role.DISPATCHER}
"""Who adds and corrects, and is shown what is masked, in the own area."""


def may_look(actor: Actor) -> bool:
    """Whether the registers' pages are for this post."""
    return actor.role in LOOKING and bool(actor.area_code)


def may_write(actor: Actor, area_code: str) -> bool:
    """Whether the post may add or correct a record there: the grid's workers, the area's desks."""
    return actor.role in WRITING and actor.covers(area_code)
