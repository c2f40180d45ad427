"""Reports over HTTP, one a request, against three bare INSERTs a transaction on the same server.

A report is authorized, validated, located, given a suggested item, numbered, hashed, and written
with its event, its words, its idempotency key and one job in one commit.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any

from huying.benchmarks import floor, http, reports
from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_least, figures
from huying.cli import say

GOAL = at_least(0.20)
P99_GOAL = 5.0
CLIENTS = 32


def run(bed: Bed, options: Options) -> dict[str, Any]:
    bed.copy("intake")
    bed.enter("intake")
    floor.make_tables(bed)
    secret = http.token()
    requests = [
        http.request("/cases", secret, reports.as_json(reports.body(each, item=False)), keyed=True)
        for each in reports.samples(2000)
    ]
    floors, ours = [], []
    with bed.web() as port:
        http.run(port, requests, connections=CLIENTS, seconds=min(2.0, options.seconds))
        floors.append(floor.measure(bed, options.seconds))
        for turn in range(options.rounds):
            ours.append(http.run(port, requests, connections=CLIENTS, seconds=options.seconds))
            floors.append(floor.measure(bed, options.seconds))
            say(
                f"intake {turn + 1}/{options.rounds}: {ours[-1].answers / ours[-1].seconds:,.0f} "
                f"reports/s, floor {floors[-1].per_second:,.0f}/s"
            )
    written = sum(each.answers for each in ours)
    p99, other_p99 = median(each.p99_ms for each in ours), _beside([f.p99_ms for f in floors])
    p99_ratio = p99 / median(other_p99)
    bare = floor.measure(bed, options.seconds, bare=True)
    kept = _kept()
    bed.drop("intake")
    return figures(
        "intake",
        "reports/s",
        [each.answers / each.seconds for each in ours],
        _beside([each.per_second for each in floors]),
        GOAL,
        met=p99_ratio <= P99_GOAL and kept >= written,
        p99_ratio=p99_ratio,
        p99_goal=P99_GOAL,
        p99_ms=p99,
        other_p99_ms=median(other_p99),
        p50_ms=median(each.p50_ms for each in ours),
        other_p50_ms=median(_beside([f.p50_ms for f in floors])),
        bare_floor=bare.per_second,
        ratio_to_bare=median(each.answers / each.seconds for each in ours) / bare.per_second,
        clients=CLIENTS,
        reports=written,
        not_2xx=0,
        load_cpu=median(each.cpu_share for each in ours),
    )


def _beside(floors: list[float]) -> list[float]:
    """The floor of each round: the mean of the run before it and the run after it."""
    return [(before + after) / 2 for before, after in pairwise(floors)]


def _kept() -> int:
    """Cases that are whole: with their first event, their words, their key and one job."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT count(*) FROM "case" c'
            " JOIN case_event e ON e.case_id = c.id AND e.seq = 1 AND e.hash = c.last_hash"
            " JOIN case_text t ON t.case_id = c.id"
            " JOIN idempotency_key k ON k.case_id = c.id"
            " JOIN procrastinate_jobs j ON j.args->>'case_id' = c.id::text"
        )
        return int(cursor.fetchone()[0])
