"""When what must be done from time to time was done last: notes in the data folder.

A backup and the proof of one are made by commands, perhaps beside another data folder. The web
process tells of them to whoever watches, and `huying check` does, so the note lies where both look.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from huying.embedded import private_file

BACKUP: Final = "backup"
RESTORED: Final = "restored"
"""A backup was restored, here or on trial elsewhere, and all of it was proved."""


@dataclass(frozen=True, slots=True)
class Note:
    """When it was done, and what is worth knowing of it: counts, never data."""

    at: datetime
    facts: dict[str, Any]


def _path(home: Path, name: str) -> Path:
    return home / "upkeep" / f"{name}.json"


def note(home: Path, name: str, at: datetime, **facts: Any) -> None:
    """Notes that it was done.

    Raises:
        OSError: the note cannot be written.
    """
    told = {"at": at.astimezone(UTC).isoformat(timespec="seconds"), **facts}
    private_file(_path(home, name), json.dumps(told, ensure_ascii=False) + "\n")


def last(home: Path, name: str) -> Note | None:
    """The last note, None if it was never done here or the note cannot be read."""
    try:
        told = dict(json.loads(_path(home, name).read_text("utf-8")))
        at = datetime.fromisoformat(told.pop("at"))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Note(at if at.tzinfo else at.replace(tzinfo=UTC), told)
