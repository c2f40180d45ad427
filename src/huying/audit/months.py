"""The log's months as files: when one is over, its events are copied, signed, to be carried off.

A line is the very bytes that an event's hash is of (docs/audit.md), so that SM3 of it is the hash;
the last line is the month's statement, signed under the key of the seals. No event is taken out of
the log. Files hold neither words nor contacts, as events do not; they are compressed with gzip.

Each month that was written stands as a line in ``months/months.jsonl``: a file that was carried
away is not made again by itself.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connections

from huying.audit import crypto
from huying.audit.chain import StoredEvent, canonical, timestamp
from huying.audit.crypto import CryptoProvider, Signature
from huying.audit.reading import events_of, snapshot
from huying.audit.sm3 import hasher, sm3

SETTLED: Final = timedelta(days=1)
"""How long after its end a month is copied: by then whatever was being written in it is there."""

_LOCK: Final = 0x6875_7969_6E67_4D01
"""The advisory lock that keeps two copies of a month apart."""

_NAMED: Final = re.compile(r"(\d{4})-(\d{2})")
_BESIDE: Final = frozenset({"hash", "signature", "public_key"})
_LARGEST_LINE: Final = 16 << 20
"""Bytes that are read of a file for one line, at most."""


class MonthError(ValueError):
    """A month cannot be copied, or its file is not what was signed; says why."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A month's copy: where it lies, and what is in it."""

    path: Path
    month: str
    events: int
    cases: int
    size: int


def folder() -> Path:
    """Where the months lie."""
    return crypto.home() / "months"


def named(text: str) -> date:
    """The first day of a month, from 2026-11.

    Raises:
        MonthError: it is none.
    """
    found = _NAMED.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise MonthError(f"{text} is no month: write it as 2026-11")
    return date(int(found[1]), int(found[2]), 1)


def path_of(month: date, where: Path | None = None) -> Path:
    return (where or folder()) / f"events-{month:%Y-%m}.jsonl.gz"


def is_over(month: date, now: datetime) -> bool:
    """Whether nothing more is written in it. A month is the partition's: of UTC."""
    return now >= _first(_after(month)) + SETTLED


def copy(
    month: date,
    now: datetime,
    *,
    using: str = "default",
    where: Path | None = None,
    provider: CryptoProvider | None = None,
    advance: Callable[[int], None] = lambda events: None,
) -> Copied:
    """Copies a month's events to its file, whole or not at all, and reads it back before it counts.

    A file that is there is written anew. Memory does not grow with the number of events.

    Raises:
        MonthError: the month is not over, or an event in it is not what was hashed.
        KeyFileError: the signing key cannot be used.
        OSError: the file cannot be written.
    """
    if not is_over(month, now):
        raise MonthError(f"{month:%Y-%m} is not over")
    where, provider = where or folder(), provider or crypto.provider()
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(month, where)
    draft = path.with_suffix(".new")
    with snapshot(using):
        with connections[using].cursor() as cursor:
            # While the file is read back nothing is asked.
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', '0', true)")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        try:
            line = _write(draft, month, now, using, provider, advance)
            told = check(draft, provider=provider)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _append(where / "months.jsonl", line)
    return Copied(path, told["month"], told["events"], told["cases"], path.stat().st_size)


def copy_due(*, now: datetime) -> int:
    """Copies each month that is over and was not copied yet, the oldest first; how many."""
    found = due(now)
    for month in found:
        copy(month, now)
    return len(found)


def due(now: datetime, *, using: str = "default", where: Path | None = None) -> list[date]:
    """The months that are over and stand in no line, from that of the first event on."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT min(written_at) FROM case_event")
        (first,) = cursor.fetchone()
    if first is None:
        return []
    done = {line.get("month") for line in lines((where or folder()) / "months.jsonl")}
    month, found = first.astimezone(UTC).date().replace(day=1), []
    while is_over(month, now):
        if f"{month:%Y-%m}" not in done:
            found.append(month)
        month = _after(month)
    return found


def check(path: Path, *, provider: CryptoProvider | None = None) -> dict[str, Any]:
    """Proves a month's file by itself: its statement.

    Each event follows from the one before it in the file, of the same case; the lines are those
    that were counted and signed.

    Raises:
        FileNotFoundError: there is no such file.
        MonthError: it is not what was signed; says where.
    """
    provider = provider or crypto.provider()
    reader = _Reader(path)
    for _event in reader:
        pass
    told = reader.told
    try:
        content = statement(told)
        signature = Signature(told["key_id"], told["algorithm"], bytes.fromhex(told["signature"]))
        signed = provider.verify(content, signature) and sm3(content).hex() == told["hash"]
        counted = (told["events"], told["cases"], told["digest"])
    except (KeyError, TypeError, ValueError) as error:
        raise MonthError(f"{path.name}: its last line is no statement") from error
    if not signed:
        raise MonthError(f"{path.name}: its signature is false, or of an unknown key")
    if counted != (reader.events, reader.cases, reader.digest.digest().hex()):
        raise MonthError(f"{path.name}: its lines are not those that were signed")
    return told


def differing(
    path: Path,
    month: date,
    *,
    using: str = "default",
    advance: Callable[[int], None] = lambda events: None,
) -> Iterator[tuple[UUID, int, str]]:
    """Where the log is not what a month's file says: case, the event's number, and how.

    Raises:
        MonthError: the file cannot be read.
    """
    held = iter(_Reader(path))
    with snapshot(using):
        there = _events(month, using)
        ours, theirs = next(there, None), next(held, None)
        while ours is not None or theirs is not None:
            here = _BEHIND if ours is None else (ours.fields.case_id, ours.fields.seq)
            of_file = _BEHIND if theirs is None else (theirs.case_id, theirs.seq)
            at = min(here, of_file)
            if here != of_file:
                missing = "the log has not" if at == of_file else "the file has not"
                yield *at, f"an event that {missing}"
            elif ours is not None and theirs is not None and not _same(ours, theirs.body):
                yield *at, "the file has another content of it"
            ours = next(there, None) if at == here else ours
            theirs = next(held, None) if at == of_file else theirs
            advance(1)


def statement(told: dict[str, Any]) -> bytes:
    """The bytes that are hashed and signed: compact JSON with sorted names."""
    inner = {name: value for name, value in told.items() if name not in _BESIDE}
    return json.dumps(inner, sort_keys=True, separators=(",", ":")).encode()


def lines(path: Path) -> list[dict[str, Any]]:
    """The statements of all months that were copied, as they were last."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text("utf-8").splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue  # cut off by a loss of power: that month is copied again
        found += [content] if isinstance(content, dict) else []
    return found


_BEHIND: Final = (UUID(int=(1 << 128) - 1), 0)
"""Where there is no more event."""


@dataclass(frozen=True, slots=True)
class _Line:
    """An event as a file has it; ``body`` is what its hash is of."""

    case_id: UUID
    seq: int
    body: bytes


class _Reader:
    """Reads a month's file once; what it ends with is there when all lines were read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: dict[str, Any] = {}
        self.events = self.cases = 0
        self.digest = hasher()

    def __iter__(self) -> Iterator[_Line]:
        """Raises `MonthError` at the first line that is wrong, `FileNotFoundError`."""
        last: _Line | None = None
        for number, body in enumerate(self._bodies(), 1):
            if self.told:
                raise MonthError(f"{self.path.name}: line {number} comes after the statement")
            line = self._line(body, number)
            if line is None:
                continue
            if last is not None and (line.case_id, line.seq) <= (last.case_id, last.seq):
                raise MonthError(f"{self.path.name}: line {number} is out of order")
            self._follows(line, last, number)
            self.digest.update(body + b"\n")
            self.events += 1
            self.cases += last is None or line.case_id != last.case_id
            last = line
            yield line
        if not self.told:
            raise MonthError(f"{self.path.name}: it was cut short")

    def _bodies(self) -> Iterator[bytes]:
        try:
            with gzip.open(self.path) as file:
                while body := file.readline(_LARGEST_LINE):
                    yield body.removesuffix(b"\n")
        except FileNotFoundError:
            raise
        except (OSError, EOFError, zlib.error) as error:
            raise MonthError(f"{self.path.name}: it was cut short or is damaged") from error

    def _line(self, body: bytes, number: int) -> _Line | None:
        """An event; None for the statement."""
        try:
            content = json.loads(body)
            if "month" in content:
                self.told = dict(content["month"])
                return None
            return _Line(UUID(content["case_id"]), int(content["seq"]), body)
        except (ValueError, TypeError, KeyError) as error:
            raise MonthError(f"{self.path.name}: line {number} is no event") from error

    def _follows(self, line: _Line, last: _Line | None, number: int) -> None:
        """An event and the one before it, where that was written in the same month."""
        if last is None or (last.case_id, last.seq + 1) != (line.case_id, line.seq):
            return
        if json.loads(line.body).get("prev") != sm3(last.body).hex():
            raise MonthError(
                f"{self.path.name}: line {number} does not follow from the one before it"
            )


def _write(
    draft: Path,
    month: date,
    now: datetime,
    using: str,
    provider: CryptoProvider,
    advance: Callable[[int], None],
) -> bytes:
    """The file, on the disk when this returns; its last line."""
    digest, events, cases, last = hasher(), 0, 0, None
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as plain:
        with gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0) as file:
            for event in _events(month, using):
                body = canonical(event.fields, event.prev)
                if sm3(body) != event.hash:
                    raise MonthError(
                        f"event {event.fields.seq} of case {event.fields.case_id} is not what was"
                        " hashed: see huying verify"
                    )
                line = body + b"\n"
                file.write(line)
                digest.update(line)
                events += 1
                cases += event.fields.case_id != last
                last = event.fields.case_id
                advance(1)
            end = _ending(month, now, events, cases, digest.digest(), provider)
            file.write(end)
        plain.flush()
        os.fsync(plain.fileno())
    return end


def _ending(
    month: date, now: datetime, events: int, cases: int, digest: bytes, provider: CryptoProvider
) -> bytes:
    key_id, algorithm = provider.signing_key()
    told: dict[str, Any] = {
        "algorithm": algorithm,
        "at": timestamp(now),
        "cases": cases,
        "digest": digest.hex(),
        "events": events,
        "key_id": key_id,
        "month": f"{month:%Y-%m}",
    }
    content = statement(told)
    signature = provider.sign(content, key_id=key_id)
    beside = {"public_key": provider.public_key(key_id).hex(), "signature": signature.hex()}
    told |= beside | {"hash": sm3(content).hex()}
    return json.dumps({"month": told}, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _events(month: date, using: str) -> Iterator[StoredEvent]:
    return events_of(using, "month_events", first=_first(month), next=_first(_after(month)))


def _same(event: StoredEvent, body: bytes) -> bool:
    """Whether the log has this event so; one whose content cannot be hashed at all is another."""
    try:
        return canonical(event.fields, event.prev) == body and sm3(body) == event.hash
    except (TypeError, ValueError):
        return False


def _append(path: Path, end: bytes) -> None:
    """Adds a month's statement to those before it."""
    told = json.loads(end)["month"]
    text = json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, text)
        os.fsync(handle)
    finally:
        os.close(handle)
    # The names as well: after a loss of power the line must have its file.
    named_in = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(named_in)
    finally:
        os.close(named_in)


def _first(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
