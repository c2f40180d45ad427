"""Finding and locking the cases whose time has come, against the same without its index."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, figures
from huying.benchmarks.filling import fill, people
from huying.cli import CommandError, say

GOAL = at_most(0.02)
DUE = 5_000
LIMIT = 200


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case

    people(bed)
    bed.copy("due")
    bed.enter("due")
    fill(bed, options.rows, open_per_mille=1000, due=min(DUE, options.rows))
    rows = Case.objects.open().count()
    look(indexed=True)
    ours, other = [], []
    for turn in range(options.rounds):
        ours.append(look(indexed=True))
        other.append(look(indexed=False))
        say(f"due {turn + 1}/{options.rounds}: {ours[-1]:,.2f} ms, unindexed {other[-1]:,.0f} ms")
    bed.drop("due")
    return figures("due", "ms", ours, other, GOAL, rows=rows, due=DUE, locked=LIMIT)


def look(*, indexed: bool) -> float:
    """Finds and locks 200 of the due, as the worker does; milliseconds. Lets go of them again.

    Raises:
        CommandError: fewer than were due came back, or not in their order.
    """
    from django.db import connection, transaction

    from huying.cases.models import Case
    from huying.cases.turns import held

    with transaction.atomic():
        if not indexed:
            with connection.cursor() as cursor:
                for way in ("indexscan", "indexonlyscan", "bitmapscan"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
        started = perf_counter()
        found = list(
            held(Case.objects.due_to_wake(datetime.now(UTC)).only("pk", "suspended_until"), LIMIT)
        )
        took = (perf_counter() - started) * 1000
        transaction.set_rollback(True)
    if len(found) != LIMIT:
        raise CommandError(f"{len(found)} were found due instead of {LIMIT}")
    return took
