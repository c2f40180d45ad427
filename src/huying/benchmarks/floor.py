"""The floor: pgbench writes three rows a transaction, prepared, with 32 clients.

It is what this server does when nobody computes anything, checks anything or speaks HTTP.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import percentile
from huying.cli import CommandError

CLIENTS = 32
SQL = Path(__file__).resolve().parent.parent / "sql"
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_NOTHING = "actually processed: 0"
_FAILED = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Floor:
    """One run: transactions a second, and their latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def make_tables(bed: Bed) -> None:
    """The floor's own tables, empty, in the present database."""
    from huying import embedded

    with bed.admin() as connection:
        connection.execute(
            "DROP TABLE IF EXISTS floor_case, floor_event, floor_job, bare_case, bare_event,"
            " bare_job; DROP SEQUENCE IF EXISTS floor_serial"
        )
        connection.execute((SQL / "bench_floor_tables.sql").read_text("utf-8"))
        connection.execute(
            "GRANT ALL ON floor_case, floor_event, floor_job, bare_case, bare_event, bare_job"
            f" TO {embedded.APPLICATION};"
            f"GRANT ALL ON SEQUENCE floor_serial TO {embedded.APPLICATION}"
        )


def measure(bed: Bed, seconds: float, *, bare: bool = False) -> Floor:
    """One run of pgbench; ``bare``: into tables without indexes and checks.

    Raises:
        CommandError: it failed, or one of its transactions did.
    """
    folder = Path(tempfile.mkdtemp(prefix="floor-", dir=bed.home))
    script = (SQL / "bench_floor.sql").read_text("utf-8")
    file = folder / "floor.sql"
    file.write_text(script.replace("INTO floor_", "INTO bare_") if bare else script, "utf-8")
    try:
        done = _run(bed, folder, file, seconds)
        if not done.returncode and _NOTHING in done.stdout:
            # A disk that is busy with another's writes can take a second for its first commit.
            shutil.rmtree(folder / "logs")
            done = _run(bed, folder, file, max(10, seconds))
        tps, failed = _TPS.search(done.stdout), _FAILED.search(done.stdout)
        if done.returncode or tps is None or (failed and failed[1] != "0"):
            raise CommandError(f"pgbench failed: {done.stderr.strip() or done.stdout.strip()}")
        latencies = sorted(
            int(line.split(b" ", 3)[2]) / 1000
            for log in (folder / "logs").iterdir()
            for line in log.read_bytes().splitlines()
        )
        return Floor(float(tps[1]), percentile(latencies, 0.5), percentile(latencies, 0.99))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(bed: Bed, folder: Path, script: Path, seconds: float) -> subprocess.CompletedProcess[str]:
    (folder / "logs").mkdir()
    return subprocess.run(
        [bed.program("pgbench"), "--no-vacuum", "--protocol=prepared",
         f"--client={CLIENTS}", "--jobs=2", f"--time={max(1, round(seconds))}",
         f"--file={script}", "--log", f"--log-prefix={folder / 'logs' / 'log'}",
         bed.url()],
        capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
