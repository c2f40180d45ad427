"""Idempotency keys: an outside write that is sent again is done once, and answered the same."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from huying import secret_keys
from huying.cases.models import IdempotencyKey
from huying.errors import KeyReused
from huying.postgres.prepared import rows_of, statement

_TAKE = statement("key_take")
_ANSWER = statement("key_answer")

KEPT = timedelta(days=90)


@dataclass(slots=True)
class Slot:
    """A key being used. ``answer`` is set when it was used before; else the caller sets it."""

    pk: int
    replayed: bool
    answer: Any = None
    case_id: uuid.UUID | None = None


@contextmanager
def once(caller: str, verb: str, key: str, body_digest: bytes, now: datetime) -> Iterator[Slot]:
    """One transaction in which a write is done under a key, or found to have been done.

    Two at once: the second waits at the unique index until the first has committed, and then sees
    the answer. The key commits with the write or not at all, so a failed write may be tried again
    under the same key.

    Args:
        caller: who sends, as ``integration:7`` or ``account:12``.
        body_digest: SM3 of what was sent; the same key must come with the same.

    Raises:
        KeyReused: the key was used with another body.
    """
    with transaction.atomic():
        made = rows_of(
            _TAKE,
            {"caller": caller, "verb": verb, "key": key, "digest": body_digest, "now": now},
        )
        if not made:
            # The first has committed by now: a new statement sees its row.
            before = IdempotencyKey.objects.get(caller=caller, verb=verb, key=key)
            if bytes(before.body_digest) != body_digest:
                raise KeyReused()
            settle()
            yield Slot(before.pk, True, before.answer, before.case_id)
            return
        ((pk,),) = made
        slot = Slot(pk, False)
        yield slot
        answer = None if slot.answer is None else Jsonb(slot.answer)
        rows_of(_ANSWER, {"id": pk, "answer": answer, "case": slot.case_id})


def forget(slot: Slot) -> None:
    """Frees the key again, within its transaction: nothing was done after all."""
    IdempotencyKey.objects.filter(pk=slot.pk).delete()


def answer_to(caller: str, verb: str, key: str) -> Any:
    """What a write under a key was answered; None where none was done."""
    done = IdempotencyKey.objects.filter(caller=caller, verb=verb, key=key)
    answer = done.values_list("answer", flat=True).first()
    if answer is not None:
        settle()
    return answer


def settle() -> None:
    """Waits until what was found is where an acknowledgement says it is.

    A commit that was given up while it waited for its standby is there to see (`huying.postgres`).
    Who sends it again is answered from it, which writes nothing, and so would wait for nothing.
    This writes a record that means nothing into the server's log: its commit comes after the
    other's, and waits for the standby until both are there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_logical_emit_message(true, 'huying', '')")


def digest_of(*parts: bytes) -> bytes:
    """What is kept of a body, to know it again: 32 bytes.

    Keyed with the installation's secret: a body holds names and phones, and with a plain digest
    somebody who has the database could try out which.
    """
    code = hashlib.blake2b(digest_size=32, key=_secret(), person=b"idempotency")
    for part in parts:
        code.update(len(part).to_bytes(8, "big"))
        code.update(part)
    return code.digest()


@lru_cache(maxsize=1)
def _secret() -> bytes:
    return hashlib.sha256(secret_keys.lasting(settings.HUYING.secrets).encode()).digest()


def forget_old(*, now: datetime) -> int:
    """Deletes keys that are older than 90 days; how many."""
    count, _by_model = IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()
    return count
