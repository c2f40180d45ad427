"""What a backup says of itself, and whether it is what it says."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
NAME: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
DATABASE: Final = "database"
HEADS: Final = "heads.jsonl"
ATTACHMENTS: Final = "attachments"
SEALS: Final = "seals"
KEYS: Final = "keys"

MOST_TOLD: Final = 10
"""Faults of one kind that a message lists; all are counted."""

_PIECE: Final = 1 << 20


class BackupError(RuntimeError):
    """A backup can't be made, read or restored; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """The facts of one backup. Times are UTC."""

    format: int
    huying: str
    made_at: str
    server_version: int
    """PostgreSQL's own number, 180006 for 18.6."""
    program_version: int
    """The major version of the pg_dump that wrote it."""
    migrations: list[str]
    tables: dict[str, int]
    """Rows of each table, counted in the snapshot."""
    cases: int
    events: int
    sealed: int
    """The number of the newest seal in the snapshot, 0 for none."""
    keys: list[str]
    """The names of the key files without which nothing encrypted can be read."""
    keys_included: bool
    keys_note: str
    files: int
    bytes: int
    sums_sha256: str
    seconds: float
    attachments_missing: list[str] = field(default_factory=list)
    """Files that rows name and that were missing or damaged when the backup was made."""

    def write(self, folder: Path) -> None:
        """Whole or not at all: the manifest is what makes the folder a backup."""
        draft = folder / f".{NAME}.part"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """The manifest of the backup in `folder`.

    Raises:
        BackupError: there is none, it is incomplete, damaged, or of a format unknown here.
    """
    if not folder.is_dir():
        raise BackupError(f"{folder} is not a folder.")
    try:
        content: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        found = content["format"]
    except FileNotFoundError:
        began = (folder / DATABASE).exists() or (folder / f".{NAME}.part").exists()
        raise BackupError(
            f"{folder} holds a backup that was broken off before it was complete."
            if began
            else f"{folder} holds no backup: {NAME} is missing."
        ) from None
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{folder / NAME} is damaged.") from error
    if type(found) is not int or found > FORMAT:
        raise BackupError(
            f"This backup was made by huying {content.get('huying', '?')}, which is newer: "
            "install that version, then restore."
        )
    known = {each.name for each in fields(Manifest)}
    try:
        return Manifest(**{name: value for name, value in content.items() if name in known})
    except TypeError as error:
        raise BackupError(f"{folder / NAME} is damaged.") from error


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copied(source: Path, target: Path, *also: Any) -> tuple[str, int]:
    """Copies a file; its SHA-256 and size. Each of `also` is a digest that is fed with it."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read_from:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as write_to:
            while piece := read_from.read(_PIECE):
                digest.update(piece)
                for other in also:
                    other.update(piece)
                write_to.write(piece)
                size += len(piece)
    return digest.hexdigest(), size


def sums(folder: Path) -> Iterator[tuple[str, Path]]:
    """The lines of SHA256SUMS: digest, and the file's path below `folder`.

    Raises:
        BackupError: a line is none, or names something outside the backup.
    """
    with (folder / SUMS).open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            digest, space, name = line.rstrip("\n").partition("  ")
            path = Path(name)
            if len(digest) != 64 or not space or path.is_absolute() or ".." in path.parts:
                raise BackupError(f"{folder / SUMS}: line {number} is damaged.")
            yield digest, path


def check(folder: Path, manifest: Manifest, advance: Callable[[int], None]) -> None:
    """Reads every file of the backup and compares it with what was written.

    Raises:
        BackupError: files are missing, changed or more than there were; it names them.
    """
    try:
        intact = sha256(folder / SUMS) == manifest.sums_sha256
    except FileNotFoundError:
        raise BackupError(f"{folder / SUMS} is missing.") from None
    if not intact:
        raise BackupError(f"{folder / SUMS} is not what was written.")
    faults: list[str] = []
    named = {Path(NAME), Path(SUMS)}
    for digest, path in sums(folder):
        named.add(path)
        # A link could lead to a file that changes between this look and the restoring.
        if (folder / path).is_symlink() or not (folder / path).is_file():
            faults.append(f"{path} is missing")
        elif sha256(folder / path) != digest:
            faults.append(f"{path} is not what was written")
        advance(1)
    for path in folder.rglob("*"):
        if not path.is_dir() and path.relative_to(folder) not in named:
            faults.append(f"{path.relative_to(folder)} does not belong to it")
    if faults:
        raise BackupError(f"The backup in {folder} is damaged: {told(faults)}.")


def told(faults: list[str]) -> str:
    """The first faults in one sentence, and how many more there are."""
    more = len(faults) - MOST_TOLD
    return "; ".join(faults[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
