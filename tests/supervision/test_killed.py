"""A worker is killed in the middle of the ladder and another goes on: none twice, none skipped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from huying.audit.verifying import verify
from huying.cases.models import Case, CaseEvent
from huying.intake.reporting import take_many
from huying.people.acting import SYSTEM
from huying.supervision.climbing import SOME
from huying.supervision.formal import NUMBERING
from huying.supervision.models import Supervision
from tests.cases.town import GRID_1, Town, told

pytestmark = pytest.mark.slow

CASES = 2 * SOME + 5
"""Some are left when two jobs have taken theirs: the minute's own may come beside the test's."""

LADDER = ("remind", "overdue", "tell_leader", "supervise")


def wait_for(what: Callable[[], Any], seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
    return found


def climbed() -> int:
    return CaseEvent.objects.filter(verb__in=LADDER).count()


def waits_for_a_number(cursor: Any) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    )
    return bool(cursor.fetchone()[0])


def worker() -> subprocess.Popen[bytes]:
    with suppress(AlreadyEnqueued):  # the one before it has lived to see a new minute
        app.tasks["recurring.wake"].defer(timestamp=0)
    return subprocess.Popen([sys.executable, "-m", "huying", "worker"], stderr=subprocess.DEVNULL)


def test_a_killed_worker_repeats_and_skips_nothing(transactional_db: None) -> None:
    Town()
    long_ago = datetime.now(UTC) - timedelta(days=20)
    take_many([(told(f"{n}", area=GRID_1), None) for n in range(CASES)], by=SYSTEM, now=long_ago)
    every = CASES * len(LADDER)

    with connection.cursor() as cursor:
        # Without a number there is no supervision: it stands still in its first case.
        cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBERING])
        first = worker()
        try:
            wait_for(lambda: waits_for_a_number(cursor))
            # Whoever waits for the number comes before who asks anew: some cases get it.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [NUMBERING])
            cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBERING])
            wait_for(lambda: waits_for_a_number(cursor))
            os.kill(first.pid, signal.SIGKILL)
        finally:
            first.kill()
            first.wait()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [NUMBERING])
    assert 0 < (in_between := climbed()) < every, in_between

    second = worker()
    try:
        wait_for(lambda: climbed() >= every)
        wait_for(lambda: not Case.objects.filter(wake_at__lt=datetime.now(UTC)).exists())
    finally:
        second.terminate()
        second.wait(timeout=30)
    counts = Counter(CaseEvent.objects.filter(verb__in=LADDER).values_list("case_id", "verb"))
    assert len(counts) == every
    assert set(counts.values()) == {1}
    numbers = sorted(Supervision.objects.values_list("serial", flat=True))
    assert numbers == list(range(1, CASES + 1))
    assert verify().ok
