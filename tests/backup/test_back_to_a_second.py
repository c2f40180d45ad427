"""`huying backup base` and `huying restore --at`: one installation, and its way back.

One story in one test: each step needs what the one before it left, and a server takes a second to
start.
"""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huying import embedded
from huying.backup import handing_over, moving
from huying.embedded import Layout
from huying.installation import config
from tests import made_ready
from tests.backup.conftest import huying, run_python
from tests.security.hunting import files, held, unpacked

pytestmark = pytest.mark.slow

REPORT = """
from huying import cli
with cli.needed("data"):
    from huying.scenarios import petrol
    petrol.play()
"""
ERASE = """
from huying import cli
with cli.needed("data"):
    from huying.cases.attaching import files_of
    from huying.cases.models import Attachment
    from django.db import connections
    for each in Attachment.objects.all():
        for path in files_of(each.pk, each.kind):
            path.unlink()
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE attachment CASCADE")
"""


class Place:
    """A data folder whose server hands its log over, and its archive."""

    def __init__(self, room: Path) -> None:
        self.home, self.archive = room / "h", room / "a"
        made_ready.copy(self.home)
        settings = config.model_copy(update={"home": self.home, "backup_dir": self.archive})
        settings.__dict__.pop("layout", None)
        self.tuning = {**made_ready.QUICK, **handing_over.tuning(settings)}
        self.folders = handing_over.folders(settings)

    def serve(self) -> embedded.Holder:
        return embedded.hold(self.home, tuning=self.tuning, folders=self.folders)

    def run(self, *arguments: str) -> dict[str, Any]:
        done = huying(self.home, *arguments, "--json", HUYING_BACKUP_DIR=str(self.archive))
        told = dict(json.loads(done.stdout)) if done.stdout else {"detail": done.stderr}
        return told | {"code": done.returncode}

    def python(self, words: str) -> None:
        done = run_python(self.home, "-c", words, HUYING_BACKUP_DIR=str(self.archive))
        assert done.returncode == 0, done.stderr

    def heads(self) -> list[tuple[Any, ...]]:
        with psycopg.connect(Layout(self.home).url(embedded.OWNER)) as connection:
            return connection.execute(
                'SELECT id, last_seq, last_hash FROM "case" ORDER BY 1'
            ).fetchall()

    def photos(self) -> dict[str, bytes]:
        root = self.home / "attachments"
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.jpg")}


@pytest.fixture
def place() -> Iterator[Place]:
    room = Path(tempfile.mkdtemp(prefix="hy-at-"))
    yield Place(room)
    shutil.rmtree(room)


def second_after_now() -> str:
    """The next full second, once it is over."""
    second = int(time.time()) + 1
    time.sleep(max(0.0, second + 0.05 - time.time()))
    return datetime.fromtimestamp(second, UTC).isoformat()


def test_an_installation_goes_back_to_a_second(place: Place) -> None:
    with place.serve():
        assert place.run("backup", "base")["code"] == 0
        place.python(REPORT)
        then, heads, photos = second_after_now(), place.heads(), place.photos()
        assert heads
        assert photos
        # Erased before anything was taken in: the row is in the log, so its file must be there too.
        place.python(ERASE)
        assert not place.photos()

        refused = place.run("restore", "--at", "2026-01-01 10:00:00", "--yes")
        assert "The oldest base backup leads to" in refused["detail"]
    back = place.run("restore", "--at", then, "--yes")
    assert back["code"] == 0, back
    assert (back["cases"], back["problems"]) == (len(heads), [])
    assert Path(back["former"], "postgres", "data", "PG_VERSION").exists()
    left = {path.name for path in place.home.iterdir()}
    assert not left & {"restoring", moving.MOVES}
    with place.serve():
        assert place.heads() == heads
        assert place.photos() == photos
        assert place.run("verify")["code"] == 0
        # Where it went on to is in no backup before the next base; that one is made, and proved.
        assert place.run("backup", "base")["code"] == 0
        drilled = place.run("restore", "--drill")
        assert (drilled["ok"], drilled["problems"]) == (True, [])
        assert place.run("backup", "status")["status"]["proved_hours"] == 0.0

    # Nothing in it can be read without the keys, but for what says what is there.
    told = {"index.jsonl", "manifest.json"}
    closed = [
        path.read_bytes()
        for path in files(*(place.archive / each for each in ("bases", "wal", "attachments")))
        if path.name not in told
    ]
    assert len(closed) > 5
    assert not [body for body in closed if [*unpacked(body)][1:]]
    assert not [body for body in closed if held(body, ["汽油味", "huying", "JFIF"])]

    # What is damaged in the archive is found before anything is touched.
    segment = max((place.archive / "wal").glob("0" * 7 + "1" + "?" * 16))
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    refused = place.run("restore", "--at", then, "--check")
    assert refused["code"] == 1
    assert "not what was written" in refused["detail"]
    keys = place.home / "keys"
    keys.rename(place.home / "elsewhere")
    refused = place.run("restore", "--at", then, "--check")
    assert "first." in refused["detail"]


def test_a_taking_of_places_that_was_broken_off_is_finished(tmp_path: Path) -> None:
    for name in ("restoring/postgres", "restoring/seals", "former/postgres", "seals"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "restoring" / "postgres" / "new").touch()
    there = [str(tmp_path / name) for name in ("postgres", "former/postgres", "seals",
             "former/seals", "restoring/postgres", "restoring/seals")]  # fmt: skip
    moves = [there[0:2], there[2:4], [there[4], there[0]], [there[5], there[2]]]
    # The first was done and not noted yet.
    (tmp_path / moving.MOVES).write_text(json.dumps({"moves": moves, "done": 0}))
    assert moving.finish(tmp_path)
    assert (tmp_path / "postgres" / "new").exists()
    assert (tmp_path / "former" / "seals").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"postgres", "former", "seals"}
    assert not moving.finish(tmp_path)


def test_too_much_that_waits_is_let_go_and_noted(tmp_path: Path) -> None:
    """The words of the archive_command themselves, as the server's shell runs them."""
    spool, data = tmp_path / "spool", tmp_path / "data"
    for folder in (spool, data / "pg_wal" / "archive_status"):
        folder.mkdir(parents=True)
    (data / "pg_wal" / "0A").write_bytes(b"segment")
    settings = config.model_copy(update={"backup_backlog_gb": 0.001})

    def hand_over() -> None:
        words = handing_over.command(str(spool), settings)
        words = words.replace("%f", "0A").replace("%p", "pg_wal/0A")
        subprocess.run(
            ["/bin/sh", "-c", words], cwd=data, check=True, env={"PATH": "/usr/bin:/bin"}
        )

    hand_over()
    assert {path.name for path in spool.iterdir()} == {"0A.gz"}
    (spool / "full").write_bytes(b"x" * 2_000_000)
    (spool / "0A.gz").unlink()
    hand_over()
    assert (spool / handing_over.DROPPED).read_text() == "0A\n"
    assert not (spool / "0A.gz").exists()
    (spool / "full").unlink()
    for number in range(4):
        (data / "pg_wal" / "archive_status" / f"{number}.ready").touch()
    hand_over()
    assert (spool / handing_over.DROPPED).read_text() == "0A\n0A\n"


def test_another_users_server_leaves_what_huying_may_read(tmp_path: Path) -> None:
    """PostgreSQL's own user keeps all it writes to itself, unless its command says otherwise."""
    spool, data = tmp_path / "spool", tmp_path / "data"
    for folder in (spool, data / "pg_wal" / "archive_status"):
        folder.mkdir(parents=True)
    (data / "pg_wal" / "0A").write_bytes(b"segment")
    for command, mode in (
        (handing_over.command(str(spool)), 0o600),
        (handing_over.command_for_two(str(spool)), 0o640),
    ):
        words = command.replace("%f", "0A").replace("%p", "pg_wal/0A")
        subprocess.run(["/bin/sh", "-c", words], cwd=data, check=True, umask=0o077)
        assert stat.S_IMODE((spool / "0A.gz").stat().st_mode) == mode
