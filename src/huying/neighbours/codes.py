"""The code by which a resident follows a suggestion. It follows from a key, and is not kept."""

from __future__ import annotations

import secrets
import uuid

from huying.audit.codes import code_under, typed_code
from huying.audit.sm3 import sm3
from huying.neighbours.models import Suggestion


def code_of(pk: uuid.UUID) -> str:
    """The code of the suggestion ``pk``."""
    return code_under(f"suggestion:{pk}")


def code_hash(code: str) -> bytes:
    return sm3(f"suggestion-link:{code}".encode())


def find(given: str) -> Suggestion | None:
    """The suggestion of a code; None for any other, whatever the reason."""
    code = typed_code(given)
    if code is None:
        return None
    hashed = code_hash(code)
    found = (
        Suggestion.objects.select_related("topic", "wish", "case").filter(code_hash=hashed).first()
    )
    if found is None or not secrets.compare_digest(bytes(found.code_hash), hashed):
        return None
    return found
