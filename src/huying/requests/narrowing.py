"""A request with a name alone: how many bear it, and which of them it is that asks.

Nothing is found, shown or deleted before. An address or a date of birth must fit exactly one who
bears the name; a shown paper with an id number says it outright.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.audit.revealing import Purpose
from huying.branches.models import PartyMember
from huying.errors import BadInput, Missing, NotAllowed, WrongState
from huying.people.acting import Actor
from huying.registry import addressing, sealing
from huying.registry.models import Dwelling, Person
from huying.registry.numbers import read_id
from huying.requests.models import Known, PersonRequest, State
from huying.requests.taking import find, locked, marks_of_request, may_take, note, requester
from huying.surveys.models import SurveyMark


class Holders(NamedTuple):
    """How many bear the name, where: nobody is named, and no place."""

    people: int
    members: int
    entries: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the person says besides, or the number on the paper that they show.

    Attributes:
        born: the date of birth as the page sends it, 1980-01-02.
    """

    address: str = ""
    born: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class _Holder:
    """One who bears the name, in the register of people or in a branch."""

    dwelling: Dwelling | None
    born: date | None
    person: Person | None = None
    member: PartyMember | None = None


def waits(row: PersonRequest) -> bool:
    """Whether nobody knows yet who of that name it is."""
    return bool(row.known == Known.BY_NAME)


def holders(row: PersonRequest) -> Holders:
    """How many in the district bear the name of the request."""
    people, members = _people(row), _members(row)
    entries = SurveyMark.objects.filter(
        value_index__in=_name_marks(row), answers__entry__district_code=row.district_code
    )
    return Holders(
        people.count(),
        members.count(),
        entries.values("answers__entry").distinct().count(),
    )


def narrow(
    pk: UUID, told: Told, *, version: int, by: Actor, now: datetime
) -> tuple[PersonRequest, int]:
    """Says who of that name it is, and looks their records up; and how many fitted.

    Only where exactly one fits is the request that person's. Every try stands in its steps.

    Raises:
        NotFound, StalePage, NotAllowed: as `taking.find_again`.
        WrongState: it is known already who asks.
        Missing, BadInput: nothing was said, or a number or date that is none.
    """
    with transaction.atomic():
        row = locked(pk, by=by, version=version)
        if not may_take(by):
            raise NotAllowed()
        if not waits(row) or row.state != State.OPEN:
            raise WrongState(_("It is known already who asks."))
        how, fits = _fitting(row, told, now)
        row.version += 1
        note(row, "narrowed" if fits == 1 else "tried", by, now, how=how, fits=fits)
        access.record(
            action="narrow_request",
            subject_type="request",
            subject_id=row.pk,
            now=now,
            by=by,
            purpose=str(Purpose.OWN_REQUEST),
            fields=["name", *how],
            area_code=row.area_code,
            occasion=str(row.pk),
        )
        row.save()
        if fits == 1:
            found = find(row, marks_of_request(row), by, now)
            note(row, "found", by, now, found=found)
        return row, fits


def _fitting(row: PersonRequest, told: Told, now: datetime) -> tuple[list[str], int]:
    """By what it was asked, and how many fit; where it is one, the row says who it is."""
    number, address = told.id_number.strip(), told.address.strip()
    if number:
        read = read_id(number, timezone.localdate(now))
        if read is None:
            raise BadInput(_("This id number is not right; please compare it."), field="id_number")
        sealing.put(row, "id_number", read.number)
        row.known = Known.ID_SEEN
        return ["id_number"], 1
    born = None
    if told.born.strip():
        born = _day(told.born.strip())
    if not address and born is None:
        raise Missing(
            _("Please ask for the address, the date of birth or a paper."), field="address"
        )
    left = _all(row)
    if address:
        left = [each for each in left if _lives_at(each, address)]
    if born is not None:
        left = [each for each in left if each.born == born]
    how = [name for name, said in (("address", address), ("born", born)) if said]
    if len(left) == 1:
        (one,) = left
        row.known = Known.ADDRESS if address else Known.BORN
        row.person, row.member = one.person, one.member
        if one.person is not None and (known := sealing.opened(one.person, "id_number")):
            sealing.put(row, "id_number", known)
    return how, len(left)


def _day(typed: str) -> date:
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day is None:
        raise BadInput(_("This is not a date."), field="born")
    return day


def _name_marks(row: PersonRequest) -> list[bytes]:
    return sealing.marks(requester(row)["name"])


def _people(row: PersonRequest) -> Any:
    return Person.objects.filter(
        name_index__in=_name_marks(row), district_code=row.district_code, merged_into=None
    )


def _members(row: PersonRequest) -> Any:
    """Members whom the register of people does not know."""
    return PartyMember.objects.filter(
        name_index__in=_name_marks(row), district_code=row.district_code, person=None
    )


def _all(row: PersonRequest) -> list[_Holder]:
    found = []
    for person in _people(row).select_related("dwelling__address__building"):
        number = sealing.opened(person, "id_number")
        read = read_id(number, date.max) if number else None
        born = read.born if read is not None else None
        found.append(_Holder(person.dwelling, born, person=person))
    for member in _members(row).select_related("dwelling__address__building"):
        found.append(_Holder(member.dwelling, None, member=member))
    return found


def _lives_at(who: _Holder, address: str) -> bool:
    """Whether the address, as it was said, is their dwelling or its building."""
    if who.dwelling is None:
        return False
    home = who.dwelling.address
    # People write 502 of a room whose name is 502房 or 502室.
    for text in (address, f"{address}房", f"{address}室"):
        found = addressing.find(home.community_code, text)
        if found is not None and found.pk in (home.pk, home.building_id):
            return True
    return False
