"""The care list: who is visited, and whom to call for them."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.care.models import CarePerson, CareVisit
from huying.places import naming
from huying.registry import sealing
from huying.requests.models import Ground
from huying.requests.sources.registers import people_of
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


def _cared(marks: Marks) -> list[tuple[UUID, str]]:
    people = [pk for pk, _place in people_of(marks)]
    rows = CarePerson.objects.filter(person__in=people)
    return ids(rows.order_by("made_at").values_list("pk", "area_code")[:MOST])


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
        (_("What is known of your health"), sealing.opened(row, "health")),
        (_("Emergency contact"), row.contact_masked),
        (_("Ended on"), str(row.ended_on or "")),
    ]
    for visit in row.visits.order_by("at"):
        words = sealing.opened(visit, "words")
        told.append((_("Visit"), f"{shown(visit.at)} {visit.get_way_display()} {words}".strip()))
    return [each for each in told if each[1]]


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


def _contacts(marks: Marks) -> list[tuple[UUID, str]]:
    """Emergency contacts bear no index: some thousand are opened here, and shown to nobody."""
    if not marks.phone:
        return []
    found = []
    for row in CarePerson.objects.filter(phone_enc__isnull=False).iterator():
        if sealing.mark(sealing.opened(row, "phone")) in marks.phone:
            found.append((row.pk, row.area_code))
    return found[:MOST]


def _contact_line(pk: UUID) -> Line | None:
    row = CarePerson.objects.filter(pk=pk).first()
    if row is None:
        return None
    words = row.contact_masked or row.phone_masked
    return Line(words, naming.names(row.area_code), row.made_at, row.ended_on is None)


def _tell_contact(pk: UUID, marks: Marks) -> Told:
    """Not for whom: that is somebody else's."""
    row = CarePerson.objects.get(pk=pk)
    told = [
        (_("Emergency contact"), sealing.opened(row, "contact")),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("Place"), naming.names(row.area_code)),
        (_("Entered"), shown(row.made_at)),
    ]
    return [each for each in told if each[1]]


def _erase_contact(pk: UUID, marks: Marks, now: datetime) -> None:
    CarePerson.objects.filter(pk=pk).update(
        contact_enc=None, contact_masked="", phone_enc=None, phone_masked=""
    )


SOURCES: Final = (
    Source(
        "care", gettext_lazy("care list"), _cared, _care_line, _tell_care,
        _care_held, _erase_care, _care_corrected, ("health", "contact", "words"),
        tables=("care_person", "care_visit"),
    ),
    Source(
        "care_contact", gettext_lazy("emergency contact of somebody visited"),
        _contacts, _contact_line, _tell_contact, nothing_holds, _erase_contact, _care_corrected,
        ("contact", "phone"), tables=("care_person",),
    ),
)  # fmt: skip
