"""The renamings by which what was restored takes its place. Needs no Django."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Final

from huying.embedded import private_file

ROOM: Final = "restoring"
"""The folder below the data folder in which a cluster is brought back."""

MOVES: Final = "restoring.moves"
"""What is to be renamed, while it is."""


def finish(home: Path) -> bool:
    """Does the renamings that were written down and not done; whether there were any."""
    note = home / MOVES
    try:
        written = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    for number, (source, target) in enumerate(written["moves"]):
        if number < written["done"]:
            continue
        # One that was done and not yet noted has left its source.
        if Path(source).exists() and not Path(target).exists():
            Path(source).rename(target)
            _sync(Path(target).parent)
            _sync(Path(source).parent)
        private_file(note, json.dumps(written | {"done": number + 1}) + "\n")
    note.unlink()
    _sync(home)
    shutil.rmtree(home / ROOM, ignore_errors=True)
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
