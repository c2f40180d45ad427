"""What was brought back takes the place of what is there, which is kept aside.

Everything lies on the data folder's own disk by then, so that taking the place is a handful of
renamings. They are written down first: where they are broken off, the next command that needs the
database finishes them, and no half of each is ever started.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from huying import embedded, embedded_roles
from huying.backup import handing_over, making, shipping
from huying.backup.manifest import BackupError
from huying.backup.moving import MOVES, ROOM, finish
from huying.backup.place import Archive
from huying.backup.recovering import Room
from huying.cli import progress
from huying.embedded import Layout, private_file, private_folder
from huying.installation import config

PARTS: Final = ("postgres", "attachments", "seals")

_HAND_OVER_SECONDS: Final = 120.0


def room_for(home: Path) -> Path:
    """An empty place for a room; what an earlier try left there is gone."""
    shutil.rmtree(home / ROOM, ignore_errors=True)
    return home / ROOM


def hand_over_the_rest() -> None:
    """Brings what the present database wrote last into the archive; it runs for that alone.

    Raises:
        BackupError: the server did not hand it over in time.
    """
    if not config.layout.exists():
        return
    tuning, folders = handing_over.tuning(config), handing_over.folders(config)
    with (
        progress("Taking in the rest of the log"),
        embedded.hold(config.home, tuning=tuning, folders=folders),
        psycopg.connect(
            config.layout.url(embedded.SUPERUSER, "postgres"), autocommit=True
        ) as server,
    ):
        hand_over(server)
    shipping.take_in(now=datetime.now(UTC))


def hand_over(server: psycopg.Connection[tuple[object, ...]]) -> None:
    """Lets the server end its segment of the log, and waits until it handed it over.

    Raises:
        BackupError: it did not within two minutes.
    """
    row = server.execute("SELECT pg_walfile_name(pg_switch_wal() - 1)").fetchone()
    assert row is not None
    deadline = time.monotonic() + _HAND_OVER_SECONDS
    while time.monotonic() < deadline:
        last = server.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()
        # A note on a base backup has a name that begins with its segment's.
        if last and last[0] and str(last[0])[:24] >= str(row[0]):
            return
        time.sleep(0.05)
    raise BackupError("The server did not hand its log over; its own log says why.")


def make_ours(room: Room, theirs: Layout) -> None:
    """Gives the room's roles the passwords of a data folder, and lets nobody stay signed in."""
    with psycopg.connect(
        room.layout.url(embedded.SUPERUSER, "postgres"), autocommit=True
    ) as server:
        for role in (embedded.OWNER, embedded.APPLICATION):
            password = embedded.secret(theirs.password_file(role))
            embedded_roles.set_role(server, role, password)
        server.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(embedded.SUPERUSER),
                sql.Literal(embedded.secret(theirs.password_file(embedded.SUPERUSER))),
            )
        )
    with psycopg.connect(room.url(owner=True), autocommit=True) as owner:
        here = {name for (name,) in owner.execute(making.statement("backup_tables"))}
        for name in making.NOT_KEPT:
            if name in here:
                owner.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(name)))


def keep_timelines(archive: Archive, room: Room) -> None:
    """Brings the file of the room's new timeline into the archive, for those who come after."""
    known = archive.wal.entries()
    for path in (room.layout.data / "pg_wal").glob("*.history"):
        if path.name not in known:
            body = path.read_bytes()
            archive.wal.put(
                path.name,
                [gzip.compress(body, 1)],
                raw=hashlib.sha256(body).hexdigest(),
                closed_at=time.time(),
            )


def take_place(room: Room, home: Path) -> Path:
    """Renames the room's parts into their places; the folder in which the old ones are kept.

    The room's server must be stopped, and no process may use the old one.

    Raises:
        BackupError: the old database still runs.
    """
    if config.layout.exists() and embedded.running(home):
        raise BackupError(f"The database in {home} still runs: stop what uses it.")
    former = home / f"former-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    private_folder(former)
    shutil.rmtree(room.layout.root / "holders", ignore_errors=True)
    for name in PARTS:
        private_folder(room.home / name)
    with progress("Waiting for the disk"):
        os.sync()
    moves = [
        *([str(home / name), str(former / name)] for name in PARTS if (home / name).exists()),
        *([str(room.home / name), str(home / name)] for name in PARTS),
    ]
    private_file(home / MOVES, json.dumps({"moves": moves, "done": 0}) + "\n")
    finish(home)
    return former
