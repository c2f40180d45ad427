"""Whose turn it is: what a post has to act on next, as one condition on cases."""

from __future__ import annotations

from typing import Any

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
            units = list(actor.units) or None
            return awaiting_on_the_spot(actor.area_code, actor.account_id, units)
        case _:
            return nothing


def awaiting_on_the_spot(area: Any, account: Any, units: Any) -> Q:
    """The same for those who look on the spot; what is given may be gaps of a question
    (`postgres.frozen`), and ``units`` are None where the account is of none."""
    mine = Q(handler=account)
    if units is not None:
        mine |= Q(handled_by_unit__any_of=units)
    look = Q(state=State.REPORTED, verify_asked=True) | (Q(state=State.HANDLED) & ~mine)
    # Who reported may live in another grid by now: it is asked of the person.
    asked = Q(questions_asked=True, reporter=account, state__in=sorted(OPEN_STATES))
    return Q(area_code__startswith=area) & look | asked
