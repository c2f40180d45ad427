"""Taking the log of changes into the archive, and before it the attachments that it names.

The server hands each finished segment over by its `archive_command`, a few words of shell that
compress it into a folder beside the database (the spool) and wait until it is on the disk. From
there it is taken into the archive: proved, encrypted, listed with its digest. So nothing but plain
programs stands between the server and its disk, no key lies where the server's user could read it,
and the archive may be away for a while.

An attachment's file is linked beside the spool when it is written, before its row can be. Taking in
begins with a look at the spool, goes on with all links, and only then takes what was in the spool:
what a row of the archive names is in the archive.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from huying.audit import crypto, sealing
from huying.backup import place
from huying.backup.handing_over import DROPPED
from huying.backup.manifest import BackupError, sha256
from huying.backup.place import Archive
from huying.backup.store import Entry
from huying.installation import config

SEGMENT_NAME: Final = re.compile(r"[0-9A-F]{24}")
_HANDED_OVER: Final = re.compile(
    r"([0-9A-F]{8}\.history|[0-9A-F]{24}(\.[0-9A-F]{8}\.backup|\.partial)?)\.gz"
)
_LONG_HEADER: Final = struct.Struct("=HHIQIIQII")
"""The first bytes of a segment: magic, info, timeline, address, rest, system, sizes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one taking in took."""

    segments: int = 0
    attachments: int = 0
    bytes: int = 0


def take_in(*, now: datetime) -> Taken:
    """Takes all that waits into the archive; how much that was.

    Raises:
        BackupError: something in the spool is not whole, or of another database.
        OSError: the archive cannot be written. What was not taken waits where it is.
    """
    archive = place.archive()
    try:
        with place.alone("collect"):
            taken = _take_in(archive)
            _note_dropped(now)
    except (BackupError, OSError) as error:
        place.remember(error={"at": now.isoformat(timespec="seconds"), "what": str(error)})
        raise
    place.remember(taken_at=now.isoformat(timespec="seconds"), error=None)
    return taken


def _take_in(archive: Archive) -> Taken:
    found = sorted(waiting())
    attachments = _take_links(archive)
    take_seals(archive)
    known = archive.wal.entries() if found else {}
    segments = size = 0
    newest: float | None = None
    for path in found:
        name, closed = path.name.removesuffix(".gz"), path.stat().st_mtime
        body = path.read_bytes()
        raw = _proved(archive, name, body)
        before = known.get(name)
        if before is not None and before["raw"] != raw:
            raise BackupError(
                f"{path} is not what the archive holds under its name: two databases write into "
                "one archive. Name an empty folder in HUYING_BACKUP_DIR for this one."
            )
        if before is None:
            entry = archive.wal.put(name, [body], raw=raw, closed_at=closed)
            size += entry["bytes"]
            segments += 1
        if SEGMENT_NAME.fullmatch(name):
            newest = closed
        path.unlink()
    if newest is not None:
        place.remember(wal_at=_moment(newest))
    return Taken(segments, attachments, size)


def waiting() -> list[Path]:
    """What the server has laid into the spool."""
    if not place.spool().is_dir():
        return []
    return [path for path in place.spool().iterdir() if _HANDED_OVER.fullmatch(path.name)]


def _proved(archive: Archive, name: str, body: bytes) -> str:
    """The SHA-256 of what a handed-over file holds, once it is seen to be whole and ours."""
    try:
        content = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise BackupError(f"{place.spool() / name}.gz is damaged: {error}.") from error
    if SEGMENT_NAME.fullmatch(name):
        header = _LONG_HEADER.unpack_from(content) if len(content) >= _LONG_HEADER.size else None
        if header is None or len(content) != header[7]:
            raise BackupError(f"{place.spool() / name}.gz is not a whole segment.")
        archive.claim(str(header[6]))
    return hashlib.sha256(content).hexdigest()


def _take_links(archive: Archive) -> int:
    """Puts each new attachment into the archive; the link goes when it is there for sure."""
    if not place.links().is_dir():
        return 0
    taken = 0
    paths = [path for path in place.links().iterdir() if not path.name.startswith(".")]
    for batch in (paths[at : at + 200] for at in range(0, len(paths), 200)):
        archive.attachments.enter(
            [archive.attachments.lay(shelf(path.name), _pieces(path)) for path in batch]
        )
        for path in batch:
            path.unlink()
        taken += len(batch)
    return taken


def shelf(name: str) -> str:
    """Where an attachment's file lies below its folder, there and in the archive."""
    return f"{name.split('.', 1)[0][-2:]}/{name}"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def take_all_attachments(archive: Archive, live: Path) -> int:
    """Puts attachments into the archive that are not in it: those from before there was one.

    Those that are encrypted under another key than the newest are put there anew. Of those that are
    in it and nowhere else it is written down when that was first seen.
    """
    known = archive.attachments.entries()
    here = {str(path.relative_to(live)) for path in live.rglob("*.*") if path.suffix != ".part"}
    with place.alone("collect"):
        newest = present_key(archive)
        missing = sorted(here - {name for name, each in known.items() if each["key"] == newest})
        for batch in (missing[at : at + 200] for at in range(0, len(missing), 200)):
            entries = []
            for name in batch:
                try:
                    entries.append(archive.attachments.lay(name, _pieces(live / name)))
                except FileNotFoundError:
                    continue  # erased since
            archive.attachments.enter(entries)
        gone = [
            {**entry, "left_at": datetime.now(UTC).timestamp()}
            for name, entry in known.items()
            if name not in here and "left_at" not in entry
        ]
        archive.attachments.enter(gone)
    return len(missing)


def present_key(archive: Archive) -> str | None:
    """The data key under which the archive is written now; None where it is readable."""
    if not archive.sealed:
        return None
    # Asked of what it seals: the first one is made then.
    return crypto.provider().sealed_under(crypto.provider().encrypt(b"", context=b"backup"))


def take_seals(archive: Archive) -> None:
    """Copies the seals, and the files of heads, that are new or longer than those it holds."""
    folder = sealing.seals_folder()
    paths = [*folder.glob("heads-*.jsonl"), *folder.glob("seals.jsonl")]
    known: dict[str, Entry] = archive.seals.entries() if paths else {}
    for path in paths:
        before = known.get(path.name)
        if before is not None and before["bytes"] == path.stat().st_size:
            continue
        if before is None or before["sha256"] != sha256(path):
            archive.seals.put(path.name, _pieces(path))


def _note_dropped(now: datetime) -> None:
    """Remembers that segments were let go: from here on only a new base backup helps."""
    note = place.spool() / DROPPED
    try:
        names = note.read_text(encoding="ascii", errors="replace").split()
    except FileNotFoundError:
        return
    if not names:
        return
    before = place.remembered().get("dropped") or {"segments": 0}
    place.remember(
        dropped={
            "at": now.isoformat(timespec="seconds"),
            "segments": before["segments"] + len(names),
            "first": before.get("first", names[0]),
        }
    )
    note.unlink()


def _moment(stamp: float) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat()


def oldest_waiting() -> float | None:
    """When the oldest thing that waits for the archive was written, since 1970; None: nothing.

    Also what the embedded server has not handed over yet.
    """
    ready = config.layout.data / "pg_wal" / "archive_status"
    paths = [*waiting(), *(place.links().iterdir() if place.links().is_dir() else ())]
    if ready.is_dir():
        paths += ready.glob("*.ready")
    times = []
    for path in paths:
        try:
            times.append(path.stat().st_mtime)
        except FileNotFoundError:
            continue  # it went while we looked
    return min(times, default=None)


def backlog_bytes() -> int:
    """What the spool holds."""
    total = 0
    for path in waiting():
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
