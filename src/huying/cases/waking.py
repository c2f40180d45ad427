"""What the system does by itself: resume, note a passed deadline, follow a changed calendar."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huying.cases.deadlines import recompute
from huying.cases.models import Case
from huying.cases.suspending import resume
from huying.cases.verbs import Act, verb
from huying.clock.reading import forget_calendars
from huying.people.acting import SYSTEM


@verb("overdue")
def overdue(act: Act) -> None:
    """超期: notes on the timeline that the present step's deadline has passed. Once a deadline."""
    act.data |= {"deadline": act.case.state, "due": act.case.due_at}


def wake(*, now: datetime, limit: int = 200) -> int:
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


@verb("recompute")
def recompute_deadlines(act: Act) -> None:
    """时限重算: the calendar has changed, so the deadlines have. `verbs.finish` works them out."""
    act.data["due_before"] = act.case.due_at


def follow_calendar(*, now: datetime, district_code: str | None = None) -> int:
    """Works out the deadlines of all open cases anew; how many have moved.

    To be run after the working calendar was edited. A case whose deadline stays the same gets no
    event.
    """
    forget_calendars()
    moved = 0
    open_cases = Case.objects.open()
    if district_code is not None:
        open_cases = open_cases.filter(district_code=district_code)
    for pk in open_cases.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000):
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if case is None or not case.is_open:
                continue
            before = deadline_columns(case)
            recompute(case, now)
            if deadline_columns(case) != before:
                recompute_deadlines(case, by=SYSTEM, now=now)
                moved += 1
    return moved


def deadline_columns(case: Case) -> tuple[datetime | None, ...]:
    return (
        case.due_at,
        case.accept_due,
        case.sign_due,
        case.handle_due,
        case.check_due,
        case.total_due,
    )
