"""A worker is killed while it takes a table in: nothing is there, and the next try is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from huying.audit.verifying import verify
from huying.cases.models import Case
from huying.intake.excel import keeping, taking
from huying.intake.models import CaseImport, ImportedCase
from huying.people.turns import QUIET
from tests.cases.town import Town

pytestmark = pytest.mark.slow
ROWS = taking.CHUNK + 100
"""More than are written at once: some are there when it is killed, and some are not."""


def wait_for(what: Callable[[], Any], seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
    return found


def worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "huying", "worker"], stderr=subprocess.DEVNULL)


def state(made: CaseImport) -> str:
    made.refresh_from_db()
    return made.state


def test_a_killed_worker_leaves_nothing_and_the_next_takes_all(transactional_db: None) -> None:
    town = Town()
    text = "问题描述,村(社区)\n" + "".join(f"第{n}处路灯不亮,小龙村\n" for n in range(ROWS))
    by = town.actor("dispatcher")
    made = taking.receive(text.encode(), "路灯.csv", by=by, now=timezone.now())
    first = worker()
    try:
        wait_for(lambda: state(made) == "checked")
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            # It writes its first cases, and then cannot say from which rows they are.
            cursor.execute("LOCK TABLE imported_case IN SHARE MODE")
            # Over another connection: this one is in a transaction until the worker is dead.
            beside = connection.copy()
            taking_in = (
                "UPDATE case_import SET state = 'confirmed', confirmed_at = now() WHERE id = %s"
            )
            with beside.cursor() as other:
                other.execute(taking_in, [made.pk])
                other.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args) VALUES"
                    " ('imports', 'import_cases', 0, jsonb_build_object("
                    "'import_id', %s::text, 'language', 'zh-hans'))",
                    [str(made.pk)],
                )

                def waits() -> bool:
                    other.execute(
                        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                        " AND relation = 'imported_case'::regclass)"
                    )
                    return bool(other.fetchone()[0])

                wait_for(waits)
                os.kill(first.pid, signal.SIGKILL)
            beside.close()
            first.wait()
            cursor.execute("ROLLBACK")
    finally:
        first.kill()
        first.wait()
    assert state(made) == "running"
    assert not Case.objects.exists()

    taking.again(made, now=timezone.now() + 2 * QUIET)
    second = worker()
    try:
        wait_for(lambda: state(made) == "done")
    finally:
        second.terminate()
        second.wait(timeout=30)
    assert made.made == Case.objects.count() == ROWS
    rows = sorted(ImportedCase.objects.values_list("row", flat=True))
    assert rows == list(range(2, ROWS + 2))
    assert keeping.kept(made.pk, "table") is None
    assert verify().ok
