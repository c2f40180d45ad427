"""The code by which a resident comes back to what they booked. It follows from a key, and is not
kept."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, Final

from huying.audit.codes import code_under, typed_code
from huying.audit.sm3 import sm3
from huying.platforms.models import ActivitySignUp, Appointment, MealOrder

BOOKABLE: Final[tuple[Any, ...]] = (Appointment, ActivitySignUp, MealOrder)
"""What a code may lead to."""


def code_of(pk: uuid.UUID) -> str:
    """The code of the booking ``pk``, of whatever kind."""
    return code_under(f"booked:{pk}")


def code_hash(code: str) -> bytes:
    return sm3(f"booked-link:{code}".encode())


def find(given: str) -> Any:
    """The booking of a code; None for any other, whatever the reason."""
    code = typed_code(given)
    if code is None:
        return None
    hashed = code_hash(code)
    for model in BOOKABLE:
        found = model.objects.filter(code_hash=hashed).first()
        if found is not None and secrets.compare_digest(bytes(found.code_hash), hashed):
            return found
    return None
