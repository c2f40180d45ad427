"""All who walk a grid send where they are, every thirty seconds, each with a session of their own.

`huying serve` runs as it does anywhere, web and worker, with its own defaults. Afterwards the
points that were sent are counted in the database: what is not there is lost.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from huying.benchmarks import walking
from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, digits, percentile
from huying.cli import CommandError, say

LIMIT_MS = 500.0
GOAL = at_most(1.0)
EVERY_S = 30.0
KEPT_UP = 0.98
"""Of the rate that must really have come through."""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.patrol.models import TrackPoint

    bed.copy("tracks")
    bed.enter("tracks")
    cookies = _workers(options.workers)
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
        got = _walked(order | {"port": port})
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


def _walked(order: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(Path(walking.__file__))],
        input=json.dumps(order), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"The load failed: {done.stderr.strip()[-500:]}")
    got: dict[str, Any] = json.loads(done.stdout)
    return got


def _workers(number: int) -> list[tuple[str, str]]:
    """So many people on duty, a grid each as far as there are grids; their cookies and tokens."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password
    from django.middleware.csrf import _get_new_csrf_string
    from django.utils import timezone

    from huying.patrol.models import DutySpan
    from huying.people.middleware import CHOSEN
    from huying.people.models import Account, Post, Role
    from huying.places.models import Grid

    now = datetime.now(UTC)
    grids = list(Grid.objects.live().order_by("code").values_list("code", flat=True))
    password = make_password(None)
    accounts = Account.objects.bulk_create(
        Account(username=f"walks-{n}", name=f"员{n}", password=password, tour_seen_at=now)
        for n in range(number)
    )
    today = timezone.localdate(now) - timedelta(days=1)
    posts = Post.objects.bulk_create(
        Post(
            account=account,
            role=Role.GRID_WORKER,
            area_code=grids[n % len(grids)],
            district_code=grids[0][:6],
            duty=Post.Duty.RELIEF,
            starts_on=today,
        )
        for n, account in enumerate(accounts)
    )
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
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found, sessions = [], []
    for account, post in zip(accounts, posts, strict=True):
        session = store()
        key = session._get_new_session_key()
        values = {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
            HASH_SESSION_KEY: account.get_session_auth_hash(),
            CHOSEN: post.pk,
        }
        sessions.append(
            store.get_model_class()(
                session_key=key,
                session_data=session.encode(values),
                expire_date=now + timedelta(days=1),
            )
        )
        token = _get_new_csrf_string()
        cookies = {settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: token}
        found.append(("; ".join(f"{name}={value}" for name, value in cookies.items()), token))
    store.get_model_class().objects.bulk_create(sessions)
    return found
