"""派遣, 签收, 退单: the case goes to a unit, the unit takes it or gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.closing import ORDERS_END, clear_handling
from huying.cases.models import Case, CaseEvent, CaseParty, TextKind
from huying.cases.reasons import ReturnReason
from huying.cases.states import State
from huying.cases.undoing import reverses
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.catalogue.models import Clock
from huying.dispatch.assisting import ask, end_parts
from huying.dispatch.deciding import decided
from huying.dispatch.models import Order
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import Unit, UnitKind
from huying.places import naming
from huying.places.models import above
from huying.postgres.frozen import frozen
from huying.postgres.prepared import rows_of, statement

DISPATCHED = kind(
    "dispatched",
    _("A case for your unit"),
    _("{desk} dispatched to your unit: {item}. Please sign for it."),
    group=Group.TASKS,
)
RETURNED = kind(
    "returned",
    _("A case came back"),
    _("{unit} returned: {item}. It names {other} instead."),
    group=Group.DESK,
)

LEAD_ORDERED = statement("lead_ordered")
_MOMENT = statement("lead_order")
SIGNED = _MOMENT.replace("{moment}", "signed_at")
ARRIVED = _MOMENT.replace("{moment}", "arrived_at")
HANDLED = _MOMENT.replace("{moment}", "handled_at")

DECIDED_ABOVE_AFTER = 2
"""Returns after which the level above must decide who is responsible."""


def may_be_sent_to(case: Case, unit: Unit) -> bool:
    """Whether the desk that holds the case may give it to this unit.

    A unit of the desk's own area, and one whose area and the case's place lie in each other.
    """
    return (
        unit.active
        and unit.kind in (UnitKind.DEPARTMENT, UnitKind.TEAM)
        and unit.area_code.startswith(case.holder_code)
        and (case.area_code.startswith(unit.area_code) or unit.area_code.startswith(case.area_code))
    )


def unit_for(case: Case, pk: int, field: str) -> Unit:
    """The unit, if the desk that holds the case may give it to it.

    Raises:
        BadInput: it may not, or there is no such unit.
    """
    found = _unit(unit=pk)
    if not found or not may_be_sent_to(case, found[0]):
        raise BadInput(_("This desk cannot send the case to this unit."), field=field)
    return found[0]


@frozen
def _unit(unit: Any) -> QuerySet[Unit]:
    return Unit.objects.filter(pk=unit)


@verb("dispatch")
def dispatch(
    act: Act,
    *,
    unit: int | None = None,
    assist: Sequence[int] = (),
    requirement: str = "",
    suggested: bool = False,
    assist_amount: int | None = None,
    assist_clock: Clock | str = "",
) -> None:
    """派遣: one lead unit, and units that assist. ``suggested`` says the lead was the proposed one.

    ``assist_amount`` on ``assist_clock`` is the limit of those that assist, when it is shorter
    than the lead's.

    Raises:
        Missing: no unit.
        BadInput: a unit that this desk cannot send this case to, or one named twice.
    """
    case = act.case
    if unit is None:
        raise Missing(_("Please choose a unit."), field="unit")
    lead = unit_for(case, unit, "unit")
    if case.responsible_unit_id not in (None, lead.pk):
        raise BadInput(
            _("Arbitration has named another unit as responsible; the case goes to that one."),
            field="unit",
        )
    helpers = [unit_for(case, pk, "assist") for pk in dict.fromkeys(assist)]
    if lead in helpers:
        raise BadInput(_("A unit cannot lead and assist at once."), field="assist")
    case.lead_unit = lead
    case.dispatched_at = act.now
    case.extensions = 0
    values = {"id": new_id(), "case": case.pk, "district": case.district_code, "unit": lead.pk}
    rows_of(LEAD_ORDERED, values | {"now": act.now, "suggested": suggested})
    act.joins(CaseParty.Part.LEAD, unit=lead.pk)
    act.data |= {"unit": lead.pk, "suggested": suggested, **decided(case, act.now).codes}
    if case.responsible_unit_id is not None:
        act.data["forced"] = True
    act.text(TextKind.REQUIREMENT, requirement)
    act.goes_to(State.DISPATCHED)
    act.tell(
        DISPATCHED,
        Whom(units=(lead.pk,)),
        desk=naming.own_name(case.holder_code),
        item=item_name(case),
    )
    if helpers:
        ask(act, helpers, amount=assist_amount, clock=assist_clock)


@reverses("dispatch")
def take_orders_back(act: Act, step: CaseEvent) -> None:
    """The orders of an undone dispatch are none: no unit had them, none is measured by them."""
    Order.objects.filter(case=act.case, ended_at=None, dispatched_at=step.at).delete()


def open_lead_order(case: Case) -> Order:
    return Order.objects.get(case=case, part=Order.Part.LEAD, ended_at=None)


def note(moment: str, act: Act) -> None:
    """Notes the moment of a step, `SIGNED` and the like, on the lead unit's order."""
    rows_of(moment, {"case": act.case.pk, "now": act.now})


@verb("sign_for")
def sign_for(act: Act) -> None:
    """签收: the unit has it and starts."""
    act.case.signed_at = act.now
    note(SIGNED, act)
    act.goes_to(State.HANDLING)


@verb("return")
def return_(
    act: Act,
    *,
    reason_code: ReturnReason | str = "",
    suggested_unit: int | None = None,
    reason: str = "",
    new_facts: str = "",
) -> None:
    """退单: back to the desk, with a reason and the unit that it should go to instead.

    After the second return the level above must decide: its desk holds the case from then on. A
    unit that arbitration named may return the case on new facts only.

    Raises:
        Missing: no reason, no words, no suggested unit, or no new facts where they are needed.
        BadInput: the suggested unit is unknown, or is the one that returns.
    """
    case = act.case
    forced = case.responsible_unit_id is not None
    if forced and not new_facts.strip():
        raise Missing(
            _(
                "The level above has named this unit as responsible: it may return the case on new"
                " facts only. Say which they are."
            ),
            field="new_facts",
        )
    act.reason_code(reason_code)
    act.text(TextKind.REASON, reason, needed="reason")
    if forced:
        act.text(TextKind.NEW_FACTS, new_facts)
        act.data["forced"] = True
    if suggested_unit is None:
        raise Missing(_("Please name the unit that it should go to."), field="suggested_unit")
    other = Unit.objects.filter(
        pk=suggested_unit, active=True, district_code=case.district_code
    ).first()
    if other is None or other.pk == case.lead_unit_id:
        raise BadInput(_("Please name another unit."), field="suggested_unit")
    returning = case.lead_unit
    case.returns += 1
    act.data |= {
        "from_unit": case.lead_unit_id,
        "suggested_unit": other.pk,
        "returns": case.returns,
    }
    Order.objects.filter(case=case, part=Order.Part.LEAD, ended_at=None).update(
        returned_at=act.now,
        return_reason=act.data["reason_code"],
        return_to=other,
    )
    end_orders(act)
    clear_handling(act)
    case.responsible_unit = None
    case.awaits_arbitration = case.returns >= DECIDED_ABOVE_AFTER
    if case.awaits_arbitration and (higher := above(case.holder_code)) is not None:
        act.data |= {"from_holder": case.holder_code, "holder": higher}
        case.holder_code = higher
    act.goes_to(State.ACCEPTED)
    # The desk that sent it out learns of it also when the one above has it from now on.
    desks = dict.fromkeys([act.data.get("from_holder", case.holder_code), case.holder_code])
    act.tell(
        RETURNED,
        Whom(desks=tuple(desks)),
        unit=returning.name if returning else "",
        item=item_name(case),
        other=other.name,
    )


def end_orders(act: Act) -> None:
    """No unit has the case any more, and none sees it for having had it."""
    end_parts(act)
    rows_of(ORDERS_END, {"case": act.case.pk, "now": act.now})
    act.leaves(CaseParty.Part.LEAD, CaseParty.Part.ASSIST)
