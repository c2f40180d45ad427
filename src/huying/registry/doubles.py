"""Records that may be one: proposed, and merged or kept apart by a person's decision alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Words
from huying.people.acting import Actor
from huying.registry import history, merging, sealing
from huying.registry.history import Kind, Was
from huying.registry.holding import R, locked
from huying.registry.models import (
    Address,
    Enterprise,
    Facility,
    Person,
    Record,
    Register,
    RegisterApart,
)
from huying.registry.sight import WRITING

MOST: Final = 30
WIDEST: Final = 9
"""Doubles are looked for in a town at the most: each knows its own people."""

MODELS: Final[dict[str, type[Record]]] = {
    Register.PERSON: Person,
    Register.ENTERPRISE: Enterprise,
    Register.FACILITY: Facility,
    Register.ADDRESS: Address,
}
"""A dwelling is once at an address: two that are one are two addresses that are one."""
_LOOKING: Final = dict(
    zip(
        MODELS,
        (Path(__file__).resolve().parent.parent / "sql" / "registry_doubles.sql")
        .read_text("utf-8")
        .split(";\n"),
        strict=True,
    )
)
_AT: Final[dict[str, tuple[str, ...]]] = {
    Register.PERSON: ("dwelling__address",),
    Register.ENTERPRISE: ("address",),
    Register.FACILITY: ("address",),
    Register.ADDRESS: ("parent",),
}
"""What a pair is shown with."""
_WHY: Final[dict[str, Words]] = {
    Register.PERSON: _("the same name, year of birth and community"),
    Register.ENTERPRISE: _("the same name in the same community"),
    Register.FACILITY: _("the same kind in the same spot"),
    Register.ADDRESS: _("the same number in the same spot"),
}
_WHY_TOO: Final[dict[str, Words]] = {
    Register.PERSON: _("the same name and phone"),
    Register.ADDRESS: _("one is called like the other"),
}
"""What speaks for it more strongly, where the server says so."""
_SEALED: Final = ("id_number", "phone", "contact")
_FILLED: Final = ("credit_code", "address", "birth_year", "sex")
"""What the record that stays takes over where it says nothing itself."""
_HOME: Final = ("dwelling", "household", "relation")
"""Taken over together: a household is of its dwelling, and a relation is one to its head."""
_SAID_BY_NUMBER: Final = ("birth_year", "sex")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one, and what speaks for it."""

    register: str
    one: Any
    other: Any
    why: Words

    @property
    def both(self) -> tuple[Any, Any]:
        return self.one, self.other


def proposed(by: Actor) -> list[Pair]:
    """Pairs of the actor's area, at most `MOST` of each register."""
    if by.role not in WRITING or len(by.area_code) < WIDEST:
        return []
    return [pair for register in MODELS for pair in _pairs(register, by)]


def _pairs(register: str, by: Actor) -> Iterator[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKING[register], {"area": f"{by.area_code}%", "most": MOST})
        rows = cursor.fetchall()
    ids = {pk for row in rows for pk in row[:2]}
    manager: Any = MODELS[register]._default_manager
    records = manager.visible_to(by).filter(pk__in=ids).select_related(*_AT[register])
    seen = {each.pk: each for each in records}
    for one, other, more in rows:
        if one in seen and other in seen:
            why = _WHY_TOO[register] if more else _WHY[register]
            yield Pair(register, seen[one], seen[other], why)


def keep_apart(register: str, one: UUID, other: UUID, *, by: Actor, now: datetime) -> None:
    """Somebody found the two to be two; they are not proposed again. Raises as `locked`."""
    model = _model(register)
    with transaction.atomic():
        first, second = sorted((one, other))
        for pk in (first, second):
            locked(model, pk, by=by)
        RegisterApart.objects.get_or_create(
            register=register,
            one=first,
            other=second,
            defaults={"at": now, "by_account": by.account_id},
        )


def merge(register: str, stays: UUID, goes: UUID, *, by: Actor, now: datetime) -> Record:
    """Makes one record of two: what the one that stays does not say, it takes over.

    The other one has ended, is kept, and says into which it was merged. What else is kept of it
    is of the one that stays.

    Raises:
        NotFound, NotAllowed: as `locked`.
        BadInput: there are no two records, or each has an id number or code of its own; as
            `merging.addresses`.
    """
    model = _model(register)
    if stays == goes:
        raise BadInput(_("Please choose two records."))
    with transaction.atomic():
        held = {pk: locked(model, pk, by=by) for pk in sorted((stays, goes))}
        kept, gone = held[stays], held[goes]
        if isinstance(kept, Address) and isinstance(gone, Address):
            return merging.addresses(kept, gone, by=by, now=now)
        if any(_both(kept, gone, name) for name in ("id_number_index", "credit_code")):
            raise BadInput(_("Each of the two has a number of its own; they are two."))
        merging.ended(gone, kept, by, now)
        was = list(_filled(kept, gone))
        if was:
            kept.version += 1
            kept.save()
        history.note(kept, Kind.MERGED, was, by=by, now=now)
        merging.point_to(kept, gone)
        return kept


def _both(kept: Any, gone: Any, name: str) -> bool:
    return bool(getattr(kept, name, None) and getattr(gone, name, None))


def _filled(kept: R, gone: R) -> Iterator[Was]:
    for name in _SEALED:
        if getattr(kept, f"{name}_enc", True) is None and getattr(gone, f"{name}_enc") is not None:
            yield Was(name, "", "")
            sealing.put(kept, name, sealing.opened(gone, name))
            if name == "id_number":
                yield from _taken(kept, gone, _SAID_BY_NUMBER)
    for name in _FILLED:
        if getattr(kept, name, True) in (None, "") and getattr(gone, name) not in (None, ""):
            yield from _taken(kept, gone, (name,))
    if isinstance(kept, Person) and isinstance(gone, Person):
        yield from _housed(kept, gone)


def _housed(kept: Person, gone: Person) -> Iterator[Was]:
    if kept.dwelling is None and gone.dwelling is not None:
        yield from _taken(kept, gone, _HOME)
        kept.area_code = gone.dwelling.area_code
        kept.district_code = gone.dwelling.district_code


def _taken(kept: Any, gone: Any, names: Sequence[str]) -> Iterator[Was]:
    for name in names:
        before, value = getattr(kept, name), getattr(gone, name)
        if value != before:
            setattr(kept, name, value)
            yield Was(name, before)


def _model(register: str) -> type[Record]:
    try:
        return MODELS[register]
    except KeyError:
        raise BadInput(_("Records of this register are not merged.")) from None
