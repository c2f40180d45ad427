"""The files of an import: encrypted, for the installation's own account alone, and soon gone."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce

from huying.audit import crypto
from huying.durable import replace_durably
from huying.embedded import private_folder
from huying.intake.models import CaseImport

KEPT: Final = timedelta(hours=24)
"""How long what was sent is kept where nobody decides."""

KEPT_DRAFT: Final = timedelta(hours=1)
"""How long a file may lie there that nobody knows yet: it is being written, or its row is."""

KEPT_RECORD: Final = timedelta(days=90)
"""How long an import that made no case stays on its sender's list."""

Part = Literal["table", "look", "reasons"]
"""What was sent; what the check found; the table with its reasons."""

PARTS: Final[tuple[Part, ...]] = ("table", "look", "reasons")
_DRAFT: Final = ".new"
_NAME: Final = re.compile(rf"([0-9a-f]{{32}})\.({'|'.join(PARTS)})({re.escape(_DRAFT)})?")


def folder() -> Path:
    """The private folder of tables; made when it is not there."""
    return private_folder(Path(settings.HUYING.home) / "imports")


def path_of(pk: UUID, part: Part) -> Path:
    return folder() / f"{pk.hex}.{part}"


def keep(pk: UUID, part: Part, data: bytes) -> None:
    """Writes a part on the disk, whole or not at all.

    Raises:
        OSError: the disk is full, or may not be written.
    """
    path = path_of(pk, part)
    draft = path.with_suffix(f".{part}{_DRAFT}")
    sealed = crypto.provider().encrypt(data, context=_context(pk, part))
    try:
        # Before its row says that it is there.
        replace_durably(draft, path, sealed)
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


def needed(made: CaseImport) -> tuple[Part, ...]:
    """The parts that something may still come of, or that are fetched after the end."""
    if made.state == CaseImport.State.DONE:
        return ("reasons",)
    waits = made.busy or made.passing or made.state == CaseImport.State.CHECKED
    return PARTS if waits else ()


def forget_unneeded(pk: UUID) -> None:
    """What a worker has written of an import that was at its end by then."""
    made = CaseImport.objects.filter(pk=pk).first()
    kept = needed(made) if made is not None else ()
    for part in PARTS:
        if part not in kept:
            forget(pk, part)


def count_older() -> int:
    """Files that an older key than the newest opens; each is gone after a day."""
    provider = crypto.provider()
    newest = provider.key_ids(crypto.KeyPurpose.DATA)[-1:]
    files = [path for part in PARTS for path in folder().glob(f"*.{part}")]
    return sum(provider.sealed_under(path.read_bytes()) not in newest for path in files)


def sweep(*, now: datetime) -> int:
    """Gives up what was sent over a day ago, and removes files that are needed no more.

    Of how many imports there were any. The folder is asked, not the table: what a killed worker
    left behind belongs to no row.
    """
    _give_up(now)
    found: dict[UUID, list[Path]] = defaultdict(list)
    for path in folder().iterdir():
        if named := _NAME.fullmatch(path.name):
            found[UUID(named[1])].append(path)
    known = CaseImport.objects.in_bulk(list(found))
    gone = 0
    for pk, paths in found.items():
        left = [path for path in paths if not _stays(path, known.get(pk), now)]
        for path in left:
            path.unlink(missing_ok=True)
        gone += bool(left)
    CaseImport.objects.filter(
        sent_at__lt=now - KEPT_RECORD, cases__isnull=True, records__isnull=True
    ).exclude(state__in=CaseImport.UNFINISHED).delete()
    return gone


def _give_up(now: datetime) -> None:
    """Before their files go: nobody can begin anew on an import while they do."""
    state = CaseImport.State
    CaseImport.objects.filter(
        Q(state=state.CHECKED, sent_at__lt=now - KEPT)
        | Q(state=state.FAILED, trouble__in=CaseImport.PASSING, sent_at__lt=now - KEPT)
        # One that is worked on tells so, however long ago it was sent.
        | Q(state__in=CaseImport.UNFINISHED, touched_at__lt=now - KEPT)
    ).update(
        state=state.FAILED, trouble=CaseImport.Trouble.GONE, ended_at=Coalesce("ended_at", now)
    )


def _stays(path: Path, made: CaseImport | None, now: datetime) -> bool:
    if made is None or path.suffix == _DRAFT:
        with suppress(FileNotFoundError):
            return path.stat().st_mtime >= (now - KEPT_DRAFT).timestamp()
        return False
    wanted = path.suffix.removeprefix(".") in needed(made)
    return wanted and (made.busy or made.sent_at >= now - KEPT)


def _context(pk: UUID, part: Part) -> bytes:
    return f"case_import.{part}.{pk}".encode()
