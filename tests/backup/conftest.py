"""An installation with cases, photos, contacts and a seal, and one backup of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huying import embedded
from huying.backup import manifest
from tests import forked, made_ready
from tests.made_ready import QUICK

STORY = """
from huying import cli
with cli.needed("data"):
    from django.utils import timezone
    from huying.audit import sealing
    from huying.cases.models import Channel
    from huying.intake.reporting import Told, take
    from huying.people.acting import SYSTEM
    from huying.scenarios import petrol

    petrol.play()
    now = timezone.now()
    take(
        Told(channel=Channel.MESSAGE, text="和兴路路灯不亮", alarms=False,
             contact_name="何婆婆", contact_phone="13800000000"),
        by=SYSTEM, now=now,
    )
    sealing.seal(timezone.localdate(now), now)
    take(Told(channel=Channel.MESSAGE, text="封存之后", alarms=False), by=SYSTEM, now=now)
"""


def huying(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command on a data folder with its embedded server."""
    return run_python(home, "-m", "huying", *arguments, **more)


def run_python(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "HUYING_HOME": str(home)}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        own.pop(name, None)
    return forked.run({**own, **more}, *arguments)


@dataclass
class Installation:
    """A data folder whose server runs."""

    home: Path

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return huying(self.home, *arguments, **more)

    def restore(self, folder: Path, *options: str) -> dict[str, Any]:
        """Restores, and insists that it worked."""
        done = self.run("restore", str(folder), "--json", *options)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def rows(self, statement: str, database: str = embedded.DATABASE) -> list[tuple[Any, ...]]:
        url = embedded.Layout(self.home).url(embedded.OWNER, database)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def databases(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT datname FROM pg_database")}

    def cases(self) -> list[tuple[Any, ...]]:
        return self.rows('SELECT id, last_hash FROM "case" ORDER BY id')

    def photos(self) -> dict[str, bytes]:
        root = self.home / "attachments"
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="hy-from-"))
    made_ready.copy(home)
    with embedded.hold(home, tuning=QUICK):
        done = run_python(home, "-c", STORY)
        assert done.returncode == 0, done.stderr
        yield Installation(home)
    shutil.rmtree(home)


@pytest.fixture
def target() -> Iterator[Installation]:
    """An installation in which nothing was ever made.

    They come to stand at one place one after another, so that its commands are loaded once."""
    home = Path(tempfile.gettempdir(), f"hy-into-{os.getpid()}")
    home.mkdir(mode=0o700)
    with embedded.hold(home, tuning=QUICK):
        yield Installation(home)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def whole(source: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup with its keys. Tests that change one change a copy."""
    folder = tmp_path_factory.mktemp("backup") / "new"
    done = source.run("backup", str(folder), "--with-keys")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def backup(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def sum_up(folder: Path) -> None:
    """Makes digests and manifest fit again, as somebody would who can write the backup."""
    names = [path for _, path in manifest.sums(folder)]
    lines = [f"{manifest.sha256(folder / name)}  {name}\n" for name in names]
    (folder / manifest.SUMS).write_text("".join(lines))
    edit(folder, sums_sha256=manifest.sha256(folder / manifest.SUMS))


def edit(folder: Path, **facts: Any) -> None:
    """Writes other facts into the manifest."""
    path = folder / manifest.NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))
