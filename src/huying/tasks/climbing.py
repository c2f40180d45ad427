"""逾期上升: the clock reminds who owes a part, then tells the community's and the town's desk.

Each rung is climbed once; one that a run missed is made up for by the next. The parts of one task
climb together, so that a desk is told of its late grids in one notice and not in a hundred.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.tasks.concerned import (
    DUE_SOON,
    FIELD_PATH,
    LATE,
    LATE_HERE,
    LONG_LATE,
    desk_path,
    said,
    tell,
    workers_of,
)
from huying.tasks.deadlines import Rung
from huying.tasks.models import GridTask, Task, TaskStep
from huying.tasks.steps import step_of

log = logging.getLogger(__name__)

COMMUNITY, TOWN = 12, 9


def climb_all(*, now: datetime) -> int:
    """Climbs every rung whose turn has come, task by task; how many parts climbed."""
    tasks = GridTask.objects.to_climb(now).order_by().values_list("task", flat=True).distinct()
    climbed = 0
    for pk in list(tasks):
        try:
            climbed += climb(pk, now=now)
        except Exception:
            # One task that cannot be seen to keeps the others from nothing.
            log.exception("task %s could not be seen to", pk)
    return climbed


@transaction.atomic
def climb(pk: uuid.UUID, *, now: datetime) -> int:
    """The same for the parts of one task that no other process holds."""
    due = GridTask.objects.filter(task=pk).to_climb(now)
    parts = list(due.select_for_update(skip_locked=True, of=("self",)))
    if not parts:
        return 0
    task = Task.objects.select_related("item_version").get(pk=pk)
    reached: dict[Rung, list[GridTask]] = defaultdict(list)
    alike: dict[tuple[int, datetime | None, int], list[uuid.UUID]] = defaultdict(list)
    steps: list[TaskStep] = []
    for part in parts:
        rungs = part.span.reached(part.rung, now)
        for rung in rungs:
            part.rung = rung
            part.last_seq += 1
            steps.append(step_of(part, "climb", by=SYSTEM, now=now, rung=int(rung)))
            reached[rung].append(part)
        alike[part.rung, part.span.next_after(part.rung), len(rungs)].append(part.pk)
    # Most of two thousand parts climb alike: one statement for all of those.
    for (rung_, climb_at, more), pks in alike.items():
        rows = GridTask.objects.filter(pk__in=pks)
        rows.update(rung=rung_, climb_at=climb_at, last_seq=F("last_seq") + more)
    TaskStep.objects.bulk_create(steps)
    for rung, late in sorted(reached.items()):
        _tell(task, rung, late, now)
    return len(parts)


def _tell(task: Task, rung: Rung, parts: Sequence[GridTask], now: datetime) -> None:
    # Several rounds may have several deadlines; each group is told its own.
    by_due: dict[tuple[datetime, int], list[str]] = defaultdict(list)
    for part in parts:
        by_due[part.due_at, part.round].append(part.grid_code)
    for (due_at, round_), grids in by_due.items():
        key, due = f"{rung.name}:{round_}:{min(grids)}", said(due_at)
        if rung is not Rung.TOWN:
            what = DUE_SOON if rung is Rung.REMIND else LATE
            whom = Whom(accounts=workers_of(grids, now))
            tell(what, whom, task, key=key, now=now, path=FIELD_PATH, due=due)
        if rung is not Rung.REMIND:
            _tell_desks(task, rung, grids, key, due, now)


def _tell_desks(
    task: Task, rung: Rung, grids: Sequence[str], key: str, due: str, now: datetime
) -> None:
    """At the deadline the community's desk; after as much time again the town's, and the office."""
    what, length = (LATE_HERE, COMMUNITY) if rung is Rung.COMMUNITY else (LONG_LATE, TOWN)
    by_area: dict[str, list[str]] = defaultdict(list)
    for code in grids:
        by_area[code[:length]].append(code)
    for area, late in sorted(by_area.items()):
        desks = (
            (area,) if rung is Rung.COMMUNITY else tuple(dict.fromkeys((area, task.issuer_code)))
        )
        tell(
            what,
            Whom(desks=desks),
            task,
            key=f"{key}:{area}",
            now=now,
            path=desk_path(task),
            due=due,
            area=naming.own_name(area),
            n=len(late),
        )
