"""逾期未落实: what was promised to those who watch over a case has not come by its deadline.

Formal supervision, an instruction and a meeting's decision have deadlines beside the step's own,
on no ladder: when one passes, those whom it was promised to and those who owe it are told, once. A
look that was missed is made up for by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case
from huying.cases.states import END_STATES
from huying.cases.turns import take_all
from huying.cases.verbs import Act, verb
from huying.errors import WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.supervision.concerned import desk_name, leaders_area, matter, said
from huying.supervision.meeting import not_carried_out
from huying.supervision.models import Instruction, Meeting, Supervision

SOME = 20
"""Cases that are looked at in one transaction."""

SUPERVISION_LATE = kind(
    "supervision_overdue",
    _("Formal supervision overdue"),
    _("{number}: {item}, with {whose}, was to be done by {until} and is not."),
    group=Group.SUPERVISION,
)
INSTRUCTION_LATE = kind(
    "instruction_overdue",
    _("Instruction not answered in time"),
    _("{item}: the instruction was to be answered by {until}; {desk} has not answered."),
    group=Group.SUPERVISION,
)
DECISION_LATE = kind(
    "meeting_overdue",
    _("Meeting's decision overdue"),
    _("{item}: as the meeting decided, {unit} was to be done by {until} and is not."),
    group=Group.SUPERVISION,
)


P = TypeVar("P", Supervision, Instruction, Meeting)


def late(rows: QuerySet[P], now: datetime) -> QuerySet[P]:
    """Those whose deadline has passed, and nobody was told."""
    return rows.filter(due_at__lt=now, overdue_at=None).order_by("due_at", "seq")


def _note(act: Act, rows: QuerySet[P]) -> P:
    """Notes the first one of the case that is late.

    Raises:
        WrongState: none is, or it has been noted.
    """
    found = late(rows.filter(case=act.case), act.now).first()
    if found is None:
        raise WrongState(_("No such deadline of this case has passed."), state=act.case.state)
    found.overdue_at = act.now
    found.save(update_fields=["overdue_at"])
    act.data["until"] = found.due_at
    return found


@verb("supervision_overdue")
def supervision_overdue(act: Act) -> None:
    """督办逾期: the new deadline has passed too; its leader, the desk and the unit are told."""
    found = _note(act, Supervision.objects.filter(lifted_at=None))
    act.data["number"] = found.number
    case = act.case
    whom = Whom(
        accounts=(found.leader_id,) if found.leader_id is not None else (),
        leaders=leaders_area(case, act.now),
        desks=(case.holder_code,),
        units=(case.lead_unit_id,) if case.lead_unit_id is not None else (),
    )
    act.tell(SUPERVISION_LATE, whom, number=found.title, until=said(found.due_at), **matter(case))


@verb("instruction_overdue")
def instruction_overdue(act: Act) -> None:
    """批示逾期未复: the desk has not answered in time; it and whoever gave it are told."""
    found = _note(act, Instruction.objects.filter(answered_at=None))
    act.data["instruction"] = found.pk
    case = act.case
    given_by = (found.leader_id,) if found.leader_id is not None else ()
    whom = Whom(accounts=given_by, desks=(case.holder_code,))
    words = {"item": matter(case)["item"], "desk": desk_name(case), "until": said(found.due_at)}
    act.tell(INSTRUCTION_LATE, whom, **words)


@verb("meeting_overdue")
def meeting_overdue(act: Act) -> None:
    """会商逾期: what was decided is not done; the lead unit, the desk and the leaders are told."""
    found = _note(act, not_carried_out())
    act.data["unit"] = found.lead_id
    case = act.case
    whom = Whom(
        units=(found.lead_id,),
        desks=(case.holder_code,),
        leaders=leaders_area(case, act.now),
    )
    words = {"item": matter(case)["item"], "unit": found.lead.name, "until": said(found.due_at)}
    act.tell(DECISION_LATE, whom, **words)


def watch(*, now: datetime) -> int:
    """Tells of every deadline that has passed; of how many. Safe in several processes at once."""
    told = 0
    for do, rows in (
        (supervision_overdue, late(Supervision.objects.filter(lifted_at=None), now)),
        (instruction_overdue, late(Instruction.objects.filter(answered_at=None), now)),
        (meeting_overdue, late(not_carried_out(), now)),
    ):
        told += _tell_of(do, rows, now)
    # A case may end with a meeting on it: what was decided there is nobody's any more.
    ended = Meeting.objects.filter(ended_at=None, due_at__lt=now, case__state__in=END_STATES)
    ended.update(ended_at=now)
    return told


def _tell_of(do: Callable[..., Case], rows: QuerySet[Any], now: datetime) -> int:
    cases = Case.objects.open().filter(pk__in=rows.order_by().values("case")).order_by("pk")
    return take_all(cases.only("pk"), lambda case: do(case.pk, by=SYSTEM, now=now), some=SOME)
