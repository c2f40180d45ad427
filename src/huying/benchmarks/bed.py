"""Where the benchmarks run: a data folder, a server and databases of their own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huying.cli import CommandError, needed, say

ROOM = Path("/var/tmp")  # noqa: S108 - on a disk, where /tmp often is memory and fsync costs nothing

STARTS_WITHIN_S = 300.0


class Bed:
    """The running server, its databases, and what is started on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = "huying"
        self.serving: int | None = None
        self.peopled = False

    def url(self, *, owner: bool = False, database: str | None = None) -> str:
        """How to enter a database as the application, or as the owner."""
        from huying import embedded
        from huying.installation import config

        role = embedded.OWNER if owner else embedded.APPLICATION
        return config.layout.url(role, database or self.database)

    @contextmanager
    def admin(self, database: str | None = None) -> Iterator[Any]:
        """A connection of the server's superuser, outside any transaction."""
        import psycopg

        from huying import embedded
        from huying.installation import config

        url = config.layout.url(embedded.SUPERUSER, database or self.database)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    def copy(self, name: str, *, of: str = "huying") -> None:
        """Makes a database that is a copy of the first one, or of another."""
        from django.db import connections
        from psycopg import sql

        from huying import embedded

        connections.close_all()
        new, old, owner = (sql.Identifier(each) for each in (name, of, embedded.OWNER))
        with self.admin("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(new))
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(new, owner, old)
            )

    def drop(self, name: str) -> None:
        """Throws a copy away; its room on the disk is free again."""
        from psycopg import sql

        self.enter("huying")
        with self.admin("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    def enter(self, name: str) -> None:
        """Sends Django's connections to a database."""
        from django.db import connections

        self.database = name
        connections.close_all()
        for alias in ("default", "owner"):
            connections[alias].settings_dict["NAME"] = name

    def roots(self) -> list[int]:
        """The first processes of what runs: `serve`, or the web server, and the database."""
        from huying.installation import config

        note = (config.layout.data / "postmaster.pid").read_text()
        serving = [] if self.serving is None else [self.serving]
        return [*serving, int(note.split("\n", 1)[0])]

    def program(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        from huying.unprivileged import binaries, identity

        return binaries(identity()) / name

    @contextmanager
    def web(self) -> Iterator[int]:
        """The web server as `huying serve` starts it; gives its port on the loopback address.

        Only the limit on how often one caller may write is raised: it is there to refuse what a
        benchmark does. It is still counted.
        """
        with self._running(
            ["-m", "huying.web"],
            {"DATABASE_URL": self.url(), "HUYING_API_WRITES_PER_MINUTE": "10000000"},
        ) as port:
            yield port

    @contextmanager
    def serve(self, more: dict[str, str] | None = None) -> Iterator[int]:
        """`huying serve`, web and worker, with its own defaults and these settings; its port."""
        urls = {"DATABASE_URL": self.url(), "DATABASE_OWNER_URL": self.url(owner=True)}
        with self._running(["-m", "huying", "serve"], urls | (more or {})) as port:
            yield port

    @contextmanager
    def _running(self, program: list[str], environment: dict[str, str]) -> Iterator[int]:
        port = _free_port()
        process = subprocess.Popen(
            [sys.executable, *program],
            env={
                **os.environ,
                "HUYING_HOME": str(self.home),
                "HUYING_ADDRESS": "127.0.0.1",
                "HUYING_PORT": str(port),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        self.serving = process.pid
        try:
            _wait_until_it_answers(process, port)
            yield port
        finally:
            self.serving = None
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def machine(self) -> dict[str, Any]:
        """What it was measured on."""
        import platform

        import django
        import psycopg

        with self.admin() as connection:
            row = connection.execute("SELECT version()").fetchone()
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return {
            "cores": len(os.sched_getaffinity(0)),
            "processor": _processor(),
            "memory_gb": round(pages / 2**30, 1),
            "filesystem": _filesystem(self.home),
            "system": platform.system(),
            "postgresql": row[0].split(",")[0].removeprefix("PostgreSQL ").split(" on ")[0],
            "python": platform.python_version(),
            "django": django.get_version(),
            "psycopg": psycopg.__version__,
        }


@contextmanager
def bed() -> Iterator[Bed]:
    """A data folder and a server for benchmarks alone: production's settings, real fsync."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    if "django" in sys.modules and "huying.settings" in sys.modules:
        raise CommandError("The benchmarks need a process of their own.")
    home = Path(tempfile.mkdtemp(prefix="huying-bench-", dir=ROOM if ROOM.is_dir() else None))
    os.environ["HUYING_HOME"] = str(home)
    try:
        with needed("data"):
            from datetime import UTC, datetime

            from huying.places.loading import load_demo_grids

            say("Drawing the grids")
            load_demo_grids(datetime.now(UTC))
            yield Bed(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    from huying.cli.serve import answers

    deadline = time.monotonic() + STARTS_WITHIN_S
    while not answers(f"http://127.0.0.1:{port}/healthz"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CommandError("The web server did not start.")
        time.sleep(0.05)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"


def _filesystem(path: Path) -> str:
    """The kind of file system that holds a path."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    holding = [(len(at), kind) for at, kind in mounts if path.is_relative_to(at)]
    return max(holding)[1] if holding else "unknown"
