"""What the system does by itself: resume, note a passed deadline, follow a changed calendar."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from huying.cases.deadlines import recompute
from huying.cases.models import CalendarFollowed, Case
from huying.cases.suspending import resume
from huying.cases.verbs import Act, verb
from huying.clock.reading import calendar_version, forget_calendars
from huying.people.acting import SYSTEM
from huying.places.models import Division, Level

log = logging.getLogger(__name__)

SOME = 200
"""Cases that are woken in one transaction."""


@verb("overdue")
def overdue(act: Act) -> None:
    """超期: notes on the timeline that the present step's deadline has passed. Once a deadline."""
    act.data |= {"deadline": act.case.state, "due": act.case.due_at}


def wake_all(*, now: datetime) -> int:
    """Looks at all cases whose time has come, some at a time; how many there were."""
    total = 0
    while (woken := wake(now=now, limit=SOME)) > 0:
        total += woken
        if woken < SOME:
            break
    return total


def wake(*, now: datetime, limit: int = SOME) -> int:
    """Looks at up to ``limit`` cases whose time has come; how many were done.

    Safe to run in several processes at once: a case that one holds, another skips. A case that
    cannot be woken does not keep the others asleep; it is told in the log, by its id.
    """
    done = 0
    with transaction.atomic():
        for case in Case.objects.due_to_wake(now, limit).only("pk", "suspended_until"):
            try:
                with transaction.atomic():
                    if case.is_suspended:
                        resume(case, by=SYSTEM, now=now)
                    else:
                        overdue(case, by=SYSTEM, now=now)
            except Exception:
                log.exception("case %s could not be woken", case.pk)
            else:
                done += 1
    return done


@verb("recompute")
def recompute_deadlines(act: Act) -> None:
    """时限重算: the calendar has changed, so the deadlines have. `verbs.finish` works them out."""
    act.data["due_before"] = act.case.due_at


def follow_calendar(*, now: datetime) -> int:
    """Works out the deadlines of open cases anew where the working calendar was edited.

    However it was edited, by a page or by SQL: the calendar's version tells. A district that is
    seen for the first time has followed its calendar all along.
    """
    moved = 0
    for district in Division.objects.filter(level=Level.DISTRICT).values_list("code", flat=True):
        version = calendar_version(district)
        known, made = CalendarFollowed.objects.get_or_create(
            district_code=district, defaults={"version": version}
        )
        if not made and known.version != version:
            moved += recompute_open(now=now, district_code=district)
            known.version = version
            known.save(update_fields=["version"])
    return moved


def recompute_open(*, now: datetime, district_code: str) -> int:
    """Works out the deadlines of a district's open cases anew; how many have moved.

    A case whose deadlines stay the same gets no event.
    """
    forget_calendars()
    moved = 0
    open_cases = Case.objects.open().filter(district_code=district_code).order_by("pk")
    for pk in open_cases.values_list("pk", flat=True).iterator(chunk_size=2000):
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
