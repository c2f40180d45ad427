"""Showing what is sealed of somebody on the list: for a purpose, and written down before."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit import revealing
from huying.audit.crypto import decrypt_text
from huying.audit.revealing import OF_RECORDS, Purpose, Subject
from huying.care.models import VISITING, CarePerson, CareVisit
from huying.errors import NotAllowed, NotFound, Words
from huying.people.acting import Actor
from huying.people.models import Role
from huying.registry import sealing

ALL: Final = ("name", "phone", "contact", "contact_phone", "health", "words")
OF_MEMBERS: Final = ("name", "phone")
"""A member sees what a visit needs, and nothing of anybody's health."""

LABELS: Final[dict[str, Words]] = {
    "name": _("Name"),
    "phone": _("Phone"),
    "contact": _("emergency contact"),
    "contact_phone": _("phone of the contact"),
    "health": pgettext_lazy("care", "Health"),
    "words": _("Words of the last visits"),
}
MOST_WORDS: Final = 10


def may_reveal(care: CarePerson, by: Actor) -> bool:
    """Whether the post has a need of it: who visits, and the desks of the place."""
    return by.role in VISITING and care.ended_on is None


def fields_for(by: Actor) -> tuple[str, ...]:
    return OF_MEMBERS if by.role == Role.MEMBER else ALL


def reveal(
    care: CarePerson, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> dict[str, str]:
    """What is sealed, by field. Every look is recorded first.

    Raises:
        NotFound: the person is not the actor's to see.
        NotAllowed: the actor has no need of it.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    if not CarePerson.objects.visible_to(by).filter(pk=care.pk).exists():
        raise NotFound
    if not may_reveal(care, by):
        raise NotAllowed
    person, fields = care.person, fields_for(by)
    mark = person.phone_index or person.id_number_index or b""
    opening = {
        "name": lambda: sealing.opened(person, "name"),
        "phone": lambda: sealing.opened(person, "phone"),
        "contact": lambda: sealing.opened(care, "contact"),
        "contact_phone": lambda: sealing.opened(care, "phone"),
        "health": lambda: _opened(care, "health"),
        "words": lambda: _words(care),
    }
    return revealing.reveal(
        Subject("care_person", care.pk, area_code=care.area_code, person=bytes(mark)),
        opening=lambda: {name: opening[name]() for name in fields},
        fields=fields,
        purpose=purpose,
        among=OF_RECORDS,
        words=words,
        by=by,
        now=now,
        action="reveal_care",
    )


def _opened(row: CarePerson | CareVisit, name: str) -> str:
    sealed = getattr(row, f"{name}_enc")
    return decrypt_text(sealed, context=sealing.context(row, name)) if sealed is not None else ""


def _words(care: CarePerson) -> str:
    rows = care.visits.exclude(words_enc=None)[:MOST_WORDS]
    return "\n".join(
        f"{timezone.localtime(each.at):%m-%d %H:%M} {_opened(each, 'words')}" for each in rows
    )
