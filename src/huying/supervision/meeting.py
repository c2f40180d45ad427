"""会商: units meet over a case that none of them ends alone; what they decided stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cases.models import TextKind
from huying.cases.states import State
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import Unit
from huying.supervision.concerned import leaders_area, matter, said
from huying.supervision.models import Meeting

MET = kind(
    "meet",
    _("Joint meeting"),
    _("{item}: {unit} leads by the meeting's decision, by {until}."),
    group=Group.SUPERVISION,
)


STILL_TO_DO = (State.REPORTED, State.ACCEPTED, State.DISPATCHED, State.HANDLING)
"""While a case is in one of these, nobody has done what was decided."""


def not_carried_out() -> QuerySet[Meeting]:
    """Decisions that stand and are not done: the last one of each case that is not handled."""
    states = [str(state) for state in STILL_TO_DO]
    return Meeting.objects.filter(ended_at=None, case__state__in=states)


@verb("meet")
def meet(
    act: Act,
    *,
    members: Sequence[int] = (),
    unit: int | None = None,
    decision: str = "",
    until: datetime | None = None,
) -> None:
    """会商: who met, what was decided, who leads and until when.

    A record: the case goes to the lead unit when the desk dispatches it there. What an earlier
    meeting decided holds no more.

    Raises:
        Missing: fewer than two members, no lead, no decision, or no deadline.
        BadInput: a unit that is not there, a lead that was not at the meeting, a deadline that
            does not lie ahead.
    """
    case = act.case
    met = list(dict.fromkeys(members))
    if len(met) < 2:
        raise Missing(_("Name at least two units that met."), field="members")
    if unit is None:
        raise Missing(_("Please choose a unit."), field="unit")
    if unit not in met:
        raise BadInput(_("The unit that leads is one of those that met."), field="unit")
    found = Unit.objects.filter(pk__in=met, active=True, district_code=case.district_code).in_bulk()
    if len(found) < len(met):
        raise BadInput(_("One of these units is not there."), field="members")
    act.text(TextKind.RESULT, decision, needed="decision")
    if until is None:
        raise Missing(_("The decision needs a deadline."), field="until")
    if until <= act.now:
        raise BadInput(_("The deadline must lie ahead."), field="until")
    Meeting.objects.filter(case=case, ended_at=None).update(ended_at=act.now)
    made = Meeting.objects.create(
        case=case,
        district_code=case.district_code,
        held_at=act.now,
        lead_id=unit,
        due_at=until,
        seq=act.seq,
    )
    made.members.set(met)
    act.data |= {"members": met, "unit": unit, "until": until}
    whom = Whom(
        units=(case.lead_unit_id,) if case.lead_unit_id is not None else (),
        desks=(case.holder_code,),
        leaders=leaders_area(case, act.now),
    )
    act.tell(MET, whom, item=matter(case)["item"], unit=found[unit].name, until=said(until))
