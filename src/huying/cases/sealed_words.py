"""Id and mobile numbers that somebody typed into a case's words: masked there, sealed beside them.

The words with stars are what is kept, found, counted and digested; the numbers lie encrypted in the
same row, and go with it when it is erased. `cases.showing_words` shows them.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import orjson

from huying.audit.crypto import encrypt_text
from huying.audit.numbers import hide


class Kept(NamedTuple):
    """Words as they are kept, and their numbers encrypted; None where there are none."""

    body: str
    hidden: bytes | None


def keep(pk: UUID, words: str) -> Kept:
    """Words for the row of text ``pk``."""
    masked, found = hide(words)
    if not found:
        return Kept(words, None)
    numbers = orjson.dumps([list(each) for each in found]).decode()
    return Kept(masked, encrypt_text(numbers, context=context(pk)))


def context(pk: UUID) -> str:
    """The place of a row's numbers."""
    return f"case_text.hidden_enc.{pk}"
