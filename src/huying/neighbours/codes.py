"""The code by which a resident follows a suggestion. It follows from a key, and is not kept."""

from __future__ import annotations

import base64
import secrets
import uuid

from huying.audit import crypto
from huying.audit.keys import KeyPurpose
from huying.audit.sm3 import sm3
from huying.neighbours.models import Suggestion
from huying.response.hearing import CODE_LENGTH, plain_code


def code_of(pk: uuid.UUID) -> str:
    """The code of the suggestion ``pk``."""
    words = f"suggestion:{pk}".encode()
    index = crypto.provider().keyed_digest(KeyPurpose.CODE, words, key_id=None)
    return base64.b32encode(index[:10]).decode().lower()


def code_hash(code: str) -> bytes:
    return sm3(f"suggestion-link:{code}".encode())


def find(given: str) -> Suggestion | None:
    """The suggestion of a code; None for any other, whatever the reason."""
    code = plain_code(given)
    if len(code) != CODE_LENGTH or not code.isascii():
        return None
    hashed = code_hash(code)
    found = (
        Suggestion.objects.select_related("topic", "wish", "case").filter(code_hash=hashed).first()
    )
    if found is None or not secrets.compare_digest(bytes(found.code_hash), hashed):
        return None
    return found
