"""The files of an import: encrypted, for the installation's own account alone, and soon gone."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from django.conf import settings

from huying.audit import crypto
from huying.embedded import private_folder
from huying.intake.models import CaseImport

KEPT: Final = timedelta(hours=24)
"""How long what was sent is kept where nobody decides."""

KEPT_RECORD: Final = timedelta(days=90)
"""How long an import that made no case stays on its sender's list."""

Part = Literal["table", "look", "reasons"]
"""What was sent; what the check found; the table with its reasons."""

PARTS: Final[tuple[Part, ...]] = ("table", "look", "reasons")


def folder() -> Path:
    """The private folder of tables; made when it is not there."""
    return private_folder(Path(settings.HUYING.home) / "imports")


def path_of(pk: UUID, part: Part) -> Path:
    return folder() / f"{pk.hex}.{part}"


def keep(pk: UUID, part: Part, data: bytes) -> None:
    """Writes a part, whole or not at all.

    Raises:
        OSError: the disk is full, or may not be written.
    """
    path = path_of(pk, part)
    draft = path.with_suffix(f".{part}.new")
    sealed = crypto.provider().encrypt(data, context=_context(pk, part))
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(sealed)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def kept(pk: UUID, part: Part) -> bytes | None:
    """A part as it was; None when it is gone."""
    try:
        sealed = path_of(pk, part).read_bytes()
    except FileNotFoundError:
        return None
    return crypto.provider().decrypt(sealed, context=_context(pk, part))


def keep_look(pk: UUID, look: dict[str, Any]) -> None:
    keep(pk, "look", orjson.dumps(look))


def kept_look(pk: UUID) -> dict[str, Any]:
    data = kept(pk, "look")
    found: dict[str, Any] = orjson.loads(data) if data is not None else {}
    return found


def forget(pk: UUID, *parts: Part) -> None:
    for part in parts or PARTS:
        path_of(pk, part).unlink(missing_ok=True)


def _context(pk: UUID, part: Part) -> bytes:
    return f"case_import.{part}.{pk}".encode()


def sweep(*, now: datetime) -> int:
    """Removes what was sent over a day ago; an import that waits then is cancelled. How many."""
    old = CaseImport.objects.filter(sent_at__lt=now - KEPT)
    gone = 0
    for pk in old.filter(sent_at__gte=now - KEPT_RECORD).values_list("pk", flat=True):
        if any(path_of(pk, part).exists() for part in PARTS):
            forget(pk)
            gone += 1
    state = CaseImport.State
    old.filter(state__in=[state.UPLOADED, state.CHECKED, state.CHECKING]).update(
        state=state.FAILED, trouble=CaseImport.Trouble.GONE, ended_at=now
    )
    CaseImport.objects.filter(sent_at__lt=now - KEPT_RECORD, cases__isnull=True).exclude(
        state__in=CaseImport.UNFINISHED
    ).delete()
    return gone
