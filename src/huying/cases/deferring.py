"""When a step's jobs run: alarms at once, all else when the step can no longer be undone.

The one place for later stages. A notice that was sent cannot be taken back, so what a step that
can be undone leaves to the worker waits for as long as that, and is dropped if it was undone.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from huying.cases.models import Case, CaseEvent

ALARM = 20
"""The priority of an alarm: before what the clock calls for, and before what a report leaves."""

LAST_UNDO = timedelta(seconds=2)
"""How long an undo that came in time may take until it holds the case's row."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job that a step leaves to the worker."""

    job: Any
    args: dict[str, Any]
    alarm: bool = False


def undo_within() -> timedelta:
    """How long a step can be undone."""
    return timedelta(seconds=settings.HUYING.undo_seconds)


def waiting_time() -> timedelta:
    """How long a job of an undoable step waits."""
    return undo_within() + LAST_UNDO


def job_of(deferred: Deferred, case_id: uuid.UUID, seq: int, *, may_be_undone: bool) -> Job:
    """The job as it is handed to the queue, inside the step's transaction."""
    task, args = deferred.job, deferred.args
    if deferred.alarm:
        made = task.configure(priority=ALARM).make_new_job(**args)
    elif not may_be_undone:
        made = task.configure().make_new_job(**args)
    else:
        seconds = int(waiting_time().total_seconds())
        made = unless_undone.configure(schedule_in={"seconds": seconds}).make_new_job(
            case_id=str(case_id), seq=seq, task=task.name, args=args
        )
    return cast(Job, made)


@app.task(name="unless_undone", queue="cases", priority=5)
def unless_undone(case_id: str, seq: int, task: str, args: dict[str, Any]) -> bool:
    """Defers the job of a step that has stayed; whether it has. Nothing is left to do for a case
    that is gone for good."""
    with transaction.atomic():
        # Whoever is just undoing the step holds the row: wait for them, then look.
        there = Case.objects.select_for_update().filter(pk=case_id).values_list("pk", flat=True)
        if not list(there) or is_undone(uuid.UUID(case_id), seq):
            return False
        app.tasks[task].defer(**args)
    return True


def is_undone(case_id: uuid.UUID, seq: int) -> bool:
    """Whether the step was taken back."""
    return CaseEvent.objects.filter(case_id=case_id, verb="undo", data__undoes=seq).exists()
