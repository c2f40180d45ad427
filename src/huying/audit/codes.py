"""Codes by which somebody without an account comes back to what is theirs.

A code follows from what it leads to and a key of the installation, and is kept nowhere.
"""

from __future__ import annotations

import base64
from typing import Final

from huying.audit import crypto
from huying.audit.keys import KeyPurpose

CODE_LENGTH: Final = 16
"""Letters and digits of a code: 80 bits that nobody guesses."""


def code_under(
    words: str, purpose: KeyPurpose = KeyPurpose.CODE, *, key_id: str | None = None
) -> str:
    """The code of what ``words`` name, by the present key or the one that is named."""
    index = crypto.provider().keyed_digest(purpose, words.encode(), key_id=key_id)
    return base64.b32encode(index[:10]).decode().lower()


def plain_code(given: str) -> str:
    """A code as somebody typed it, without the blanks and dashes that make it readable."""
    return "".join(each for each in given.lower() if each.isalnum())


def typed_code(given: str) -> str | None:
    """The code that somebody typed; None where it can be none."""
    code = plain_code(given)
    return code if len(code) == CODE_LENGTH and code.isascii() else None


def readable(code: str) -> str:
    """A code in fours, as it is read out and written down."""
    return " ".join(code[n : n + 4] for n in range(0, len(code), 4))
