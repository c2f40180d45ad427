"""结案: the end, and the one way back from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.cases.following import FOLLOWED_CLOSED, tell_followers
from huying.cases.models import Case, CaseParty, Extension, Hold, TextKind
from huying.cases.states import State
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import OnHold, Words, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import ActorKind
from huying.postgres.frozen import frozen
from huying.postgres.prepared import rows_of, statement

REOPENED = kind(
    "reopened",
    _("A closed case is open again"),
    _("Taken up again: {item}. It is to be dispatched anew."),
    group=Group.DESK,
)

ORDERS_END = statement("orders_end")

REOPEN_WITHIN = timedelta(days=15)
"""How long a resident may ask for a closed case to be taken up again."""


@verb("close")
def close(act: Act, *, text: str = "") -> None:
    """结案. Refused while anything of a later stage still holds the case open.

    Raises:
        OnHold: a hold is open; its kind is named.
    """
    refuse_while_held(act.case)
    act.text(TextKind.COMMENT, text)
    # The units' orders hang on the case and end with it; else a reopened case could not be
    # dispatched anew.
    rows_of(ORDERS_END, {"case": act.case.pk, "now": act.now})
    act.goes_to(State.CLOSED)
    tell_followers(act, FOLLOWED_CLOSED)


@verb("reopen")
def reopen(act: Act, *, reason: str = "") -> None:
    """重新受理: once, and by a resident within the set days. The desk dispatches anew.

    Raises:
        WrongState: a resident asks later than `REOPEN_WITHIN` after the close.
    """
    case = act.case
    ended = case.ended_at
    if act.by.kind is ActorKind.RESIDENT and ended is not None and act.now > ended + REOPEN_WITHIN:
        raise WrongState(_("The time to have this case reopened has passed."))
    act.text(TextKind.REASON, reason, needed="reason")
    clear_handling(act)
    act.leaves(CaseParty.Part.LEAD, CaseParty.Part.ASSIST)
    case.reopened += 1
    case.reopened_at = act.now
    case.ended_at = None
    case.accepted_at = case.accepted_at or act.now
    case.self_handled = False
    case.awaits_arbitration = False
    case.responsible_unit = None
    act.goes_to(State.ACCEPTED)
    whom = Whom(
        desks=(case.holder_code,), but=(act.by.account_id,) if act.by.account_id is not None else ()
    )
    act.tell(REOPENED, whom, item=item_name(case))


def clear_handling(act: Act) -> None:
    """Takes the case back to before its dispatch: no unit, none of the unit's times or wishes.

    Who handled it last stays known, so that the same hands cannot check it later.
    """
    case = act.case
    Extension.objects.filter(case=case, decided_at=None).update(decided_at=act.now, granted=False)
    case.lead_unit = None
    case.dispatched_at = case.signed_at = case.arrived_at = None
    case.handled_at = case.checked_at = None
    case.extension_asked = False
    case.parts = {}


HOLDS: dict[str, Words] = {}
"""What holds a case open, in words; each later stage says its own."""


def holding(kind: str, words: Words) -> None:
    """Says in words what a kind of hold is."""
    HOLDS[kind] = words


def refuse_while_held(case: Case, *kinds: str) -> None:
    """Refuses to end a case that something of a later stage holds open: of these kinds, or any.

    Raises:
        OnHold: it does; the kinds are named.
    """
    open_holds = _open_holds(case=case.pk)
    holds = [each for each in open_holds if not kinds or each[0] in kinds]
    if not holds:
        return
    words = [HOLDS[kind] for kind in dict.fromkeys(kind for kind, _ref in holds) if kind in HOLDS]
    detail = None
    if words:
        detail = format_lazy(
            _("Something still holds this case open: {what}."),
            what=format_lazy("; ".join(["{}"] * len(words)), *words),
        )
    raise OnHold(detail, holds=[{"kind": kind, "ref": ref} for kind, ref in holds])


@frozen
def _open_holds(case: Any) -> QuerySet[Hold, tuple[str, str]]:
    return Hold.objects.filter(case=case, cleared_at=None).values_list("kind", "ref")


def hold(case: Case, kind: str, ref: str, now: datetime) -> Hold:
    """Keeps a case from closing, for a later stage. Asking twice gives the one hold."""
    with transaction.atomic():
        # The case's row is locked, so that a hold and a close cannot pass each other by.
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        found, _made = Hold.objects.get_or_create(
            case=case,
            kind=kind,
            ref=ref,
            cleared_at=None,
            defaults={"district_code": case.district_code, "since": now},
        )
    return found


def clear(case: Case, kind: str, ref: str, now: datetime) -> bool:
    """Clears a hold; whether there was one."""
    return bool(
        Hold.objects.filter(case=case, kind=kind, ref=ref, cleared_at=None).update(cleared_at=now)
    )
