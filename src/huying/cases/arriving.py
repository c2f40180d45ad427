"""Uploads that come piece by piece: what has arrived stays, and a cut line goes on from there.

The pieces lie in one file for each sender and key, as long as what came. When all of it is there,
the upload is made of it as if it had come at once. Of a sender the newest uploads are kept, and
nothing that has not grown for a day.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Protocol

from django.http import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from huying.cases.attaching import STAGED_FOR, folder
from huying.cases.documents import LARGEST_BYTES
from huying.embedded import private_folder
from huying.errors import HuyingError, TooLarge

MOST_UNFINISHED: Final = 27
"""Of one sender at a time: three reports of nine photos. A newer one takes the oldest's place."""

_READ: Final = 16 * 1024


class WrongOffset(HuyingError):
    code = "wrong_offset"
    status = 409
    sentence = _("Another piece of this upload is due; `extra` says how much has arrived.")


class Readable(Protocol):
    """What a piece is read from."""

    def read(self, size: int, /) -> bytes: ...


def received(caller: str, key: str) -> int:
    """How many bytes of an upload are here."""
    try:
        return _file(caller, key).stat().st_size
    except FileNotFoundError:
        return 0


def append(caller: str, key: str, offset: int, piece: Readable) -> int:
    """Keeps one more piece; how many bytes are here then. Also of a piece that is cut off.

    Raises:
        WrongOffset: the piece does not begin where the last one ended.
        TooLarge: more than any upload may have.
    """
    path = _file(caller, key)
    if not path.exists():
        _make_room(path.parent)
    with _held(path) as file:
        here = file.seek(0, os.SEEK_END)
        if offset != here:
            raise WrongOffset(received=here)
        # Written as it comes, so that a line cut in the middle of a piece loses next to nothing.
        with suppress(UnreadablePostError):
            while some := piece.read(_READ):
                if here + len(some) > LARGEST_BYTES:
                    raise TooLarge(field="file")
                here += file.write(some)
        return here


@contextmanager
def whole(caller: str, key: str, size: int) -> Iterator[IO[bytes]]:
    """All of an upload, once it is here. Gone when it was taken, and kept when it was refused.

    Raises:
        WrongOffset: more of it has to come, or more has come than it was to have.
    """
    here = received(caller, key)
    if not here or here != size:
        raise WrongOffset(received=here)
    path = _file(caller, key)
    with path.open("rb") as file:
        yield file
    path.unlink(missing_ok=True)


def sweep(*, now: datetime) -> int:
    """Deletes what has not grown for a day; how many."""
    before, count = (now - STAGED_FOR).timestamp(), 0
    for path in _root().glob("*/*.part"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                count += 1
    for empty in _root().glob("*"):
        with suppress(OSError):  # it is not
            empty.rmdir()
    return count


def _root() -> Path:
    return folder() / "arriving"


def _file(caller: str, key: str) -> Path:
    """Neither name is part of a path: both come from outside."""
    return _root() / _name(caller) / f"{_name(key)}.part"


def _name(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:40]


@contextmanager
def _held(path: Path) -> Iterator[IO[bytes]]:
    """The file, to write to, for one request at a time."""
    for each in (folder(), _root(), path.parent):
        private_folder(each)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _make_room(place: Path) -> None:
    def age(path: Path) -> Any:
        with suppress(FileNotFoundError):
            return path.stat().st_mtime
        return 0

    old = sorted(place.glob("*.part"), key=age)
    for path in old[: max(0, len(old) - MOST_UNFINISHED + 1)]:
        path.unlink(missing_ok=True)
