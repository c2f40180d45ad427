"""Where the archive lies, what is in it, and what the data folder remembers of it.

DIR/installation.json     whose archive it is
DIR/bases/TIME/           one base backup: base.tar.gz, and manifest.json, written last
DIR/wal/                  the log of changes, one file a segment of 16 MB
DIR/attachments/          photos and documents, each there before the log that names it
DIR/seals/                the seals, and files of heads

HOME/backup/outgoing/     links to attachments that are not in the archive yet
HOME/backup/state.json    when what was done last, and how it went
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from huying.backup.handing_over import SEGMENT as SEGMENT
from huying.backup.handing_over import SPOOL
from huying.backup.manifest import BackupError
from huying.backup.store import Store
from huying.backup.store import sync_folder as sync_folder
from huying.embedded import private_file, private_folder
from huying.installation import config

WAL: Final = "wal"
BASES: Final = "bases"
ATTACHMENTS: Final = "attachments"
SEALS: Final = "seals"
INSTALLATION: Final = "installation.json"


class Archive:
    """The archive in a folder."""

    def __init__(self, folder: Path, *, sealed: bool = False) -> None:
        self.folder = folder
        self.sealed = sealed
        self.wal = Store(folder / WAL, sealed=sealed)
        self.attachments = Store(folder / ATTACHMENTS, sealed=sealed)
        # Seals are meant to be read by others, and hold nothing personal.
        self.seals = Store(folder / SEALS)

    def base(self, name: str) -> Store:
        """The folder of one base backup."""
        return Store(self.folder / BASES / name, sealed=self.sealed)

    def claim(self, system: str) -> None:
        """Makes the archive this cluster's.

        Raises:
            BackupError: it is another's, whose log would be mixed with ours.
        """
        note = self.folder / INSTALLATION
        try:
            found = json.loads(note.read_text(encoding="utf-8"))["system"]
        except FileNotFoundError:
            private_folder(self.folder)
            private_file(note, json.dumps({"system": system}) + "\n")
            sync_folder(self.folder)
            return
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{note} is damaged.") from error
        if found != system:
            raise BackupError(
                f"{self.folder} holds the archive of another database ({found}, not {system}). "
                "Name an empty folder in HUYING_BACKUP_DIR."
            )


def archive() -> Archive:
    """The archive that the settings name.

    Raises:
        BackupError: they name none.
    """
    if config.backup_dir is None:
        raise BackupError("No archive is set up: set HUYING_BACKUP_DIR (docs/backup.md).")
    return Archive(config.backup_dir, sealed=config.backup_sealed)


def spool() -> Path:
    """Where the server lays what is to go into the archive."""
    return config.backup_incoming or config.layout.root / SPOOL


def own_folder() -> Path:
    return config.home / "backup"


def links() -> Path:
    """Links to attachments that are not in the archive yet."""
    return own_folder() / "outgoing"


@contextmanager
def alone(what: str, *, wait: bool = True) -> Iterator[bool]:
    """Holds a lock of this data folder; gives whether it could be had, with ``wait`` always."""
    private_folder(own_folder())
    descriptor = os.open(
        own_folder() / f"{what}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def remembered() -> dict[str, Any]:
    """What the data folder remembers: names of `remember`."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        found = json.loads((own_folder() / "state.json").read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def remember(**facts: Any) -> None:
    """Keeps facts beside those that are kept already; None takes one away."""
    with alone("state"):
        kept = {**remembered(), **facts}
        known = {name: value for name, value in kept.items() if value is not None}
        private_file(own_folder() / "state.json", json.dumps(known, ensure_ascii=False) + "\n")
