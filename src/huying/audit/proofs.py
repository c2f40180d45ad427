"""The proof that a row was sealed anew and says the same: a signature of both digests."""

from __future__ import annotations

import json
from typing import Any

from huying.audit import crypto
from huying.audit.crypto import CryptoProvider, Signature


def _statement(table: str, pk: Any, digest: bytes, now: bytes) -> bytes:
    return f"huying resealed {table} {pk} {digest.hex()} {now.hex()}".encode()


def prove(table: str, pk: Any, digest: bytes, now: bytes) -> bytes:
    """Signs that what the log names by ``digest`` has the digest ``now``, sealed anew."""
    provider = crypto.provider()
    key_id, algorithm = provider.signing_key()
    signature = provider.sign(_statement(table, pk, digest, now), key_id=key_id)
    return json.dumps([key_id, algorithm, signature.hex()]).encode()


def is_proven(
    table: str,
    pk: Any,
    digest: bytes,
    now: bytes,
    proof: bytes | None,
    provider: CryptoProvider | None = None,
) -> bool:
    """Whether such a signature is there, by one of this installation's keys."""
    if not proof:
        return False
    try:
        key_id, algorithm, signature = json.loads(proof)
        signed = Signature(key_id, algorithm, bytes.fromhex(signature))
    except (TypeError, ValueError):
        return False
    return (provider or crypto.provider()).verify(_statement(table, pk, digest, now), signed)
