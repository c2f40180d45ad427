"""批示: a leader says what is to be done with a case, and the desk that holds it must answer."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases.closing import clear, hold, holding
from huying.cases.models import TextKind
from huying.cases.verbs import Act, verb
from huying.errors import BadInput
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.supervision.concerned import matter, office_of, said
from huying.supervision.models import Instruction

HELD = "instruction"
"""The kind of hold that an instruction without an answer is to a case."""

holding(HELD, _("a leader's instruction awaits its answer"))

INSTRUCTED = kind(
    "instruct",
    _("Leader's instruction"),
    _("{office} has given an instruction: {item}."),
    group=Group.SUPERVISION,
)
INSTRUCTED_BY = kind(
    "instruct_by",
    _("Leader's instruction"),
    _("{office} has given an instruction, to be answered by {until}: {item}."),
    group=Group.SUPERVISION,
)
ANSWERED = kind(
    "answer_instruction",
    _("Instruction answered"),
    _("The desk has answered: {item}."),
    group=Group.SUPERVISION,
)


@verb("instruct")
def instruct(act: Act, *, text: str = "", until: datetime | None = None) -> None:
    """批示: a leader's words, by when they are to be answered if that matters.

    Raises:
        Missing: no words.
        BadInput: the deadline does not lie ahead.
    """
    case = act.case
    act.text(TextKind.REQUIREMENT, text, needed="text")
    if until is not None and until <= act.now:
        raise BadInput(_("The deadline must lie ahead."), field="until")
    made = Instruction.objects.create(
        case=case,
        district_code=case.district_code,
        leader_id=act.by.account_id,
        given_at=act.now,
        due_at=until,
        seq=act.seq,
    )
    case.instruction_open = True
    hold(case, HELD, str(made.pk), act.now)
    act.data |= {"instruction": made.pk, "until": until}
    whom = Whom(
        desks=(case.holder_code,),
        units=(case.lead_unit_id,) if case.lead_unit_id is not None else (),
    )
    words: dict[str, Any] = {"office": office_of(act.by), "item": matter(case)["item"]}
    if until is None:
        act.tell(INSTRUCTED, whom, **words)
    else:
        act.tell(INSTRUCTED_BY, whom, until=said(until), **words)


@verb("answer_instruction")
def answer_instruction(act: Act, *, instruction: uuid.UUID | None = None, text: str = "") -> None:
    """批示回复: the desk says what came of it. The oldest open one, unless another is named.

    Raises:
        Missing: no words.
        BadInput: there is no such open instruction.
    """
    case = act.case
    waiting = Instruction.objects.filter(case=case, answered_at=None)
    found = (waiting if instruction is None else waiting.filter(pk=instruction)).first()
    if found is None:
        raise BadInput(_("There is no such open instruction."), field="instruction")
    act.text(TextKind.RESULT, text, needed="text")
    found.answered_at, found.answer_seq = act.now, act.seq
    found.answered_by_id = act.by.account_id
    found.save(update_fields=["answered_at", "answered_by", "answer_seq"])
    clear(case, HELD, str(found.pk), act.now)
    case.instruction_open = waiting.exists()
    act.data["instruction"] = found.pk
    if found.leader_id is not None:
        act.tell(ANSWERED, Whom(accounts=(found.leader_id,)), item=matter(case)["item"])
