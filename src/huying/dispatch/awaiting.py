"""Whose turn it is: what a post has to act on next, as one condition on cases."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from huying.cases.states import OPEN_STATES, PartState, State
from huying.people.acting import Actor
from huying.people.models import Role
from huying.postgres import frozen as _frozen  # noqa: F401 - knows the lookup `any_of`


def awaiting(actor: Actor) -> Q:
    """What the actor's post has to act on next: the flow table's movers, as a condition."""
    return turn_of(
        actor.role,
        area=actor.area_code,
        account=actor.account_id,
        unit=actor.unit_id,
        units=list(actor.units) or None,
    )


def turn_of(role: Role | None, *, area: Any, account: Any, unit: Any, units: Any) -> Q:
    """The same from its parts, which may be gaps of a question (`postgres.frozen`).

    Of a handler the unit may not: each unit's part of a case stands under its own name.
    """
    nothing = Q(pk__in=[])
    match role:
        case Role.DISPATCHER:
            return Q(holder_code=area, suspended_until__isnull=True) & (
                Q(state__in=[State.REPORTED, State.ACCEPTED, State.CHECKED])
                | Q(extension_asked=True)
                | Q(state=State.HANDLED, check_asked=False)
            )
        case Role.HANDLER:
            leads = Q(lead_unit=unit, state__in=[State.DISPATCHED, State.HANDLING])
            undone = [PartState.ASKED, PartState.WORKING, PartState.THERE]
            assists = Q(**{f"parts__{unit}__in": [str(each) for each in undone]})
            return Q(suspended_until__isnull=True) & (leads | assists)
        case Role.CHECKER | Role.GRID_WORKER | Role.GRID_HEAD:
            return awaiting_on_the_spot(area, account, units)
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
