"""The ladder over 100,000 open cases: one run with much to do, one with nothing, one after a day.

It has no other side: what is held against a limit is the run that finds nothing to do, which comes
every minute and must cost nothing, however many cases are open.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, digits, figures
from huying.benchmarks.filling import fill, people
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from huying.cases.models import Case

GOAL = at_most(1.0)
IDLE_MS = 100.0
CASES = 100_000
DUE_PER_MILLE = 5
"""Cases that nobody has looked at since they came in: each climbs the whole ladder."""
OF_A_DAY_PER_MILLE = 10
"""Cases, reminded before, whose deadline passed in the day on which no worker ran."""

LONGEST_HOURS = 24 * 45
"""No item's time for handling is longer."""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case

    people(bed)
    bed.copy("ladder")
    bed.enter("ladder")
    rows = min(CASES, options.rows)
    of_a_day = rows * OF_A_DAY_PER_MILLE // 1000
    fill(bed, rows, open_per_mille=1000, due=rows * DUE_PER_MILLE // 1000)
    _age()
    cases = Case.objects.open().count()
    due = Case.objects.due_to_wake(datetime.now(UTC)).count()
    run_s, rungs = _run(due)
    say(f"ladder: {due:,} cases, {rungs:,} rungs in {run_s:,.1f} s")
    idle = []
    for turn in range(options.rounds):
        took, _none = _run(0)
        idle.append(took * 1000)
        say(f"ladder {turn + 1}/{options.rounds}: {idle[-1]:,.2f} ms with nothing due")
    _stand_still(of_a_day)
    day_s, day_rungs = _run(of_a_day)
    say(f"ladder: after a day, {of_a_day:,} cases, {day_rungs:,} rungs in {day_s:,.1f} s")
    bed.drop("ladder")
    found = figures("ladder", "ms", idle, [IDLE_MS] * len(idle), GOAL, cases=cases, due=due)
    return found | {
        "run_s": digits(run_s),
        "rungs": rungs,
        "idle_ms": found["ours"],
        "day_due": of_a_day,
        "day_s": digits(day_s),
        "day_rungs": day_rungs,
    }


def _age() -> None:
    """Moves what is due so far back that twice the longest limit has passed, on any clock.

    Few rows are filled in over few days: on a weekend half of the rungs would not be reached.
    """
    from django.db.models import F

    from huying.cases.models import Case

    moments = ("received_at", "accepted_at", "dispatched_at", "desk_since")
    back = timedelta(hours=3 * LONGEST_HOURS)
    due = Case.objects.due_to_wake(datetime.now(UTC))
    due.update(**{name: F(name) - back for name in moments})


def _run(expected: int) -> tuple[float, int]:
    """One run of the worker's: its seconds, and the rungs that were climbed.

    Raises:
        CommandError: it saw to more or fewer cases than were due, or left one behind.
    """
    from huying.cases.models import Case, CaseEvent
    from huying.supervision.climbing import RUNGS, wake_all

    events = CaseEvent.objects.filter(verb__in=[rung.verb for rung in RUNGS])
    before, now = events.count(), datetime.now(UTC)
    started = perf_counter()
    done = wake_all(now=now)
    took = perf_counter() - started
    if done != expected or Case.objects.due_to_wake(now).exists():
        raise CommandError(f"{done} cases were seen to instead of {expected}")
    return took, events.count() - before


def _stand_still(many: int) -> None:
    """Lets the deadlines of so many cases pass in the last day, each by its own item's limit.

    All were reminded before. Where the limit is short, twice its time has passed in that day too.
    """
    from huying.cases.deadlines import recompute
    from huying.cases.models import Case
    from huying.clock.ladder import Rung

    now = datetime.now(UTC)
    starts: dict[int | None, list[datetime]] = {}
    changed: list[Case] = []
    waiting = Case.objects.open().filter(rung=0).select_related("item_version").order_by("pk")
    for n, case in enumerate(waiting.iterator()):
        if len(changed) == many:
            break
        if case.item_version_id not in starts:
            starts[case.item_version_id] = _starts(case, now)
        if found := starts[case.item_version_id]:
            case.dispatched_at, case.rung = found[n % len(found)], Rung.REMIND
            recompute(case, now)
            changed.append(case)
    columns = ["rung", "dispatched_at", "handle_due", "due_at", "yellow_at", "wake_at"]
    Case.objects.bulk_update(changed, columns, batch_size=500)
    if len(changed) < many:
        raise CommandError(f"only {len(changed)} cases have a deadline that passed in a day")


def _starts(case: Case, now: datetime) -> list[datetime]:
    """When such a case may have been dispatched whose time for handling ran out in the last day."""
    from huying.cases.deadlines import limits_for
    from huying.clock.deadlines import due
    from huying.clock.reading import calendar_for

    limit, calendar = limits_for(case).handle, calendar_for(case.district_code)
    if limit is None:
        return []
    found = []
    for hours in range(1, LONGEST_HOURS):
        start = now - timedelta(hours=hours)
        at = due(start, limit, calendar).at
        if at is not None and at <= now - timedelta(days=1):
            break  # who was dispatched still earlier was due still earlier
        if at is not None and now - timedelta(days=1) < at < now - timedelta(minutes=1):
            found.append(start)
    return found
