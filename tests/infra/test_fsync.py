"""A disk that does not keep what it was given: what was answered is there, and it comes back.

The database's own processes run under strace, which answers one of their calls with EIO, as a disk
that breaks does. PostgreSQL then stops at once and reads its log anew (PANIC), because nobody knows
any more what is on the disk; who was just being answered is not.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from huying import embedded
from huying.outages import Unavailable, outage
from tests import made_ready
from tests.infra.test_serve import wait_for

STRACE = shutil.which("strace")
BACK_WITHIN_S = 60

pytestmark = pytest.mark.skipif(STRACE is None, reason="needs strace")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Holder]:
    """A server of its own, with the product's settings: nothing of what keeps data is off."""
    home = tmp_path_factory.mktemp("f") / "h"
    made_ready.copy(home)
    with embedded.hold(home) as holder:
        with psycopg.connect(holder.url(embedded.OWNER)) as connection:
            connection.execute("CREATE TABLE told (n bigint PRIMARY KEY)")
        yield holder


@contextmanager
def failing_disk(pid: int, log: Path) -> Iterator[None]:
    """The next time that this process asks for something to be on the disk, it is told EIO."""
    assert STRACE is not None
    calls = "fsync,fdatasync"
    tracing = subprocess.Popen(
        [STRACE, "-o", str(log), "-e", f"trace={calls}", "-e", f"inject={calls}:error=EIO:when=1",
         "-p", str(pid)],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert tracing.stderr is not None
        said = tracing.stderr.readline()
        if "attached" not in said:
            pytest.skip(f"nothing can be traced here: {said.strip()}")
        yield
    finally:
        with suppress(ProcessLookupError):
            tracing.terminate()
        tracing.wait(20)


def rows(holder: embedded.Holder) -> set[int]:
    with psycopg.connect(holder.url(embedded.APPLICATION)) as connection:
        return {n for (n,) in connection.execute("SELECT n FROM told")}


def works(holder: embedded.Holder) -> bool:
    with suppress(psycopg.Error):
        rows(holder)
        return True
    return False


class Writer(threading.Thread):
    """Writes numbers, one transaction each, and notes those that were answered."""

    def __init__(self, url: str, first: int) -> None:
        super().__init__(daemon=True)
        self.connection = psycopg.connect(url, autocommit=True)
        self.next, self.told = first, set[int]()
        self.error: Exception | None = None

    def one(self) -> bool:
        try:
            self.connection.execute("INSERT INTO told VALUES (%s)", [self.next])
        except psycopg.Error as error:
            self.error = error
            return False
        self.told.add(self.next)
        self.next += 1
        return True

    def run(self) -> None:
        while self.one():
            pass


def checkpointer(holder: embedded.Holder) -> int:
    with psycopg.connect(holder.url(embedded.SUPERUSER)) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        ).fetchone()
    assert found is not None
    return int(found[0])


def checkpoint(holder: embedded.Holder) -> None:
    with (
        suppress(psycopg.Error),
        psycopg.connect(holder.url(embedded.SUPERUSER), autocommit=True) as connection,
    ):
        connection.execute("CHECKPOINT")


def test_a_commit_that_does_not_reach_the_disk_is_not_answered(
    server: embedded.Holder, tmp_path: Path
) -> None:
    url = server.url(embedded.APPLICATION)
    # Alone, so that nobody else brings its commit to the disk along with their own.
    writer = Writer(url, 1)
    assert writer.one()
    with failing_disk(writer.connection.info.backend_pid, tmp_path / "log"):
        writer.run()
    assert "EIO" in (tmp_path / "log").read_text(), "nothing was injected"
    assert writer.error is not None
    told = OperationalError("away")
    told.__cause__ = writer.error
    assert isinstance(outage(told), Unavailable), "answered with 503, and when to come again"
    held(server, [writer])


def test_a_checkpoint_that_fails_loses_nothing_that_was_answered(
    server: embedded.Holder, tmp_path: Path
) -> None:
    url = server.url(embedded.APPLICATION)
    writers = [Writer(url, 1_000_000 * number) for number in range(1, 4)]
    for each in writers:
        each.start()
    wait_for(lambda: all(each.told for each in writers), 20)
    with failing_disk(checkpointer(server), tmp_path / "log"):
        checkpoint(server)
        for each in writers:
            each.join(20)
    assert "EIO" in (tmp_path / "log").read_text(), "nothing was injected"
    assert all(each.error for each in writers), "the server went on as if nothing had happened"
    held(server, writers)


def held(holder: embedded.Holder, writers: list[Writer]) -> None:
    """By itself it is back in time, with all that was answered."""
    began = time.monotonic()
    wait_for(lambda: works(holder), BACK_WITHIN_S)
    assert time.monotonic() - began < BACK_WITHIN_S
    there = rows(holder)
    for each in writers:
        assert each.told
        assert each.told <= there
        assert there & set(range(each.next + 1, each.next + 1000)) == set()
    fresh = Writer(holder.url(embedded.APPLICATION), max(there) + 2)
    assert fresh.one(), "it takes new ones"
