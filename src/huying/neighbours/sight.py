"""Who keeps a community's wishes, teams and suggestions, and who takes part in them. Pure."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from huying.people.acting import Actor
from huying.people.models import Role
from huying.places.models import CODE_LENGTH, Level

LOOKING: Final = frozenset(
    {Role.DISPATCHER, Role.COMMUNITY_LEADER, Role.TOWN_LEADER, Role.DISTRICT_LEADER}
)
"""Who reads the desk's pages about neighbours, within the own area."""
HELPING: Final = frozenset({Role.MEMBER, Role.HANDLER})
"""Who may claim: a member for themselves, a handler for the unit they work in."""

COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]


def may_look(actor: Actor) -> bool:
    return actor.role in LOOKING and bool(actor.area_code)


def may_keep(actor: Actor, area_code: str) -> bool:
    """Whether the post publishes, approves and answers here: a desk of the area or above it."""
    return actor.keeps(area_code)


def may_help(actor: Actor) -> bool:
    """Whether the post can claim, join a team and go to its activities."""
    return actor.role in HELPING and bool(actor.area_code)


def is_near(actor: Actor, area_code: str) -> bool:
    """Whether who helps belongs to this place: their area holds it, or lies in it."""
    return area_code.startswith(actor.area_code) or actor.area_code.startswith(area_code)


def near(actor: Actor) -> Q:
    """`is_near` for a query over ``area_code``."""
    own = actor.area_code
    around = [own[:length] for length in CODE_LENGTH.values() if length <= len(own)]
    return Q(area_code__startswith=own) | Q(area_code__in=around)
