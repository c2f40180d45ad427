"""巡查覆盖率 as a figure: visits that the plans wanted by their days' end, and those made.

A stretch counts on its last day, for who walked the grid then. What was removed or stopped before
that day wants nothing any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from huying.assessment.beside import counter
from huying.assessment.counting import Asked
from huying.assessment.duties import About
from huying.assessment.tallies import Line, Tally, civil_day
from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.patrol.due import made, stretches
from huying.patrol.models import PatrolPlace, PatrolVisit
from huying.people.finding import Walkers

LONGEST: Final = timedelta(days=31)
"""No stretch is longer."""


@counter
def lines_of_patrols(asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """One line for each visit that was wanted, and one for each of them that was made."""
    # What is not over yet cannot have been missed.
    last = min(asked.last, civil_day(asked.at) - timedelta(days=1))
    if last < asked.first:
        return
    begins = datetime.combine(asked.first, time.min, CIVIL_TZ)
    places = list(
        PatrolPlace.objects.filter(grid_code__startswith=asked.area, made_at__lte=asked.at)
        .filter(Q(removed_at=None) | Q(removed_at__gte=begins))
        .filter(Q(plan__stopped_at=None) | Q(plan__stopped_at__gte=begins))
        .select_related("plan")
        .order_by("pk")
    )
    if not places:
        return
    visited: dict[UUID, set[date]] = defaultdict(set)
    visits = PatrolVisit.objects.filter(
        place__in=places, day__range=(asked.first - LONGEST, last), received_at__lte=asked.at
    )
    for pk, day in visits.values_list("place", "day"):
        visited[pk].add(day)
    calendar, walkers = calendar_for(asked.area), Walkers(asked.area)
    for place in places:
        first = max(asked.first, timezone.localdate(place.made_at))
        until = min(
            last, *(_day_before(each) for each in (place.removed_at, place.plan.stopped_at))
        )
        for stretch in stretches(place.plan.turns, first, until, calendar):
            about = About(
                area=place.grid_code,
                holder="",
                item=place.plan.item_code,
                channel="",
                kind="",
                account=walkers.on(place.grid_code, stretch.last),
            )
            done = made(visited[place.pk], [stretch])
            for n in range(stretch.wanted):
                yield place.pk, Line(Tally.PATROL_WANTED, stretch.last, 0, about)
                if n < done:
                    yield place.pk, Line(Tally.PATROL_MADE, stretch.last, 0, about)


def _day_before(moment: datetime | None) -> date:
    return date.max if moment is None else timezone.localdate(moment) - timedelta(days=1)
