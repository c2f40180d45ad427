"""长者饭堂: days with a menu, orders by residents or by the desk for them, handed over, counted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import encrypt_text
from huying.audit.masking import masked_name
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind
from huying.platforms import free, holding
from huying.platforms.codes import code_of
from huying.platforms.hours import moment
from huying.platforms.models import (
    CanteenDay,
    MealOrder,
    MealState,
    PointKind,
    ServicePoint,
    Way,
)
from huying.platforms.models.canteen import MOST_MEALS, MOST_OF_ONE

FARTHEST: Final = timedelta(days=42)
USUALLY_UNTIL: Final = time(9, 30)
"""When orders for a day end, where nothing else is said."""

HELD: Final = (MealState.ORDERED, MealState.COLLECTED, MealState.DELIVERED, MealState.MISSED)
"""States that take meals."""


@dataclass(frozen=True, slots=True)
class Told:
    """A day as the desk plans it.

    Attributes:
        until: the wall clock's time on that day up to which one orders.
    """

    menu: str
    meals: int
    until: time = USUALLY_UNTIL


@dataclass(frozen=True, slots=True)
class Wanted:
    """Meals that somebody orders.

    Attributes:
        name: whom they are for; may be left out.
        where: where they are brought; needed where they are.
        form: the number of the public form; sent twice, it orders once.
    """

    meals: int = 1
    way: str = Way.EAT_IN
    name: str = ""
    phone: str = ""
    where: str = ""
    form: str = ""

    @property
    def whole(self) -> str:
        return json.dumps([self.meals, self.way, self.name, self.phone, self.where])


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _keeping(point: ServicePoint | None, by: Actor) -> ServicePoint:
    if point is None:
        raise NotFound
    if not may_keep(by, point.area_code) or by.account_id is None:
        raise NotAllowed
    if point.ended_at is not None or point.kind != PointKind.CANTEEN:
        raise WrongState(_("This is no canteen, or it has ended."))
    return point


@transaction.atomic
def put_day(
    point: uuid.UUID,
    day: date,
    told: Told,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> CanteenDay:
    """Plans a day, or changes one that is planned.

    Raises:
        NotFound, NotAllowed: the canteen is not theirs to see, or to keep.
        WrongState: it has ended, or the day was called off.
        StalePage: the day has changed since.
        BadInput, Missing: the day is past or too far, no menu, or fewer meals than are ordered.
    """
    rows = ServicePoint.objects.visible_to(by).select_for_update(of=("self",))
    where = _keeping(rows.filter(pk=point).first(), by)
    today = free.today_of(now)
    if not today <= day <= today + FARTHEST:
        raise BadInput(_("Please give a day of the next six weeks."), field="day")
    if not 1 <= told.meals <= MOST_MEALS:
        raise BadInput(_("Between 1 and %(n)s meals.") % {"n": MOST_MEALS}, field="meals")
    menu = words_of(told.menu, field="menu", most=300)
    days = CanteenDay.objects.select_for_update(of=("self",))
    found = days.filter(point=where, day=day).first()
    if found is None:
        assert by.account_id is not None
        found = CanteenDay(
            district_code=where.district_code,
            area_code=where.area_code,
            point=where,
            day=day,
            made_at=now,
            made_by_id=by.account_id,
        )
    else:
        require_version(found, version)
        found.version += 1
    if found.closed_at is not None:
        raise WrongState(_("This day was called off."))
    if told.meals < found.taken:
        raise BadInput(_("%(n)s meals are ordered already.") % {"n": found.taken}, field="meals")
    found.menu, found.meals = menu, told.meals
    found.order_until = moment(day, told.until)
    found.save()
    note(found, "put_day", by=by, now=now, day=str(day))
    return found


def _day(pk: uuid.UUID, by: Actor, version: int | None = None) -> CanteenDay:
    """The day, held: whoever orders after this one sees what was ordered.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see, to keep, or has changed.
    """
    resident = by.kind is ActorKind.RESIDENT
    rows = CanteenDay.objects.all() if resident else CanteenDay.objects.visible_to(by)
    found: CanteenDay | None = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    require_version(found, version)
    return found


@transaction.atomic
def call_off(pk: uuid.UUID, reason: str, *, by: Actor, now: datetime) -> CanteenDay:
    """The canteen is closed on that day; whoever ordered reads why by their code.

    Raises:
        NotFound, NotAllowed: as `_day`; a resident cannot.
        WrongState: it is past, or was called off.
        Missing, BadInput: no reason, or one too long.
    """
    found = _day(pk, by)
    if by.kind is ActorKind.RESIDENT:
        raise NotAllowed
    if found.closed_at is not None or found.day < free.today_of(now):
        raise WrongState(_("This day is past, or was called off."))
    found.reason = words_of(reason, field="reason", most=100)
    found.closed_at, found.version = now, found.version + 1
    found.save()
    note(found, "call_off", by=by, now=now)
    return found


def _whose(row: MealOrder, wanted: Wanted) -> None:
    """Seals whom the meals are for. Raises Missing where they are brought and nobody says where."""
    where, name = wanted.where.strip(), wanted.name.strip()
    if wanted.way == Way.DELIVER:
        if not where:
            raise Missing(_("Please say where to bring it."), field="where")
        if not wanted.phone.strip():
            raise Missing(
                _("Please leave a phone: whoever brings it may have to call."), field="phone"
            )
    for field, said, most in (("where", where, 100), ("name", name, 20)):
        if len(said) > most:
            raise BadInput(_("At most %(n)s characters, please.") % {"n": most}, field=field)
        if "\0" in said:
            raise BadInput(_("This holds characters that cannot be kept."), field=field)
    if where and wanted.way == Way.DELIVER:
        row.where_enc = encrypt_text(where, context=f"meal_order.where_enc.{row.pk}")
    if name:
        row.name_enc = encrypt_text(name, context=f"meal_order.name_enc.{row.pk}")
        row.name_masked = masked_name(name)[:20]


@transaction.atomic
def order(canteen: uuid.UUID, wanted: Wanted, *, by: Actor, now: datetime) -> tuple[MealOrder, str]:
    """Meals of a day, and the code to come back by. The desk may order after the hour.

    Raises:
        NotFound, NotAllowed: the day is not there, or not the actor's to keep.
        Missing, BadInput: how many, how, where to, a phone.
        WrongState: the day was called off or is over, or not enough meals are left.
        KeyReused: the form was sent before and said something else.
    """
    found, sent = _day(canteen, by), f"{canteen} {wanted.whole}"
    if (before := holding.again(MealOrder, wanted.form, sent)) is not None:
        return before, code_of(before.pk)
    if found.closed_at is not None:
        raise WrongState(_("This day was called off."))
    late = found.order_until <= now
    if found.day < free.today_of(now) or (late and by.kind is ActorKind.RESIDENT):
        raise WrongState(_("Orders for this day have ended. Please call the canteen."))
    if wanted.way not in Way.values:
        raise BadInput(_("Please choose one."), field="way")
    if not 1 <= wanted.meals <= MOST_OF_ONE:
        raise BadInput(_("Between one and %(n)s meals.") % {"n": MOST_OF_ONE}, field="meals")
    if wanted.meals > found.left:
        raise WrongState(_("Only %(n)s meals are left.") % {"n": found.left}, field="meals")
    row = MealOrder(
        district_code=found.district_code,
        area_code=found.area_code,
        canteen=found,
        day=found.day,
        meals=wanted.meals,
        way=wanted.way,
    )
    code = holding.begin(row, wanted.phone, wanted.form, sent, by=by, now=now)
    _whose(row, wanted)
    found.taken += row.meals
    found.save(update_fields=["taken"])
    row.number = (found.orders.aggregate(n=Max("number"))["n"] or 0) + 1
    row.save()
    note(row, "order", by=by, now=now, meals=row.meals, way=str(row.way))
    return row, code


def _own(pk: uuid.UUID, by: Actor) -> MealOrder:
    """The order with its day, both held. A resident is who has the code.

    Raises:
        NotFound, NotAllowed: as `_day`.
    """
    there = MealOrder.objects.filter(pk=pk).values_list("canteen", flat=True).first()
    if there is None:
        raise NotFound
    day = _day(there, by)
    found: MealOrder = MealOrder.objects.select_for_update(of=("self",)).get(pk=pk)
    found.canteen = day
    return found


def is_to_come(found: MealOrder, now: datetime) -> bool:
    """Whether it can be cancelled still: nothing is cooked yet."""
    runs = found.canteen.closed_at is None and found.canteen.order_until > now
    return runs and found.state == MealState.ORDERED


def _free(found: MealOrder, now: datetime) -> None:
    found.state, found.decided_at = MealState.CANCELLED, now
    found.canteen.taken -= found.meals
    found.canteen.save(update_fields=["taken"])


@transaction.atomic
def cancel(pk: uuid.UUID, *, by: Actor, now: datetime) -> MealOrder:
    """The meals are free for others; the desk may cancel after the hour.

    Raises:
        NotFound, NotAllowed: as `_day`.
        WrongState: they are cooked, handed over or were cancelled.
    """
    found = _own(pk, by)
    desk = by.kind is not ActorKind.RESIDENT and found.state == MealState.ORDERED
    if not (desk or is_to_come(found, now)):
        raise WrongState(_("This order cannot be cancelled any more. Please call the canteen."))
    _free(found, now)
    found.version += 1
    found.save()
    note(found, "cancel", by=by, now=now)
    return found


@transaction.atomic
def hand_over(pks: Sequence[uuid.UUID], came: bool, *, by: Actor, now: datetime) -> int:
    """The desk says that orders of one day were handed over or delivered, or not; how many.

    What is brought is delivered, the others are collected. A slip can be put right.

    Raises:
        NotFound, NotAllowed: as `_day`; a resident cannot.
        WrongState: the day is still to come, or was called off.
    """
    if by.kind is ActorKind.RESIDENT:
        raise NotAllowed
    rows = MealOrder.objects.visible_to(by).filter(pk__in=pks)
    days = set(rows.values_list("canteen", flat=True))
    if len(days) != 1:
        raise NotFound
    day = _day(days.pop(), by)
    if day.closed_at is not None or day.day > free.today_of(now):
        raise WrongState(_("What was handed over is said on the day."))
    told = 0
    held = day.orders.select_for_update(of=("self",)).filter(pk__in=pks, state__in=list(HELD))
    for each in held:
        good = MealState.DELIVERED if each.way == Way.DELIVER else MealState.COLLECTED
        each.state = good if came else MealState.MISSED
        each.decided_at, each.version = now, each.version + 1
        each.save()
        note(each, str(each.state), by=by, now=now)
        told += 1
    return told


@transaction.atomic
def forget(pk: uuid.UUID, *, by: Actor, now: datetime) -> MealOrder:
    """Erases whom an order is for; what can be cancelled still is cancelled with it.

    Raises:
        NotFound, NotAllowed: as `_day`.
    """
    found = _own(pk, by)
    if holding.is_bare(found):
        return found
    if is_to_come(found, now):
        _free(found, now)
    holding.bare(found)
    found.version += 1
    found.save()
    note(found, "forget", by=by, now=now)
    return found


@dataclass(frozen=True, slots=True)
class DayCount:
    """A day of the week's page: what was planned, and what of it came to pass, in meals."""

    day: date
    planned: CanteenDay | None
    eat_in: int = 0
    pick_up: int = 0
    deliver: int = 0
    handed: int = 0
    missed: int = 0

    @property
    def ordered(self) -> int:
        return self.eat_in + self.pick_up + self.deliver


def week(point: ServicePoint, monday: date) -> list[DayCount]:
    """Seven days of a canteen, counted from its orders."""
    wanted = [monday + timedelta(days=n) for n in range(7)]
    planned = {each.day: each for each in CanteenDay.objects.filter(point=point, day__in=wanted)}
    handed = Q(state__in=[MealState.COLLECTED, MealState.DELIVERED])
    held = Q(state__in=list(HELD))
    rows = (
        MealOrder.objects.filter(canteen__in=planned.values())
        .order_by()
        .values("day")
        .annotate(
            **{f"n_{way}": Sum("meals", filter=held & Q(way=way), default=0) for way in Way.values},
            handed=Sum("meals", filter=handed, default=0),
            missed=Sum("meals", filter=Q(state=MealState.MISSED), default=0),
        )
    )
    counts: dict[date, dict[str, Any]] = {row["day"]: dict(row) for row in rows}
    found = []
    for day in wanted:
        row = counts.get(day) or {}
        found.append(
            DayCount(
                day,
                planned.get(day),
                row.get("n_eat_in", 0),
                row.get("n_pick_up", 0),
                row.get("n_deliver", 0),
                row.get("handed", 0),
                row.get("missed", 0),
            )
        )
    return found
