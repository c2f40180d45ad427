"""What the demo's guards notice: some matters of the last days that were done for the figures.

Told by the real verbs, like every other; on days that are over, because guards look at no others.
Who does such things here is made up, as everybody in the demo is.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from huying.cases.models import Channel
from huying.cases.reasons import ReturnReason
from huying.cases.states import State
from huying.clock.calendar import CIVIL_TZ
from huying.dispatch import ordering
from huying.people.demo import SHOWN_TOWN, SINCE
from huying.response import handling
from huying.scenarios import demo_texts as texts
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_life import Life, Step, World
from huying.scenarios.demo_pictures import Pictures, TakenAnew
from huying.scenarios.demo_words import dice

STREET: Final = "0211"
"""市容环境和占道经营: minor, may be settled on the spot, sixteen hours to handle."""

MINOR: Final = ("0211", "0212", "0304", "0301", "0302")
"""Items that may be settled on the spot."""

SPLIT: Final = "同一路段人行道垃圾桶满溢，第{n}处"


def load_gaming(now: datetime, *, seed: str = "gaming") -> int:
    """Tells a story for each guard; how many cases came of them."""
    cast = Cast(SINCE, dice(seed, "cast"))
    told = _Telling(cast, now, dice(seed, "stories"))
    for story in (_flood, _split, _outside, _hasty, _suspended, _returned, _copied):
        story(told)
    return told.made


class _Telling:
    """Tells one story after the other, each by a clock of its own."""

    def __init__(self, cast: Cast, now: datetime, chance: random.Random) -> None:
        self.cast, self.now, self.chance = cast, now, chance
        self.made = 0
        self._grids = iter(cast.grids(SHOWN_TOWN))

    def grid(self) -> str:
        """A grid that no other of these stories is in."""
        return next(self._grids)

    def world(self, days: int, hour: int, pictures: Pictures | None = None) -> World:
        """A clock that stands at an hour, so many days ago."""
        day = self.now.astimezone(CIVIL_TZ).date() - timedelta(days=days)
        begins = datetime.combine(day, time(hour, self.chance.randint(2, 25)), CIVIL_TZ)
        return World(self.cast, pictures or Pictures(), begins, self.now)

    def life(self, world: World, grid: str, item: str = STREET) -> Life:
        return Life(world, self.chance, item, grid, hurry=True)

    def play(self, life: Life, *parts: Step) -> None:
        """Goes through steps, the clock with them."""
        for steps in parts:
            for moment in steps:
                life.world.now = max(moment, life.world.now + timedelta(seconds=1))

    def on_patrol(self, life: Life, text: str = "") -> None:
        life.report(text=text, channel=Channel.PATROL)
        self.made += 1

    def settled(self, lives: list[Life]) -> None:
        """What was drawn for a check is checked."""
        for life in lives:
            if life.case.state == State.HANDLED:
                self.play(life, life.finishes())

    def handling(self, units: int = 1) -> Life:
        """A matter of an evening that a unit has in hand; its deadline is the next afternoon.

        Args:
            units: so many, or more, the desk must have that gives it out: the town's if need be.
        """
        life = self.life(self.world(3, 20), self.grid())
        life.report(channel=Channel.HOTLINE)
        self.made += 1
        self.play(life, life.accepts(5))
        while len(self.cast.units_for(life.case, life.item)) < units:
            life.escalates()
        self.play(life, life.dispatches(6), life.signs(8), life.arrives(20))
        return life


def _settles(life: Life) -> None:
    by = life.reporter
    life.do(handling.settle, by, result=life.say(texts.SETTLED), **life.evidence(by))


def _flood(told: _Telling) -> None:
    """Nine minor matters, reported and settled by one person in three quarters of an hour."""
    world, grid, lives = told.world(2, 9), told.grid(), []
    for n in range(9):
        life = told.life(world, grid, MINOR[n % len(MINOR)])
        told.on_patrol(life)
        world.now += timedelta(minutes=2)
        _settles(life)
        world.now += timedelta(minutes=3)
        lives.append(life)
    told.settled(lives)


def _split(told: _Telling) -> None:
    """One overflowing row of bins as three reports."""
    world, grid, lives = told.world(2, 15), told.grid(), list[Life]()
    for n in range(1, 4):
        life = told.life(world, grid)
        life.spot = lives[0].spot if lives else life.spot
        told.on_patrol(life, SPLIT.format(n=n))
        world.now += timedelta(minutes=2)
        _settles(life)
        world.now += timedelta(minutes=4)
        lives.append(life)
    told.settled(lives)


def _outside(told: _Telling) -> None:
    """Three reports of a morning from the grid beside one's own."""
    world, grid, beside = told.world(2, 8), told.grid(), told.grid()
    for _n in range(3):
        life = told.life(world, grid)
        life.spot = told.cast.spot(beside, told.chance)
        told.on_patrol(life)
        later = replace(world, now=world.now)
        life.world = later
        told.play(life, life.accepts(5), life.dispatches(6), life.works(), life.finishes())
        world.now += timedelta(minutes=25)


def _hasty(told: _Telling) -> None:
    """Said to be done twenty minutes before the deadline; it was not."""
    life = told.handling()
    told.play(life, life.handles(_until_late(life, 20)), life.fails(45))
    told.play(life, life.handles(90), life.finishes())


def _suspended(told: _Telling) -> None:
    """Suspended when an hour was left."""
    life = told.handling()
    told.play(life, life.suspends(9, _until_late(life, 55)))


def _returned(told: _Telling) -> None:
    """Kept overnight, and given back just before the deadline; another unit did it."""
    life = told.handling(units=2)
    units = told.cast.units_for(life.case, life.item)
    other = next(unit for unit in units if unit.pk != life.case.lead_unit_id)
    life.world.now += timedelta(minutes=_until_late(life, 35))
    life.do(
        ordering.return_,
        life.handler(),
        reason_code=ReturnReason.NOT_OURS,
        suggested_unit=other.pk,
        reason="经核对，该路段不属我单位管养范围。",
    )
    told.play(life, life.dispatches(10, to=other), life.works(), life.finishes())


def _until_late(life: Life, minutes: int) -> int:
    """In how many minutes only so many are left to handle the case."""
    assert life.case.handle_due is not None
    return int((life.case.handle_due - life.now).total_seconds() // 60) - minutes


def _copied(told: _Telling) -> None:
    """A colleague's photos of another grid, sent up two days later as one's own."""
    for days in (4, 2):
        life = told.life(told.world(days, 10, TakenAnew()), told.grid())
        life.house = 0
        told.on_patrol(life)
        life.world.now += timedelta(minutes=12)
        _settles(life)
        told.settled([life])
