"""Adding to a register, correcting a record, finding it as it is, and ending it.

What is told of a record is a frozen ``…Told``. A correction tells all of it anew, but for what is
sealed: None leaves that as it is, and "" takes it away, since nobody is shown it to copy it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Missing, WrongState
from huying.people.acting import Actor
from huying.people.phones import plain_phone
from huying.places import locating, naming
from huying.places.initials import initials
from huying.registry import deriving, history, sealing
from huying.registry.address_text import plain
from huying.registry.classes import Sensitivity, sensitivity
from huying.registry.history import Kind, Was
from huying.registry.holding import R, allow, locked
from huying.registry.models import (
    Address,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Level,
    Person,
    Record,
    Risk,
    Source,
)
from huying.registry.numbers import read_credit_code, read_id

LONGEST_NAME: Final = 40
DWELT_IN: Final = (Level.PLATE, Level.BUILDING, Level.UNIT, Level.FLOOR, Level.ROOM)


@dataclass(frozen=True, slots=True)
class DwellingTold:
    """A dwelling at an address, which is a room or a whole house."""

    address: Address
    use: str = Dwelling.Use.UNKNOWN
    rooms: int | None = None
    risks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PersonTold:
    """A person.

    Attributes:
        community: where the person is, as far as is known, if in no dwelling.
        household: the number of theirs in the dwelling.
        birth_year, sex: needed only where there is no id number, which says them.
    """

    name: str | None = None
    id_number: str | None = None
    phone: str | None = None
    birth_year: int | None = None
    sex: str = ""
    stay: str = Person.Stay.REGISTERED
    dwelling: Dwelling | None = None
    community: str = ""
    household: int | None = None
    relation: str = ""


@dataclass(frozen=True, slots=True)
class EnterpriseTold:
    """A unit at an address."""

    name: str
    kind: str
    address: Address
    credit_code: str = ""
    risks: Sequence[str] = ()
    contact: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class FacilityTold:
    """A facility at an address, at a position, or both."""

    name: str
    kind: str
    address: Address | None = None
    lon: float | None = None
    lat: float | None = None
    risks: Sequence[str] = ()


Told = DwellingTold | PersonTold | EnterpriseTold | FacilityTold
MODELS: Final[dict[type[Any], type[Record]]] = {
    DwellingTold: Dwelling,
    PersonTold: Person,
    EnterpriseTold: Enterprise,
    FacilityTold: Facility,
}


def add(told: Told, *, by: Actor, now: datetime, source: Source = Source.DESK) -> Any:
    """A new record.

    Raises:
        NotAllowed: the place is not the actor's to write about.
        Missing, BadInput: something told is not there or not right.
    """
    model = MODELS[type(told)]
    with transaction.atomic():
        record = model(
            valid_from=timezone.localdate(now),
            source=source,
            made_at=now,
            made_by=by.account_id,
            checked_at=now,
            checked_by=by.account_id,
        )
        _set(record, told, by, now)
        record.save(force_insert=True)
        history.note(record, Kind.MADE, by=by, now=now)
        return record


def correct(pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None) -> Any:
    """Tells a record anew; each field that is another now goes into its history.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        Missing, BadInput: as `add`.
    """
    with transaction.atomic():
        record = locked(MODELS[type(told)], pk, by=by, version=version)
        corrected(record, _set(record, told, by, now), by=by, now=now)
        return record


def corrected(record: Any, was: Sequence[Was], *, by: Actor, now: datetime) -> None:
    """Saves what was told anew, checked by that, and notes what of it is another now."""
    record.checked_at, record.checked_by = now, by.account_id
    if was:
        record.version += 1
    record.save()
    if isinstance(record, Dwelling) and was:
        deriving.spread(record.address)
    history.note(record, Kind.CHANGED if was else Kind.CHECKED, was, by=by, now=now)


def check(record: Record, *, by: Actor, now: datetime) -> Record:
    """Somebody found the record to be as it says. Raises as `locked`."""
    with transaction.atomic():
        held = locked(type(record), record.pk, by=by)
        held.checked_at, held.checked_by = now, by.account_id
        held.save(update_fields=["checked_at", "checked_by"])
        history.note(held, Kind.CHECKED, by=by, now=now)
        return held


def end(record: R, *, by: Actor, now: datetime, version: int | None = None) -> R:
    """The record holds no longer: moved away, closed, pulled down. It stays to be looked up.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: something living still depends on it.
    """
    with transaction.atomic():
        held = locked(type(record), record.pk, by=by, version=version)
        if depends_on(held):
            raise WrongState(_("Something in the registers still depends on this record."))
        held.valid_until = timezone.localdate(now)
        held.version += 1
        held.save(update_fields=["valid_until", "version"])
        history.note(held, Kind.ENDED, by=by, now=now)
        return held


def depends_on(record: Record) -> bool:
    """Whether something living lies at an address, or somebody still lives there."""
    if isinstance(record, Address):
        return any(
            model.objects.living().filter(**{key: record}).exists()
            for model, key in (
                (Address, "parent"),
                (Dwelling, "address"),
                (Enterprise, "address"),
                (Facility, "address"),
            )
        )
    if isinstance(record, Dwelling):
        return Person.objects.living().filter(dwelling=record).exists()
    return isinstance(record, Household) and (
        Person.objects.living().filter(household=record).exists()
    )


def _set(record: Any, told: Told, by: Actor, now: datetime) -> list[Was]:
    """Sets what is told, checked, and says what of it was otherwise."""
    if isinstance(told, PersonTold):
        values = _person(record, told, by, now)
    elif isinstance(told, EnterpriseTold):
        values = _enterprise(record, told)
    elif isinstance(told, FacilityTold):
        values = facility_values(told)
    else:
        values = _dwelling(record, told)
    area = values.pop("area_code")
    allow(area, by)
    record.area_code, record.district_code = area, area[:6]
    return put(record, values)


def put(record: Any, values: Mapping[str, Any]) -> list[Was]:
    """Sets checked values of a record, and says what of it was otherwise. Writes nothing."""
    adding = record._state.adding
    was: list[Was] = []
    for name, value in values.items():
        if sensitivity(type(record), name) is Sensitivity.SENSITIVE:
            if value is None:
                continue
            before: Any = "" if adding else sealing.opened(record, name)
            if value == before and not adding:
                continue
            shown = getattr(record, f"{name}_masked")
            sealing.put(record, name, value)
        else:
            before, shown = (None if adding else getattr(record, name)), ""
            if not adding and _same(before, value):
                continue
            setattr(record, name, value)
        if not adding and name != "words":
            was.append(Was(name, before, shown))
    return was


def _same(before: Any, value: Any) -> bool:
    """Whether a field is as it was. Two addresses of one name are two all the same."""
    if isinstance(before, Record) or isinstance(value, Record):
        return bool(before == value)
    return history.said(before) == history.said(value)


def _dwelling(record: Dwelling, told: DwellingTold) -> dict[str, Any]:
    values = dwelling_values(told)
    taken = Dwelling.objects.living().filter(address=told.address).exclude(pk=record.pk)
    if taken.exists():
        raise BadInput(_("There is a dwelling at this address already."), field="address")
    return values


def dwelling_values(told: DwellingTold) -> dict[str, Any]:
    """What a dwelling is set to; whether its address has one already is not looked up.

    Raises:
        BadInput: something told is not right.
    """
    address = _living(told.address)
    if address.level not in DWELT_IN:
        raise BadInput(_("A dwelling is a house or a room, not a street."), field="address")
    if told.rooms is not None and not 0 < told.rooms < 1000:
        raise BadInput(_("This number of rooms cannot be."), field="rooms")
    return {
        "area_code": address.area_code,
        "address": address,
        "use": _among(told.use, Dwelling.Use.values, "use"),
        "rooms": told.rooms,
        "risks": _risks(told.risks),
    }


def _person(record: Person, told: PersonTold, by: Actor, now: datetime) -> dict[str, Any]:
    values = person_values(told, timezone.localdate(now), record)
    if values["id_number"]:
        _unique(record, values["id_number"], by)
    dwelling = told.dwelling
    if dwelling is not None and not dwelling.is_living:
        raise BadInput(_("This dwelling is no longer in the register."), field="dwelling")
    area = dwelling.area_code if dwelling else _community(told.community, record)
    return values | {
        "area_code": area,
        "dwelling": dwelling,
        "household": _household(dwelling, told.household, by, now) if dwelling else None,
    }


def person_values(told: PersonTold, today: date, record: Person) -> dict[str, Any]:
    """What a person is set to, but for where they live; whether the id number is another's, too,
    is not looked up.

    Raises:
        Missing, BadInput: something told is not there or not right.
    """
    name: str | None = told.name
    adding = record._state.adding
    if name is not None or adding:
        name = _named(name or "")
    number, birth_year, sex = told.id_number, told.birth_year, told.sex
    if number:
        read = read_id(number, today)
        if read is None:
            raise BadInput(_("This id number is not right; please compare it."), field="id_number")
        number, birth_year, sex = read.number, read.born.year, read.sex
    elif number is None and not adding and record.id_number_enc is not None:
        birth_year, sex = record.birth_year, record.sex
    if birth_year is not None and not 1850 <= birth_year <= today.year:
        raise BadInput(_("This year of birth cannot be."), field="birth_year")
    return {
        "name": name,
        "id_number": number,
        "phone": told.phone if told.phone is None else plain_phone(told.phone),
        "birth_year": birth_year,
        "sex": _among(sex, ("", *Person.Sex.values), "sex"),
        "stay": _among(told.stay, Person.Stay.values, "stay"),
        "relation": _among(told.relation, ("", *Person.Relation.values), "relation"),
    }


def _unique(record: Person, number: str, by: Actor) -> None:
    """Under every key: one that an older key marked is found too."""
    marks = sealing.marks(number)
    same = Person.objects.living().filter(id_number_index__in=marks).exclude(pk=record.pk)
    found = same.first()
    if found is not None:
        seen = by.is_system or by.covers(found.area_code)
        where = naming.names(found.area_code if seen else found.area_code[:9])
        raise BadInput(
            _("Somebody with this id number is registered already: %(where)s.") % {"where": where},
            field="id_number",
            record=str(found.pk) if seen else None,
        )


def household_of(dwelling: Dwelling, number: int, *, by: Actor, now: datetime) -> Household:
    """The household with this number in a dwelling; it is made where there is none."""
    living = Household.objects.living()
    found = living.filter(dwelling=dwelling, number=number).first()
    return found or Household.objects.create(
        district_code=dwelling.district_code,
        area_code=dwelling.area_code,
        dwelling=dwelling,
        number=number,
        valid_from=timezone.localdate(now),
        source=Source.DESK,
        made_at=now,
        made_by=by.account_id,
    )


def _household(
    dwelling: Dwelling, number: int | None, by: Actor, now: datetime
) -> Household | None:
    number = household_number(number)
    return None if number is None else household_of(dwelling, number, by=by, now=now)


def household_number(told: int | None) -> int | None:
    """The number of a household in its dwelling. Raises: BadInput: it cannot be."""
    if told is not None and not 0 < told < 1000:
        raise BadInput(_("This number of a household cannot be."), field="household")
    return told


def _enterprise(record: Enterprise, told: EnterpriseTold) -> dict[str, Any]:
    values = enterprise_values(told)
    if values["credit_code"]:
        same = Enterprise.objects.living().filter(
            district_code=told.address.district_code, credit_code=values["credit_code"]
        )
        if same.exclude(pk=record.pk).exists():
            raise BadInput(_("A unit with this code is registered already."), field="credit_code")
    return values


def enterprise_values(told: EnterpriseTold) -> dict[str, Any]:
    """What a unit is set to; whether its code is another's, too, is not looked up.

    Raises:
        Missing, BadInput: something told is not there or not right.
    """
    name = " ".join(told.name.split())
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > 80:
        raise BadInput(_("The name is too long."), field="name")
    address = _living(told.address)
    code: str | None = None
    if told.credit_code.strip():
        code = read_credit_code(told.credit_code)
        if code is None:
            raise BadInput(
                _("This unified social credit code is not right; please compare it."),
                field="credit_code",
            )
    return {
        "area_code": address.area_code,
        "name": name,
        "words": spelt(name),
        "kind": _among(told.kind, Enterprise.Kind.values, "kind"),
        "credit_code": code,
        "address": address,
        "risks": _risks(told.risks),
        "contact": told.contact if told.contact is None else told.contact.strip()[:LONGEST_NAME],
        "phone": told.phone if told.phone is None else plain_phone(told.phone),
    }


def facility_values(told: FacilityTold) -> dict[str, Any]:
    """What a facility is set to. Raises: Missing, BadInput: what is told is not there or wrong."""
    name = " ".join(told.name.split())
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > 80:
        raise BadInput(_("The name is too long."), field="name")
    address = _living(told.address) if told.address else None
    lon, lat = told.lon, told.lat
    if (lon is None) != (lat is None) or (lon is None and address is None):
        raise Missing(_("Please set the pin."), field="lon")
    area = address.area_code if address else ""
    if lon is not None and lat is not None:
        found = locating.locate(lon, lat).grid_code
        if found is None:
            raise BadInput(_("The pin lies in no grid."), field="lon")
        area = found
    return {
        "area_code": area,
        "name": name,
        "words": spelt(name),
        "kind": _among(told.kind, Facility.Kind.values, "kind"),
        "address": address,
        "lon": lon,
        "lat": lat,
        "risks": _risks(told.risks),
    }


def spelt(name: str) -> str:
    """What a unit or facility is found by."""
    return f"{plain(name).lower()}\n{initials(name)}"[:260]


def _living(address: Address) -> Address:
    if not address.is_living:
        raise BadInput(_("This address is no longer in the register."), field="address")
    return address


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > LONGEST_NAME:
        raise BadInput(_("This name is too long."), field="name")
    return name


def _community(told: str, record: Person) -> str:
    code = told or record.area_code[:12]
    if len(code) != 12 or not naming.is_place(code):
        raise Missing(_("Where does the person live? A dwelling or a community."), field="dwelling")
    return code


def _among(value: str, known: Sequence[str], field: str) -> str:
    if value not in known:
        raise BadInput(_("Please choose one."), field=field)
    return value


def _risks(told: Sequence[str]) -> list[str]:
    if set(told) - set(Risk.values):
        raise BadInput(_("Please choose one."), field="risks")
    return sorted(set(told))
