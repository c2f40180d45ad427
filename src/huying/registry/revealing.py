"""Showing what of a record is sealed: to who writes about the place, for a purpose, recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from huying.audit import revealing
from huying.audit.revealing import OF_RECORDS, Purpose, Subject
from huying.errors import NotAllowed, NotFound
from huying.people.acting import Actor
from huying.registry import history, sealing
from huying.registry.models import Enterprise, Person
from huying.registry.sight import may_write

SHOWN: Final = {Person: ("name", "id_number", "phone"), Enterprise: ("contact", "phone")}
"""What a look shows, by register; one look is one record."""


def may_reveal(record: Person | Enterprise, by: Actor) -> bool:
    """Whether the post has a need of it: those who keep the record."""
    return may_write(by, record.area_code)


def reveal(
    record: Person | Enterprise,
    *,
    by: Actor,
    purpose: Purpose | str,
    words: str = "",
    now: datetime,
) -> dict[str, list[str]]:
    """The sealed values of a record in clear, by field: what it is, then what it was before, the
    latest first. Every look is recorded first.

    Raises:
        NotFound: the record is not the actor's to see.
        NotAllowed: the actor has no need of it.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    if not type(record).objects.visible_to(by).filter(pk=record.pk).exists():
        raise NotFound
    if not may_reveal(record, by):
        raise NotAllowed
    fields = SHOWN[type(record)]
    mark = record.phone_index or getattr(record, "id_number_index", None) or b""
    return revealing.reveal(
        Subject(record.REGISTER, record.pk, area_code=record.area_code, person=bytes(mark)),
        opening=lambda: {
            name: [sealing.opened(record, name), *history.former(record, name)] for name in fields
        },
        fields=fields,
        purpose=purpose,
        among=OF_RECORDS,
        words=words,
        by=by,
        now=now,
        action="reveal_record",
    )
