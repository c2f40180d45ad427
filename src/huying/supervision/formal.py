"""挂牌督办: a case is supervised formally, and let go again by those who watch over it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.closing import clear, hold, holding
from huying.cases.deadlines import Past, dues_of, reworks_call
from huying.cases.models import Case, TextKind
from huying.cases.verbs import Act, verb
from huying.clock.deadlines import due
from huying.clock.ladder import Rung, next_rung
from huying.clock.limits import Clock, Limit
from huying.clock.reading import calendar_for, ladder_for
from huying.errors import BadInput, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import LEADERS, Post
from huying.supervision.concerned import leaders_area, leaders_over, matter, said
from huying.supervision.models import Cause, Supervision

HELD = "supervision"
"""The kind of hold that formal supervision is to a case."""

WITHOUT_LIMIT = Limit(1, Clock.WORK_DAY)
"""The new deadline where the present step has no limit that could be given once more."""

NUMBERING = 0x6875_7969_6E67_5EB0
"""The advisory lock under which numbers are given out: without gaps, and in one order for all."""

holding(HELD, _("formal supervision is not lifted"))

SUPERVISED = kind(
    "supervise",
    _("Formal supervision"),
    _("{number}: {item}, with {whose}. To be done by {until}."),
    group=Group.SUPERVISION,
)
LIFTED = kind(
    "lift_supervision", _("Supervision lifted"), _("{number}: {item}."), group=Group.SUPERVISION
)


@verb("supervise")
def supervise(
    act: Act, *, until: datetime | None = None, leader: int | None = None, reason: str = ""
) -> None:
    """挂牌督办: a numbered order, a responsible leader, a new deadline; the case is held open.

    By the clock at the top of the ladder or after so many reworks; by a leader or a desk above at
    any time, with the reason. The new deadline is, unless another is set, the present step's limit
    once more; the step's own deadline stays where it was.

    Raises:
        Missing: somebody orders it without a reason.
        BadInput: the deadline does not lie ahead; the person named is no leader over the case.
        WrongState: the clock does not call for it.
    """
    case = act.case
    cause = _cause(act)
    if cause is Cause.BY_HAND:
        act.text(TextKind.REASON, reason, needed="reason")
    if until is None:
        until = once_more(case, act.now)
    elif until <= act.now:
        raise BadInput(_("The deadline must lie ahead."), field="until")
    made = Supervision(
        case=case,
        district_code=case.district_code,
        office=case.holder_code[:9],
        year=timezone.localtime(act.now).year,
        cause=cause,
        step=case.state,
        step_due=case.due_at,
        reworks=case.reworks,
        unit_id=case.lead_unit_id,
        leader_id=_responsible(act, leader),
        opened_at=act.now,
        due_at=until,
        seq=act.seq,
    )
    _number(made)
    made.save(force_insert=True)
    if cause is Cause.OVERTIME:
        case.rung = Rung.SUPERVISE
    case.supervised = True
    case.supervised_reworks = case.reworks
    hold(case, HELD, str(made.pk), act.now)
    act.data |= {
        "number": made.number,
        "cause": str(cause),
        "deadline": case.state,
        "due": case.due_at,
        "until": until,
        "leader": made.leader_id,
    }
    act.tell(SUPERVISED, _all_concerned(act), number=made.title, until=said(until), **matter(case))


def _cause(act: Act) -> Cause:
    """Why now. The clock's own reasons are checked; its turn is told with the event."""
    case = act.case
    if not act.by.is_system:
        return Cause.BY_HAND
    turn, ladder = case.wake_at, ladder_for(case.district_code)
    if case.is_suspended or turn is None or turn >= act.now:
        raise WrongState(_("It is not the turn of this rung of the ladder."), state=case.state)
    act.data["turn"] = turn
    if reworks_call(case, ladder):
        act.data["reworks"] = case.reworks
        return Cause.REWORKS
    if next_rung(case.rung) is not Rung.SUPERVISE:
        raise WrongState(_("It is not the turn of this rung of the ladder."), state=case.state)
    act.data |= {"rung": int(Rung.SUPERVISE), "percent": ladder.percent(Rung.SUPERVISE)}
    return Cause.OVERTIME


def once_more(case: Case, now: datetime, past: Past | None = None) -> datetime:
    """The deadline that formal supervision sets: the present step's limit once more."""
    current = dues_of(case, past).current
    limit = current.limit if current is not None and current.limit.amount else WITHOUT_LIMIT
    at = due(now, limit, calendar_for(case.district_code)).at
    assert at is not None  # nothing pauses it
    return at


def _responsible(act: Act, leader: int | None) -> int | None:
    """The leader who answers for it: the one named, else the nearest over the case."""
    case = act.case
    if leader is None:
        found = leaders_over(case, act.now)
        return found[0].account_id if found else None
    posts = Post.objects.filter(
        account=leader, account__is_active=True, role__in=[str(role) for role in LEADERS]
    )
    if not any(case.holder_code.startswith(post.area_code) for post in posts):
        raise BadInput(_("This person is no leader over the case."), field="leader")
    return leader


def _number(made: Supervision) -> None:
    """The next number of the office and year. Until the commit nobody else gets one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
    series = Supervision.objects.filter(office=made.office, year=made.year)
    made.serial = (series.aggregate(last=Max("serial"))["last"] or 0) + 1


def _all_concerned(act: Act) -> Whom:
    case = act.case
    return Whom(
        units=(case.lead_unit_id,) if case.lead_unit_id is not None else (),
        desks=(case.holder_code,),
        leaders=leaders_area(case, act.now),
    )


@verb("lift_supervision")
def lift_supervision(act: Act, *, reason: str = "") -> None:
    """解除督办: those who watch over it let it go, with a word why; then the case may close.

    A passed check does not lift it: whoever was to blame for the delay does not end it by
    themselves. What of the ladder lies behind is not climbed again in the same step.
    """
    case = act.case
    act.text(TextKind.REASON, reason, needed="reason")
    made = Supervision.objects.get(case=case, lifted_at=None)
    made.lifted_at, made.lifted_seq = act.now, act.seq
    made.save(update_fields=["lifted_at", "lifted_seq"])
    clear(case, HELD, str(made.pk), act.now)
    case.supervised = False
    case.supervised_reworks = case.reworks
    if next_rung(case.rung) is Rung.SUPERVISE:
        case.rung = Rung.SUPERVISE
    act.data["number"] = made.number
    act.tell(LIFTED, _all_concerned(act), number=made.title, **matter(case))
