"""覆盖率: what of the wanted visits was made, per grid and worker, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.patrol import duty
from huying.patrol.due import Due, WorkDays, due_on, made, stretches
from huying.patrol.models import DutySpan, PatrolPlace, PatrolVisit
from huying.people.acting import Actor
from huying.people.finding import held
from huying.people.models import ON_FOOT


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on a day, and what came of the days before.

    Attributes:
        wanted, done: visits of stretches that are over.
        last: the day on which somebody was there last.
    """

    place: PatrolPlace
    due: Due
    wanted: int
    done: int
    last: date | None

    @property
    def missing(self) -> bool:
        """Whether it was to be visited, and never was in these days."""
        return self.wanted > 0 and self.done == 0


@dataclass(slots=True)
class Sum:
    """Figures of a grid, or of an area."""

    places: int = 0
    wanted: int = 0
    done: int = 0
    today: int = 0
    today_done: int = 0
    workers: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> int | None:
        """In percent; none where nothing was wanted."""
        return round(100 * self.done / self.wanted) if self.wanted else None

    def add(self, standing: Standing) -> None:
        self.places += 1
        self.wanted += standing.wanted
        self.done += standing.done
        visited = standing.due.why == "visited"
        self.today_done += visited
        self.today += visited or standing.due.due


def standings(
    places: Sequence[PatrolPlace], day: date, days: int, calendar: WorkDays
) -> list[Standing]:
    """Each place on ``day``, with the ``days`` before it; one query."""
    # A month's stretch begins before the first of the days that are looked at.
    since = (day - timedelta(days=days)).replace(day=1) - timedelta(days=6)
    visited: dict[UUID, set[date]] = defaultdict(set)
    rows = PatrolVisit.objects.filter(place__in=places, day__range=(since, day))
    for place, on in rows.values_list("place", "day"):
        visited[place].add(on)
    return [_standing(place, day, days, visited[place.pk], calendar) for place in places]


def _standing(
    place: PatrolPlace, day: date, days: int, visited: set[date], calendar: WorkDays
) -> Standing:
    turns = place.plan.turns
    first = max(day - timedelta(days=days), timezone.localdate(place.made_at))
    over = list(stretches(turns, first, day - timedelta(days=1), calendar))
    return Standing(
        place,
        due_on(turns, day, visited, calendar),
        sum(each.wanted for each in over),
        made(visited, over),
        max(visited, default=None),
    )


def places_seen(actor: Actor) -> list[PatrolPlace]:
    """The places of the area that are to be visited, with their plans."""
    return list(PatrolPlace.objects.visible_to(actor).standing().select_related("plan"))


def cover(actor: Actor, now: datetime, days: int) -> list[Standing]:
    """How the places of the area stand today, and over the days before."""
    calendar = calendar_for(actor.area_code)
    return standings(places_seen(actor), timezone.localdate(now), days, calendar)


def by_grid(found: Iterable[Standing]) -> dict[str, Sum]:
    """The figures of each grid that has places."""
    sums: dict[str, Sum] = {}
    for each in found:
        sums.setdefault(each.place.grid_code, Sum()).add(each)
    return dict(sorted(sums.items()))


def in_all(found: Iterable[Standing]) -> Sum:
    """The figures of all of them."""
    whole = Sum()
    for each in found:
        whole.add(each)
    return whole


@dataclass(slots=True)
class Worker:
    """One person on foot: what their grids wanted, and what they themselves did."""

    name: str
    area_code: str
    sum: Sum = field(default_factory=Sum)
    visits: int = 0
    by_code: int = 0
    hours: float = 0.0


def by_worker(actor: Actor, found: Sequence[Standing], now: datetime, days: int) -> list[Worker]:
    """Who walks the grids of the area: the grids' coverage, own visits, and hours on duty.

    Visits and hours are of the same days: the ``days`` before today, and today until now.
    """
    today = timezone.localdate(now)
    first = today - timedelta(days=days)
    since = datetime.combine(first, time(0), CIVIL_TZ)
    posts = held(ON_FOOT, today).filter(area_code__startswith=actor.area_code)
    posts = posts.order_by("area_code", "duty", "id")
    workers: dict[int, Worker] = {}
    grids = by_grid(found)
    for account, name, area in posts.values_list("account", "account__name", "area_code"):
        if account in workers or len(area) != 15:
            continue
        workers[account] = Worker(name, area, grids.get(area, Sum()))
    visits = PatrolVisit.objects.filter(
        account__in=list(workers), grid_code__startswith=actor.area_code, day__range=(first, today)
    )
    for account, coded, n in (
        visits.values_list("account", "by_code").annotate(Count("pk")).order_by()
    ):
        workers[account].visits += n
        workers[account].by_code += n if coded else 0
    spans = DutySpan.objects.filter(
        account__in=list(workers),
        area_code__startswith=actor.area_code,
        began_at__gt=since - duty.LONGEST,
    )
    for span in spans:
        begins, ends = max(span.began_at, since), min(span.ended_at or span.ends_by, now)
        workers[span.account_id].hours += max(0.0, (ends - begins).total_seconds() / 3600)
    return [each for each in workers.values() if each.sum.places or each.visits or each.hours]
