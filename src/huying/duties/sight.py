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


def is_district_office(actor: Actor) -> bool:
    """The district's desk and its leaders: 区网格办."""
    return actor.role in (Role.DISPATCHER, Role.DISTRICT_LEADER) and len(actor.area_code) == 6


def is_town_office(actor: Actor) -> bool:
    """A town's desk and its leaders."""
    return actor.role in (Role.DISPATCHER, Role.TOWN_LEADER) and len(actor.area_code) == 9


def applies(actor: Actor) -> bool:
    """Who works in a unit may apply for it."""
    return actor.role == Role.HANDLER and actor.unit_id is not None


def reviews(actor: Actor) -> bool:
    """预审: the district's desk."""
    return actor.role == Role.DISPATCHER and len(actor.area_code) == 6


def decides(actor: Actor) -> bool:
    """审批: a leader of the district."""
    return actor.role == Role.DISTRICT_LEADER


def sees_admissions(actor: Actor) -> bool:
    """Whether there is anything of admission for this post."""
    return is_district_office(actor) or is_town_office(actor) or applies(actor)


def keeps_map(actor: Actor) -> bool:
    """Who changes what old items have become: the district's desk."""
    return reviews(actor)
