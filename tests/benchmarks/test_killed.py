"""Processes killed under load: what was answered is there, once, and it comes back by itself.

Twenty kills here, and five processes that are told to end, each kind at least once. One web process
in the place of two: each comes back in half the time. `HUYING_TEST_KILLS` says how many.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

KILLS = int(os.environ.get("HUYING_TEST_KILLS", "20"))

# A data folder made ready, but nothing else that would make it quicker: what keeps data is on.
BEGIN = """
import sys
from huying import embedded
from huying.cli import main
def copied(layout):
    from tests import made_ready
    made_ready.copy(layout.home)
embedded._initdb = copied
sys.exit(main())
"""


@pytest.mark.slow
def test_nothing_that_was_answered_is_lost_or_doubled_when_processes_are_killed() -> None:
    own = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("HUYING_", "DATABASE_", "DJANGO_"))
    }
    own["HUYING_WEB_PROCESSES"] = "1"
    order = ["bench", "kills", "--json", "--kills", str(KILLS), "--seed", "3"]
    done = subprocess.run(
        [sys.executable, "-c", BEGIN, *order],
        env=own, capture_output=True, text=True, timeout=400 + 60 * KILLS,
    )  # fmt: skip
    assert done.stdout, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["kills"] >= KILLS
    ended = [name for name in told["signals"] if not name.endswith("SIGKILL")]
    told_to = ["web SIGTERM", "worker SIGTERM", "postmaster SIGINT", "backend SIGTERM"]
    assert set(told_to[: KILLS // 4]) <= set(ended)
    assert told["acknowledged"] > 0
    assert (told["lost"], told["doubled"], told["chain"]) == (0, 0, "ok"), told["which"]
    assert (told["refused"], told["stuck"]) == (0, 0), told["which"]
    assert told["jobs"]["left"] == 0, told["jobs"]
