"""The secrets of second factors under a new key: they lie within the sign-in library's rows."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from huying.audit import crypto
from huying.audit.crypto import CryptoError, KeyPurpose
from huying.people.adapters import SecondFactorAdapter


def reseal() -> int:
    """Seals anew what older keys wrote; how many rows."""
    changed = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            old = _older(row.data) if row is not None else {}
            if row is None or not old:
                continue
            adapter = SecondFactorAdapter()
            row.data |= {name: adapter.encrypt(adapter.decrypt(text)) for name, text in old.items()}
            row.save(update_fields=["data"])
            changed += 1
    return changed


def count_older() -> int:
    """Rows that still need an older key."""
    return sum(bool(_older(data)) for data in Authenticator.objects.values_list("data", flat=True))


def _older(data: dict[str, Any]) -> dict[str, str]:
    """The sealed values of a row that are not under the newest key."""
    provider = crypto.provider()
    newest = provider.key_ids(KeyPurpose.DATA)[-1:]
    found = {}
    for name, value in data.items():
        if not isinstance(value, str):
            continue
        try:
            if provider.sealed_under(base64.b64decode(value, validate=True)) not in newest:
                found[name] = value
        except (CryptoError, binascii.Error, ValueError):
            continue
    return found
