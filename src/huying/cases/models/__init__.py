"""The case and everything beside it, as the database keeps them.

``case`` holds what is true now, one row a case; ``case_event`` holds how it came to be, and is
never changed. Texts and contacts stand in rows of their own, so that they can be erased while
the events, which hold only their salted digests, stay whole.
"""

from huying.cases.models.belonging import (
    Attachment,
    CaseAddressWords,
    CaseContact,
    CaseParty,
    CaseText,
    TextKind,
)
from huying.cases.models.case import Case, CaseEvent, Channel
from huying.cases.models.keys import IdempotencyKey
from huying.cases.models.timing import CalendarFollowed, CheckRound, Extension, Hold, Suspension

__all__ = [
    "Attachment",
    "CalendarFollowed",
    "Case",
    "CaseAddressWords",
    "CaseContact",
    "CaseEvent",
    "CaseParty",
    "CaseText",
    "Channel",
    "CheckRound",
    "Extension",
    "Hold",
    "IdempotencyKey",
    "Suspension",
    "TextKind",
]
