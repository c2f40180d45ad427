"""Who reads about responsibilities, and who works on a list."""

from __future__ import annotations

from typing import Final

from huying.people.acting import Actor
from huying.people.models import Role

LEVELS: Final = (6, 9)
"""Lengths of the codes that have a list: the district's, and a town's of its own."""

_WRITERS: Final = frozenset({Role.DISPATCHER, Role.TOWN_LEADER, Role.DISTRICT_LEADER})


def may_read(actor: Actor) -> bool:
    """Everybody who works here; the lists tell of no person."""
    return actor.role is not None and actor.role != Role.MEMBER


def may_draft(actor: Actor, area_code: str) -> bool:
    """The desk and the leaders of the town or the district whose list it is."""
    return len(area_code) in LEVELS and actor.role in _WRITERS and actor.area_code == area_code
