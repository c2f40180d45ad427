"""Somebody on the care list for the tests, and a visit to them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from huying.care import listing, visiting
from huying.care.due import Outcome, Way
from huying.care.listing import Told
from huying.care.models import CarePerson, CareVisit
from huying.people.acting import Actor
from huying.registry.models import Person
from tests.registry.living import Village, village

if TYPE_CHECKING:
    from tests.cases.town import Town

ALONE = Told(["alone"], 2, "spoken", look_at=["food"], contact="李大明", phone="13911112222")


def listed(town: Town, told: Told = ALONE, *, there: Village | None = None, **more: Any) -> Any:
    """张三丰 of the first grid, on the list since the town's now."""
    there = there or village(town)
    return listing.put_on(there.grown.pk, told, by=town.village_dispatcher, now=town.now, **more)


def told_of(care: CarePerson, outcome: str = Outcome.WELL, **more: Any) -> visiting.Told:
    given = {"care": care.pk, "visit": uuid.uuid4(), "way": Way.DOOR, "outcome": outcome}
    return visiting.Told(**(given | more))


def visited(
    care: CarePerson, by: Actor, now: datetime, outcome: str = Outcome.WELL, **more: Any
) -> CareVisit:
    made = visiting.record(told_of(care, outcome, **more), by=by, now=now)
    care.refresh_from_db()
    return made


def days(number: float) -> timedelta:
    return timedelta(days=number)


def again(care: CarePerson) -> CarePerson:
    """The row as it is now."""
    return CarePerson.objects.for_pages().get(pk=care.pk)


def name_of(person: Person) -> str:
    return person.name_masked
