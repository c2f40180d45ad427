"""A year to look at: the district's last twelve months, told in memory and written at once.

About 25,000 matters come up in 石碁镇 and some hundreds in each other town. Every life is told step
by step by one clock, in the order in which the steps happen, so that numbers of supervision and
merges are as they would be; what the year's end leaves open stays open.

The same seed, end and people give the same year, to the last hash.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from huying.cases.models import Attachment, Case
from huying.cases.states import State
from huying.catalogue.versions import current, snapshot
from huying.clock.reading import calendar_for
from huying.people.demo import SHOWN_TOWN, SINCE
from huying.people.models import Unit, UnitKind
from huying.places.models import Division, Level
from huying.scenarios.demo import uncollected
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_pictures import VARIANTS, Pictures
from huying.scenarios.demo_words import dice
from huying.scenarios.year_case import Desk
from huying.scenarios.year_clock import wake, wakes_at
from huying.scenarios.year_lives import Life, Step, Year
from huying.scenarios.year_plan import ZONE, Matter, by_month, matters
from huying.scenarios.year_rows import Writing
from huying.supervision.concerned import leaders_over
from huying.supervision.models import Supervision

SEED: Final = "a year"
MATTERS: Final = 25_000
"""In 石碁镇, in a year (see `year_plan`)."""

OTHERS: Final = 600
"""In each other town, so that the district's pictures have all of them."""

SPAN: Final = timedelta(days=365)
SIMPLE: Final = "simple"
A_DAY: Final = timedelta(hours=24)

Advance = Callable[[int], object]


@dataclass
class Told:
    """What came of it.

    Attributes:
        closed, simple_in_a_day: shares of 石碁镇's matters; of its simple ones that were closed.
    """

    cases: int = 0
    events: int = 0
    shown: int = 0
    closed: float = 0.0
    simple_in_a_day: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    months: dict[str, int] = field(default_factory=dict)


def is_there(until: datetime) -> bool:
    """Whether a year has been told: the demo's own month does not reach back so far."""
    old = until - timedelta(days=60)
    return Case.objects.filter(reporter__demo=True, received_at__lt=old).exists()


def tell(
    until: datetime,
    *,
    seed: str = SEED,
    shown: int = MATTERS,
    others: int = OTHERS,
    advance: Advance = lambda matters: None,
) -> Told:
    """Tells the year before ``until`` and writes it, all or nothing; grids and people are there.

    ``shown`` matters come up in 石碁镇, ``others`` in each other town.
    """
    telling = _Telling(until, seed)
    towns = {code: others for code in telling.towns() if code != SHOWN_TOWN} | {SHOWN_TOWN: shown}
    first: date = (until - SPAN).astimezone(ZONE).date()
    last = until.astimezone(ZONE).date()
    items = [item.code for item in snapshot(until).active]
    calendar = calendar_for(SHOWN_TOWN[:6])
    planned = [
        each
        for each in matters(seed, first, last, towns, calendar, items=items)
        if until - SPAN <= each.at < until
    ]
    with uncollected(), transaction.atomic():
        telling.play(planned, advance)
    return telling.told(planned)


class _Telling:
    """The year's clock, and all lives that wait for a moment of it."""

    def __init__(self, until: datetime, seed: str) -> None:
        self.until, self.seed = until, seed
        cast = Cast(SINCE, dice(seed, "cast"))
        self.desk = Desk(dice(seed, "desk"), until - SPAN)
        self.desk.supervisions = {
            (row["office"], row["year"]): row["last"]
            for row in Supervision.objects.values("office", "year").annotate(last=Max("serial"))
        }
        pictures, somebody = Pictures(), cast.leader(dice(seed, "photos"))
        photos = {
            (str(kind), variant): pictures.stage(kind, somebody, until, variant)
            for kind in (Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.PHOTO_AFTER)
            for variant in range(VARIANTS)
        }
        versions = {item.code: current(item.code, until - SPAN) for item in snapshot(until).active}
        self.year = Year(self.desk, cast, photos, versions)
        for unit in Unit.objects.filter(kind=UnitKind.DESK).order_by("area_code"):
            posts = leaders_over(Case(holder_code=unit.area_code), until)
            self.desk.leaders[unit.area_code] = posts[0].account_id if posts else None
            self.year.paces[unit.area_code] = dice(seed, "pace", unit.area_code).lognormvariate(
                0.1, 0.45
            )
        self.writing = Writing({bytes(photo.digest): photo for photo in photos.values()})
        self.states: Counter[str] = Counter()
        self.closed = self.simple = self.simple_in_a_day = self.shown = 0
        self._waiting: list[tuple[datetime, int, Life, Step]] = []
        self._order = count()

    def towns(self) -> list[str]:
        towns = Division.objects.filter(level=Level.TOWN, code__startswith=SHOWN_TOWN[:6])
        return [code[:9] for code in towns.order_by("code").values_list("code", flat=True)]

    def play(self, planned: list[Matter], advance: Advance) -> None:
        self.desk.serial = _serials(len(planned))
        for matter in planned:
            self._until(matter.at)
            self.desk.now = matter.at
            life = Life(self.year, matter, dice(self.seed, "life", matter.number))
            self._go_on(life, life.tell())
            advance(1)
        self._until(self.until)
        for _moment, _order, life, _steps in sorted(self._waiting, key=lambda each: each[:2]):
            self._ends(life)
        self.writing.flush()

    def _until(self, moment: datetime) -> None:
        """Goes through everything that waits for a moment before this one."""
        while self._waiting and self._waiting[0][0] < moment:
            at, _order, life, steps = heapq.heappop(self._waiting)
            self.desk.now = at
            self._go_on(life, steps)

    def _go_on(self, life: Life, steps: Step) -> None:
        """The life's next step, or the clock's on its case, whichever is due."""
        due = life.next_at
        if due is None or due <= self.desk.now:
            due = next(steps, None)
            # A step back in time would be one that nobody could take.
            life.next_at = due = None if due is None else max(due, self.desk.now)
            if due is None:
                self._ends(life)
                return
        else:
            wake(life.hand)
        turn = wakes_at(life.hand)
        moment = due if turn is None else min(due, max(turn, self.desk.now))
        heapq.heappush(self._waiting, (moment, next(self._order), life, steps))

    def _ends(self, life: Life) -> None:
        case = life.case
        self.states[case.state] += 1
        if life.matter.town == SHOWN_TOWN:
            self.shown += 1
            if case.state == State.CLOSED:
                self.closed += 1
                if case.kind == SIMPLE:
                    self.simple += 1
                    assert case.ended_at is not None  # what is closed has ended
                    self.simple_in_a_day += case.ended_at - case.received_at <= A_DAY
        self.writing.add(life.hand)

    def told(self, planned: list[Matter]) -> Told:
        return Told(
            cases=self.writing.cases,
            events=self.writing.events,
            shown=self.shown,
            closed=self.closed / self.shown if self.shown else 0.0,
            simple_in_a_day=self.simple_in_a_day / self.simple if self.simple else 0.0,
            states=self.states,
            months=dict(by_month(planned)),
        )


def _serials(number: int) -> int:
    """Takes so many serials of cases out of the sequence; the one before the first."""
    if not number:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_serial') FROM generate_series(1, %s)", [number])
        return int(cursor.fetchone()[0]) - 1


def as_json(told: Told) -> dict[str, Any]:
    """The form in which the command line prints it."""
    return {
        "cases": told.cases,
        "events": told.events,
        "shiqi": told.shown,
        "closed_share": round(told.closed, 4),
        "simple_in_a_day_share": round(told.simple_in_a_day, 4),
        "states": dict(told.states),
        "months": told.months,
    }
