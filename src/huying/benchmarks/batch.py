"""Reports over HTTP, five hundred a request, against the floor of `intake`: cases a second.

Each report of a batch has its own item, position and key, is validated, located, numbered and
hashed by itself, and gets its own answer.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from huying.benchmarks import floor, http, load, reports
from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_least, figures
from huying.benchmarks.intake import _beside, _kept
from huying.cli import CommandError, say

GOAL = at_least(1.0)
SIZE = 500
CONNECTIONS = 4
MARK = '"status":201'


def run(bed: Bed, options: Options) -> dict[str, Any]:
    bed.copy("batch")
    bed.enter("batch")
    floor.make_tables(bed)
    secret = http.token()
    requests = _requests(secret)
    floors, ours = [], []
    with bed.web() as port:
        http.run(
            port, requests, connections=CONNECTIONS, seconds=min(2.0, options.seconds), mark=MARK
        )
        floors.append(floor.measure(bed, options.seconds))
        for turn in range(options.rounds):
            got = http.run(
                port, requests, connections=CONNECTIONS, seconds=options.seconds, mark=MARK
            )
            if got.marks != got.answers * SIZE:
                raise CommandError(f"only {got.marks} of {got.answers * SIZE} reports became cases")
            ours.append(got)
            floors.append(floor.measure(bed, options.seconds))
            say(
                f"batch {turn + 1}/{options.rounds}: {got.marks / got.seconds:,.0f} cases/s, "
                f"floor {floors[-1].per_second:,.0f}/s"
            )
    written = sum(each.marks for each in ours)
    bare = floor.measure(bed, options.seconds, bare=True)
    kept = _kept()
    bed.drop("batch")
    return figures(
        "batch",
        "cases/s",
        [each.marks / each.seconds for each in ours],
        _beside([each.per_second for each in floors]),
        GOAL,
        met=kept >= written,
        size=SIZE,
        bare_floor=bare.per_second,
        ratio_to_bare=median(each.marks / each.seconds for each in ours) / bare.per_second,
        connections=CONNECTIONS,
        cases=written,
        p50_ms=median(each.p50_ms for each in ours),
        p99_ms=median(each.p99_ms for each in ours),
        not_2xx=0,
        load_cpu=median(each.cpu_share for each in ours),
    )


def _requests(secret: str) -> list[bytes]:
    """Ten different batches, which take turns; the load gives every report a new key."""
    key = load.KEY.decode()
    found = reports.samples(10 * SIZE)
    return [
        http.request(
            "/cases/batch",
            secret,
            reports.as_json(
                {"reports": [{"key": key, **reports.body(each, item=True)} for each in some]}
            ),
            keyed=False,
        )
        for some in (found[start : start + SIZE] for start in range(0, len(found), SIZE))
    ]
