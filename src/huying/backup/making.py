"""Making a backup, while everything runs: one snapshot for the dump and for all that proves it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from huying import __version__
from huying.audit import crypto, sealing
from huying.audit.heads import Head, head_line
from huying.audit.sm3 import hasher
from huying.backup import manifest, programs
from huying.backup.manifest import BackupError, Manifest
from huying.cases.attaching import files_of
from huying.cases.attaching import folder as attachments_folder
from huying.cli import progress
from huying.installation import config

SQL: Final = Path(__file__).resolve().parent.parent / "sql"

NOT_KEPT: Final = ("browser", "django_session", "export", "presence")
"""Tables whose rows stay out: who is signed in or at what now, and files that live for a day."""

NOTE_WITH: Final = (
    "The keys are in this backup: whoever reads it can read names and phone numbers. "
    "Keep it as you keep the keys."
)
NOTE_WITHOUT: Final = (
    "The keys are NOT in this backup. Without a copy of the folder keys/ nobody can read again "
    "the names and phone numbers in it, and no second factor works: keep one, apart from here."
)


def make(target: Path, *, with_keys: bool) -> Manifest:
    """Makes a backup in `target`, which must be empty or not there yet.

    Raises:
        BackupError: `target` is not empty, the owner's connection is not known, or a step failed.
            What was written is removed again.
    """
    url = config.url(owner=True)
    if not url:
        raise BackupError("Only the tables' owner can read all of them: set DATABASE_OWNER_URL.")
    target = target.expanduser().resolve()
    _claim(target)
    try:
        return _fill(target, url, with_keys)
    except BaseException:
        for entry in target.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise


def _claim(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} is not an empty folder. Each backup needs one of its own.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)


def _fill(target: Path, url: str, with_keys: bool) -> Manifest:
    began = time.monotonic()
    made_at = datetime.now(UTC)
    with psycopg.connect(url, application_name="huying backup") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        # Nothing is asked here while pg_dump works, and its snapshot ends with this transaction.
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        version = connection.info.server_version
        tools = programs.for_major(version // 10000)
        tables = [name for (name,) in connection.execute(statement("backup_tables"))]
        if "django_migrations" not in tables:
            raise BackupError("This database holds nothing yet: there is nothing to back up.")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        with progress("Dumping the database") as advance:
            programs.dump(
                tools, url, target / manifest.DATABASE, snapshot=row[0],
                without=[name for name in NOT_KEPT if name in tables], advance=advance,
            )  # fmt: skip
        counts = _counts(connection, [name for name in tables if name not in NOT_KEPT])
        migrations = [
            f"{app}.{name}"
            for app, name in connection.execute(
                "SELECT app, name FROM django_migrations ORDER BY app, name"
            )
        ]
        with progress("Writing the heads of all cases", counts["case"]) as advance:
            events = _write_heads(connection, target / manifest.HEADS, advance)
        sealed = _one(connection, "SELECT coalesce(max(number), 0) FROM seal")
        photos = connection.execute(
            "SELECT id, kind, digest FROM attachment ORDER BY id"
        ).fetchall()
    sums = _Sums(target)
    with progress("Copying photos", len(photos)) as advance:
        missing = _copy_attachments(sums, photos, advance)
    _copy_seals(sums, sealed)
    needed = sorted(path.name for path in crypto.keys_folder().glob("*.key"))
    if with_keys:
        for name in needed:
            sums.copy(crypto.keys_folder() / name, Path(manifest.KEYS) / name)
    dumped = sorted((target / manifest.DATABASE).iterdir())
    with progress("Working out digests", len(dumped)) as advance:
        for path in [*dumped, target / manifest.HEADS]:
            sums.add(path)
            advance(1)
    digest = sums.write()
    # Everything is on the disk before the manifest says so.
    os.sync()
    made = Manifest(
        format=manifest.FORMAT,
        huying=__version__,
        made_at=made_at.isoformat(timespec="seconds"),
        server_version=version,
        program_version=tools.major,
        migrations=migrations,
        tables=counts,
        cases=counts["case"],
        events=events,
        sealed=sealed,
        keys=needed,
        keys_included=with_keys,
        keys_note=NOTE_WITH if with_keys else NOTE_WITHOUT,
        files=len(sums.lines),
        bytes=sums.bytes,
        sums_sha256=digest,
        seconds=round(time.monotonic() - began, 1),
        attachments_missing=missing,
    )
    made.write(target)
    return made


def statement(name: str) -> Any:
    """A statement of `sql/`, by its name."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _one(connection: psycopg.Connection[Any], query: Any) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _counts(connection: psycopg.Connection[Any], tables: Sequence[str]) -> dict[str, int]:
    with progress("Counting rows", len(tables)) as advance:
        return dict(_counted(connection, tables, advance))


def _counted(
    connection: psycopg.Connection[Any], tables: Iterable[str], advance: Any
) -> Iterable[tuple[str, int]]:
    for name in tables:
        yield (
            name,
            _one(
                connection,
                sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name)),
            ),
        )
        advance(1)


def _write_heads(connection: psycopg.Connection[Any], path: Path, advance: Any) -> int:
    """The head of every chain in the snapshot; how many events they end."""
    events = 0
    with connection.cursor(name="heads") as cursor, path.open("w", encoding="ascii") as file:
        cursor.itersize = 5000
        for case_id, seq, digest in cursor.execute(statement("seal_heads")):
            file.write(head_line(Head(case_id, seq, bytes(digest))))
            events += seq
            advance(1)
    return events


class _Sums:
    """The lines of SHA256SUMS as the files come in."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.lines: list[str] = []
        self.bytes = 0

    def copy(self, source: Path, name: Path, *also: Any) -> None:
        digest, size = manifest.copied(source, self.target / name, *also)
        self.lines.append(f"{digest}  {name}\n")
        self.bytes += size

    def text(self, name: Path, text: str) -> None:
        path = self.target / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.add(path)

    def add(self, path: Path) -> None:
        self.lines.append(f"{manifest.sha256(path)}  {path.relative_to(self.target)}\n")
        self.bytes += path.stat().st_size

    def write(self) -> str:
        path = self.target / manifest.SUMS
        path.write_text("".join(self.lines), encoding="utf-8")
        return manifest.sha256(path)


def _copy_attachments(
    sums: _Sums, photos: Sequence[tuple[UUID, str, bytes]], advance: Any
) -> list[str]:
    """Copies the files that the rows name; those that are missing or damaged."""
    missing: list[str] = []
    for photo, kind, digest in photos:
        for number, path in enumerate(files_of(photo, kind)):
            name = path.relative_to(attachments_folder())
            found = hasher()
            try:
                sums.copy(path, manifest.ATTACHMENTS / name, found)
            except FileNotFoundError:
                missing.append(str(name))
                continue
            # The row knows the digest of the first, the photo itself.
            if number == 0 and found.digest() != bytes(digest):
                missing.append(str(name))
        advance(1)
    return missing


def _copy_seals(sums: _Sums, newest: int) -> None:
    """The seals that the snapshot holds; what was sealed since belongs to the next backup."""
    folder = sealing.seals_folder()
    lines = [one for one in sealing.read_lines(folder / "seals.jsonl") if one]
    kept = [one for one in lines if one.get("number", 0) <= newest]
    if kept:
        text = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in kept)
        sums.text(Path(manifest.SEALS) / "seals.jsonl", text)
    for heads in sorted(folder.glob("heads-*.jsonl")):
        number = sealed_in(heads)
        if number is not None and number <= newest:
            sums.copy(heads, Path(manifest.SEALS) / heads.name)


def sealed_in(heads: Path) -> int | None:
    """The number of the seal at the end of a file of heads."""
    with heads.open("rb") as file:
        file.seek(max(0, heads.stat().st_size - 8192))
        last = file.read().splitlines()[-1:]
    try:
        return int(json.loads(last[0])["seal"]["number"])
    except (IndexError, ValueError, KeyError, TypeError):
        return None
