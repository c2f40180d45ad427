"""Secrets that two systems share, given, changed in turn, and signed with.

The signature is that of Standard Webhooks: HMAC-SHA256 under the shared secret over
``id.timestamp.body``. While a secret is being changed the old one holds beside the new one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from huying.audit.crypto import decrypt_text, encrypt_text
from huying.notices.models import SharesSecret

PREFIX: Final = "whsec_"
LONGEST_GRACE_HOURS: Final = 168


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """One signature, as it stands in the header ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def give_secret(row: SharesSecret) -> str:
    """A first secret, shown once; the row is not saved yet."""
    secret = new_secret()
    row.secret_enc = encrypt_text(secret, context=_context(row, "secret_enc"))
    return secret


def rotate(row: SharesSecret, *, grace_hours: int, now: datetime) -> str:
    """A new secret, shown once; the old one holds too for the hours of grace."""
    old = decrypt_text(row.secret_enc, context=_context(row, "secret_enc"))
    row.old_secret_enc = encrypt_text(old, context=_context(row, "old_secret_enc"))
    row.old_until = now + timedelta(hours=grace_hours)
    secret = give_secret(row)
    row.save(update_fields=["secret_enc", "old_secret_enc", "old_until"])
    return secret


def held(row: SharesSecret, now: datetime) -> list[str]:
    """The secrets that hold, the newer one first."""
    found = [decrypt_text(row.secret_enc, context=_context(row, "secret_enc"))]
    if row.old_secret_enc is not None and row.old_until is not None and now < row.old_until:
        found.append(decrypt_text(row.old_secret_enc, context=_context(row, "old_secret_enc")))
    return found


def _context(row: SharesSecret, column: str) -> str:
    """Which row's secret it is; what was encrypted for another one cannot be read as it."""
    return f"{row._meta.model_name}.{column}.{row.pk}"
