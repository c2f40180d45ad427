"""资源清单: what a community's desk writes down of what its member organisations share."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.branches.models import MemberOrganisation
from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.joint.models import SharedBooking, SharedResource
from huying.joint.models.resources import MOST, Kind
from huying.joint.noting import note
from huying.joint.sight import keeps
from huying.joint.times import Opening, Use, peak
from huying.neighbours.noting import require_version, words_of
from huying.people.acting import Actor


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a resource."""

    organisation: uuid.UUID | None
    kind: str
    name: str
    spot: str = ""
    quantity: int = 1
    people: int | None = None
    contact: str = ""
    words: str = ""
    openings: Sequence[Opening] = ()


@transaction.atomic
def add(area_code: str, told: Told, *, by: Actor, now: datetime) -> SharedResource:
    """A new line of the list.

    Raises:
        NotAllowed: not the community's own desk.
        BadInput, Missing: what was told is not right.
    """
    if not keeps(by, area_code):
        raise NotAllowed
    resource = SharedResource(
        district_code=area_code[:6], area_code=area_code, made_at=now, made_by_id=by.account_id
    )
    _set(resource, told)
    _save(resource)
    note(resource, "add", by=by, now=now)
    return resource


def locked(pk: uuid.UUID, by: Actor) -> SharedResource:
    """The resource, held until the transaction ends; raises NotFound for who does not see it."""
    rows = SharedResource.objects.visible_to(by).select_for_update(of=("self",))
    found = rows.select_related("organisation__branch").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _kept(pk: uuid.UUID, by: Actor) -> SharedResource:
    found = locked(pk, by)
    if not keeps(by, found.area_code):
        raise NotAllowed
    if found.ended_at is not None:
        raise WrongState(_("This is shared no longer."))
    return found


@transaction.atomic
def correct(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> SharedResource:
    """Says it anew. Bookings that are there stay, also outside of new hours.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs, or somebody else changed it.
        WrongState: it is shared no longer.
        BadInput, Missing: as `add`; or more are booked at a time than there would be.
    """
    found = _kept(pk, by)
    require_version(found, version)
    _set(found, told)
    coming = found.bookings.holding().filter(ends_at__gt=now)
    rows = list(coming.select_for_update(of=("self",)))
    uses = [Use(row.span, row.quantity) for row in rows]
    if any(peak(uses, row.span) > found.quantity for row in rows):
        raise BadInput(
            _("More are booked at a time already; first cancel some of them."), field="quantity"
        )
    single = found.quantity == 1
    SharedBooking.objects.filter(pk__in=[row.pk for row in rows]).update(exclusive=single)
    found.version += 1
    _save(found)
    note(found, "correct", by=by, now=now)
    return found


@transaction.atomic
def end(pk: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None) -> SharedResource:
    """It is shared no longer: nobody books it any more.

    Raises:
        NotFound, NotAllowed, StalePage, WrongState: as `correct`; or somebody has it booked.
    """
    found = _kept(pk, by)
    require_version(found, version)
    if found.bookings.holding().filter(ends_at__gt=now).exists():
        raise WrongState(_("It is booked still; first cancel those bookings."))
    found.ended_at = now
    found.version += 1
    found.save(update_fields=["ended_at", "version"])
    note(found, "end", by=by, now=now)
    return found


def _set(resource: SharedResource, told: Told) -> None:
    if told.kind not in Kind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if not 1 <= told.quantity <= MOST:
        raise BadInput(_("Between 1 and %(n)s.") % {"n": MOST}, field="quantity")
    if told.people is not None and not 1 <= told.people <= 99_999:
        raise BadInput(_("Between 1 and %(n)s.") % {"n": 99_999}, field="people")
    here = MemberOrganisation.objects.living().filter(area_code=resource.area_code)
    owner = here.filter(pk=told.organisation).first() if told.organisation else None
    if owner is None:
        raise BadInput(_("There is no such organisation."), field="organisation")
    resource.organisation, resource.kind = owner, told.kind
    resource.quantity, resource.people = told.quantity, told.people
    resource.name = words_of(told.name, field="name", most=60)
    resource.spot = words_of(told.spot, field="spot", most=100, needed=False)
    resource.contact = words_of(told.contact, field="contact", most=60, needed=False)
    resource.words = words_of(told.words, field="words", most=400, needed=False)
    resource.hours = [_opening(each) for each in told.openings]


def _opening(told: Opening) -> dict[str, object]:
    days = sorted(set(told.days))
    if not days or not all(1 <= day <= 7 for day in days):
        raise BadInput(_("Please choose the weekdays."), field="hours")
    if not (0 <= told.begins < 1440 and 0 <= told.ends < 1440):
        raise BadInput(_("Please give both times."), field="hours")
    return {"days": days, "begins": told.begins, "ends": told.ends}


def _save(resource: SharedResource) -> None:
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError as error:
        if "shared_resource_once" not in str(error):
            raise
        raise BadInput(_("This organisation shares one of this name already."), field="name") from (
            error
        )
