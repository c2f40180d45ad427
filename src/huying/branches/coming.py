"""Members answer a whistle one by one: who says that they come, and who is on the spot.

The unit's own answer stays its secretary's (`response.answering`); this counts people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.branches.models import Coming
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.people.finding import held
from huying.people.models import Role
from huying.places.locating import locate
from huying.response.answering import distance_m
from huying.response.called import GOING_ON
from huying.response.whistles import Call


def calling(actor: Actor) -> QuerySet[Call]:
    """The open calls of the unit that a member belongs to."""
    if actor.role != Role.MEMBER or actor.unit_id is None:
        return Call.objects.none()
    rows = Call.objects.filter(unit=actor.unit_id, state__in=sorted(GOING_ON))
    return rows.select_related("whistle__case__item_version", "unit")


def say(call: UUID, comes: bool, *, by: Actor, now: datetime) -> Coming:
    """A member says whether they come; as often as they like, until they are there.

    Raises:
        NotFound: no open call of the actor's unit.
        WrongState: they are on the spot already.
    """
    with transaction.atomic():
        row = _mine(call, by, now)
        if row.arrived_at is not None:
            raise WrongState(_("You have checked in already."))
        row.comes, row.said_at = comes, now
        row.save(update_fields=["comes", "said_at"])
        return row


def check_in(
    call: UUID, lon: float | None, lat: float | None, *, by: Actor, now: datetime
) -> Coming:
    """A member is on the spot; who checks in comes. The first time counts.

    Raises:
        NotFound: as `say`.
        Missing, BadInput: no position, or none on earth.
    """
    if lon is None or lat is None:
        raise Missing(_("Please give the position where you are."), field="position")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput(_("This is no position."), field="position")
    with transaction.atomic():
        row = _mine(call, by, now)
        if row.arrived_at is not None:
            return row
        row.comes, row.arrived_at = True, now
        row.said_at = min(row.said_at, now)
        row.arrived_grid = locate(lon, lat).grid_code or ""
        row.arrived_m = distance_m(row.call.whistle, lon, lat)
        row.save()
        return row


def _mine(call: UUID, by: Actor, now: datetime) -> Coming:
    """The actor's row of a call, made if it is the first word, and locked."""
    if by.role != Role.MEMBER:
        raise NotAllowed
    found = calling(by).filter(pk=call).first()
    if found is None:
        raise NotFound
    assert by.account_id is not None
    row, _made = Coming.objects.select_for_update(of=("self",)).get_or_create(
        call=found,
        account_id=by.account_id,
        defaults={"district_code": found.district_code, "comes": True, "said_at": now},
    )
    row.call = found
    return row


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a called unit were told, come, do not, and are there."""

    told: int
    come: int
    stay: int
    there: int


def counted(calls: list[Call], today: date) -> dict[UUID, Counted]:
    """The people of each call; of a unit that has members, or whose members said something."""
    units = {call.unit_id for call in calls}
    told = dict(
        held([Role.MEMBER], today)
        .filter(unit__in=units)
        .values_list("unit")
        .annotate(Count("account", distinct=True))
        .order_by()
    )
    rows = Coming.objects.filter(call__in=calls).values("call").annotate(
        come=Count("pk", filter=Q(comes=True)),
        stay=Count("pk", filter=Q(comes=False)),
        there=Count("pk", filter=Q(arrived_at__isnull=False)),
    ).order_by()  # fmt: skip
    said = {row["call"]: (row["come"], row["stay"], row["there"]) for row in rows}
    return {
        call.pk: Counted(told.get(call.unit_id, 0), *said.get(call.pk, (0, 0, 0)))
        for call in calls
        if call.unit_id in told or call.pk in said
    }


@dataclass(frozen=True, slots=True)
class People:
    """The people of a call: how many, and each one's last word."""

    counted: Counted
    rows: list[Coming]


def people(calls: list[Call], today: date) -> dict[UUID, People]:
    """Who of each called unit comes and is there, for the page of the whistle."""
    counts = counted(calls, today)
    rows = Coming.objects.filter(call__in=calls).select_related("account")
    ordered = list(rows.order_by(F("arrived_at").asc(nulls_last=True), "-comes", "said_at"))
    return {
        pk: People(each, [row for row in ordered if row.call_id == pk])
        for pk, each in counts.items()
    }
