"""督办阶梯: the clock climbs it over every open case, also one that nobody has signed for.

Each rung is a verb with an event of its own and the moment at which its turn was; the case keeps
how far it has been climbed, so that no rung is climbed twice, and one that was missed is made up
for at the next look. When the next look is, the row says (`cases/deadlines.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.cases.deadlines import reworks_call
from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.cases.suspending import resume
from huying.cases.turns import take_all, take_some
from huying.cases.verbs import Act, verb
from huying.clock.ladder import Rung, next_rung
from huying.clock.reading import ladder_for
from huying.errors import WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.supervision.concerned import leaders_area, matter, owing, said
from huying.supervision.formal import supervise

SOME = 20
"""Cases that are looked at in one transaction, and whose rows nobody else can change meanwhile."""

REMINDED = kind(
    "remind",
    _("Due soon"),
    _("{item} is due at {due}; it is with {whose}."),
    group=Group.SUPERVISION,
)
PASSED = kind(
    "overdue",
    _("Overdue"),
    _("{item} was due at {due}; it is with {whose}."),
    group=Group.SUPERVISION,
)
LEADER_TOLD = kind(
    "tell_leader",
    _("Overdue in your area"),
    _("{item} was due at {due} and is not done; it is with {whose}."),
    group=Group.SUPERVISION,
)


def climb(act: Act, rung: Rung) -> None:
    """Notes a rung as climbed.

    Raises:
        WrongState: another one comes first, or its turn has not come.
    """
    case = act.case
    turn = case.wake_at
    comes = case.is_suspended or turn is None or turn >= act.now
    if comes or next_rung(case.rung) is not rung:
        raise WrongState(_("It is not the turn of this rung of the ladder."), state=case.state)
    case.rung = rung
    act.data |= {
        "rung": int(rung),
        "deadline": case.state,
        "due": case.due_at,
        "percent": ladder_for(case.district_code).percent(rung),
        "turn": turn,
    }


@verb("remind")
def remind(act: Act) -> None:
    """催办: three quarters of the present step's time are used; who owes it is reminded."""
    climb(act, Rung.REMIND)
    act.tell(REMINDED, owing(act.case), due=said(act.case.due_at), **matter(act.case))


@verb("overdue")
def overdue(act: Act) -> None:
    """超期: the present step's deadline has passed; who owes it and the desk are told."""
    climb(act, Rung.OVERDUE)
    late = owing(act.case)
    whom = Whom(accounts=late.accounts, units=late.units, desks=(act.case.holder_code,))
    act.tell(PASSED, whom, due=said(act.case.due_at), **matter(act.case))


@verb("tell_leader")
def tell_leader(act: Act) -> None:
    """告知领导: the leader of the level that holds the case learns that its step is late."""
    climb(act, Rung.TELL_LEADER)
    whom = Whom(leaders=leaders_area(act.case, act.now))
    act.tell(LEADER_TOLD, whom, due=said(act.case.due_at), **matter(act.case))


RUNGS: dict[Rung, Callable[..., Case]] = {
    Rung.REMIND: remind,
    Rung.OVERDUE: overdue,
    Rung.TELL_LEADER: tell_leader,
    Rung.SUPERVISE: supervise,
}


def look(case: Case | uuid.UUID, *, now: datetime) -> Case:
    """Does what the clock calls for on one case: resumes it, and climbs each rung whose turn was.

    To be called in a transaction that holds the case's row.
    """
    found = case if isinstance(case, Case) else Case.objects.get(pk=case)
    while found.wake_at is not None and found.wake_at < now:
        found = _called_for(found)(found.pk, by=SYSTEM, now=now)
    return found


def _called_for(case: Case) -> Callable[..., Case]:
    if case.is_suspended:
        return resume
    if reworks_call(case, ladder_for(case.district_code)):
        return supervise
    rung = next_rung(case.rung)
    assert rung is not None  # else there were nothing to wake for
    return RUNGS[rung]


def wake_all(*, now: datetime) -> int:
    """Looks at all cases whose time has come, some at a time; at how many."""
    return take_all(_due(now), _looker(now), some=SOME)


def wake(*, now: datetime, limit: int = SOME) -> int:
    """Looks at up to ``limit`` cases whose time has come; at how many."""
    return take_some(_due(now), _looker(now), some=limit, failed=set())


def _due(now: datetime) -> CaseQuerySet:
    return Case.objects.due_to_wake(now).only("pk")


def _looker(now: datetime) -> Callable[[Case], Case]:
    # The whole row is read by the verb, under its lock.
    return lambda case: look(case.pk, now=now)
