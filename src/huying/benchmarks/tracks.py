"""All who walk a grid send where they are, every thirty seconds, each with a session of their own.

`huying serve` runs as it does anywhere, web and worker, with its own defaults. Afterwards the
points that were sent are counted in the database: what is not there is lost.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from huying.benchmarks import walking
from huying.benchmarks.bed import Bed
from huying.benchmarks.chromium import session_of
from huying.benchmarks.figures import Options, at_most, digits, percentile
from huying.benchmarks.filling import people
from huying.benchmarks.scripts import answered
from huying.cli import CommandError, say

LIMIT_MS = 500.0
GOAL = at_most(1.0)
EVERY_S = 30.0
KEPT_UP = 0.98
"""Of the rate that must really have come through."""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.patrol.models import TrackPoint

    people(bed)
    bed.copy("tracks")
    bed.enter("tracks")
    cookies = workers(options.workers)
    per_s = options.workers / EVERY_S
    seconds = 3.0 * options.rounds * options.seconds
    order = {
        "host": "127.0.0.1",
        "per_s": per_s,
        "seconds": seconds,
        "cookies": cookies,
    }
    say(f"{options.workers} workers, {per_s:.1f} points/s for {seconds:.0f} s")
    with bed.serve() as port:
        got = answered(walking, order | {"port": port})
    there = TrackPoint.objects.count()
    bed.drop("tracks")
    took = sorted(got["took_ms"])
    p95, rate = percentile(took, 0.95), got["sent"] / got["seconds"]
    lost = got["sent"] - there
    ratio = p95 / LIMIT_MS
    return {
        "name": "tracks",
        "unit": "ms p95",
        "ours": digits(p95),
        "other": LIMIT_MS,
        "ratio": digits(ratio),
        "goal": GOAL.value,
        "goal_is": GOAL.is_,
        "met": GOAL.met(ratio) and lost == 0 and not got["failed"] and rate >= KEPT_UP * per_s,
        "workers": options.workers,
        "per_s": digits(rate),
        "wanted_per_s": digits(per_s),
        "points": there,
        "lost": lost,
        "failed": got["failed"],
        "example": got["example"],
        "p50_ms": digits(percentile(took, 0.5)),
        "p95_ms": digits(p95),
        "p99_ms": digits(percentile(took, 0.99)),
        "max_ms": digits(took[-1]),
        "seconds": digits(got["seconds"]),
    }


def workers(number: int) -> list[tuple[str, str]]:
    """So many of the demo's grid workers, on duty; their cookies and tokens."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string

    from huying.patrol.models import DutySpan
    from huying.people.models import Post, Role

    now = datetime.now(UTC)
    workers = Post.objects.filter(role=Role.GRID_WORKER).select_related("account")
    posts = list(workers.order_by("id")[:number])
    if len(posts) < number:
        raise CommandError(f"The demo has no more than {len(posts)} grid workers.")
    DutySpan.objects.bulk_create(
        DutySpan(
            account=post.account,
            district_code=post.district_code,
            area_code=post.area_code,
            began_at=now - timedelta(minutes=5),
            ends_by=now + timedelta(hours=12),
        )
        for post in posts
    )
    found = []
    for post in posts:
        token = _get_new_csrf_string()
        cookies = {**dict([session_of(post)]), settings.CSRF_COOKIE_NAME: token}
        found.append(("; ".join(f"{name}={value}" for name, value in cookies.items()), token))
    return found
