"""协办: units beside the lead, each with its own part, deadline, evidence, result and sign-off.

A part is an order of its own. Until it is signed off, given back or released it holds the case
open; the lead unit may go on and handle meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.cases.attaching import take_up
from huying.cases.closing import clear, close, hold, holding
from huying.cases.deadlines import dues_of
from huying.cases.models import Case, CaseEvent, CaseParty, Hold, TextKind
from huying.cases.reasons import GiveBackReason
from huying.cases.states import PartState, State
from huying.cases.turns import take_some
from huying.cases.undoing import reverses
from huying.cases.verbs import Act, verb
from huying.catalogue.models import Clock
from huying.clock.limits import Clock as ClockOf
from huying.clock.limits import Limit
from huying.clock.reading import calendar_for
from huying.dispatch.models import Order
from huying.dispatch.parts import PartDue, due_in
from huying.errors import BadInput, Missing, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.people.models import Unit
from huying.places.locating import locate

PART = "part"
"""The kind of hold that an open part is."""

LARGEST_LIMIT = 999

holding(PART, _("the part of an assisting unit is open"))

PART_ASKED = kind(
    "part_asked",
    _("Asked to assist"),
    _("{lead} leads; your unit is asked to assist."),
    group=Group.TASKS,
)
PART_DONE = kind(
    "part_done",
    _("Part done"),
    _("{unit} has done its part; please sign it off."),
    group=Group.TASKS,
)
PART_RETURNED = kind(
    "part_returned", _("Part given back"), _("{unit} has given its part back."), group=Group.DESK
)
PART_SENT_BACK = kind(
    "part_sent_back",
    _("Part sent back"),
    _("The part of {unit} was sent back; please go on."),
    group=Group.TASKS,
)
PART_ENDED = kind(
    "part_ended", _("Part ended"), _("The part of {unit} has ended."), group=Group.TASKS
)
PART_OVERDUE = kind(
    "part_overdue", _("Part overdue"), _("The part of {unit} was due at {due}."), group=Group.TASKS
)
PARTS_ENDED = kind(
    "parts_ended",
    _("All parts ended"),
    _("No part of an assisting unit is open any more."),
    group=Group.DESK,
)


# --- reading


def open_parts(case: Case) -> list[Order]:
    """The parts that hold the case open, in the order in which they were asked for."""
    return list(
        Order.objects.filter(case=case, part=Order.Part.ASSIST, ended_at=None).select_related(
            "unit"
        )
    )


def limit_of(order: Order) -> Limit | None:
    """The part's own limit; None when it has the lead unit's."""
    if order.limit_amount is None:
        return None
    return Limit(order.limit_amount, ClockOf(order.limit_clock))


def due_of(order: Order, case: Case) -> PartDue:
    """When a part is due, and why."""
    return due_in(
        dues_of(case), order.dispatched_at, limit_of(order), calendar_for(case.district_code)
    )


# --- asking


def ask(
    act: Act, units: Sequence[Unit], *, amount: int | None = None, clock: Clock | str = ""
) -> None:
    """Gives each of the units its part. Once the act's case has its lead unit and state.

    Raises:
        BadInput: a limit beyond reason, or on an unknown clock.
    """
    case = act.case
    if amount is not None and not 1 <= amount <= LARGEST_LIMIT:
        raise BadInput(_("This is too little or too much time."), field="amount")
    if amount is not None and clock not in Clock.values:
        raise BadInput(_("There is no such clock."), field="clock")
    case.parts = case.parts | {str(unit.pk): str(PartState.ASKED) for unit in units}
    for unit in units:
        order = Order(
            case=case,
            district_code=case.district_code,
            unit=unit,
            part=Order.Part.ASSIST,
            dispatched_at=act.now,
            limit_amount=amount,
            limit_clock=str(clock) if amount is not None else "",
        )
        _work_out(order, case, act.now)
        order.save(force_insert=True)
        act.joins(CaseParty.Part.ASSIST, unit=unit.pk)
        hold(case, PART, str(order.pk), act.now)
    act.data["assist"] = [unit.pk for unit in units]
    if amount is not None:
        act.data |= {"amount": amount, "clock": str(clock)}
    assert case.lead_unit is not None
    act.tell(PART_ASKED, Whom(units=tuple(unit.pk for unit in units)), lead=case.lead_unit.name)


def _work_out(order: Order, case: Case, now: datetime) -> None:
    """Writes when the part is due into its row; does not save."""
    found = due_of(order, case)
    order.due_at, order.yellow_at, order.due_seen_at = found.at, found.yellow_at, now


@reverses("dispatch")
def take_parts_back(act: Act, step: CaseEvent) -> None:
    """An undone dispatch asked nobody to assist. Its orders go with those of the lead unit."""
    Hold.objects.filter(case=act.case, kind=PART, since=step.at).delete()


@verb("add_assist")
def add_assist(
    act: Act,
    *,
    units: Sequence[int] = (),
    amount: int | None = None,
    clock: Clock | str = "",
    requirement: str = "",
) -> None:
    """增派协办: more units are called in, by the desk or by the unit that leads.

    ``amount`` on ``clock`` is the parts' own limit; without one the lead unit's deadline holds.

    Raises:
        Missing: no unit.
        BadInput: a unit that the desk could not send this case to, that leads, or that has an
            open part already; or a limit beyond reason.
    """
    from huying.dispatch.ordering import unit_for

    case = act.case
    if not units:
        raise Missing(_("Please choose a unit."), field="units")
    chosen = [unit_for(case, pk, "units") for pk in dict.fromkeys(units)]
    for unit in chosen:
        if unit.pk == case.lead_unit_id:
            raise BadInput(_("A unit cannot lead and assist at once."), field="units")
        if str(unit.pk) in case.parts:
            raise BadInput(_("This unit assists already."), field="units")
    act.text(TextKind.REQUIREMENT, requirement)
    ask(act, chosen, amount=amount, clock=clock)


# --- the assisting unit's own steps


def _own(act: Act) -> Order:
    """The open part of the actor's unit. The flow table has said that there is one."""
    return Order.objects.select_related("unit").get(
        case=act.case, unit=act.by.unit_id, part=Order.Part.ASSIST, ended_at=None
    )


def _becomes(act: Act, order: Order, state: PartState | None) -> None:
    """How far the part is now; None when it has ended."""
    parts = dict(act.case.parts)
    if state is None:
        del parts[str(order.unit_id)]
    else:
        parts[str(order.unit_id)] = str(state)
    act.case.parts = parts
    act.data["unit"] = order.unit_id


@verb("assist_sign")
def assist_sign(act: Act) -> None:
    """协办签收: the assisting unit has its part and starts."""
    order = _own(act)
    order.signed_at = act.now
    order.save(update_fields=["signed_at"])
    _becomes(act, order, PartState.WORKING)


@verb("assist_arrive")
def assist_arrive(act: Act, *, lon: float | None = None, lat: float | None = None) -> None:
    """协办到场: on the spot. The first arrival counts; of the position only the grid is kept."""
    order = _own(act)
    if lon is not None and lat is not None:
        act.data["position"] = locate(lon, lat).grid_code or "outside"
    if order.arrived_at is None:
        order.arrived_at = act.now
        order.save(update_fields=["arrived_at"])
    _becomes(act, order, PartState.THERE)


@verb("assist_done")
def assist_done(
    act: Act,
    *,
    result: str = "",
    photos: Sequence[uuid.UUID] = (),
    lon: float | None = None,
    lat: float | None = None,
    form: str = "",
) -> None:
    """协办办结: says what the unit has done, and shows it; the lead unit or the desk signs it off.

    What the item asks for is the lead unit's to show; a part needs a photo, a document, a
    position on the spot or a form.

    Raises:
        Missing: no words, or nothing that shows it.
    """
    order = _own(act)
    act.text(TextKind.RESULT, result, needed="result")
    if photos:
        take_up(act.case, photos, by=act.by, seq=act.seq)
        act.data["photos"] = [str(photo) for photo in photos]
    if lon is not None and lat is not None:
        act.data["position"] = locate(lon, lat).grid_code or "outside"
    act.text(TextKind.FORM, form)
    if not photos and "position" not in act.data and not form.strip():
        raise Missing(
            _("Please add something that shows it: a photo, a document or your position."),
            field="evidence",
        )
    order.handled_at = act.now
    order.done_seq = act.seq
    order.save(update_fields=["handled_at", "done_seq"])
    _becomes(act, order, PartState.DONE)
    act.tell(PART_DONE, _those_in_charge(act.case), unit=order.unit.name)


@verb("assist_return")
def assist_return(act: Act, *, reason_code: GiveBackReason | str = "", reason: str = "") -> None:
    """协办退回: the unit gives its part back. The case stays with the lead unit."""
    act.reason_code(reason_code)
    act.text(TextKind.REASON, reason, needed="reason")
    order = _own(act)
    order.returned_at = act.now
    order.return_reason = act.data["reason_code"]
    order.save(update_fields=["returned_at", "return_reason"])
    _end(act, order)
    act.tell(PART_RETURNED, _those_in_charge(act.case), unit=order.unit.name)


# --- the lead unit's and the desk's


def _one_of(act: Act, unit: int | None, *, done: bool) -> Order:
    """The open part that is meant: the named unit's, or the only one.

    Raises:
        Missing: there are several, and none is named.
        BadInput: the named unit has no such part.
    """
    fitting = [
        order
        for order in open_parts(act.case)
        if not done or act.case.parts.get(str(order.unit_id)) == PartState.DONE
    ]
    if unit is None and len(fitting) == 1:
        return fitting[0]
    if unit is None:
        raise Missing(_("Please choose a unit."), field="unit")
    for order in fitting:
        if order.unit_id == unit:
            return order
    raise BadInput(_("This unit has no such part."), field="unit")


@verb("sign_off")
def sign_off(act: Act, *, unit: int | None = None, text: str = "") -> None:
    """协办确认: the lead unit or the desk has looked at what the assisting unit did, and takes it.

    ``unit`` may be left out when only one part is done.
    """
    order = _one_of(act, unit, done=True)
    act.text(TextKind.COMMENT, text)
    order.signed_off_at = act.now
    order.ended_at = act.now
    order.save(update_fields=["signed_off_at", "ended_at"])
    _end(act, order, stays=True)
    act.tell(PART_ENDED, Whom(units=(order.unit_id,)), unit=order.unit.name)


@verb("send_part_back")
def send_part_back(act: Act, *, unit: int | None = None, reason: str = "") -> None:
    """协办退改: not yet done; the assisting unit goes on. Its deadline stays."""
    order = _one_of(act, unit, done=True)
    act.text(TextKind.REASON, reason, needed="reason")
    order.handled_at = order.done_seq = None
    order.save(update_fields=["handled_at", "done_seq"])
    _becomes(act, order, PartState.THERE if order.arrived_at else PartState.WORKING)
    act.tell(PART_SENT_BACK, Whom(units=(order.unit_id,)), unit=order.unit.name)


@verb("release_part")
def release_part(act: Act, *, unit: int | None = None, reason: str = "") -> None:
    """解除协办: the part is not needed any more."""
    order = _one_of(act, unit, done=False)
    act.text(TextKind.REASON, reason, needed="reason")
    order.released_at = act.now
    order.save(update_fields=["released_at"])
    _end(act, order)
    act.tell(PART_ENDED, Whom(units=(order.unit_id,)), unit=order.unit.name)


def _end(act: Act, order: Order, *, stays: bool = False) -> None:
    """The part holds the case no more. A unit that has done its part still sees the case."""
    case = act.case
    if order.ended_at is None:
        order.ended_at = act.now
        order.save(update_fields=["ended_at"])
    _becomes(act, order, None)
    clear(case, PART, str(order.pk), act.now)
    if not stays:
        CaseParty.objects.filter(
            case=case, part=CaseParty.Part.ASSIST, unit=order.unit_id, until_seq=None
        ).update(until_seq=act.seq)
    if case.parts or case.state != State.CHECKED:
        return
    act.tell(PARTS_ENDED, Whom(desks=(case.holder_code,)))
    if (
        settings.HUYING.close_after_check
        and not Hold.objects.filter(case=case, cleared_at=None).exists()
    ):
        # What the check would have done, had the part not been open.
        act.then(partial(close, by=SYSTEM, now=act.now))


def end_parts(act: Act) -> None:
    """Nobody leads the case any more: the open parts end with its orders, and their units know."""
    for order in open_parts(act.case):
        clear(act.case, PART, str(order.pk), act.now)
        act.tell(PART_ENDED, Whom(units=(order.unit_id,)), unit=order.unit.name)
    act.case.parts = {}


def _those_in_charge(case: Case) -> Whom:
    units = (case.lead_unit_id,) if case.lead_unit_id is not None else ()
    return Whom(units=units, desks=(case.holder_code,))


# --- the clock


@verb("part_overdue")
def part_overdue(act: Act, *, unit: int | None = None) -> None:
    """协办超期: notes that a part's deadline has passed, and tells. Once a part.

    Raises:
        WrongState: the part has ended or was noted meanwhile.
    """
    order = (
        Order.objects.select_related("unit")
        .filter(case=act.case, unit=unit, part=Order.Part.ASSIST, ended_at=None)
        .filter(handled_at=None, overdue_at=None)
        .first()
    )
    if order is None or order.due_at is None:
        raise WrongState(_("This unit has no such part."))
    order.overdue_at = act.now
    order.save(update_fields=["overdue_at"])
    act.data |= {"unit": order.unit_id, "due": order.due_at}
    case = act.case
    in_charge = _those_in_charge(case)
    whom = replace(in_charge, units=(*in_charge.units, order.unit_id))
    due = order.due_at.astimezone(calendar_for(case.district_code).tz)
    act.tell(PART_OVERDUE, whom, unit=order.unit.name, due=f"{due:%m-%d %H:%M}")


def watch(*, now: datetime) -> int:
    """Looks at open parts whose deadline has come, or whose case has changed; how many are late.

    A part that was late is noted once; one whose deadline has moved with its case's is worked out
    anew. A missed run is made up for by the next: it asks what is due, not how often it was called.
    """
    looking = (
        Order.objects.filter(part=Order.Part.ASSIST, ended_at=None)
        .filter(Q(due_at__lt=now, overdue_at=None) | Q(case__changed_at__gt=F("due_seen_at")))
        .values_list("pk", "case")
    )
    noted = 0
    for pk, case in list(looking):
        # The case is locked first, as every step does, so that none waits for another in a ring.
        cases = Case.objects.filter(pk=case).select_related("item_version")
        noted += take_some(cases, partial(_see_to, part=pk, now=now), some=1)
    return noted


def _see_to(case: Case, *, part: uuid.UUID, now: datetime) -> bool:
    """Works one part's deadline out anew, and notes it when it is late; whether it was."""
    order = Order.objects.filter(pk=part, ended_at=None).first()
    if order is None:
        return False
    _work_out(order, case, max(now, case.changed_at))
    order.save(update_fields=["due_at", "yellow_at", "due_seen_at"])
    late = order.due_at is not None and order.due_at < now
    if not late or order.handled_at is not None or order.overdue_at is not None or not case.alarms:
        return False
    part_overdue(case, by=SYSTEM, now=now, unit=order.unit_id)
    return True
