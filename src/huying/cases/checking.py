"""核查: is it done? Looked at by someone who did not do it (采办分离)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.audit.identifiers import new_id
from huying.cases.closing import close
from huying.cases.models import Case, CaseEvent, CaseParty, Hold, TextKind
from huying.cases.reasons import FailReason
from huying.cases.states import State
from huying.cases.verbs import Act, verb
from huying.cases.verifying import asked_account
from huying.cases.words import item_name
from huying.clock.ladder import Rung
from huying.errors import NotAllowed
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM, ActorKind
from huying.postgres.frozen import frozen
from huying.postgres.prepared import rows_of, statement

TO_CHECK = kind(
    "to_check",
    _("Please check a case"),
    _("{unit} has handled: {item}. Please look whether it is done."),
    group=Group.TASKS,
)
CHECK_FAILED = kind(
    "check_failed",
    _("Sent back after the check"),
    _("The check found it not done: {item}. Rework number {reworks}."),
    group=Group.TASKS,
)

CHECK_ROUND = statement("check_round")

HANDLING = (
    "sign_for",
    "arrive",
    "handle",
    "settle",
    "assist_sign",
    "assist_arrive",
    "assist_done",
)


def _not_one_of_the_handlers(act: Act) -> None:
    """Every hand that worked on the case counts, also of a round before.

    Raises:
        NotAllowed: the actor's account signed for, arrived, handled or settled it.
    """
    if act.by.kind is ActorKind.ACCOUNT and _handled(case=act.case.pk, account=act.by.account_id):
        raise NotAllowed(_("Whoever handled the case cannot check it."))


@frozen
def _handled(case: Any, account: Any) -> QuerySet[CaseEvent, int]:
    """Steps of an account that had its hands in a case; one is enough."""
    return (
        CaseEvent.objects.filter(
            case_id=case, verb__in=HANDLING, actor_kind=ActorKind.ACCOUNT, actor_id=account
        )
        .order_by()
        .values_list("seq", flat=True)[:1]
    )


def _not_of_a_unit_at_work(act: Act) -> None:
    """The units that assisted had their hands in it too.

    Raises:
        NotAllowed: the actor's account holds a post in one of them.
    """
    if (
        act.by.units
        and CaseParty.objects.filter(
            case=act.case,
            part__in=[CaseParty.Part.LEAD, CaseParty.Part.ASSIST],
            unit__in=act.by.units,
            until_seq=None,
        ).exists()
    ):
        raise NotAllowed(_("The unit that handled the case cannot check it."))


def _end_round(act: Act, *, passed: bool) -> None:
    case = act.case
    values = {"id": new_id(), "case": case.pk, "district": case.district_code, "passed": passed}
    values |= {"starts_at": case.handled_at or act.now, "ended_at": act.now}
    rows_of(CHECK_ROUND, values)
    case.check_asked = False
    act.data["passed"] = passed
    act.leaves(CaseParty.Part.CHECKER)


@verb("ask_check")
def ask_check(act: Act, *, account: int | None = None, text: str = "") -> None:
    """请求核查: a checker of the place is asked to look, by name or whoever comes first."""
    act.case.check_asked = True
    if (asked := asked_account(act, account)) is not None:
        act.joins(CaseParty.Part.CHECKER, account=asked)
    act.text(TextKind.REQUIREMENT, text)
    case = act.case
    with override(settings.LANGUAGE_CODE):  # kept with the notice, so in one language
        by_whom = case.lead_unit.name if case.lead_unit else str(_("The grid worker"))
    whom = Whom(checkers=(case.area_code,)) if asked is None else Whom(accounts=(asked,))
    act.tell(TO_CHECK, whom, unit=by_whom, item=item_name(case))


@verb("check_pass")
def check_pass(act: Act, *, text: str = "") -> None:
    """核查通过: it is done, and the desk may close; or the setting closes at once.

    A case that something holds open stays for the desk.
    """
    _not_one_of_the_handlers(act)
    _not_of_a_unit_at_work(act)
    _end_round(act, passed=True)
    act.case.checked_at = act.now
    act.text(TextKind.RESULT, text)
    act.goes_to(State.CHECKED)
    if (
        settings.HUYING.close_after_check
        and not Hold.objects.filter(case=act.case, cleared_at=None).exists()
    ):
        act.then(partial(close, by=SYSTEM, now=act.now))


def _climbed_before(case: Case) -> int:
    """How far the ladder had been climbed in handling, which a failed check only interrupted."""
    if case.dispatched_at is None:
        return 0
    rungs = CaseEvent.objects.filter(
        case_id=case.pk,
        verb__in=[rung.verb for rung in Rung],
        at__gte=case.dispatched_at,
        data__deadline=State.HANDLING,
        data__has_key="rung",
    )
    return max((data["rung"] for data in rungs.values_list("data", flat=True)), default=0)


@verb("check_fail")
def check_fail(act: Act, *, reason_code: FailReason | str = "", reason: str = "") -> None:
    """核查不通过: back to the unit that handled it, counted as rework (返工).

    What a grid worker settled on the spot has no unit: it goes to the desk for dispatch.
    """
    _not_one_of_the_handlers(act)
    _not_of_a_unit_at_work(act)
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    _end_round(act, passed=False)
    case = act.case
    case.reworks += 1
    case.handled_at = None
    case.self_handled = False
    act.data["reworks"] = case.reworks
    act.goes_to(State.HANDLING if case.lead_unit_id is not None else State.ACCEPTED)
    case.rung = _climbed_before(case)
    unit = case.lead_unit_id
    whom = Whom(units=(unit,)) if unit is not None else Whom(desks=(case.holder_code,))
    act.tell(CHECK_FAILED, whom, item=item_name(case), reworks=case.reworks)
