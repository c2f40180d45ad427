"""How much a stored field tells of a person, and which kinds tell nothing by themselves.

Open may be published. Internal is for those whose work it is. Personal tells of one person.
Sensitive could harm them in wrong hands: it is sealed, shown masked, and shown in clear for a
purpose only. The table of all fields is `huying.personal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import models


class FieldClass(StrEnum):
    OPEN = "open"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Held:
    """What one table holds of people.

    Attributes:
        why: what it is kept for.
        kept: for how long.
        personal, sensitive, internal, plain: names of columns, separated by blanks; ``plain`` are
            open ones whose kind alone does not say so.
        sealed: columns that hold what is encrypted in the context ``table.column.id``, each with
            the column of its blind index, or "".
        key: the column of the primary key.
        proven: the event log names the row by a digest that covers the sealed form.
    """

    table: str
    why: str
    kept: str
    personal: str = ""
    sensitive: str = ""
    internal: str = ""
    plain: str = ""
    sealed: Mapping[str, str] = field(default_factory=dict)
    key: str = "id"
    proven: bool = False

    def classes(self) -> dict[str, FieldClass]:
        """The class of each column that is named."""
        found = dict.fromkeys(self.plain.split(), FieldClass.OPEN)
        found |= dict.fromkeys(self.internal.split(), FieldClass.INTERNAL)
        found |= dict.fromkeys(self.personal.split(), FieldClass.PERSONAL)
        return found | dict.fromkeys([*self.sensitive.split(), *self.sealed], FieldClass.SENSITIVE)


OPEN_KINDS: tuple[type[Any], ...] = (
    models.DateTimeField,
    models.DateField,
    models.TimeField,
    models.DurationField,
    models.BooleanField,
    models.IntegerField,
    models.UUIDField,
)
"""Times, numbers that count, identifiers: nothing but the row's other fields says of whom."""

OPEN_ENDINGS = ("_code", "digest", "salt", "hash")
"""Codes of places and things; digests that nobody can turn back without the salt or the key."""


def by_kind(each: Any) -> FieldClass | None:
    """The class that a field's kind alone decides; None where somebody must say."""
    if each.primary_key and not isinstance(each, models.CharField):
        return FieldClass.OPEN
    if each.is_relation or each.choices or isinstance(each, OPEN_KINDS):
        return FieldClass.OPEN
    if each.column == "code" or each.column.endswith(OPEN_ENDINGS):
        return FieldClass.OPEN
    return None
