"""What the wall counts: from the sums that follow the log, and of few cases from their rows.

All its questions to the database stand here, and in no other place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count

from huying.assessment import present, rolled
from huying.assessment.counting import By
from huying.assessment.daily import daily
from huying.assessment.indicators import Indicator
from huying.assessment.tallies import Tally
from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.clock.lights import Light
from huying.patrol.models import DutySpan
from huying.places.models import CODE_LENGTH, Level
from huying.response.models import Turn
from huying.wall.standing import Counts
from huying.wall.trend import Day


def in_area(area: str) -> CaseQuerySet:
    """The cases that lie in an area."""
    if len(area) == 6:
        return Case.objects.filter(district_code=area)
    return Case.objects.filter(area_code__startswith=area)


def open_by_place(area: str, now: datetime) -> dict[str, Counts]:
    """The open cases of the area by the code of where they lie, a grid's or a larger one's."""
    unsigned = dict(
        in_area(area)
        .unsigned_emergencies()
        .order_by()
        .values_list("area_code")
        .annotate(n=Count("pk"))
    )
    found = {
        code: Counts(stands.total, stands.lights[Light.RED], unsigned.pop(code, 0))
        for code, stands in present.standing(area, Level.GRID, now=now).items()
    }
    # What came in a second ago the sums do not have yet.
    return found | {code: Counts(n, 0, n) for code, n in unsigned.items()}


def reported_on(area: str, day: date) -> int:
    """How many cases came in on a civil day."""
    # Sums stand by town and by community; under a town's, what of the district is known no finer.
    level = Level.COMMUNITY if len(area) > CODE_LENGTH[Level.TOWN] else Level.TOWN
    return sum(states.total() for states in present.states(area, day, day, level).values())


def behind(now: datetime) -> timedelta | None:
    """How far the sums are behind the log; None where nobody ever followed it."""
    return rolled.behind_by(now)


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
    return [Day(each.day, each.received, each.closings) for each in daily(area, first, last)]


def tallies(
    area: str, first: date, last: date, by: By, wanted: Iterable[Indicator]
) -> Mapping[str, Counter[Tally]]:
    """The counts that these indicators are made of, by place."""
    needed = {tally for each in wanted for tally in each.tallies}
    return rolled.rolled(area, first, last, by, tallies=needed)


def together(counts: Iterable[Counter[Tally]]) -> Counter[Tally]:
    """The counts of several places as of one."""
    return sum(counts, Counter[Tally]())
