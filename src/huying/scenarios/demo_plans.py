"""What a demo tells: which stories, where, when, and what stands on the desks at the end. Pure.

The same seed and the same ``until`` give the same plan.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice, zip_longest
from typing import Final
from zoneinfo import ZoneInfo

from huying.cases.models import Channel
from huying.cases.states import OPEN_STATES, State
from huying.catalogue.limits import limits_of
from huying.catalogue.snapshots import CatalogueSnapshot
from huying.clock.calendar import WorkingCalendar
from huying.clock.lights import Light
from huying.clock.limits import Limit
from huying.clock.stages import StageLimits
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE
from huying.scenarios import demo_stories as stories
from huying.scenarios.demo_stories import EACH_MINUTES, Story
from huying.scenarios.demo_texts import ALARMING, REPORTS
from huying.scenarios.demo_words import dice

DAYS: Final = 30
"""How far back the demo's first case lies."""

DISTRICT: Final = SHOWN_TOWN[:6]
ZONE: Final = ZoneInfo("Asia/Shanghai")

_PLACES: Final = {SHOWN_VILLAGE: 16, SHOWN_TOWN: 30, DISTRICT: 54}
"""Where matters are: the village and the town whose accounts are printed see many."""

_HOURS: Final = (0, 0, 0, 0, 0, 0, 1, 3, 9, 11, 10, 6, 4, 6, 10, 10, 8, 6, 4, 4, 3, 2, 1, 0)
"""How many of a hundred come in each hour of the day."""

_SHARE: Final = {Light.GREEN: (0.1, 0.6), Light.YELLOW: (0.82, 0.92), Light.RED: (1.1, 2.0)}
"""How much of the limit is used where a light shows."""

_SHIQI, _VILLAGE, _DISTRICT = SHOWN_TOWN, SHOWN_VILLAGE, DISTRICT
_G, _Y, _R = Light.GREEN, Light.YELLOW, Light.RED
_FIRST_WAITING: Final = (
    (State.REPORTED, _G, _SHIQI),
    (State.DISPATCHED, _R, _SHIQI),
    (State.HANDLING, _Y, _SHIQI),
    (State.HANDLING, Light.GREY, _SHIQI),
    (State.ACCEPTED, _G, _SHIQI),
    (State.HANDLED, _G, _SHIQI),
    (State.CHECKED, _Y, _SHIQI),
    (State.REPORTED, _Y, _VILLAGE),
    (State.HANDLING, _G, _VILLAGE),
    (State.HANDLED, _R, _VILLAGE),
    (State.REPORTED, _R, _DISTRICT),
    (State.REPORTED, _G, _DISTRICT),
    (State.ACCEPTED, _Y, _DISTRICT),
)
_WAITING_STATES: Final = tuple(state for state in State if state in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Plan:
    """One matter to be told.

    Attributes:
        index: tells matters apart; what happens in one is drawn from it.
        name: of the story.
        begins: when it is reported.
        area: in which a grid is drawn for it.
        channel, named_area: as in `demo_life.Life`.
        cases: how many cases it makes.
    """

    index: int
    name: str
    story: Story
    begins: datetime
    item: str
    area: str
    channel: Channel | None = None
    named_area: str = ""
    cases: int = 1


@dataclass(frozen=True, slots=True)
class Planner:
    """Draws the plans of one load."""

    seed: str
    until: datetime
    catalogue: CatalogueSnapshot
    calendar: WorkingCalendar

    def plans(self, number: int) -> list[Plan]:
        """Plans that make this many cases, in the order of their beginning."""
        chosen: list[Plan] = []
        left = number
        for index, make in enumerate(self._choice(number)):
            if left <= 0:
                break
            plan = make(index)
            if plan.cases > left:
                continue
            chosen.append(plan)
            left -= plan.cases
        return sorted(chosen, key=lambda plan: (plan.begins, plan.index))

    def _choice(self, number: int) -> Iterator[Callable[[int], Plan]]:
        """Each story once and the first that wait, by turns; then waiting ones; then by weight."""
        told = [
            *(self._ending(name, early=True) for name in stories.STORIES),
            *(self._open(name) for name in stories.OPEN_STORIES),
        ]
        waiting = [self._waiting(*each) for each in _FIRST_WAITING]
        for pair in zip_longest(told, waiting):
            yield from (make for make in pair if make is not None)
        more = max(0, number // 10 - len(waiting))
        yield from islice((self._waiting(*each) for each in _waiting_ones()), more)
        names = list(stories.STORIES)
        weights = [weight for _story, weight in stories.STORIES.values()]
        chance = dice(self.seed, "stories")
        while True:
            yield self._ending(chance.choices(names, weights)[0])

    # --- stories that come to an end, if there is time -----------------------------------------

    def _ending(self, name: str, *, early: bool = False) -> Callable[[int], Plan]:
        story, _weight = stories.STORIES[name]

        def make(index: int) -> Plan:
            chance = dice(self.seed, "plan", index)
            return Plan(
                index=index,
                name=name,
                story=story,
                begins=self._some_time(chance, early=early),
                item=self._item(name, chance),
                area=chance.choices(list(_PLACES), list(_PLACES.values()))[0],
                cases=2 if name == "merged" else 1,
            )

        return make

    def _some_time(self, chance: random.Random, *, early: bool) -> datetime:
        """In the last month, at an hour when people report; ``early``: ten days ago or more."""
        latest = self.until - timedelta(days=10 if early else 0)
        first = self.until - timedelta(days=DAYS)
        while True:
            day = first + (latest - first) * chance.random()
            local = day.astimezone(ZONE)
            if local.weekday() >= 5 and chance.random() < 0.5:
                continue
            hour = chance.choices(range(24), _HOURS)[0]
            moment = _at(local.date(), hour, chance)
            if first <= moment < latest:
                return moment

    def _item(self, name: str, chance: random.Random) -> str:
        codes = [item.code for item in self.catalogue.active if item.code in REPORTS]
        if name in ("emergency", "emergency_open"):
            codes = [code for code in codes if code in ALARMING]
        elif name == "no_emergency":
            codes = [c for c in codes if c in ALARMING and self.catalogue[c].kind != "emergency"]
        elif name == "on_the_spot":
            codes = [code for code in codes if self.catalogue[code].settle]
        elif name in ("extended", "extension_refused", "extension_open", "suspended"):
            # Those that take days; nobody asks for more time where an hour suffices.
            codes = [c for c in codes if self.catalogue[c].handle_clock == "work_day"]
        else:
            codes = [c for c in codes if self.catalogue[c].kind != "emergency"]
        if name == "reopened_open":
            # What takes days would hardly be closed, and back, by now.
            codes = [code for code in codes if self.catalogue[code].handle_clock != "work_day"]
        return chance.choice(codes)

    # --- what is open now ----------------------------------------------------------------------

    def _open(self, name: str) -> Callable[[int], Plan]:
        story, hours = stories.OPEN_STORIES[name]

        def make(index: int) -> Plan:
            chance = dice(self.seed, "plan", index)
            return Plan(
                index=index,
                name=name,
                story=story,
                begins=self.until - timedelta(hours=hours),
                item=self._item(name, chance),
                area=SHOWN_TOWN,
            )

        return make

    def _waiting(self, state: State, light: Light, desk: str) -> Callable[[int], Plan]:
        def make(index: int) -> Plan:
            chance = dice(self.seed, "plan", index)
            unlocated = desk == DISTRICT
            item = chance.choice(self._items_of(desk))
            begins, story = self._before(state, light, item, unlocated, chance)
            channel = chance.choice((Channel.HOTLINE, Channel.MESSAGE))
            return Plan(
                index=index,
                name=f"waiting_{state}_{light}",
                story=story,
                begins=begins,
                item=item,
                area=desk if not unlocated else SHOWN_TOWN,
                channel=channel if unlocated else Channel.PATROL,
                named_area=DISTRICT if unlocated else "",
            )

        return make

    def _items_of(self, desk: str) -> list[str]:
        """Items whose cases this desk holds from the first."""
        levels = ("grid", "community") if desk == SHOWN_VILLAGE else ("town",)
        return [
            item.code
            for item in self.catalogue.active
            if item.code in REPORTS and item.default_level in levels and item.kind != "emergency"
        ]

    def _before(
        self, state: State, light: Light, item: str, unlocated: bool, chance: random.Random
    ) -> tuple[datetime, Story]:
        """When a matter must begin to stand in this state with this light at the end."""
        if light is Light.GREY:
            return self.until - timedelta(minutes=chance.randint(45, 200)), stories.paused
        limits = StageLimits.from_catalogue(**limits_of(self.catalogue[item]))
        limit, steps = {
            State.REPORTED: (limits.accept, 0),
            State.ACCEPTED: (limits.accept, 1),
            State.DISPATCHED: (limits.sign, 2),
            State.HANDLING: (limits.handle, 2),
            State.HANDLED: (limits.check, 4),
            State.CHECKED: (limits.accept, 5),
        }[state]
        if state is State.REPORTED and unlocated:
            limit = Limit.in_minutes(120)  # nobody has said which item it is
        assert limit is not None
        used = limit.time(self.calendar) * chance.uniform(*_SHARE[light])
        since = self._when_used(limit, used)
        return since - timedelta(minutes=EACH_MINUTES * steps), stories.to(state)

    def _when_used(self, limit: Limit, used: timedelta) -> datetime:
        """The moment from which the limit's clock has run so long until now."""
        if not limit.clock.counts_work:
            return self.until - used
        early, late = self.until - timedelta(days=90), self.until
        while late - early > timedelta(seconds=20):
            middle = early + (late - early) / 2
            if self.calendar.work_time_between(middle, self.until) > used:
                early = middle
            else:
                late = middle
        return early


def _waiting_ones() -> Iterator[tuple[State, Light, str]]:
    """Every state, light and desk, over and over; the first ones have been told already."""
    lights = (Light.GREEN, Light.YELLOW, Light.GREY, Light.GREEN, Light.RED)
    desks = (SHOWN_TOWN, SHOWN_VILLAGE, SHOWN_TOWN, DISTRICT)
    each = cycle([(light, desk) for light in lights for desk in desks])
    for state, (light, desk) in zip(cycle((*_WAITING_STATES, State.REPORTED)), each, strict=False):
        yield state, light, desk


def _at(day: date, hour: int, chance: random.Random) -> datetime:
    minute, second = chance.randrange(60), chance.randrange(60)
    return datetime.combine(day, time(hour, minute, second), ZONE)
