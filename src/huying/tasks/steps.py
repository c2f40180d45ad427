"""One step done to one locked part: checked before, written into the log after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.audit.chain import plain
from huying.cases.verbs import keepable
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.tasks.models import LOOKING, GridTask, State, TaskStep, TaskText


def locked(pk: uuid.UUID, by: Actor, states: Iterable[State]) -> GridTask:
    """The part, held until the transaction ends.

    Raises:
        NotFound: it is not the actor's to see.
        WrongState: it is in none of these states.
    """
    found = (
        GridTask.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("task__item_version", "task__form")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound
    if State(found.state) not in states:
        raise WrongState(
            _("This grid's part is in a state that does not allow this."), state=found.state
        )
    return found


def only_on_foot(by: Actor) -> None:
    """Raises NotAllowed for whoever walks no grid."""
    if by.role not in ON_FOOT:
        raise NotAllowed(_("Only who walks the grid may do this."))


def only_looking(by: Actor) -> None:
    """Raises NotAllowed for whoever does not see to tasks."""
    if by.role not in LOOKING:
        raise NotAllowed(_("Only a desk, a checker or a leader of the area may do this."))


def words_of(said: str, *, field: str) -> str:
    """Words that are needed.

    Raises:
        Missing: there are none.
        BadInput: they are too long, or hold what the database cannot keep.
    """
    said = said.strip()
    if not said:
        raise Missing(_("Please say it in words."), field=field)
    if not keepable(said):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field=field
        )
    return said


def move(
    part: GridTask,
    verb: str,
    state: State,
    *,
    by: Actor,
    now: datetime,
    words: str = "",
    **data: Any,
) -> None:
    """Writes the part in its new state, and the step with its words."""
    part.state = state
    if state != State.OPEN:
        part.climb_at = None
    part.last_seq += 1
    part.save()
    note(part, verb, by=by, now=now, words=words, **data)


def note(
    part: GridTask, verb: str, *, by: Actor, now: datetime, words: str = "", **data: Any
) -> None:
    """Adds a step to the log of a part whose ``last_seq`` counts it already."""
    step = step_of(part, verb, by=by, now=now, **data)
    step.save(force_insert=True)
    if words:
        TaskText.objects.create(part=part, seq=step.seq, body=words)


def step_of(part: GridTask, verb: str, *, by: Actor, now: datetime, **data: Any) -> TaskStep:
    return TaskStep(
        part=part,
        seq=part.last_seq,
        verb=verb,
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        data=plain(data),
    )
