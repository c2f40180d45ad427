"""Emptying a record of what tells of a person: that there was one stays, who it was goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from huying.errors import WrongState
from huying.people.acting import Actor
from huying.registry import history
from huying.registry.models import Enterprise, Person, RegisterChange, RegisterChangeWords

GONE: Final = "***"
"""What stands where the name was."""

_EMPTIED: Final[dict[type, dict[str, Any]]] = {
    Person: {
        "name_enc": b"",
        "name_masked": GONE,
        "name_index": b"",
        "initials": "",
        "id_number_enc": None,
        "id_number_masked": "",
        "id_number_index": None,
        "phone_enc": None,
        "phone_masked": "",
        "phone_index": None,
        "birth_year": None,
        "sex": "",
        "relation": "",
    },
    Enterprise: {
        "contact_enc": None,
        "contact_masked": "",
        "phone_enc": None,
        "phone_masked": "",
        "phone_index": None,
    },
}


def unerased(model: type[Person] | type[Enterprise]) -> QuerySet[Any]:
    """Records that still say who somebody is."""
    if model is Person:
        return Person.objects.exclude(name_enc=b"")
    return Enterprise.objects.filter(Q(contact_enc__isnull=False) | Q(phone_enc__isnull=False))


def erase(record: Person | Enterprise, *, by: Actor, now: datetime) -> None:
    """Empties a record that has ended, and the values in its history; the history says so.

    Raises:
        WrongState: the record holds still: whoever lives here is registered. End it first.
    """
    model = type(record)
    with transaction.atomic():
        locked = model.objects.select_for_update().get(pk=record.pk)
        if locked.is_living and isinstance(locked, Person):
            raise WrongState("a living record is ended before it is erased")
        for column, value in _EMPTIED[model].items():
            setattr(locked, column, value)
        locked.version += 1
        locked.save()
        RegisterChangeWords.objects.filter(
            change__register=locked.REGISTER, change__record_id=locked.pk
        ).delete()
        history.note(locked, RegisterChange.Kind.ERASED, by=by, now=now)
