"""双向考核: towns and communities rate departments, departments rate the reports that they got.

Nobody rates the own unit or the own report. A rating may be changed until its month is closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import (
    LOW,
    ClosedMonth,
    ReportRating,
    UnitRating,
)
from huying.assessment.scores.scoring import Rated
from huying.assessment.scores.subjects import first_of, last_of
from huying.cases.models import Case
from huying.clock.calendar import CIVIL_TZ
from huying.dispatch.models import Order
from huying.errors import BadInput, Missing, NotAllowed, NotFound, Words, WrongState
from huying.people.acting import Actor
from huying.people.models import Role, Unit, UnitKind

QUESTIONS: Final[tuple[tuple[str, Words], ...]] = (
    ("speed", pgettext_lazy("rating", "How quickly it comes")),
    ("quality", pgettext_lazy("rating", "How well it is done")),
    ("manner", pgettext_lazy("rating", "How it works with us and with residents")),
)
"""What a town or community says of a department, one to five stars each."""

POINTS: Final[tuple[tuple[str, Words], ...]] = (
    ("place", pgettext_lazy("rating", "The place was right")),
    ("item", pgettext_lazy("rating", "The item was right")),
    ("evidence", pgettext_lazy("rating", "The evidence sufficed")),
)
"""What a department says of a report."""

_RATERS: Final = frozenset({Role.DISPATCHER, Role.COMMUNITY_LEADER, Role.TOWN_LEADER})
_BODIES: Final = (9, 12)
_LOCK: Final = 0x73636F72


@dataclass(frozen=True, slots=True)
class Stars:
    """One to five for each question, and why where one is low."""

    speed: int
    quality: int
    manner: int
    reason: str = ""


def may_rate_units(by: Actor) -> bool:
    """Desks and leaders of towns and communities, in their name."""
    return by.role in _RATERS and len(by.area_code) in _BODIES


def hold(month: date, *, district: str, alone: bool = False) -> None:
    """Waits until nobody closes the month, or with ``alone`` until nobody rates in it; then keeps
    it so until the transaction ends."""
    # Two districts that share a number wait for each other now and then, no more.
    number = int(district) % 100_000 * 10_000 + month.year % 100 * 100 + month.month
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [_LOCK, number])


def is_closed(month: date, district: str) -> bool:
    return ClosedMonth.objects.filter(district_code=district, month=month).exists()


def ratable(area: str, month: date) -> QuerySet[Unit]:
    """Departments and teams that cases of the area were dispatched to in the month."""
    first = datetime.combine(month, time.min, CIVIL_TZ)
    last = datetime.combine(last_of(month), time.max, CIVIL_TZ)
    orders = Order.objects.filter(
        case__area_code__startswith=area,
        district_code=area[:6],
        dispatched_at__range=(first, last),
    )
    kinds = [UnitKind.DEPARTMENT, UnitKind.TEAM]
    return Unit.objects.filter(pk__in=orders.values("unit"), kind__in=kinds).order_by("name", "pk")


@transaction.atomic
def rate_unit(unit: int, month: date, stars: Stars, *, by: Actor, now: datetime) -> UnitRating:
    """The month's rating of a department by the actor's town or community.

    Raises:
        NotAllowed: no town's or community's post, or it is the actor's own unit.
        NotFound: the unit had nothing from there in the month.
        WrongState: the month is closed, or has not come.
        BadInput, Missing: no stars, or low ones without a reason.
    """
    if not may_rate_units(by) or by.account_id is None:
        raise NotAllowed()
    if unit in by.units:
        raise NotAllowed(_("Nobody rates the unit that they belong to."))
    if not ratable(by.area_code, month).filter(pk=unit).exists():
        raise NotFound()
    _open(month, by.area_code[:6], now)
    _prove(stars)
    row, _made = UnitRating.objects.update_or_create(
        month=month,
        rater_code=by.area_code,
        unit_id=unit,
        defaults={
            "district_code": by.area_code[:6],
            "speed": stars.speed,
            "quality": stars.quality,
            "manner": stars.manner,
            "reason": stars.reason.strip(),
            "rated_by_id": by.account_id,
            "rated_at": now,
        },
    )
    return row


def _prove(stars: Stars) -> None:
    for name, _words in QUESTIONS:
        if not 1 <= getattr(stars, name) <= 5:
            raise BadInput(_("Please give one to five stars."), field=name)
    if len(stars.reason.strip()) > 200:
        raise BadInput(_("At most 200 characters."), field="reason")
    low = any(getattr(stars, name) <= LOW for name, _words in QUESTIONS)
    if low and not stars.reason.strip():
        raise Missing(_("Two stars and fewer need a reason."), field="reason")


def _open(month: date, district: str, now: datetime) -> None:
    if month > first_of(timezone.localdate(now)):
        raise WrongState(_("This month has not come."))
    hold(month, district=district)
    if is_closed(month, district):
        raise WrongState(_("This month is closed; its ratings stand."))


def may_rate_report(by: Actor, case: Case) -> bool:
    """The handler of a unit that handled the case, who did not report it."""
    return (
        by.role == Role.HANDLER
        and by.unit_id is not None
        and case.reporter_id != by.account_id
        and Order.objects.filter(case=case, unit=by.unit_id, handled_at__isnull=False).exists()
    )


def rating_of(case: Case, by: Actor) -> ReportRating | None:
    """What the actor's unit said of the report."""
    if by.unit_id is None:
        return None
    return ReportRating.objects.filter(case=case, unit=by.unit_id).first()


@transaction.atomic
def rate_report(case: Case, *, right: Iterable[str], by: Actor, now: datetime) -> ReportRating:
    """What a unit says of the report that it got: the points that were right.

    Raises:
        NotAllowed: the unit did not handle it, or the actor reported it.
        WrongState: the month of the first rating is closed.
    """
    if not may_rate_report(by, case) or by.account_id is None or by.unit_id is None:
        raise NotAllowed()
    before = ReportRating.objects.select_for_update().filter(case=case, unit=by.unit_id).first()
    month = before.month if before else first_of(timezone.localdate(now))
    _open(month, case.district_code, now)
    said = frozenset(right)
    row, _made = ReportRating.objects.update_or_create(
        case=case,
        unit_id=by.unit_id,
        defaults={
            "district_code": case.district_code,
            "month": month,
            "holder_code": case.holder_code,
            "reporter_id": case.reporter_id,
            "rated_by_id": by.account_id,
            "rated_at": now,
            **{name: name in said for name, _words in POINTS},
        },
    )
    return row


RATED_BY: Final[Mapping[Kind, Words]] = {
    Kind.UNIT: pgettext_lazy("rating", "Towns and communities"),
    Kind.WORKER: pgettext_lazy("rating", "Departments that got the reports"),
    Kind.DESK: pgettext_lazy("rating", "Departments that got the cases"),
}
"""Who the other side is; nobody rates the other kinds."""


def rated_of(kind: Kind, district: str, month: date) -> dict[str, Rated]:
    """What the other side says of each subject of a kind, from 0 to 100."""
    said: dict[str, list[Fraction]] = defaultdict(list)
    if kind is Kind.UNIT:
        for unit in UnitRating.objects.filter(district_code=district, month=month):
            said[str(unit.unit_id)].append(of_stars(unit))
    elif kind in (Kind.WORKER, Kind.DESK):
        for report in ReportRating.objects.filter(district_code=district, month=month):
            key = report.reporter_id if kind is Kind.WORKER else report.holder_code
            if key is not None:
                said[str(key)].append(Fraction(report.right * 100, len(POINTS)))
    return {key: Rated(sum(each, Fraction(0)) / len(each), len(each)) for key, each in said.items()}


def of_stars(rating: UnitRating) -> Fraction:
    """Of a hundred: the mean of the stars, twenty each."""
    return Fraction((rating.speed + rating.quality + rating.manner) * 20, 3)


def ratings_of_unit(unit: int, month: date) -> QuerySet[UnitRating]:
    return UnitRating.objects.filter(unit=unit, month=month).order_by("rater_code")


def cases_rated(kind: Kind, key: str, month: date, district: str) -> list[tuple[UUID, int]]:
    """The cases whose reports were rated, with how many points of three were right."""
    rows = ReportRating.objects.filter(district_code=district, month=month)
    rows = rows.filter(reporter=int(key)) if kind is Kind.WORKER else rows.filter(holder_code=key)
    return [(row.case_id, row.right) for row in rows.order_by("-rated_at")]
