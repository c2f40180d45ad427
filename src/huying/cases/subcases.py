"""分案: a main case and its sub-cases. The main case waits for them, and is told when they end."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.cases.closing import clear, hold, holding
from huying.cases.models import Case
from huying.cases.states import OPEN_STATES
from huying.cases.verbs import Act, verb
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM

SUB_CASE = "sub_case"
"""The kind of hold that an open sub-case is to its main case."""

holding(SUB_CASE, _("a sub-case is open"))

SUBS_ENDED = kind(
    "subs_ended", _("All sub-cases ended"), _("{count} sub-cases have all ended."), group=Group.DESK
)


def follow(act: Act) -> None:
    """Holds the main case while a sub-case is open, and lets it go with its end.

    Called with each step of a sub-case that changes its state, in the step's transaction.
    """
    case = act.case
    assert case.parent_id is not None
    main = Case.objects.get(pk=case.parent_id)
    if case.state in OPEN_STATES:
        if act.from_state is None or act.from_state not in OPEN_STATES:
            hold(main, SUB_CASE, str(case.pk), act.now)
        return
    if not clear(main, SUB_CASE, str(case.pk), act.now):
        return
    # Two sub-cases that end at the same moment wait here for each other: the last one tells.
    main = Case.objects.select_for_update(of=("self",)).get(pk=main.pk)
    if main.is_open and not main.subs.open().exclude(pk=case.pk).exists():
        subs_ended(main, by=SYSTEM, now=act.now)


@verb("subs_ended")
def subs_ended(act: Act) -> None:
    """分案全部办结: the last open sub-case of this case has ended; desk and unit are told."""
    case = act.case
    count = case.subs.count()
    act.data["subs"] = count
    units = (case.lead_unit_id,) if case.lead_unit_id is not None else ()
    act.tell(SUBS_ENDED, Whom(units=units, desks=(case.holder_code,)), count=count)
