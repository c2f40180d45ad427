"""pg_dump, pg_restore and psql: which ones, and running them with their progress told."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huying.backup.manifest import BackupError
from huying.unprivileged import bundled

JOBS = "2"

# Roles may have other names here, and a comment on an extension is its maker's to write.
_AS_OURS = ("--no-owner", "--no-privileges", "--no-comments")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_STEP = re.compile(r"finished item \d+ ")
# pg_restore 17 and later say this to every server; one before 17 does not know it.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"


@dataclass(frozen=True)
class Programs:
    """The folder of PostgreSQL's programs, and their major version."""

    folder: Path
    major: int

    def path(self, name: str) -> Path:
        return self.folder / name


def for_major(major: int) -> Programs:
    """Programs of at least PostgreSQL `major`: the ones that come with huying, or the system's.

    Raises:
        BackupError: all that are here are older.
    """
    newest = 0
    for folder in _folders():
        found = _major(folder / "pg_dump")
        newest = max(newest, found)
        if found >= major:
            return Programs(folder, found)
    raise BackupError(
        f"PostgreSQL {major} needs pg_dump and pg_restore of its own version or a later one; "
        f"the newest here is {newest}. Install the client programs of PostgreSQL {major}."
    )


def bundled_major() -> int:
    """The major version of the PostgreSQL that comes with huying."""
    return _major(bundled() / "postgres")


def _folders() -> Iterator[Path]:
    yield bundled()
    if system := shutil.which("pg_dump"):
        # Debian's is a wrapper that stands alone; the programs lie beside each other below.
        yield Path(system).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _major(program: Path) -> int:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return 0
    found = _VERSION.search(said)
    return int(found[1]) if found else 0


def dump(
    programs: Programs,
    url: str,
    target: Path,
    *,
    snapshot: str,
    without: Sequence[str],
    advance: Callable[[int], None],
) -> None:
    """Writes the database of `url`, as `snapshot` sees it, into the new folder `target`.

    The rows of the tables `without` stay out.
    """
    # Its words are not compressed hard: two cores write faster than a disk at this level.
    _run(
        [programs.path("pg_dump"), "--format=directory", f"--jobs={JOBS}", "--compress=1",
         "--no-sync", "--verbose", "--lock-wait-timeout=60s", f"--snapshot={snapshot}",
         f"--file={target}", *(f"--exclude-table-data=public.{name}" for name in without)],
        url, advance,
    )  # fmt: skip


def entries(programs: Programs, archive: Path) -> int:
    """How many things a dump holds.

    Raises:
        BackupError: it can't be read.
    """
    done = subprocess.run(
        [programs.path("pg_restore"), "--list", archive], capture_output=True, text=True
    )
    if done.returncode:
        raise BackupError(f"The dump can't be read: {done.stderr.strip()}")
    return sum(1 for line in done.stdout.splitlines() if line and not line.startswith(";"))


def load(programs: Programs, url: str, archive: Path, advance: Callable[[int], None]) -> None:
    """Restores a dump into the empty database of `url`, by several jobs at once."""
    _run(
        [programs.path("pg_restore"), *_AS_OURS, "--exit-on-error", f"--jobs={JOBS}",
         "--verbose", archive],
        url, advance,
        # Nobody uses it yet: a crash costs the restoring, and nothing else.
        {"PGOPTIONS": "-c synchronous_commit=off -c maintenance_work_mem=256MB"},
    )  # fmt: skip


def load_at_once(programs: Programs, url: str, archive: Path) -> None:
    """Restores a dump in one transaction: all of it, or nothing at all."""
    where, environment = entered(url)
    with tempfile.TemporaryFile() as errors:
        script = subprocess.Popen(
            [programs.path("pg_restore"), *_AS_OURS, "--file=-", archive],
            stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        reader = subprocess.Popen(
            [programs.path("psql"), "--no-psqlrc", "--quiet", "--single-transaction",
             "--set=ON_ERROR_STOP=1", where],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment,
        )  # fmt: skip
        assert script.stdout is not None
        assert reader.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                for line in script.stdout:
                    if line != _UNKNOWN_BEFORE_17:
                        reader.stdin.write(line)
                    if line.startswith((b"SELECT ", b"COPY ")):
                        break  # the preamble of settings is over
                shutil.copyfileobj(script.stdout, reader.stdin, 1 << 20)
                if script.wait() == 0:
                    reader.stdin.close()
                    reader.wait()
        finally:
            # Before its input ends: psql must not take a cut script for a whole one.
            reader.kill()
            script.kill()
            broken = bool(reader.wait() or script.wait())
            script.stdout.close()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if broken:
        raise BackupError(f"The database could not be restored: {last(said)}")


def entered(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without the password, which others could read in the process list."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return f"--dbname={make_conninfo('', **parts)}", environment


def _run(
    command: Sequence[str | Path],
    url: str,
    advance: Callable[[int], None],
    more: dict[str, str] | None = None,
) -> None:
    said: list[str] = []
    where, environment = entered(url)
    process = subprocess.Popen(
        [*command, where], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        errors="replace", env={**environment, **(more or {})},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if _STEP.search(line):
                advance(1)
            said = [*said[-200:], line.rstrip()]
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        process.stderr.close()
    if process.wait():
        name = Path(command[0]).name
        raise BackupError(f"{name} failed: {last(chr(10).join(said))}")


def last(said: str) -> str:
    """What went wrong, out of all that a program told."""
    lines = said.splitlines()
    wrong = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return " ".join((wrong or lines)[-3:])
