"""The demo: grids, people, and a month of cases that came about through the real verbs.

The demo's clock walks from thirty days ago to now. At each moment it reaches, the matter whose
turn it is goes one step on; deadlines that pass meanwhile and suspensions that end are seen to, as
the worker would. What is left open at the end is what the desks see first.
"""

from __future__ import annotations

import gc
import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Min

from huying.cases.models import Case
from huying.catalogue.versions import snapshot
from huying.clock.ladder import Rung
from huying.clock.reading import calendar_for
from huying.errors import HuyingError
from huying.people.demo import SINCE
from huying.response import neglected, unanswered
from huying.response.whistles import Call
from huying.scenarios import demo_residents, demo_whistles
from huying.scenarios import demo_texts as texts
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_life import Life, Step, World
from huying.scenarios.demo_pictures import Pictures
from huying.scenarios.demo_plans import DISTRICT, Plan, Planner
from huying.scenarios.demo_questions import load_questions
from huying.scenarios.demo_words import dice
from huying.supervision import formal, instructing, meeting
from huying.supervision.climbing import look

CASES: Final = 600
"""How many cases a demo has if nobody says."""

SEED: Final = "huying"

Advance = Callable[[int], object]


@dataclass
class Loaded:
    """What came of it.

    Attributes:
        stumbled: stories that a verb refused, with its reason; empty if all is well.
    """

    cases: int = 0
    verbs: int = 0
    states: Counter[str] = field(default_factory=Counter)
    stumbled: list[str] = field(default_factory=list)


def cases_there() -> int:
    """Cases of the demo that are in the database: those whom the demo's people reported."""
    return Case.objects.filter(reporter__demo=True).count()


def load_cases(
    now: datetime,
    number: int = CASES,
    *,
    seed: str = SEED,
    advance: Advance = lambda cases: None,
) -> Loaded:
    """Makes this many cases, of the month before ``now`` and open at ``now``.

    Grids and people must be there. The same seed tells the same stories; how they end may differ
    in the one in ten that is drawn for a check. ``advance`` is told of each new case.
    """
    load_questions(now)
    if number <= 0:
        return Loaded()
    planner = Planner(seed, now, snapshot(now), calendar_for(DISTRICT))
    run = _Run(now, seed, advance)
    with _in_haste():
        run.play(planner.plans(number))
    states = Case.objects.filter(pk__in=run.seen).values_list("state", flat=True)
    return Loaded(run.world.made, run.verbs, Counter(map(str, states)), run.stumbled)


@contextmanager
def _in_haste() -> Iterator[None]:
    """Four thousand small commits need not each be on disk before the next: it is a demo."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        with uncollected():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO DEFAULT")


@contextmanager
def uncollected() -> Iterator[None]:
    """Python need not look for circles in its memory meanwhile: that took a tenth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class _Run:
    """The demo's clock, and everything that waits for a moment of it."""

    def __init__(self, until: datetime, seed: str, advance: Advance) -> None:
        self.world = World(
            cast=Cast(SINCE, dice(seed, "cast")),
            pictures=Pictures(),
            now=until,
            until=until,
            watch=self._watch,
        )
        self.seed = seed
        self.advance = advance
        self.verbs = 0
        self.seen: set[UUID] = set()
        self.stumbled: list[str] = []
        self._waiting: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._alarms: dict[UUID, datetime | None] = {}

    def play(self, plans: list[Plan]) -> None:
        self._play(plans)
        self.world.now = self.world.until
        self._leader_looks()
        demo_residents.heard(
            self.world.cast, self.seen, self.world.until, dice(self.seed, "heard"), self._watch
        )
        demo_residents.publish(self.world.until)
        demo_whistles.standing_problems(self.world.cast, self.world.until, dice(self.seed, "stand"))

    def _leader_looks(self) -> None:
        """A leader goes through what is late: supervises and instructs; units meet over one."""
        chance, now = dice(self.seed, "leader"), self.world.now
        late = Case.objects.open().filter(pk__in=self.seen, rung__gte=Rung.TELL_LEADER)
        met: list[int] = []
        for place, case in enumerate(late.order_by("-supervised", "due_at")[:4]):
            leader = self.world.cast.leader(chance)
            desk = self.world.cast.dispatcher(case.holder_code, chance)
            text = chance.choice(texts.INSTRUCTIONS)
            if not case.supervised:
                case = formal.supervise(case, by=leader, now=now, reason=text)
                self._watch(case)
            self._watch(instructing.instruct(case, by=leader, now=now, text=text))
            if not place:
                answer = chance.choice(texts.ANSWERS)
                self._watch(instructing.answer_instruction(case, by=desk, now=now, text=answer))
            units = self.world.cast.units_at(case.holder_code)[:3]
            if met or len(units) < 2:
                continue
            met = [unit.pk for unit in units]
            said, until = chance.choice(texts.DECISIONS), now + timedelta(days=2)
            self._watch(
                meeting.meet(
                    case, by=desk, now=now, members=met, unit=met[0], decision=said, until=until
                )
            )

    def _play(self, plans: list[Plan]) -> None:
        for plan in plans:
            self._at(plan.begins, self._begin(plan))
        while self._waiting:
            moment, _order, act = heapq.heappop(self._waiting)
            if moment > self.world.until:
                return
            self.world.now = moment
            act()

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._waiting, (moment, next(self._order), act))

    def _begin(self, plan: Plan) -> Callable[[], None]:
        def begin() -> None:
            chance = dice(self.seed, "life", plan.index)
            life = Life(
                world=self.world,
                chance=chance,
                item_code=plan.item,
                grid=chance.choice(self.world.cast.grids(plan.area)),
                channel=plan.channel,
                area=plan.named_area,
            )
            self._go_on(plan, plan.story(life))

        return begin

    def _go_on(self, plan: Plan, steps: Step) -> None:
        made = self.world.made
        try:
            moment = next(steps)
        except StopIteration:
            pass
        except HuyingError as error:
            self.stumbled.append(f"{plan.name} ({plan.item}): {error}")
        else:
            # A second at least lies between two verbs on one case.
            moment = max(moment, self.world.now + timedelta(seconds=1))
            self._at(moment, lambda: self._go_on(plan, steps))
        if self.world.made > made:
            self.advance(self.world.made - made)

    def _watch(self, case: Case) -> None:
        self.verbs += 1
        self.seen.add(case.pk)
        if case.calls:
            self._watch_calls(case.pk)
        wake_at = case.wake_at
        if self._alarms.get(case.pk) == wake_at:
            return
        self._alarms[case.pk] = wake_at
        if wake_at is None or wake_at > self.world.until:
            return
        # A rework may bring rungs back whose turn was before: they are climbed at once.
        moment = max(wake_at + timedelta(seconds=20), self.world.now)
        self._at(moment, lambda: self._wake(case.pk, wake_at))

    def _watch_calls(self, pk: UUID) -> None:
        """Calls that nobody answers climb, and leaders are told of those that cannot, in time."""
        turns = Call.objects.filter(whistle__case=pk).aggregate(Min("climb_at"), Min("tell_at"))
        for turn in filter(None, turns.values()):
            moment = turn + timedelta(seconds=20)
            if self.world.now < moment <= self.world.until:
                self._at(moment, lambda: self._see_to_calls(pk))

    def _see_to_calls(self, pk: UUID) -> None:
        unanswered.climb_all(now=self.world.now)
        neglected.tell_all(now=self.world.now)
        self._watch_calls(pk)

    def _wake(self, pk: UUID, planned: datetime) -> None:
        """What the worker does when a rung's turn comes or a suspension ends."""
        if self._alarms[pk] != planned:
            return  # done in time, or put off
        self._watch(look(pk, now=self.world.now))
