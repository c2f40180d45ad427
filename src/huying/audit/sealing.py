"""The seal: one signature over the heads of all cases, chained to the seal before it.

A seal is written to three places: a row, a line in ``seals/seals.jsonl``, and the file of heads
it was made from, which is meant to be carried elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from huying.audit import crypto
from huying.audit.chain import timestamp
from huying.audit.crypto import CryptoProvider, Signature
from huying.audit.heads import Head, head_line, seal_line
from huying.audit.merkle import RootBuilder, head_leaf
from huying.audit.models import Seal
from huying.audit.reading import rows
from huying.audit.sm3 import hasher, sm3

KEPT_HEAD_FILES = 7
"""Files of heads that stay in the data folder; older ones are somebody else's to keep."""

FIRST_PREVIOUS = sm3(b"huying:seal")
"""What the first seal names as the one before it."""

_LOCK = 0x6875_7969_6E67_5EA1
"""The advisory lock that keeps two seals apart."""


def seals_folder() -> Path:
    """Where seals and files of heads lie."""
    return crypto.home() / "seals"


def heads_path(day: date, folder: Path | None = None) -> Path:
    """The file of heads of a day's seal."""
    return (folder or seals_folder()) / f"heads-{day.isoformat()}.jsonl"


def statement(seal: Seal) -> bytes:
    """The bytes that are hashed and signed: compact JSON with sorted names."""
    content = {
        "algorithm": seal.algorithm,
        "at": timestamp(seal.at),
        "cases": seal.cases,
        "day": seal.day.isoformat(),
        "events": seal.events,
        "heads_digest": bytes(seal.heads_digest).hex(),
        "key_id": seal.key_id,
        "number": seal.number,
        "previous": bytes(seal.previous).hex(),
        "root": bytes(seal.root).hex(),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def as_json(seal: Seal, public_key: bytes) -> dict[str, Any]:
    """The statement with its hash, its signature and the key that checks it."""
    content: dict[str, Any] = json.loads(statement(seal))
    content["hash"] = bytes(seal.hash).hex()
    content["signature"] = bytes(seal.signature).hex()
    content["public_key"] = public_key.hex()
    return content


def signed_statement(content: dict[str, Any]) -> tuple[bytes, Signature]:
    """The statement and signature within a line of JSON, for checking.

    Raises:
        KeyError, TypeError, ValueError: it is no seal.
    """
    inner = {
        name: value
        for name, value in content.items()
        if name not in ("hash", "signature", "public_key")
    }
    signature = Signature(inner["key_id"], inner["algorithm"], bytes.fromhex(content["signature"]))
    return json.dumps(inner, sort_keys=True, separators=(",", ":")).encode(), signature


def seal(
    day: date,
    now: datetime,
    *,
    using: str = "default",
    folder: Path | None = None,
    provider: CryptoProvider | None = None,
    advance: Callable[[int], None] = lambda cases: None,
) -> Seal:
    """Seal all cases as they stand; ``day`` is the day it is for, ``now`` the time it is made.

    A day may be sealed again; the last seal is the one that counts. Memory does not grow with
    the number of cases.

    Raises:
        KeyFileError: the signing key cannot be used.
        OSError: the folder of seals cannot be written. Nothing was sealed then, except that a
            row whose line is missing gets it with the next seal.
    """
    folder = folder or seals_folder()
    provider = provider or crypto.provider()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    heads = heads_path(day, folder)
    waiting = heads.with_suffix(".new")
    # Durable: the file may only say what is committed.
    with transaction.atomic(using, durable=True):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        made = _make(waiting, day, now, using, provider, advance)
        made.save(using=using, force_insert=True)
        with waiting.open("a") as file:
            file.write(seal_line(as_json(made, provider.public_key(made.key_id))))
            file.flush()
            os.fsync(file.fileno())
    waiting.replace(heads)
    _append_missing(folder / "seals.jsonl", using, provider)
    _drop_old_heads(folder)
    return made


def seal_daily(*, now: datetime) -> int:
    """Seal for the day that has just ended, by the set time zone; the number of cases sealed."""
    return seal(timezone.localdate(now) - timedelta(days=1), now).cases


def _make(
    path: Path,
    day: date,
    now: datetime,
    using: str,
    provider: CryptoProvider,
    advance: Callable[[int], None],
) -> Seal:
    builder, digest, events = RootBuilder(), hasher(), 0
    last = Seal.objects.using(using).order_by("-number").first()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb", buffering=1 << 20) as file:
        for case_id, seq, head_hash in rows(using, "seal_heads"):
            head = Head(case_id, seq, bytes(head_hash))
            builder.add(head_leaf(*head))
            line = head_line(head).encode()
            file.write(line)
            digest.update(line)
            events += seq
            if builder.count % 1000 == 0:
                advance(1000)
    made = Seal(
        number=last.number + 1 if last else 1,
        day=day,
        at=now,
        cases=builder.count,
        events=events,
        root=builder.root(),
        heads_digest=digest.digest(),
        previous=bytes(last.hash) if last else FIRST_PREVIOUS,
    )
    # The key's name is part of what is signed.
    made.key_id, made.algorithm = provider.signing_key()
    content = statement(made)
    made.hash = sm3(content)
    made.signature = provider.sign(content, key_id=made.key_id)
    return made


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The seals of a ``seals.jsonl``; an unreadable line comes as an empty object."""
    if not path.exists():
        return []
    lines = []
    for line in path.read_text().splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            content = {}
        lines.append(content if isinstance(content, dict) else {})
    return lines


def _append_missing(path: Path, using: str, provider: CryptoProvider) -> None:
    """Write the line of every row after the last line: also of one whose process died."""
    written = max((line.get("number", 0) for line in read_lines(path)), default=0)
    missing = Seal.objects.using(using).filter(number__gt=written).order_by("number")
    text = "".join(
        json.dumps(as_json(one, provider.public_key(one.key_id)), separators=(",", ":")) + "\n"
        for one in missing
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def latest_heads(folder: Path | None = None) -> Path | None:
    """The newest file of heads in the data folder, if there is one."""
    return max((folder or seals_folder()).glob("heads-*.jsonl"), default=None)


def _drop_old_heads(folder: Path) -> None:
    for old in sorted(folder.glob("heads-*.jsonl"))[:-KEPT_HEAD_FILES]:
        old.unlink()
