"""The files of exported lists: sealed, for the installation's own account alone, and soon gone.

In clear a list lies nowhere under a name: what is being written has none, so that it is gone with
who writes it, however that ends.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from django.conf import settings

from huying.audit import crypto, pieces
from huying.audit.keys import KeyPurpose
from huying.desk.models import Export
from huying.embedded import private_folder

KEPT_DRAFT: Final = timedelta(hours=1)
"""How long a file may lie there that is being sealed."""

_SUFFIX: Final = ".list"
_DRAFT: Final = ".new"
_NAME: Final = re.compile(rf"([0-9a-f]{{32}}){re.escape(_SUFFIX)}")


def folder() -> Path:
    """The private folder of exported files; made when it is not there."""
    return private_folder(Path(settings.HUYING.home) / "exports")


def path_of(pk: UUID) -> Path:
    return folder() / f"{pk.hex}{_SUFFIX}"


def unnamed() -> IO[bytes]:
    """A file for what is half written, which nobody can open by a name."""
    return tempfile.TemporaryFile(dir=folder())


def keep(pk: UUID, clear: IO[bytes]) -> int:
    """Seals a list, whole or not at all; its size in clear.

    Raises:
        OSError: the disk is full, or may not be written.
    """
    path, size = path_of(pk), clear.seek(0, os.SEEK_END)
    clear.seek(0)
    draft = path.with_suffix(_DRAFT)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for _key, piece in pieces.seal(pieces.blocks(clear), _context(pk)):
                file.write(piece)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return size


def kept(pk: UUID) -> Iterator[bytes] | None:
    """A list as it was, in pieces; None when it is gone.

    Raises:
        CryptoError: it is not what was written. Of its first piece that is known before any is
            given, later ones raise where they stand.
        KeyFileError: its key is not here.
    """
    content = _read(pk)
    try:
        next(content)
    except FileNotFoundError:
        return None
    return content


def _read(pk: UUID) -> Iterator[bytes]:
    with path_of(pk).open("rb") as file:
        content = pieces.unseal(file, _context(pk))
        first = next(content)
        yield b""
        yield first
        yield from content


def forget(pk: UUID) -> None:
    path_of(pk).unlink(missing_ok=True)


def count_older() -> int:
    """Files that an older key than the newest opens; each is gone after a day."""
    newest = {*crypto.provider().key_ids(KeyPurpose.DATA)[-1:]}
    older = 0
    for path in folder().glob(f"*{_SUFFIX}"):
        with suppress(FileNotFoundError), path.open("rb") as file:
            older += pieces.keys(file) != newest
    return older


def sweep(*, now: datetime) -> None:
    """Removes what belongs to no list: what a killed worker left behind, or an earlier version.

    The folder is asked before the table: a list that comes in between is not looked at.
    """
    lying = list(folder().iterdir())
    named = {path: UUID(found[1]) for path in lying if (found := _NAME.fullmatch(path.name))}
    known = set(Export.objects.filter(pk__in=named.values()).values_list("pk", flat=True))
    for path in lying:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif named.get(path) not in known and not _is_being_sealed(path, now):
            path.unlink(missing_ok=True)


def _is_being_sealed(path: Path, now: datetime) -> bool:
    if path.suffix == _DRAFT:
        with suppress(FileNotFoundError):
            return path.stat().st_mtime >= (now - KEPT_DRAFT).timestamp()
    return False


def _context(pk: UUID) -> pieces.Context:
    return lambda number, last: f"export.{pk}.{number}.{'last' if last else 'more'}".encode()
