"""A cluster as it was at a second, running in a room of its own beside all else."""

from __future__ import annotations

import gzip
import io
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from huying import embedded
from huying.audit import crypto
from huying.audit.keys import KeyPurpose
from huying.backup import basing, place, programs, reaching
from huying.backup.manifest import BackupError
from huying.backup.place import Archive
from huying.backup.reaching import Timeline, Way
from huying.backup.shipping import SEGMENT_NAME
from huying.backup.store import Entry
from huying.cli import progress
from huying.embedded import Layout, private_file, private_folder
from huying.installation import config, database_from_url
from huying.unprivileged import identity

OPEN_DOORS: Final = "local all all trust\n"
"""The passwords in a backup are those of its time; only we can reach the room's socket."""

_FETCH: Final = 'test -e "@wal@/%f.gz" && echo %f > "@wal@/at" && gzip -dc "@wal@/%f.gz" > "%p"'
_TOO_SHORT: Final = "recovery ended before configured recovery target was reached"

ROLES: Final = (embedded.SUPERUSER, embedded.OWNER, embedded.APPLICATION)


def way_to(archive: Archive, at: datetime | None) -> Way:
    """How ``at`` can be reached, or the end of what is there.

    Raises:
        BackupError: there is no way, or the keys of it are missing.
    """
    known = archive.wal.entries()
    timelines = [
        Timeline.read(
            name, entry["closed_at"], gzip.decompress(archive.wal.content(entry)).decode()
        )
        for name, entry in known.items()
        if name.endswith(".history")
    ]
    closed = {
        name: entry["closed_at"] for name, entry in known.items() if SEGMENT_NAME.fullmatch(name)
    }
    way = reaching.choose(at, basing.bases(archive), closed, timelines)
    require_keys(way, known)
    return way


def require_keys(way: Way, known: Mapping[str, Entry]) -> None:
    """Raises BackupError if files of the way are encrypted under keys that are not here."""
    needed = {way.base.key} | {known[name]["key"] for name in way.segments}
    here = set(crypto.provider().key_ids(KeyPurpose.DATA))
    if lacking := sorted(f"data.{each}.key" for each in needed - here if each):
        raise BackupError(
            f"The archive is encrypted, and these keys are not in {crypto.keys_folder()}: "
            f"{', '.join(lacking)}. Put the copy of the keys there first."
        )


def lacking_keys(way: Way) -> list[str]:
    """Key files that were there when the base was made and that are not here."""
    return [name for name in way.base.keys if not (crypto.keys_folder() / name).exists()]


@dataclass(frozen=True)
class Room:
    """The folder in which a cluster was brought back, and how it is entered."""

    home: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.home)

    @property
    def attachments(self) -> Path:
        return self.home / "attachments"

    @property
    def seals(self) -> Path:
        return self.home / "seals"

    def url(self, *, owner: bool = False) -> str:
        """The connection string of the application, or of the owner, in the room."""
        if config.embedded:
            return self.layout.url(embedded.OWNER if owner else embedded.APPLICATION)
        theirs = database_from_url(config.url(owner=owner))
        host = quote(str(self.layout.socket_dir()), safe="")
        return f"postgresql://{quote(theirs['USER'])}@/{quote(theirs['NAME'])}?host={host}&port={embedded.PORT}"


@contextmanager
def recovered(archive: Archive, way: Way, home: Path) -> Iterator[Room]:
    """The cluster of ``way``, running in the new folder ``home``; it is stopped at the end.

    Raises:
        BackupError: something of the archive is damaged, there is not enough room, or the server
            could not follow the log.
    """
    room = Room(home)
    _require_room(way, home)
    private_folder(home)
    private_folder(room.layout.root)
    for role in ROLES:
        private_file(room.layout.password_file(role), secrets.token_urlsafe(8) + "\n")
    unpack(archive, way.base, room.layout.data)
    lay_log(archive, way, home / "wal")
    try:
        _follow(way, room)
        yield room
    finally:
        embedded.stop(room.layout)


def _require_room(way: Way, home: Path) -> None:
    ours, theirs = programs.bundled_major(), way.base.server_version // 10000
    if ours != theirs:
        raise BackupError(
            f"The archive is of PostgreSQL {theirs}, which the programs of {ours} that come with "
            "huying cannot follow: docs/backup.md says how to restore it by hand."
        )
    free = shutil.disk_usage(next(each for each in home.parents if each.exists())).free
    needed = int(way.base.cluster_bytes * 1.1) + (len(way.segments) + 4) * place.SEGMENT
    if free < needed:
        raise BackupError(
            f"{home.parent} has {free / 1e9:.1f} GB free, and the database alone needs "
            f"{needed / 1e9:.1f} GB there."
        )


class _Stream(io.RawIOBase):
    """Pieces as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            try:
                self._left = memoryview(next(self._pieces))
            except StopIteration:
                return 0
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Unpacks one member: a plain file or a folder below the target, which is all that a base
    backup holds. Not every Python 3.11 has the filters of `tarfile`, which say the same.

    Raises:
        tarfile.ExtractError: it is something else, or leads out of the target.
    """
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        raise tarfile.ExtractError(f"{member.name!r} is not a file of a base backup")
    path = target / name
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    with source, path.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def unpack(archive: Archive, base: basing.Base, target: Path) -> None:
    """Unpacks a base backup into a new folder that the server's user owns.

    Raises:
        BackupError: it is damaged.
    """
    store = archive.base(base.name)
    entry = store.entries().get(basing.TAR)
    if entry is None or entry["sha256"] != base.sha256:
        raise BackupError(
            f"The base backup {base.name} is damaged: its list is not its manifest's."
        )
    private_folder(target)
    pieces = store.read(entry)
    try:
        with (
            progress("Unpacking the base backup", base.cluster_bytes >> 20) as advance,
            tarfile.open(fileobj=io.BufferedReader(_Stream(pieces)), mode="r|gz") as tar,
        ):
            for member in tar:
                _take_out(tar, member, target)
                advance(member.size >> 20)
        for _rest in pieces:
            pass  # to the end, where the digest is compared
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
        raise BackupError(f"The base backup {base.name} is damaged: {error}.") from error
    who = identity()
    for folder, _folders, files in os.walk(target):
        Path(folder).chmod(0o700)
        who.own(Path(folder))
        for name in files:
            path = Path(folder) / name
            path.chmod(0o600)
            who.own(path)


def lay_log(archive: Archive, way: Way, target: Path) -> None:
    """Lays the way's segments where the server will fetch them, still compressed."""
    known = archive.wal.entries()
    who = identity()
    private_folder(target)
    who.own(target)
    timelines = [name for name in known if name.endswith(".history")]
    with progress("Reading the log", len(way.segments)) as advance:
        for name in (*timelines, *way.segments):
            path = target / f"{name}.gz"
            archive.wal.copy_to(known[name], path)
            who.own(path)
            advance(1)


def _follow(way: Way, room: Room) -> None:
    """Starts the server, which follows the log to the moment and then opens its door."""
    (room.layout.data / "recovery.signal").touch(mode=0o600)
    identity().own(room.layout.data / "recovery.signal")
    tuning = {
        **embedded.TUNING,
        "archive_mode": "off",
        "hot_standby": "off",
        "restore_command": _FETCH,
        "recovery_target_timeline": str(way.timeline.number),
        "recovery_target_action": "promote",
        # A crash costs the bringing back, and nothing else; before it takes a place it is synced.
        "fsync": "off",
        "autovacuum": "off",
    }
    target = (
        {"recovery_target_time": f"{way.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f+00}"}
        if way.at
        else {}
    )
    with progress("Following the log", len(way.segments)) as advance:
        watch = _Watch(room.home / "wal", way.segments, advance)
        try:
            _start(room, tuning | target, watch)
        except embedded.EmbeddedError as error:
            # Nothing was written after the moment in all that was laid: then the end is the moment.
            if not target or _TOO_SHORT not in str(error):
                raise BackupError(f"The server could not follow the log: {error}") from error
            _start(room, tuning, watch)


def _start(room: Room, tuning: Mapping[str, str], watch: _Watch) -> None:
    embedded.start(
        room.layout, tuning, {"wal": room.home / "wal"}, doors=OPEN_DOORS, waiting=watch.look
    )


class _Watch:
    """Tells how far the server is by the segment that it fetched last."""

    def __init__(self, folder: Path, segments: tuple[str, ...], advance: Any) -> None:
        self._note = folder / "at"
        self._numbers = {name: number for number, name in enumerate(segments, 1)}
        self._advance = advance
        self._done = 0

    def look(self) -> None:
        try:
            number = self._numbers.get(self._note.read_text().strip(), self._done)
        except FileNotFoundError:
            return
        if number > self._done:
            self._advance(number - self._done)
            self._done = number
