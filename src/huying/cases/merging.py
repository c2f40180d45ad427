"""并案: two reports of one matter become one case."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from huying.cases.closing import refuse_while_held
from huying.cases.models import Case, TextKind
from huying.cases.states import OPEN_STATES, State
from huying.cases.subcases import SUB_CASE
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom

MERGED = kind(
    "merged",
    _("Two reports are one case"),
    _("Another report was merged into: {item}, number …{serial}."),
    group=Group.OTHER,
)


@verb("merge")
def merge(act: Act, *, into: uuid.UUID | None = None, reason: str = "") -> None:
    """并案: this case ends, and the other goes on for both.

    Raises:
        Missing: no case or no reason.
        BadInput: the other is the same case, is not open, is not visible to the actor, or is
            just being acted on.
        OnHold: a sub-case of this case is open.
    """
    if into is None:
        raise Missing(_("Please choose the case that goes on."), field="into")
    if into == act.case.pk:
        raise BadInput(_("A case cannot be merged into itself."), field="into")
    # Locked, so that it does not end meanwhile; skipped when somebody is at it, since two cases
    # that are merged into each other at once would wait for each other.
    other = (
        Case.objects.visible_to(act.by)
        .filter(pk=into)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if other is None or other.state not in OPEN_STATES:
        raise BadInput(_("There is no such open case."), field="into")
    refuse_while_held(act.case, SUB_CASE)
    act.text(TextKind.REASON, reason, needed="reason")
    act.case.merged_into = other
    act.data["into"] = other.pk
    _tell_who_has_the_other(act, other)
    act.goes_to(State.MERGED)


def _tell_who_has_the_other(act: Act, other: Case) -> None:
    """The unit that works on the case that goes on, its desk, and the grid worker who reported."""
    reporter = act.case.reporter_id
    whom = Whom(
        units=(other.lead_unit_id,) if other.lead_unit_id is not None else (),
        desks=(other.holder_code,),
        accounts=(reporter,) if reporter is not None else (),
        but=(act.by.account_id,) if act.by.account_id is not None else (),
    )
    act.tell(MERGED, whom, about=other, item=item_name(other), serial=other.number[-8:])
