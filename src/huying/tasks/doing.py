"""What the grid worker does with a part: done with evidence, given back, or a case found."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.cases.finding import own_report
from huying.errors import Missing
from huying.forms.answering import Trouble, WrongAnswers, check
from huying.forms.definition import read
from huying.notices.telling import Whom
from huying.people.acting import Actor
from huying.places import naming
from huying.tasks.concerned import GIVEN_BACK, desk_path, tell
from huying.tasks.models import GridTask, State, Task, TaskCase, TaskFile
from huying.tasks.photos import hold
from huying.tasks.steps import locked, move, note, only_on_foot, words_of

ONE_OF: Final = 5
"""One part in so many is drawn for a look at its evidence."""


def drawn(part: uuid.UUID, round_: int) -> bool:
    """Whether a part is drawn for a look; nobody knows before it is done, and it stays so."""
    return hashlib.sha256(part.bytes + bytes([round_ % 256])).digest()[0] % ONE_OF == 0


def answered(task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to the task's questions, in their kept form.

    Raises:
        WrongAnswers: one will not do, is missing, or belongs to no question.
    """
    if task.form is None:
        return {}
    found = check(read(task.form.definition), given)
    if troubles := dict.fromkeys(found.unknown, Trouble("no_question")) | found.troubles:
        raise WrongAnswers(troubles)
    return found.answers


@transaction.atomic
def complete(
    pk: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    words: str,
    answers: Mapping[str, Any] | None = None,
    photos: Sequence[uuid.UUID] = (),
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: float | None = None,
) -> GridTask:
    """完成: the grid's part is done, and this shows it.

    Raises:
        NotFound: it is not the actor's grid.
        NotAllowed: the actor walks no grid.
        WrongState: it is not to be done now.
        Missing: no words, or fewer photos than the task wants.
        WrongAnswers, BadInput: an answer will not do; a photo is not there or another's.
    """
    part = locked(pk, by, {State.OPEN})
    only_on_foot(by)
    said = words_of(words, field="words")
    least = part.task.photos_least
    if len(set(photos)) < least:
        raise Missing(_("Photos are missing: %(n)s at least.") % {"n": least}, field="photos")
    kept = answered(part.task, answers or {})
    for photo in hold(photos, by=by):
        TaskFile.objects.create(attachment=photo, task=part.task, part=part, round=part.round)
    part.done_at, part.done_by_id, part.words, part.answers = now, by.account_id, said, kept
    part.lon, part.lat, part.accuracy_m = lon, lat, accuracy_m
    part.sampled = drawn(part.pk, part.round)
    late = now > part.due_at
    move(part, "complete", State.DONE, by=by, now=now, photos=len(photos), late=late)
    return part


@transaction.atomic
def give_back(pk: uuid.UUID, *, by: Actor, now: datetime, reason: str) -> GridTask:
    """退回: it cannot be done here, and this is why; the office that issued it is told.

    Raises:
        NotFound, NotAllowed, WrongState: as `complete`.
        Missing: no reason.
    """
    part = locked(pk, by, {State.OPEN})
    only_on_foot(by)
    said = words_of(reason, field="reason")
    move(part, "give_back", State.GIVEN_BACK, by=by, now=now, words=said)
    tell(
        GIVEN_BACK,
        Whom(desks=(part.issuer_code, part.grid_code[:12])),
        part.task,
        key=f"given_back:{part.pk}:{part.round}",
        now=now,
        path=desk_path(part.task),
        area=naming.own_name(part.grid_code),
    )
    return part


@transaction.atomic
def found(pk: uuid.UUID, *, by: Actor, now: datetime, number: str) -> GridTask:
    """发现问题: a case of the actor's own came of the task. Saying it again changes nothing.

    Raises:
        NotFound: it is not the actor's grid, or the actor reported no such case.
        NotAllowed: the actor walks no grid.
    """
    part = locked(pk, by, State)
    only_on_foot(by)
    case = own_report(number, by)
    _link, made = TaskCase.objects.get_or_create(case=case, defaults={"part": part})
    if made:
        part.last_seq += 1
        part.save(update_fields=["last_seq"])
        note(part, "found", by=by, now=now, case=case.number)
    return part
