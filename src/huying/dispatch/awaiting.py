"""Whose turn it is: what a post has to act on next, as one condition on cases."""

from __future__ import annotations

from django.db.models import Q

from huying.cases.states import OPEN_STATES, PartState, State
from huying.people.acting import Actor
from huying.people.models import Role


def awaiting(actor: Actor) -> Q:
    """What the actor's post has to act on next: the flow table's movers, as a condition."""
    nothing = Q(pk__in=[])
    match actor.role:
        case Role.DISPATCHER:
            return Q(holder_code=actor.area_code, suspended_until__isnull=True) & (
                Q(state__in=[State.REPORTED, State.ACCEPTED, State.CHECKED])
                | Q(extension_asked=True)
                | Q(state=State.HANDLED, check_asked=False)
            )
        case Role.HANDLER:
            leads = Q(lead_unit=actor.unit_id, state__in=[State.DISPATCHED, State.HANDLING])
            undone = [PartState.ASKED, PartState.WORKING, PartState.THERE]
            assists = Q(**{f"parts__{actor.unit_id}__in": [str(each) for each in undone]})
            return Q(suspended_until__isnull=True) & (leads | assists)
        case Role.CHECKER | Role.GRID_WORKER | Role.GRID_HEAD:
            mine = Q(handler=actor.account_id)
            if actor.units:
                mine |= Q(handled_by_unit__in=actor.units)
            look = Q(state=State.REPORTED, verify_asked=True) | (Q(state=State.HANDLED) & ~mine)
            # Who reported may live in another grid by now: it is asked of the person.
            asked = Q(questions_asked=True, reporter=actor.account_id, state__in=OPEN_STATES)
            return Q(area_code__startswith=actor.area_code) & look | asked
        case _:
            return nothing
