"""上报上级, 下派, 提级接办: the case changes desks, up or down the three levels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.cases.models import TextKind
from huying.cases.reasons import EscalateReason, SendDownReason, TakeOverReason
from huying.cases.states import State
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import Unit, UnitKind
from huying.places import naming
from huying.places.models import above, level_of

CAME_UP = kind(
    "came_up",
    _("A case from the level below"),
    _("{desk} escalated to you: {item}."),
    group=Group.DESK,
)
CAME_DOWN = kind(
    "came_down",
    _("A case from the level above"),
    _("{desk} sent down to you: {item}."),
    group=Group.DESK,
)
TAKEN_OVER = kind(
    "taken_over",
    _("Case taken over"),
    _("{desk} has taken over a case of yours: {item}."),
    group=Group.DESK,
)


def _hand_over(act: Act, to: str) -> None:
    """Moves the case, and tells the desk that gets it."""
    came = CAME_DOWN if len(to) > len(act.case.holder_code) else CAME_UP
    desk = naming.own_name(act.case.holder_code)
    act.tell(came, Whom(desks=(to,)), desk=desk, item=item_name(act.case))
    _move(act, to)


def _move(act: Act, to: str) -> None:
    """Gives the case to another desk, which has its own time for its own step."""
    case = act.case
    act.data |= {"from_holder": case.holder_code, "holder": to}
    case.holder_code = to
    case.level = level_of(to)
    case.desk_since = act.now
    if case.state == State.REPORTED:
        case.moved_at = act.now


@verb("escalate")
def escalate(
    act: Act, *, reason_code: EscalateReason | str = "", reason: str = "", tried: str = ""
) -> None:
    """上报上级: to the desk one level up, with the reason and what was tried here.

    Raises:
        Missing: no reason, or nothing said of what was tried.
    """
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    act.text(TextKind.TRIED, tried, needed="tried")
    higher = above(act.case.holder_code)
    assert higher is not None  # the flow table refuses at the district
    _hand_over(act, higher)


@verb("send_down")
def send_down(
    act: Act, *, to: str = "", reason_code: SendDownReason | str = "", reason: str = ""
) -> None:
    """下派: to a desk below, in whose area the case lies as far as that is known.

    Raises:
        Missing: no desk or no reason.
        BadInput: not a desk below this one, or one of another area than the case's.
    """
    case = act.case
    if not to:
        raise Missing(_("Please choose a desk."), field="to")
    below = to.startswith(case.holder_code) and len(to) > len(case.holder_code)
    fits = case.area_code.startswith(to) or to.startswith(case.area_code)
    desk = Unit.objects.filter(kind=UnitKind.DESK, area_code=to, active=True)
    if not below or not fits or not desk.exists():
        raise BadInput(_("The case cannot be sent down to this desk."), field="to")
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    _hand_over(act, to)


@verb("take_over")
def take_over(act: Act, *, reason_code: TakeOverReason | str = "", reason: str = "") -> None:
    """提级接办: a desk above takes the case at once; whoever works on it goes on working.

    Raises:
        Missing: no reason.
    """
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    lower = act.case.holder_code
    _move(act, act.by.area_code)
    act.tell(
        TAKEN_OVER,
        Whom(desks=(lower,)),
        desk=naming.own_name(act.by.area_code),
        item=item_name(act.case),
    )
