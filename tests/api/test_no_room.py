"""The disk full under PostgreSQL itself: nothing is acknowledged, and it goes on with new room.

A table that each report writes to lies in a tablespace on a small disk that something else fills.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from huying.cases.models import Case, IdempotencyKey
from huying.unprivileged import identity

BODY = {"text": "路面有坑，车辆难行"}


@pytest.fixture
def room() -> Iterator[Path]:
    """A disk of 4 MB that the server may write on, at a path that its user can reach."""
    place = Path(tempfile.mkdtemp(prefix="huying-room-", dir="/var/tmp"))
    who = identity()
    options = f"size=4m,mode=0700,uid={who.uid},gid={who.gid}"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode:
        place.rmdir()
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    place.chmod(0o700)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
        shutil.rmtree(place)


def fill(admin: psycopg.Connection[Any], rows: int) -> None:
    while True:
        admin.execute(
            "INSERT INTO filler SELECT repeat(n::text, 60) FROM generate_series(1, %s) n", [rows]
        )


@pytest.fixture
def full(
    transactional_db: None, postgres: Any, database_name: str, room: Path
) -> Iterator[psycopg.Connection[Any]]:
    """The keys of reports lie on a disk without room; what fills it is the table `filler`."""
    space = f"small_{database_name}"
    with postgres.admin(database_name) as admin:
        admin.execute(f"CREATE TABLESPACE {space} LOCATION '{room}'")
        try:
            admin.execute("TRUNCATE idempotency_key")
            admin.execute(f"ALTER TABLE idempotency_key SET TABLESPACE {space}")
            admin.execute(f"CREATE TABLE filler (words text) TABLESPACE {space}")
            for rows in (1000, 1):  # and the last pages, which need the last bytes
                with pytest.raises(psycopg.errors.DiskFull):
                    fill(admin, rows)
            yield admin
        finally:
            connections.close_all()
            admin.execute("DROP TABLE IF EXISTS filler")
            admin.execute("ALTER TABLE idempotency_key SET TABLESPACE pg_default")
            admin.execute(f"DROP TABLESPACE {space}")


def test_a_report_for_which_the_database_has_no_room_is_refused_and_taken_once_there_is(
    district: Any, full: psycopg.Connection[Any]
) -> None:
    for _n in range(2):
        refused = district.post("/cases", BODY, key="once")
        assert refused.status_code == 503
        assert refused.json()["code"] == "no_room"
        assert "没有保存" in refused.json()["detail_zh"]
        assert int(refused.headers["Retry-After"]) > 0
    assert not Case.objects.exists()
    assert not IdempotencyKey.objects.exists()
    full.execute("DROP TABLE filler")
    taken = district.post("/cases", BODY, key="once")
    assert taken.status_code == 201
    assert district.post("/cases", BODY, key="once").json()["number"] == taken.json()["number"]
    assert Case.objects.count() == 1
