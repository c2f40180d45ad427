"""Where something may be kept of a person: how it is found, told on a sheet, and erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.care.models import CarePerson, CareVisit
from huying.cases import erasing
from huying.cases.answers import CaseAnswers
from huying.cases.contacts import contacts_told
from huying.cases.models import Case, CaseContact, CaseEvent, CaseText
from huying.cases.states import END_STATES
from huying.errors import Words
from huying.people.acting import SYSTEM
from huying.people.phones import plain_phone
from huying.places import naming
from huying.registry import erasing as register_erasing
from huying.registry import recording, sealing
from huying.registry.models import Enterprise, Person, RegisterChange
from huying.requests.models import Ground

MOST: Final = 200
"""Records of one source that a request takes in."""

Told = Sequence[tuple[str, str]]
"""A record in words for the person whose it is: what, and what is kept."""


class Marks(NamedTuple):
    """What the person's numbers leave in rows; empty where a number was not given."""

    id_number: tuple[bytes, ...]
    phone: tuple[bytes, ...]


class Line(NamedTuple):
    """A record as those who decide see it, without what is in it."""

    words: str
    place: str
    at: datetime | None
    open: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of record.

    Attributes:
        find: ids and places of records that belong to these numbers.
        line: a record as a list shows it; None where it is gone.
        tell: what is kept, in clear; whoever shows it has written that down.
        not_erasable: the reason that forbids erasing it now; None where it may go.
        erase: takes it away by the function of its own package.
        corrected_since: whether somebody corrected it after a moment.
        fields: what `tell` opens of sealed fields, for the access log.
    """

    code: str
    label: Words
    find: Callable[[Marks], list[tuple[UUID, str]]]
    line: Callable[[UUID], Line | None]
    tell: Callable[[UUID, Marks], Told]
    not_erasable: Callable[[UUID], Ground | None]
    erase: Callable[[UUID, Marks, datetime], None]
    corrected_since: Callable[[UUID, datetime], bool]
    fields: tuple[str, ...]


def marks_of(id_number: str, phone: str) -> Marks:
    """Under every key, and a phone with and without the country's code."""
    phones: list[bytes] = []
    if phone:
        plain = plain_phone(phone)
        bare = plain.removeprefix("+86")
        for each in dict.fromkeys((plain, bare, f"+86{bare}")):
            phones += sealing.marks(each)
    numbers = sealing.marks(id_number) if id_number else []
    return Marks(tuple(numbers), tuple(phones))


def _ids(rows: Iterable[Any]) -> list[tuple[UUID, str]]:
    return list(dict.fromkeys(rows))


def _shown(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


# --- cases that the person reported


def _cases(marks: Marks) -> list[tuple[UUID, str]]:
    if not marks.phone:
        return []
    rows = CaseContact.objects.filter(phone_index__in=marks.phone)
    return _ids(rows.order_by("-case_id").values_list("case_id", "case__area_code")[:MOST])


def _case_line(pk: UUID) -> Line | None:
    case = Case.objects.for_pages().filter(pk=pk).first()
    if case is None:
        return None
    words = f"{case.item_version.name if case.item_version else _('Case')} …{case.number[-8:]}"
    return Line(words, naming.names(case.area_code), case.received_at, case.state not in END_STATES)


def _of_case(case: UUID, marks: Marks) -> tuple[list[CaseContact], list[int]]:
    """The person's contacts, and the events that their words and answers came with."""
    contacts = list(CaseContact.objects.filter(case=case, phone_index__in=marks.phone))
    said = CaseEvent.objects.filter(case_id=case, actor_kind="resident")
    return contacts, [1, *said.values_list("seq", flat=True)]


def _tell_case(pk: UUID, marks: Marks) -> Told:
    case = Case.objects.for_pages().get(pk=pk)
    contacts, seqs = _of_case(pk, marks)
    told = [
        (_("Number"), case.number),
        (_("Received"), _shown(case.received_at)),
        (_("Item"), case.item_version.name if case.item_version else ""),
        (_("Place"), f"{naming.names(case.area_code)} {case.address}".strip()),
        (_("State"), str(case.get_state_display())),
    ]
    for each in contacts_told(contacts):
        told += [(_("Name"), each.name), (_("Phone"), each.phone)]
    texts = CaseText.objects.filter(case=case, seq__in=seqs).order_by("seq", "id")
    told += [(_("What you said"), each.body) for each in texts]
    return [each for each in told if each[1]]


def _erase_case(pk: UUID, marks: Marks, now: datetime) -> None:
    contacts, seqs = _of_case(pk, marks)
    texts = CaseText.objects.filter(case=pk, seq__in=seqs).values_list("pk", flat=True)
    answers = CaseAnswers.objects.filter(case=pk).values_list("pk", flat=True)
    erasing.erase(
        pk, by=SYSTEM, now=now, texts=list(texts), answers=list(answers),
        contacts=[each.pk for each in contacts],
    )  # fmt: skip


def _case_held(pk: UUID) -> Ground | None:
    case = Case.objects.get(pk=pk)
    if case.state not in END_STATES:
        return Ground.CASE_OPEN
    if CaseContact.objects.filter(case=pk, party=True).exists():
        return Ground.LEGAL_DUTY
    return None


# --- the registers


def _people(marks: Marks) -> list[tuple[UUID, str]]:
    fits = Q(pk__in=[])
    if marks.id_number:
        fits |= Q(id_number_index__in=marks.id_number)
    if marks.phone:
        fits |= Q(phone_index__in=marks.phone)
    rows = Person.objects.filter(fits, merged_into=None)
    return _ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


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
        (_("Entered"), _shown(row.made_at)),
        (_("Last checked"), _shown(row.checked_at)),
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
    return _ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


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
        (_("Entered"), _shown(row.made_at)),
    ]
    return [each for each in told if each[1]]


def _erase_unit(pk: UUID, marks: Marks, now: datetime) -> None:
    register_erasing.erase(Enterprise.objects.get(pk=pk), by=SYSTEM, now=now)


# --- the care list


def _cared(marks: Marks) -> list[tuple[UUID, str]]:
    people = [pk for pk, _place in _people(marks)]
    rows = CarePerson.objects.filter(person__in=people)
    return _ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


def _care_line(pk: UUID) -> Line | None:
    row = CarePerson.objects.select_related("level", "person").filter(pk=pk).first()
    if row is None:
        return None
    return Line(str(row.level), naming.names(row.area_code), row.made_at, row.ended_on is None)


def _tell_care(pk: UUID, marks: Marks) -> Told:
    row = CarePerson.objects.select_related("level", "person").get(pk=pk)
    told = [
        (_("On the list since"), str(row.since)),
        (_("Level"), str(row.level)),
        (_("What is known of your health"), opened_care(row, "health")),
        (_("Emergency contact"), row.contact_masked),
        (_("Ended on"), str(row.ended_on or "")),
    ]
    for visit in row.visits.order_by("at"):
        words = opened_visit(visit)
        told.append((_("Visit"), f"{_shown(visit.at)} {visit.get_way_display()} {words}".strip()))
    return [each for each in told if each[1]]


def opened_care(row: CarePerson, name: str) -> str:
    return sealing.opened(row, name)


def opened_visit(row: CareVisit) -> str:
    return sealing.opened(row, "words")


def _erase_care(pk: UUID, marks: Marks, now: datetime) -> None:
    CareVisit.objects.filter(care=pk).update(words_enc=None)
    CarePerson.objects.filter(pk=pk).update(
        health_enc=None, contact_enc=None, contact_masked="", phone_enc=None, phone_masked="",
        look_at=[],
    )  # fmt: skip


def _care_held(pk: UUID) -> Ground | None:
    runs = CarePerson.objects.filter(pk=pk, ended_on=None).exists()
    return Ground.PUBLIC_DUTY if runs else None


def _care_corrected(pk: UUID, since: datetime) -> bool:
    return CarePerson.objects.filter(pk=pk, steps__at__gte=since).exists()


def _nothing_holds(pk: UUID) -> Ground | None:
    return None


def _never(pk: UUID, since: datetime) -> bool:
    """A case's words cannot be changed: the log holds their digest."""
    return False


SOURCES: Final = {
    each.code: each
    for each in (
        Source("case", gettext_lazy("case reported"), _cases, _case_line, _tell_case,
               _case_held, _erase_case, _never, ("name", "phone", "words")),
        Source("person", gettext_lazy("register of people"), _people, _person_line, _tell_person,
               _person_held, _erase_person, _register_corrected, ("name", "id_number", "phone")),
        Source("enterprise", gettext_lazy("contact of a unit"), _units, _unit_line, _tell_unit,
               _nothing_holds, _erase_unit, _register_corrected, ("contact", "phone")),
        Source("care", gettext_lazy("care list"), _cared, _care_line, _tell_care,
               _care_held, _erase_care, _care_corrected, ("health", "contact", "words")),
    )
}  # fmt: skip
