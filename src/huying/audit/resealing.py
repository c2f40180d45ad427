"""Sealing anew under the newest key what older ones wrote, while the product runs.

Rows are taken in batches in the order of their ids; each batch is one transaction that also writes
how far it came, so that a run that was killed goes on where it stopped. A row that somebody changes
at the same moment is left to the next pass. What is written meanwhile is sealed under the newest
key anyway, in every process; a writer that began before the key was made is found by the last
pass, or by the count that comes before a key is removed.

Contacts and answers stand in the event log by a digest of their sealed form. Sealing anew changes
that form and not the log: the row keeps the digest that the log names, and beside it a signature,
under the seals' key, of both digests. It is given only to a row whose content is still what its
digest, or its last signature, says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from huying.audit import crypto
from huying.audit.chain import answers_digest, contact_digest
from huying.audit.classes import Held
from huying.audit.crypto import CryptoError, KeyPurpose
from huying.audit.keys import KeyFileError
from huying.audit.models import Resealing
from huying.audit.proofs import is_proven, prove
from huying.errors import WrongState

BATCH: Final = 500
SETTLES: Final = timedelta(minutes=10)
"""So long after a new key was made no transaction is left that took the old one."""

ROTATED: Final = (KeyPurpose.DATA, KeyPurpose.INDEX)

MOST_NAMED: Final = 100

_LOCK: Final = 0x6B657973

DIGESTS: Final[dict[str, tuple[tuple[str, ...], Callable[..., bytes]]]] = {
    "case_contact": (("name_enc", "phone_enc", "phone_index"), contact_digest),
    "case_answers": (("form_id", "body", "masked", "sealed"), answers_digest),
}
"""Of which columns the digest is made that the log names."""

Advance = Callable[[int], None]


@dataclass(slots=True)
class Resealed:
    """What a run did."""

    rows: int = 0
    changed: int = 0
    left: int = 0
    """Rows that somebody changed at that moment."""
    damaged: int = 0
    """Rows that cannot be read, or are not what their event recorded; they stay as they are."""
    named: list[str] = field(default_factory=list)
    """The first of those, by table and id."""


def begin(purpose: KeyPurpose, now: datetime) -> str:
    """A new key of this purpose, unless a run of the last one is not finished; its id.

    Raises:
        WrongState: another process is sealing anew, or takes older keys away.
    """
    with _alone():
        going_on = Resealing.objects.filter(purpose=purpose, done_at__isnull=True).first()
        if going_on is not None:
            return str(going_on.key_id)
        key_id = crypto.provider().add_key(purpose)
        Resealing.objects.create(purpose=purpose, key_id=key_id, began_at=now)
        return key_id


def total(held: Sequence[Held]) -> int:
    """Rows that a run looks at."""
    found = 0
    with connection.cursor() as cursor:
        for each in held:
            if each.sealed:
                cursor.execute(f'SELECT count(*) FROM "{each.table}"')  # noqa: S608 - from our list
                found += cursor.fetchone()[0]
    return found


def run(
    purpose: KeyPurpose,
    held: Sequence[Held],
    *,
    now: Callable[[], datetime],
    batch: int = BATCH,
    advance: Advance = lambda rows: None,
) -> Resealed:
    """Goes on with the run that is not finished, to its end.

    Raises:
        WrongState: there is none, or another process is at it.
    """
    result = Resealed()
    with _alone():
        row = Resealing.objects.filter(purpose=purpose, done_at__isnull=True).first()
        if row is None:
            raise WrongState(f"nothing is being sealed anew under a new {purpose} key")
        for each in held:
            while each.sealed and each.table not in row.tables:
                if not _batch(row, purpose, each, batch, result, advance):
                    row.tables = [*row.tables, each.table]
                    row.last_id = ""
                    row.save(update_fields=["tables", "last_id"])
        row.done_at = now()
        row.save(update_fields=["done_at"])
    return result


def count_older(purpose: KeyPurpose, held: Sequence[Held]) -> dict[str, int]:
    """Rows that still need an older key, by table; those without any are left out."""
    found = {}
    for each in held:
        if not each.sealed:
            continue
        last, count = "", 0
        while rows := _rows(each, last, BATCH):
            count += sum(_needs_older(purpose, each, row) for row in rows)
            last = str(rows[-1]["id"])
        if count:
            found[each.table] = count
    return found


def _needs_older(purpose: KeyPurpose, held: Held, row: dict[str, Any]) -> bool:
    """What cannot be read may need any key there is: somebody has to look at it first."""
    try:
        return _anew(purpose, held, row) is not None
    except (CryptoError, KeyFileError):
        return True


def remove_older(purpose: KeyPurpose, held: Sequence[Held], now: datetime) -> list[str]:
    """Takes every key away but the newest, when nothing needs them; the ids that went.

    Raises:
        WrongState: something is sealed under one, a run is not finished or just ended, or another
            process is sealing anew.
    """
    with _alone():
        # Before the long count: a key that somebody adds meanwhile makes none of the others old.
        older = crypto.provider().key_ids(purpose)[:-1]
        _nothing_unfinished(purpose)
        latest = Resealing.objects.filter(purpose=purpose).order_by("began_at").last()
        if latest is not None and now < latest.began_at + SETTLES:
            raise WrongState("the new key is younger than ten minutes: somebody may still write")
        left = count_older(purpose, held)
        if left:
            told = ", ".join(f"{table} {count}" for table, count in left.items())
            raise WrongState(f"rows need an older key ({told}): huying keys rotate --again")
        _nothing_unfinished(purpose)
        for key_id in older:
            crypto.provider().remove_key(purpose, key_id)
    return older


def _nothing_unfinished(purpose: KeyPurpose) -> None:
    if Resealing.objects.filter(purpose=purpose, done_at__isnull=True).exists():
        raise WrongState("sealing anew is not finished: huying keys rotate")


def again(purpose: KeyPurpose, now: datetime) -> str:
    """Another pass under the newest key there is, without making one; its id.

    Raises:
        WrongState: there is no key yet, and so nothing sealed.
    """
    newest = crypto.provider().key_ids(purpose)[-1:]
    if not newest:
        raise WrongState(f"there is no {purpose} key yet: nothing is sealed")
    Resealing.objects.get_or_create(
        purpose=purpose, done_at=None, defaults={"key_id": newest[0], "began_at": now}
    )
    return newest[0]


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps every other process out, by a transaction of a connection of its own.

    A lock of the session would be another's behind a pooler that lends a connection for one
    transaction; a transaction keeps its connection, and ends with the process that is killed.
    """
    with closing(connection.copy()) as own:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', '0', true)")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                raise WrongState("another process is sealing anew")
        yield


def _batch(
    row: Resealing,
    purpose: KeyPurpose,
    held: Held,
    size: int,
    result: Resealed,
    advance: Advance,
) -> bool:
    """One batch of a table; whether there was one."""
    with transaction.atomic():
        rows = _rows(held, row.last_id, size)
        if not rows:
            return False
        for each in rows:
            try:
                new = _anew(purpose, held, each)
                done = new is None or _write(held, each, new)
            except (CryptoError, KeyFileError):
                result.damaged += 1
                if len(result.named) < MOST_NAMED:
                    result.named.append(f"{held.table} {each['id']}")
                continue
            result.changed += new is not None and done
            result.left += not done
        row.last_id = str(rows[-1]["id"])
        row.save(update_fields=["last_id"])
    result.rows += len(rows)
    advance(len(rows))
    return True


def _rows(held: Held, after: str, size: int) -> list[dict[str, Any]]:
    columns = dict.fromkeys([*held.sealed, *filter(None, held.sealed.values())])
    if held.proven:
        columns |= dict.fromkeys([*DIGESTS[held.table][0], "salt", "digest", "resealed"])
    names = ", ".join(f'"{each}"' for each in columns)
    kind = "bigint" if after.isdecimal() else "uuid"
    where = f'WHERE "{held.key}" > %s::{kind}' if after else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{held.key}" AS id, {names} FROM "{held.table}" {where}'  # noqa: S608 - from our list
            f' ORDER BY "{held.key}" LIMIT {size}',
            [after] if after else [],
        )
        found = [each.name for each in cursor.description]
        return [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in zip(found, values, strict=True)
            }
            for values in cursor.fetchall()
        ]


def _anew(purpose: KeyPurpose, held: Held, row: dict[str, Any]) -> dict[str, Any] | None:
    """The columns that have to change; None when the row needs no older key."""
    provider, new = crypto.provider(), {}
    newest = provider.key_ids(KeyPurpose.DATA)[-1:]
    for column, index in held.sealed.items():
        sealed = row[column]
        if not sealed:
            continue
        place = f"{held.table}.{column}.{row['id']}"
        if purpose == KeyPurpose.DATA and provider.sealed_under(sealed) not in newest:
            new[column] = crypto.encrypt_text(
                crypto.decrypt_text(sealed, context=place), context=place
            )
        if purpose == KeyPurpose.INDEX and index and row[index]:
            mark = crypto.blind_index(crypto.decrypt_text(sealed, context=place))
            if mark != row[index]:
                new[index] = mark
    return new or None


def _write(held: Held, row: dict[str, Any], new: dict[str, Any]) -> bool:
    """Changes the row if it is still as it was read."""
    if held.proven:
        new["resealed"] = _proof(held, row, new)
    changes = ", ".join(f'"{column}" = %s' for column in new)
    same = " AND ".join(f'"{column}" IS NOT DISTINCT FROM %s' for column in new)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{held.table}" SET {changes} WHERE "{held.key}" = %s AND {same}',  # noqa: S608 - from our list
            [*new.values(), row["id"], *(row[column] for column in new)],
        )
        return bool(cursor.rowcount)


def _proof(held: Held, row: dict[str, Any], new: dict[str, Any]) -> bytes:
    """The signature that the new content is the old one's.

    Raises:
        CryptoError: the old content is not what the log says; nothing may hide that.
    """
    digest, before = row["digest"], content_digest(held.table, row)
    if before != digest and not is_proven(held.table, row["id"], digest, before, row["resealed"]):
        raise CryptoError(f"{held.table} {row['id']} is not what its event recorded")
    return prove(held.table, row["id"], digest, content_digest(held.table, row | new))


def content_digest(table: str, row: dict[str, Any]) -> bytes:
    """The digest of a row's content as it is now."""
    columns, digest = DIGESTS[table]
    parts = [row[column] for column in columns]
    plain = [str(each).encode() if isinstance(each, str | int) else each for each in parts]
    return digest(row["salt"], *plain)
