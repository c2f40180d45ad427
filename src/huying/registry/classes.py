"""How much each field of the registers tells of a person: the one place that says so.

Open may be published. Internal is for those whose work it is. Personal tells of one person.
Sensitive could harm them in wrong hands: it is kept encrypted, shown masked, and shown in clear
for a purpose only, once that was recorded. What is kept of a minor counts one class higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from huying.registry.models import (
    Address,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Person,
    RegisterChangeWords,
)
from huying.registry.models.records import Record


class Sensitivity(StrEnum):
    OPEN = "open"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


_O, _I = Sensitivity.OPEN, Sensitivity.INTERNAL
_P, _S = Sensitivity.PERSONAL, Sensitivity.SENSITIVE

_EVERY: Final[dict[str, Sensitivity]] = {
    "id": _I, "district_code": _O, "area_code": _O, "valid_from": _I, "valid_until": _I,
    "source": _I, "made_at": _I, "made_by": _I, "checked_at": _I, "checked_by": _I,
    "version": _I, "merged_into": _I,
}  # fmt: skip

CLASSES: Final[Mapping[type[Record], Mapping[str, Sensitivity]]] = {
    Address: _EVERY
    | {
        "community_code": _O, "parent": _O, "level": _O, "name": _O, "full_name": _O, "words": _O,
        "building": _O, "building_code": _O, "lon": _O, "lat": _O,
    },
    Dwelling: _EVERY | {"address": _I, "use": _I, "rooms": _I, "risks": _I},
    Household: _EVERY | {"dwelling": _I, "number": _I},
    Person: _EVERY
    | {
        "name": _S, "id_number": _S, "phone": _S, "initials": _P, "birth_year": _P, "sex": _P,
        "stay": _P, "dwelling": _P, "household": _P, "relation": _P,
    },
    Enterprise: _EVERY
    | {
        "name": _O, "words": _O, "credit_code": _O, "kind": _O, "address": _O, "risks": _I,
        "contact": _S, "phone": _S,
    },
    Facility: _EVERY
    | {
        "name": _O, "words": _O, "kind": _O, "address": _O, "lon": _O, "lat": _O, "risks": _I,
    },
}  # fmt: skip
"""By the field's name; a sealed one is kept in columns with the endings of `COLUMNS`."""

COLUMNS: Final = ("_enc", "_masked", "_index")


class Sealed(NamedTuple):
    """A sensitive field and where it is kept."""

    model: type[Any]
    name: str
    enc: str
    mark: str | None


def sealed_fields() -> Iterator[Sealed]:
    """Every encrypted field of the registers with its columns; the history's old values last.

    A value is sealed in the context ``<table>.<column>.<id>``, and what an equal
    one is found by is `sealing.mark(value)`.
    """
    for model, fields in CLASSES.items():
        columns = {each.name for each in model._meta.get_fields()}
        for name, sensitivity in fields.items():
            if sensitivity is _S:
                index = f"{name}_index"
                yield Sealed(model, name, f"{name}_enc", index if index in columns else None)
    yield Sealed(RegisterChangeWords, "old", "old_enc", None)


def sensitivity(model: type[Record], name: str) -> Sensitivity:
    """The class of a field."""
    return CLASSES[model][name]
