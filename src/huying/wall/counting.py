"""What the wall counts. All its questions to the database stand here, and in no other place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from huying.assessment.counting import Asked, By, counted
from huying.assessment.tallies import Tally
from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.clock.calendar import CIVIL_TZ
from huying.patrol.models import DutySpan
from huying.response.models import Turn
from huying.wall.standing import Counts
from huying.wall.trend import Day

OLDEST_ENDING: Final = timedelta(days=180)
"""What was reported longer ago than this before the first day is not looked at for its closing."""


def in_area(area: str) -> CaseQuerySet:
    """The cases that lie in an area."""
    if len(area) == 6:
        return Case.objects.filter(district_code=area)
    return Case.objects.filter(area_code__startswith=area)


UNSIGNED: Final = Q(state__in=[State.ACCEPTED, State.DISPATCHED], emergency=True) | (
    Q(state=State.REPORTED) & (Q(emergency=True) | ~Q(emergency_words=""))
)
"""Emergencies that no unit has signed for."""


def open_by_place(area: str, now: datetime) -> dict[str, Counts]:
    """The open cases of the area by the code of where they lie, a grid's or a larger one's."""
    rows = (
        in_area(area)
        .open()
        .order_by()
        .values_list("area_code")
        .annotate(
            n=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            unsigned=Count("pk", filter=UNSIGNED),
        )
    )
    return {code: Counts(n, overdue, unsigned) for code, n, overdue, unsigned in rows}


def reported_on(area: str, day: date) -> int:
    """How many cases came in on a civil day."""
    since = datetime.combine(day, time.min, CIVIL_TZ)
    return (
        in_area(area)
        .filter(received_at__gte=since, received_at__lt=since + timedelta(days=1))
        .order_by()
        .count()
    )


def on_duty(area: str, now: datetime) -> int:
    """How many people are on duty: who said so on the phone, and whose turn runs in a team."""
    walking = DutySpan.objects.filter(
        area_code__startswith=area, ended_at=None, began_at__lte=now, ends_by__gt=now
    ).values_list("account", flat=True)
    turns = Turn.objects.filter(
        district_code=area[:6],
        team__area_code__startswith=area,
        begins_at__lte=now,
        ends_at__gt=now,
        on_leave=False,
        left_at=None,
    ).values_list("member__account", flat=True)
    return len({*walking, *turns})


def latest(area: str, now: datetime, many: int) -> list[Case]:
    """Open cases whose deadline has passed, those that are longest over first."""
    return list(
        in_area(area).overdue(now).select_related("item_version").order_by("due_at", "pk")[:many]
    )


def days(area: str, first: date, last: date) -> list[Day]:
    """What came in and what was closed, day by day."""
    since = datetime.combine(first, time.min, CIVIL_TZ)
    cases = in_area(area).order_by()
    came = _by_day(cases.filter(received_at__gte=since), "received_at")
    closed = _by_day(
        cases.filter(
            state=State.CLOSED, received_at__gte=since - OLDEST_ENDING, ended_at__gte=since
        ),
        "ended_at",
    )
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [Day(day, came.get(day, 0), closed.get(day, 0)) for day in every]


def _by_day(cases: CaseQuerySet, column: str) -> dict[date, int]:
    day = TruncDate(column, tzinfo=CIVIL_TZ)
    return dict(cases.annotate(day=day).values_list("day").annotate(n=Count("pk")))


def tallies(
    area: str, first: date, last: date, by: By, now: datetime
) -> Mapping[str, Counter[Tally]]:
    """The counts that indicators are made of, by place."""
    found = counted(Asked(area, first, last, now), by)
    return {subject: each.counts for subject, each in found.items()}


def together(counts: Sequence[Counter[Tally]]) -> Counter[Tally]:
    """The counts of several places as of one."""
    return sum(counts, Counter[Tally]())
