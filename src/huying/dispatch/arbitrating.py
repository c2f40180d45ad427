"""裁定: after the second return the level above says who is responsible, and sends it there.

The unit that was named may not return the case again, except on new facts.
"""

from __future__ import annotations

import uuid
from functools import partial

from django.utils.translation import gettext_lazy as _

from huying.cases.models import CaseEvent, TextKind
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.dispatch.models import Order
from huying.dispatch.ordering import dispatch, unit_for
from huying.errors import Missing, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.places.naming import own_name

ARBITRATED = kind(
    "arbitrated",
    _("Arbitrated"),
    _("{desk} has decided: {unit} is responsible for {item}."),
    group=Group.TASKS,
)


@verb("arbitrate")
def arbitrate(
    act: Act, *, unit: int | None = None, reason: str = "", requirement: str = ""
) -> None:
    """裁定: names the responsible unit with reasons; the forced dispatch follows at once.

    Raises:
        Missing: no unit or no reason.
        BadInput: a unit that this desk cannot send this case to.
        WrongState: a level above has decided it already.
    """
    case = act.case
    if not case.awaits_arbitration and decided_above(case.pk, case.holder_code):
        raise WrongState(
            _("A level above has decided who is responsible; escalate the case to ask it again.")
        )
    if unit is None:
        raise Missing(_("Please choose a unit."), field="unit")
    named = unit_for(case, unit, "unit")
    act.text(TextKind.REASON, reason, needed="reason")
    case.responsible_unit = named
    case.awaits_arbitration = False
    act.data |= {"unit": named.pk, "holder": case.holder_code}
    returned = Order.objects.filter(case=case, returned_at__isnull=False)
    last = CaseEvent.objects.filter(case_id=case.pk, verb="return").order_by("-seq").first()
    lower = last.data.get("from_holder") if last is not None else None
    act.tell(
        ARBITRATED,
        Whom(
            units=tuple({named.pk, *returned.values_list("unit", flat=True)}),
            desks=(lower,) if lower else (),
        ),
        desk=own_name(case.holder_code),
        unit=named.name,
        item=item_name(case),
    )
    act.then(partial(dispatch, by=act.by, now=act.now, unit=named.pk, requirement=requirement))


def decided_above(case_id: uuid.UUID, holder_code: str) -> bool:
    """Whether the last arbitration of a case came from a desk above this one."""
    last = CaseEvent.objects.filter(case_id=case_id, verb="arbitrate").order_by("-seq").first()
    return last is not None and len(last.data["holder"]) < len(holder_code)
