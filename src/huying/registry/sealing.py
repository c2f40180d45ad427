"""Values of people as they are kept: encrypted, masked to be shown, and marked to be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from huying.audit.crypto import blind_index, blind_indexes, decrypt_text, encrypt_text
from huying.audit.masking import masked_id, masked_name, masked_phone
from huying.places.initials import initials

MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": masked_name,
    "contact": masked_name,
    "phone": masked_phone,
    "id_number": masked_id,
}
"""How each sealed value is shown to who has not asked for it."""


def context(record: Any, name: str) -> str:
    """The place of a sealed value: copied into another row or column it cannot be read."""
    return f"{record._meta.db_table}.{name}_enc.{record.pk}"


def put(record: Any, name: str, value: str) -> None:
    """Sets a sealed value of a record with its mask, its index and, of names, its initials."""
    value = value.strip()
    setattr(
        record, f"{name}_enc", encrypt_text(value, context=context(record, name)) if value else None
    )
    setattr(record, f"{name}_masked", MASKS[name](value)[:20])
    if hasattr(record, f"{name}_index"):
        setattr(record, f"{name}_index", mark(value) if value else None)
    if name == "name":
        # Of two readings the last is the one that names have: 曾 is Zeng.
        record.initials = (initials(value).split() or [""])[-1][:20]


def opened(record: Any, name: str) -> str:
    """A sealed value in clear. Whoever shows it to somebody records that first."""
    sealed = getattr(record, f"{name}_enc")
    return decrypt_text(sealed, context=context(record, name)) if sealed else ""


def mark(value: str) -> bytes:
    """What a value is found by: the same wherever it is kept, as the phone of who reported."""
    return blind_index(value)


def marks(value: str) -> list[bytes]:
    """`mark` under every key there is, for looking up."""
    return blind_indexes(value)
