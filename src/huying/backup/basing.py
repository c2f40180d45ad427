"""Base backups: a copy of the whole database cluster, from which the log leads on to any second."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final

import psycopg

from huying import __version__, embedded
from huying.audit import crypto
from huying.backup import place, programs, shipping
from huying.backup.manifest import BackupError
from huying.backup.place import Archive
from huying.cli import progress
from huying.installation import config

TAR: Final = "base.tar.gz"
MANIFEST: Final = "manifest.json"

_START = re.compile(r"START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+)")
_END = re.compile(r"STOP WAL LOCATION: ([0-9A-F]+/[0-9A-F]+)")
_TIMELINE = re.compile(r"START TIMELINE: (\d+)")
_SIZE = re.compile(r"(\d+)/(\d+) kB")


@dataclass(frozen=True, slots=True)
class Base:
    """The facts of one base backup. Times are UTC, in ISO 8601."""

    name: str
    huying: str
    system: str
    server_version: int
    timeline: int
    start: str
    """Where in the log it begins, as PostgreSQL writes it."""
    end: str
    started_at: str
    stopped_at: str
    """From this moment on it leads to every second."""
    keys: list[str]
    """The names of all key files at that time."""
    key: str | None
    """The data key under which it is encrypted."""
    sha256: str
    bytes: int
    cluster_bytes: int
    seconds: float

    @property
    def first_segment(self) -> int:
        """The number of the log's first segment that it needs."""
        return segment_of(self.start)

    @property
    def reaches_from(self) -> datetime:
        return datetime.fromisoformat(self.stopped_at)


def segment_of(position: str) -> int:
    """The number of the segment that holds a position of the log, such as 0/5000028."""
    high, low = position.split("/")
    return ((int(high, 16) << 32) + int(low, 16)) // place.SEGMENT


def bases(archive: Archive) -> list[Base]:
    """All base backups that were completed, the oldest first.

    Raises:
        BackupError: the manifest of one is damaged.
    """
    found = []
    for path in sorted((archive.folder / place.BASES).glob(f"*/{MANIFEST}")):
        try:
            found.append(Base(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise BackupError(f"{path} is damaged.") from error
    return sorted(found, key=lambda each: each.stopped_at)


def make(*, now: datetime) -> Base:
    """Makes a base backup while everything runs, and takes away what has become too old.

    Raises:
        BackupError: another is being made, the server hands its log to no archive, or a step
            failed. What was written of it is removed.
    """
    archive = place.archive()
    with place.alone("base", wait=False) as free:
        if not free:
            raise BackupError("Another base backup is being made, or a restore proved.")
        try:
            base = _make(archive, now)
        except (BackupError, OSError, psycopg.Error) as error:
            place.remember(base_error={"at": _iso(now), "what": str(error)})
            raise
        dropped = place.remembered().get("dropped")
        kept = dropped if dropped and dropped["at"] > base.started_at else None
        place.remember(base_at=base.stopped_at, base_error=None, dropped=kept)
        tidy(archive, now=now)
    return base


def _make(archive: Archive, now: datetime) -> Base:
    url = replication_url()
    system, version = identified(url)
    archive.claim(system)
    began, started_at = time.monotonic(), datetime.now(UTC)
    _clear_broken(archive)
    with progress("Copying attachments"):
        shipping.take_all_attachments(archive, config.attachments)
    name = started_at.strftime("%Y%m%dT%H%M%SZ")
    store = archive.base(name)
    try:
        told = _Told()
        with progress("Copying the database", 100) as advance:
            entry = store.put(TAR, _streamed(url, version, name, told, advance))
        stopped_at = datetime.now(UTC)
        with progress("Taking in the log"):
            shipping.take_in(now=now)
        timeline, start, end = _reach(archive, name)
        _require_log(archive, timeline, start, end)
        base = Base(
            name=name,
            huying=__version__,
            system=system,
            server_version=version,
            timeline=timeline,
            start=start,
            end=end,
            started_at=_iso(started_at),
            stopped_at=stopped_at.isoformat(),
            keys=sorted(path.name for path in crypto.keys_folder().glob("*.key")),
            key=entry["key"],
            sha256=entry["sha256"],
            bytes=entry["bytes"],
            cluster_bytes=told.kilobytes * 1024,
            seconds=round(time.monotonic() - began, 1),
        )
        embedded.private_file(
            store.folder / MANIFEST, json.dumps(asdict(base), indent=2, ensure_ascii=False) + "\n"
        )
        place.sync_folder(store.folder)
    except BaseException:
        shutil.rmtree(store.folder, ignore_errors=True)
        raise
    return base


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def replication_url() -> str:
    """Who may copy the cluster: the embedded server's superuser, or the role that is set.

    Raises:
        BackupError: none is set for an external server.
    """
    if config.database_replication_url:
        return config.database_replication_url
    if not config.embedded:
        raise BackupError(
            "A base backup of an external PostgreSQL needs a role with REPLICATION: set "
            "DATABASE_REPLICATION_URL (docs/backup.md)."
        )
    return config.layout.url(embedded.SUPERUSER, "postgres")


def identified(url: str) -> tuple[str, int]:
    """The cluster's own number, and the server's version.

    Raises:
        BackupError: the server does not hand its log over.
    """
    with psycopg.connect(
        url, autocommit=True, replication="database", cursor_factory=psycopg.ClientCursor
    ) as connection:
        row = connection.execute("IDENTIFY_SYSTEM").fetchone()
        mode = connection.execute("SHOW archive_mode").fetchone()
        version = connection.info.server_version
    assert row is not None
    if mode is None or mode[0] == "off":
        raise BackupError(
            "The server was started without an archive: stop huying serve and all commands, and "
            "start it again, so that HUYING_BACKUP_DIR takes effect."
            if config.embedded
            else "The server has archive_mode = off; docs/backup.md says what to set."
        )
    return str(row[0]), version


class _Told:
    """What pg_basebackup said, and how much it copied."""

    def __init__(self) -> None:
        self.text = ""
        self.kilobytes = 0


def _streamed(
    url: str, version: int, label: str, told: _Told, advance: Callable[[int], None]
) -> Iterator[bytes]:
    """The cluster as one compressed tar. Its log is not in it: that is in the archive already."""
    tools = programs.for_major(version // 10000)
    where, environment = programs.entered(url)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [tools.path("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=none",
             "--checkpoint=fast", "--compress=client-gzip:1", f"--label=huying {label}",
             "--progress", "--verbose", "--no-password", where],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment,
        )  # fmt: skip
        assert process.stdout is not None
        done = 0
        try:
            while piece := process.stdout.read(1 << 20):
                yield piece
                percent = _percent(errors)
                advance(percent - done)
                done = percent
            if process.wait():
                raise BackupError(f"pg_basebackup failed: {programs.last(_said(errors))}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        told.text = _said(errors)
        if sizes := _SIZE.findall(told.text):
            told.kilobytes = int(sizes[-1][0])


def _said(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode(errors="replace")


def _percent(errors: IO[bytes]) -> int:
    sizes = _SIZE.findall(_said(errors)[-400:])
    return min(100, int(sizes[-1][0]) * 100 // max(1, int(sizes[-1][1]))) if sizes else 0


def _reach(archive: Archive, label: str) -> tuple[int, str, str]:
    """The timeline, and the positions of the log at which a base backup began and ended.

    The server lays a note of that into the log when it is done.
    """
    known = archive.wal.entries()
    for name in sorted((each for each in known if each.endswith(".backup")), reverse=True):
        note = gzip.decompress(archive.wal.content(known[name])).decode()
        if f"LABEL: huying {label}\n" in note:
            found = [each.search(note) for each in (_TIMELINE, _START, _END)]
            if all(found):
                timeline, start, end = (each[1] for each in found if each)
                return int(timeline), start, end
    raise BackupError("The server's note on the base backup did not come into the archive.")


def _require_log(archive: Archive, timeline: int, start: str, end: str) -> None:
    """Raises BackupError if the log between the base's two positions is not in the archive."""
    known = archive.wal.entries()
    for number in range(segment_of(start), segment_of(end) + 1):
        if segment_name(timeline, number) not in known:
            raise BackupError(
                f"The segment {segment_name(timeline, number)} did not come into the archive; "
                "without it this base backup leads nowhere."
            )


def segment_name(timeline: int, number: int) -> str:
    """The name of a segment's file."""
    return f"{timeline:08X}{number // 256:08X}{number % 256:08X}"


def count_older(archive: Archive) -> int:
    """How many files of the archive are encrypted under a data key that is not the newest."""
    newest = shipping.present_key(archive)
    keys = [each.key for each in bases(archive)]
    keys += [each["key"] for each in archive.wal.entries().values()]
    keys += [each["key"] for each in archive.attachments.entries().values()]
    return sum(1 for key in keys if key and key != newest)


def _clear_broken(archive: Archive) -> None:
    """Removes what is left of base backups that were broken off."""
    for folder in (archive.folder / place.BASES).glob("*"):
        if not (folder / MANIFEST).exists():
            shutil.rmtree(folder, ignore_errors=True)


def tidy(archive: Archive, *, now: datetime) -> dict[str, Any]:
    """Takes away bases that no second of the time that is kept needs, and what only they need."""
    all_ = bases(archive)
    since = now - timedelta(days=config.backup_keep_days)
    older = [each for each in all_ if each.reaches_from <= since]
    # The newest of the older ones leads into the days that are kept.
    gone = older[:-1]
    for base in gone:
        # The manifest first: what is broken off is no base any more, and cleared at the next one.
        (archive.base(base.name).folder / MANIFEST).unlink()
        shutil.rmtree(archive.base(base.name).folder, ignore_errors=True)
    kept = [each for each in all_ if each not in gone]
    freed = sum(each.bytes for each in gone)
    if gone and kept:
        first = min(each.first_segment for each in kept)
        oldest = kept[0].reaches_from.timestamp()
        with place.alone("collect"):
            freed += archive.wal.forget(
                name
                for name in archive.wal.entries()
                if shipping.SEGMENT_NAME.fullmatch(name[:24])
                and int(name[8:16], 16) * 256 + int(name[16:24], 16) < first
            )
            freed += archive.attachments.forget(
                name
                for name, entry in archive.attachments.entries().items()
                if entry.get("left_at", oldest) < oldest
            )
            _forget_heads(archive, kept[0].reaches_from)
    return {"bases": len(gone), "bytes": freed}


def _forget_heads(archive: Archive, oldest: datetime) -> None:
    day = (oldest - timedelta(days=2)).date().isoformat()
    with contextlib.suppress(BackupError):
        archive.seals.forget(
            name
            for name in archive.seals.entries()
            if name.startswith("heads-") and name.removeprefix("heads-")[:10] < day
        )
