"""What the system does by itself, when its time has come: resume, and note a passed deadline."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huying.cases.models import Case
from huying.cases.suspending import resume
from huying.cases.verbs import Act, verb
from huying.people.acting import SYSTEM


@verb("overdue")
def overdue(act: Act) -> None:
    """超期: notes on the timeline that the present step's deadline has passed. Once a deadline."""
    act.data |= {"deadline": act.case.state, "due": act.case.due_at}


def wake(now: datetime, *, limit: int = 200) -> int:
    """Looks at up to ``limit`` cases whose time has come; how many there were.

    Safe to run in several processes at once: a case that one holds, another skips.
    """
    with transaction.atomic():
        due = list(Case.objects.due_to_wake(now, limit))
        for case in due:
            if case.is_suspended:
                resume(case, by=SYSTEM, now=now)
            else:
                overdue(case, by=SYSTEM, now=now)
    return len(due)
