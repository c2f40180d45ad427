"""下达: a town or district gives grids a task; presses who is late with it; takes it back."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.versions import snapshot
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.forms import versions
from huying.forms.versions import Form
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Role
from huying.places.models import CODE_LENGTH, Grid, Level
from huying.tasks.asking import Asked, definition_of
from huying.tasks.concerned import (
    FIELD_PATH,
    ISSUED,
    RECALLED,
    URGED,
    desk_name,
    said,
    tell,
    workers_of,
)
from huying.tasks.models import WAITING, GridTask, State, Task, TaskFile, TaskStep, TaskText
from huying.tasks.photos import hold
from huying.tasks.steps import step_of, words_of

LONGEST: Final = timedelta(days=366)
PRESSED_AGAIN_AFTER: Final = timedelta(hours=1)
LONGEST_TITLE: Final = 60
MOST_PHOTOS: Final = 9
OFFICES: Final = (CODE_LENGTH[Level.DISTRICT], CODE_LENGTH[Level.TOWN])
_ISSUE = frozenset({Role.DISPATCHER, Role.TOWN_LEADER, Role.DISTRICT_LEADER})


def may_issue(by: Actor) -> bool:
    """Whether a post issues tasks: desks and leaders of towns and of the district do."""
    return by.role in _ISSUE and len(by.area_code) in OFFICES


def items(now: datetime) -> list[ItemSnapshot]:
    """What a task may be about: publicity and guidance, and special work."""
    return [item for item in snapshot(now).active if item.code[:2] in ("03", "04")]


def grids_of(areas: Iterable[str], within: str) -> list[str]:
    """The live grids of the areas named, each a town, a community or a grid, each grid once.

    Raises:
        Missing: nothing is named, or no grid lies in what is.
        BadInput: one of them lies outside of the office's area.
    """
    named = [each.strip() for each in areas if each.strip()]
    if any(not each.isdigit() or not each.startswith(within) for each in named):
        raise BadInput(_("This place is outside your area."), field="grids")
    live = Grid.objects.within(within).live().order_by("code").values_list("code", flat=True)
    begins = tuple(named)
    found = [code for code in live if code.startswith(begins)] if begins else []
    if not found:
        raise Missing(_("Please choose the grids."), field="grids")
    return found


def issue(
    *,
    by: Actor,
    now: datetime,
    item: str,
    title: str,
    words: str,
    areas: Iterable[str],
    due_at: datetime | None,
    photos_least: int = 1,
    questions: Sequence[Asked] = (),
    sheets: Sequence[uuid.UUID] = (),
) -> Task:
    """下达: one task, and a part of it for each live grid of the areas named.

    Raises:
        NotAllowed: the post issues no tasks.
        Missing: a title, words, a deadline or grids.
        BadInput: another item than of publicity or special work; a deadline that has passed or
            is over a year off; questions with a fault; a place outside the office's area.
    """
    if not may_issue(by):
        raise NotAllowed(_("A town or the district issues tasks."))
    chosen = next((each for each in items(now) if each.code == item), None)
    if chosen is None:
        raise BadInput(_("Please choose an item of publicity or special work."), field="item")
    title, words = words_of(title, field="title"), words_of(words, field="words")
    if len(title) > LONGEST_TITLE:
        raise BadInput(_("This title is too long."), field="title")
    if due_at is None:
        raise Missing(_("Please set a deadline."), field="due_at")
    if not now < due_at <= now + LONGEST:
        raise BadInput(_("The deadline must lie ahead, within a year."), field="due_at")
    if not 0 <= photos_least <= MOST_PHOTOS:
        raise BadInput(_("Nine photos at once at most."), field="photos_least")
    codes = grids_of(areas, by.area_code)
    assert by.account_id is not None  # whoever issues has a post
    asked = definition_of(questions)
    with transaction.atomic():
        task = Task(
            district_code=by.area_code[:6],
            issuer_code=by.area_code,
            item_code=chosen.code,
            item_version_id=chosen.version_id,
            title=title,
            words=words,
            photos_least=photos_least,
            issued_at=now,
            issued_by_id=by.account_id,
            due_at=due_at,
        )
        if asked is not None:
            task.form_id = _published(task.pk, asked, now).id
        task.save(force_insert=True)
        parts = [_part(task, code, now) for code in codes]
        GridTask.objects.bulk_create(parts)
        TaskStep.objects.bulk_create(step_of(part, "issue", by=by, now=now) for part in parts)
        for sheet in hold(sheets, by=by):
            TaskFile.objects.create(attachment=sheet, task=task)
        tell(
            ISSUED,
            Whom(accounts=workers_of(codes, now)),
            task,
            key="issued",
            now=now,
            path=FIELD_PATH,
            desk=desk_name(task.issuer_code),
            due=said(due_at),
        )
    return task


def _part(task: Task, code: str, now: datetime) -> GridTask:
    part = GridTask(
        task=task,
        district_code=task.district_code,
        issuer_code=task.issuer_code,
        grid_code=code,
        issued_at=now,
        due_at=task.due_at,
        last_seq=1,
    )
    part.climb_at = part.span.next_after(0)
    return part


def _published(pk: uuid.UUID, definition: dict[str, object], now: datetime) -> Form:
    """The questions as a published form of the task's own, which nobody changes any more."""
    owner = f"task:{pk.hex}"
    versions.write(owner, definition, by=SYSTEM, now=now)
    return versions.publish(owner, by=SYSTEM, now=now)


def _own(pk: uuid.UUID, by: Actor) -> Task:
    """The task, locked, for the office that issued it.

    Raises:
        NotFound: it is not the actor's to see.
        NotAllowed: another office issued it.
        WrongState: it was recalled.
    """
    seen = Task.objects.visible_to(by).filter(pk=pk).exists()
    task = Task.objects.select_for_update(of=("self",)).select_related("item_version")
    found = task.filter(pk=pk).first() if seen else None
    if found is None:
        raise NotFound
    if not may_issue(by) or by.area_code != found.issuer_code:
        raise NotAllowed(_("Only the office that issued the task may do this."))
    if found.cancelled_at is not None:
        raise WrongState(_("This task was recalled."))
    return found


@transaction.atomic
def urge(pk: uuid.UUID, *, by: Actor, now: datetime) -> int:
    """催办: those who are not done are pressed, once an hour at most; how many grids.

    Raises:
        NotFound, NotAllowed, WrongState: as whose it is; or it was pressed for within the hour,
            or all is done.
    """
    task = _own(pk, by)
    if task.urged_at is not None and now - task.urged_at < PRESSED_AGAIN_AFTER:
        raise WrongState(_("They were pressed within the last hour."))
    late = list(task.parts.filter(state=State.OPEN).values_list("due_at", "grid_code"))
    if not late:
        raise WrongState(_("There is nobody to press: no grid has it to do."))
    task.urged_at = now
    task.save(update_fields=["urged_at"])
    # What was asked for again may have another deadline; each group is told its own.
    by_due: dict[datetime, list[str]] = defaultdict(list)
    for due_at, grid in late:
        by_due[due_at].append(grid)
    for due_at, grids in by_due.items():
        tell(
            URGED,
            Whom(accounts=workers_of(grids, now)),
            task,
            key=f"urged:{now.isoformat()}:{due_at.isoformat()}",
            now=now,
            path=FIELD_PATH,
            desk=desk_name(task.issuer_code),
            due=said(due_at),
        )
    return len(late)


@transaction.atomic
def recall(
    pk: uuid.UUID, *, by: Actor, now: datetime, reason: str, part: uuid.UUID | None = None
) -> int:
    """撤回: what is not done need not be done any more, in one grid or in all; in how many.

    Raises:
        NotFound, NotAllowed, WrongState: as whose it is; or nothing of it is left to do.
        Missing: no reason.
    """
    task = _own(pk, by)
    reason = words_of(reason, field="reason")
    rows = GridTask.objects.select_for_update().filter(task=task, state__in=sorted(WAITING))
    parts = list(rows.filter(pk=part) if part is not None else rows)
    if not parts:
        raise WrongState(_("Nothing of this is left to do."))
    # Two thousand parts are taken back at once as well as one.
    pks = [each.pk for each in parts]
    GridTask.objects.filter(pk__in=pks).update(
        state=State.CANCELLED, climb_at=None, last_seq=F("last_seq") + 1
    )
    for each in parts:
        each.last_seq += 1
    TaskStep.objects.bulk_create(step_of(each, "recall", by=by, now=now) for each in parts)
    TaskText.objects.bulk_create(
        TaskText(part=each, seq=each.last_seq, body=reason) for each in parts
    )
    if part is None:
        task.cancelled_at = now
        task.save(update_fields=["cancelled_at"])
    tell(
        RECALLED,
        Whom(accounts=workers_of([each.grid_code for each in parts], now)),
        task,
        key=f"recalled:{part or ''}:{now.isoformat()}",
        now=now,
        path=FIELD_PATH,
        desk=desk_name(task.issuer_code),
    )
    return len(parts)
