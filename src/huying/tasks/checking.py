"""抽查: somebody else looks at the evidence, and lets it pass or asks for it again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed
from huying.notices.telling import Whom
from huying.people.acting import Actor
from huying.tasks.concerned import AGAIN, FIELD_PATH, desk_name, said, tell, workers_of
from huying.tasks.issuing import LONGEST
from huying.tasks.models import GridTask, State
from huying.tasks.steps import locked, move, only_looking, words_of

MORE_TIME: Final = timedelta(days=1)
"""What a grid has to do it again where nobody says and the deadline is nearer."""


@transaction.atomic
def let_pass(pk: uuid.UUID, *, by: Actor, now: datetime, words: str = "") -> GridTask:
    """抽查通过: the evidence shows that it was done.

    Raises:
        NotFound: it is not in the actor's area.
        NotAllowed: the actor sees to no tasks, or has done it.
        WrongState: it is not done, or was looked at.
    """
    part = locked(pk, by, {State.DONE})
    only_looking(by)
    if by.account_id == part.done_by_id:
        raise NotAllowed(_("Who has done it may not look at it."))
    part.checked_at, part.checked_by_id = now, by.account_id
    move(part, "pass", State.PASSED, by=by, now=now, words=words.strip()[:2000])
    return part


@transaction.atomic
def ask_again(
    pk: uuid.UUID, *, by: Actor, now: datetime, reason: str, until: datetime | None = None
) -> GridTask:
    """返工 or 重新下达: to be done again, or after all; with the reason, and a new deadline.

    Raises:
        NotFound, NotAllowed: as `let_pass`.
        WrongState: it is to be done anyhow, or was recalled.
        Missing: no reason.
        BadInput: the new deadline does not lie ahead.
    """
    part = locked(pk, by, {State.DONE, State.GIVEN_BACK})
    only_looking(by)
    why = words_of(reason, field="reason")
    if until is not None and not now < until <= now + LONGEST:
        raise BadInput(_("The deadline must lie ahead, within a year."), field="until")
    part.due_at = until or max(part.due_at, now + MORE_TIME)
    part.issued_at, part.rung = now, 0
    part.round += 1
    part.done_at = part.done_by_id = part.lon = part.lat = part.accuracy_m = None
    part.words, part.answers, part.sampled = "", {}, False
    part.climb_at = part.span.next_after(0)
    move(part, "again", State.OPEN, by=by, now=now, words=why, due=part.due_at)
    tell(
        AGAIN,
        Whom(accounts=workers_of([part.grid_code], now)),
        part.task,
        key=f"again:{part.pk}:{part.round}",
        now=now,
        path=FIELD_PATH,
        desk=desk_name(by.area_code),
        due=said(part.due_at),
    )
    return part
