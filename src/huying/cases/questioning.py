"""补填: an item's questions are asked for after the report and answered; the latest count."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases.answers import (
    answered,
    answers_of,
    asks_of,
    carried,
    new_answers,
    unshown,
)
from huying.cases.attaching import take_up
from huying.cases.models import Attachment, Case, TextKind
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import Missing, WrongState
from huying.forms.versions import Form
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import ActorKind
from huying.people.models import Role
from huying.places import naming

QUESTIONS_ASKED = kind(
    "questions_asked",
    _("Questions about a report of yours"),
    _("{desk} asks you to answer the questions of {item}, number …{serial}."),
    group=Group.TASKS,
)
QUESTIONS_ANSWERED = kind(
    "questions_answered",
    _("An item's questions were answered"),
    _("{item}, number …{serial}: the questions that you asked for were answered."),
    group=Group.DESK,
)


def _form(case: Case) -> Form:
    form = asks_of(case)
    if form is None:
        raise WrongState(_("This item asks nothing."))
    return form


@verb("ask_questions")
def ask_questions(act: Act, *, text: str = "") -> None:
    """请补填事项问题: who reported is to answer what the item asks, on the phone or their page.

    Raises:
        WrongState: the item asks nothing.
    """
    case = act.case
    _form(case)
    case.questions_asked = True
    act.text(TextKind.REQUIREMENT, text)
    if case.reporter_id is not None:
        act.tell(
            QUESTIONS_ASKED,
            Whom(accounts=(case.reporter_id,)),
            desk=naming.own_name(case.holder_code),
            item=item_name(case),
            serial=case.number[-8:],
        )


@verb("answer_questions")
def answer_questions(
    act: Act, *, answers: Mapping[str, Any] | None = None, photos: Sequence[uuid.UUID] = ()
) -> None:
    """填写事项问题: what the item asks, answered after the report; what was said before is kept.

    What tells of a person is never shown to be typed again, and a resident is shown nothing of
    what was said: left empty, it stays as it was.

    Raises:
        WrongState: the item asks nothing.
        Missing: nothing is answered.
        WrongAnswers: an answer will not do, is missing, or belongs to no question.
    """
    case = act.case
    form, before = _form(case), answers_of(case)
    sealed = carried(before)
    kept = unshown(before) if act.by.kind == ActorKind.RESIDENT else sealed
    found, shots = answered(form, answers or {}, kept)
    if not found:
        raise Missing(_("Please answer at least one question."), field="answers")
    own = set(Attachment.objects.filter(case=case).values_list("pk", flat=True))
    new = [each for each in dict.fromkeys((*photos, *shots)) if each not in own]
    if new:
        take_up(case, new, by=act.by, seq=act.seq)
        act.data["photos"] = [str(photo) for photo in new]
    row = new_answers(case.pk, case.district_code, form, found, seq=act.seq, sealed_before=sealed)
    row.save(force_insert=True)
    act.data["answers"] = [{"id": str(row.pk), "digest": row.digest.hex()}]
    if case.questions_asked and act.by.role != Role.DISPATCHER:
        act.tell(
            QUESTIONS_ANSWERED,
            Whom(desks=(case.holder_code,)),
            item=item_name(case),
            serial=case.number[-8:],
        )
    case.questions_asked = False
