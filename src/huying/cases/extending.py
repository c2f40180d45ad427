"""延期: a unit asks for more time before its deadline, at most twice; the desk decides."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.cases.models import Extension, TextKind
from huying.cases.reasons import RefuseReason
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.catalogue.models import Clock
from huying.errors import BadInput, Missing, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom

ASKED = kind(
    "extension_asked",
    _("More time is asked for"),
    _("{unit} asks for more time: {item}."),
    group=Group.DESK,
)
GRANTED = kind(
    "extension_granted", _("More time granted"), _("More time for: {item}."), group=Group.TASKS
)
REFUSED = kind(
    "extension_refused",
    _("More time refused"),
    _("No more time for: {item}. The deadline stays."),
    group=Group.TASKS,
)

MOST = 2
"""How often a case's handling may be extended."""

LARGEST = {
    Clock.NATURAL_HOUR: 240,
    Clock.NATURAL_DAY: 30,
    Clock.WORK_HOUR: 140,
    Clock.WORK_DAY: 20,
}


@verb("request_extension")
def request_extension(
    act: Act, *, amount: int | None = None, clock: Clock = Clock.WORK_DAY, reason: str = ""
) -> None:
    """申请延期.

    Raises:
        WrongState: the deadline has passed, or two extensions were granted already.
        Missing, BadInput: no amount, no reason, or an amount beyond reason.
    """
    case = act.case
    if case.handle_due is not None and act.now >= case.handle_due:
        raise WrongState(_("More time can be asked for before the deadline only."))
    if case.extensions >= MOST:
        raise WrongState(_("More time can be granted twice at most."))
    if amount is None:
        raise Missing(_("Please say how much more time is needed."), field="amount")
    if clock not in Clock.values:
        raise BadInput(_("There is no such clock."), field="clock")
    if not 1 <= amount <= LARGEST[Clock(clock)]:
        raise BadInput(_("This is too little or too much time."), field="amount")
    act.text(TextKind.REASON, reason, needed="reason")
    Extension.objects.create(
        case=case,
        district_code=case.district_code,
        asked_at=act.now,
        asked_by=act.by.account_id,
        amount=amount,
        clock=str(clock),
    )
    case.extension_asked = True
    act.data |= {"amount": amount, "clock": str(clock)}
    unit = case.lead_unit.name if case.lead_unit else ""
    act.tell(ASKED, Whom(desks=(case.holder_code,)), unit=unit, item=item_name(case))


def _decide(act: Act, *, granted: bool) -> None:
    asked = Extension.objects.get(case=act.case, decided_at=None)
    asked.decided_at = act.now
    asked.granted = granted
    asked.save(update_fields=["decided_at", "granted"])
    act.case.extension_asked = False
    act.data |= {"amount": asked.amount, "clock": asked.clock}
    assert act.case.lead_unit_id is not None  # who asked is the unit in charge
    whom = Whom(units=(act.case.lead_unit_id,))
    act.tell(GRANTED if granted else REFUSED, whom, item=item_name(act.case))


@verb("grant_extension")
def grant_extension(act: Act, *, text: str = "") -> None:
    """准予延期: the deadline of handling moves, and the whole case's with it."""
    _decide(act, granted=True)
    act.case.extensions += 1
    act.text(TextKind.COMMENT, text)


@verb("refuse_extension")
def refuse_extension(act: Act, *, reason_code: RefuseReason | str = "", reason: str = "") -> None:
    """不予延期, with a reason. The deadline stays."""
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    _decide(act, granted=False)
