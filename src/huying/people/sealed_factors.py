"""The secrets of second factors under a new key: they lie within the sign-in library's rows."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction

from huying.audit import crypto
from huying.audit.crypto import CryptoError, KeyPurpose, decrypt_text
from huying.audit.keys import KeyFileError
from huying.people.bound_factors import opened, row_of, seal

SHARED: Final = "mfa_authenticator"
"""The one context in which all of them stood before each was bound to its row."""


def reseal() -> int:
    """Seals anew what older keys wrote; how many rows."""
    changed = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            with row_of(row.type, row.user_id):
                after = _each(row.data, _anew)
            if after != row.data:
                row.data = after
                row.save(update_fields=["data"])
                changed += 1
    return changed


def bind(model: Any, base: str) -> int:
    """Seals for its own row alone what stands in the context that all shared; how many rows.

    Each row is a transaction of its own: a run that was stopped goes on where it was. What cannot
    be read stays as it is.
    """
    changed = 0
    rows = model.objects.using(base)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic(using=base):
            row = rows.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            with row_of(row.type, row.user_id):
                after = _each(row.data, _bound)
            if after != row.data:
                rows.filter(pk=pk).update(data=after)
                changed += 1
    return changed


def count_older() -> int:
    """Rows that still need an older key."""
    return sum(
        _holds(data, _is_older) for data in Authenticator.objects.values_list("data", flat=True)
    )


def _anew(text: str) -> str:
    """The value under the newest key; as it is where it is that already, or cannot be read."""
    try:
        return seal(opened(text)) if _is_older(text) else text
    except (CryptoError, KeyFileError):
        return text


def _bound(text: str) -> str:
    """The value for its row; as it is where it is that already, or cannot be read."""
    try:
        return seal(decrypt_text(base64.b64decode(text), context=SHARED))
    except (CryptoError, KeyFileError):
        return text


def _each(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The data with each sealed value changed, also those in a list."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, list):
            found[name] = [change(x) if _is_sealed(x) else x for x in value]
        else:
            found[name] = change(value) if _is_sealed(value) else value
    return found


def _holds(data: dict[str, Any], what: Callable[[str], bool]) -> bool:
    values = [x for value in data.values() for x in (value if isinstance(value, list) else [value])]
    return any(what(each) for each in values if _is_sealed(each))


def _is_older(text: str) -> bool:
    newest = crypto.provider().key_ids(KeyPurpose.DATA)[-1:]
    return crypto.provider().sealed_under(base64.b64decode(text)) not in newest


def _is_sealed(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return bool(crypto.provider().sealed_under(base64.b64decode(value, validate=True)))
    except (CryptoError, binascii.Error, ValueError):
        return False
