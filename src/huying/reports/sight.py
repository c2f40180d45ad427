"""Who looks at reports and has them made: the desk and the leaders of an area."""

from __future__ import annotations

from huying.people.acting import Actor
from huying.people.models import Role


def may_look(actor: Actor) -> bool:
    """Whether the post reads reports at all; of which places, `visible_to` says."""
    return bool(actor.area_code) and (actor.role == Role.DISPATCHER or actor.is_leader)
