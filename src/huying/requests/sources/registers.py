"""The registers: people, and who answers for a unit."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.care.models import CarePerson
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.registry import erasing as register_erasing
from huying.registry import recording, sealing
from huying.registry.models import Enterprise, Person, RegisterChange
from huying.requests.models import Ground
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    ids,
    nothing_holds,
    shown,
)


def people_of(marks: Marks) -> list[tuple[UUID, str]]:
    fits = Q(pk__in=[])
    if marks.id_number:
        fits |= Q(id_number_index__in=marks.id_number)
    if marks.phone:
        fits |= Q(phone_index__in=marks.phone)
    if marks.people:
        fits |= Q(pk__in=marks.people)
    rows = Person.objects.filter(fits, merged_into=None)
    return ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


def _person_line(pk: UUID) -> Line | None:
    row = Person.objects.filter(pk=pk).first()
    if row is None:
        return None
    return Line(row.name_masked, naming.names(row.area_code), row.made_at, row.is_living)


def _tell_person(pk: UUID, marks: Marks) -> Told:
    row = Person.objects.select_related("dwelling__address").get(pk=pk)
    told = [
        (_("Name"), sealing.opened(row, "name")),
        (_("Id number"), sealing.opened(row, "id_number")),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("Year of birth"), str(row.birth_year or "")),
        (_("Sex"), str(row.get_sex_display())),
        (_("Stay"), str(row.get_stay_display())),
        (_("Address"), row.dwelling.address.full_name if row.dwelling else ""),
        (_("Relation to the head of the household"), str(row.get_relation_display())),
        (_("Place"), naming.names(row.area_code)),
        (_("Source"), str(row.get_source_display())),
        (_("Entered"), shown(row.made_at)),
        (_("Last checked"), shown(row.checked_at)),
        (_("Ended on"), str(row.valid_until or "")),
    ]
    return [each for each in told if each[1]]


def _erase_person(pk: UUID, marks: Marks, now: datetime) -> None:
    row = Person.objects.get(pk=pk)
    if row.is_living:
        row = recording.end(row, by=SYSTEM, now=now)
    register_erasing.erase(row, by=SYSTEM, now=now)


def _person_held(pk: UUID) -> Ground | None:
    cared = CarePerson.objects.filter(person=pk, ended_on=None).exists()
    return Ground.PUBLIC_DUTY if cared else None


def _register_corrected(pk: UUID, since: datetime) -> bool:
    changes = RegisterChange.objects.filter(record_id=pk, at__gte=since)
    return changes.filter(kind=RegisterChange.Kind.CHANGED).exists()


def _units(marks: Marks) -> list[tuple[UUID, str]]:
    if not marks.phone:
        return []
    rows = Enterprise.objects.filter(phone_index__in=marks.phone, merged_into=None)
    return ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


def _unit_line(pk: UUID) -> Line | None:
    row = Enterprise.objects.filter(pk=pk).first()
    if row is None:
        return None
    return Line(row.name, naming.names(row.area_code), row.made_at, row.is_living)


def _tell_unit(pk: UUID, marks: Marks) -> Told:
    row = Enterprise.objects.select_related("address").get(pk=pk)
    told = [
        (_("Unit"), row.name),
        (_("Address"), row.address.full_name),
        (_("Contact"), sealing.opened(row, "contact")),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("Entered"), shown(row.made_at)),
    ]
    return [each for each in told if each[1]]


def _erase_unit(pk: UUID, marks: Marks, now: datetime) -> None:
    register_erasing.erase(Enterprise.objects.get(pk=pk), by=SYSTEM, now=now)


SOURCES: Final = (
    Source(
        "person", gettext_lazy("register of people"), people_of, _person_line, _tell_person,
        _person_held, _erase_person, _register_corrected, ("name", "id_number", "phone"),
        tables=("register_person", "register_change_words"),
    ),
    Source(
        "enterprise", gettext_lazy("contact of a unit"), _units, _unit_line, _tell_unit,
        nothing_holds, _erase_unit, _register_corrected, ("contact", "phone"),
        tables=("register_enterprise",),
    ),
)  # fmt: skip
