"""Keys of apps: made once, shown once, kept as digests, counted, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from huying import limiting
from huying.audit.sm3 import sm3
from huying.open311.models import Open311Key
from huying.open311.refusing import KeyRefused

PREFIX = "o3_"
"""And 43 characters that carry 256 random bits, so that a plain digest suffices to keep it."""


def digest_of(secret: str) -> bytes:
    return sm3(secret.encode("utf-8", "surrogatepass"))


def give_secret(key: Open311Key) -> str:
    """A new key's secret, which is not kept and cannot be shown again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key.digest, key.hint = digest_of(secret), secret[: len(PREFIX) + 4]
    return secret


def issue(name: str, *, per_minute: int, now: datetime) -> tuple[Open311Key, str]:
    """A new key, and its secret."""
    key = Open311Key(name=name, per_minute=per_minute, created_at=now)
    secret = give_secret(key)
    key.save(force_insert=True)
    return key, secret


def revoke(pk: int, *, now: datetime) -> bool:
    """Ends a key now; whether it still held."""
    return bool(Open311Key.objects.filter(pk=pk, revoked_at=None).update(revoked_at=now))


def key_for(secret: str, now: datetime) -> Open311Key:
    """The key that holds, with this use counted.

    Raises:
        KeyRefused: none was given, it is unknown, or it was revoked.
        TooMany: it was used more often than it may be.
    """
    key = Open311Key.objects.filter(digest=digest_of(secret), revoked_at=None).first()
    if not secret or key is None:
        raise KeyRefused
    limiting.of("limits-open311-keys").take(key.pk, 1, key.per_minute)
    today = timezone.localdate(now)
    if key.used_on != today:
        Open311Key.objects.filter(~Q(used_on=today) | Q(used_on=None), pk=key.pk).update(
            used_on=today
        )
    return key
