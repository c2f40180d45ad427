"""时限重算: open cases' deadlines follow a working calendar, and a ladder, that is edited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huying.cases.deadlines import recompute
from huying.cases.models import CalendarFollowed, Case
from huying.cases.verbs import Act, verb
from huying.clock.reading import calendar_version, forget_calendars
from huying.people.acting import SYSTEM
from huying.places.models import Division, Level


@verb("recompute")
def recompute_deadlines(act: Act) -> None:
    """时限重算: the calendar has changed, so the deadlines have. `verbs.finish` works them out."""
    act.data["due_before"] = act.case.due_at


def follow_calendar(*, now: datetime) -> int:
    """Works out the deadlines of open cases anew where the calendar or the ladder was edited.

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

    A case whose deadlines stay the same gets no event, also where it is to be looked at earlier or
    later than before.
    """
    forget_calendars()
    moved = 0
    open_cases = Case.objects.open().filter(district_code=district_code).order_by("pk")
    for pk in open_cases.values_list("pk", flat=True).iterator(chunk_size=2000):
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if case is None or not case.is_open:
                continue
            before, looked_at = deadline_columns(case), (case.wake_at, case.rung)
            recompute(case, now)
            if deadline_columns(case) != before:
                recompute_deadlines(case, by=SYSTEM, now=now)
                moved += 1
            elif (case.wake_at, case.rung) != looked_at:
                case.save(update_fields=["wake_at", "rung"])
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
