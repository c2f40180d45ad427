"""The picture on the wall: what is shown of an area, made once for all who look at it.

What moves is read at most every few seconds, the month behind at most three times a minute,
however many screens ask. Nobody is named in it: no person, no phone, no word that anybody wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Final, Generic, TypeVar

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huying import computing
from huying.assessment.counting import By
from huying.assessment.indicators import Figure, indicators
from huying.catalogue.versions import snapshot
from huying.dispatch.standing import standing
from huying.places import naming
from huying.places.models import CODE_LENGTH, Division, Grid, Level
from huying.wall import counting
from huying.wall.standing import Counts, Stand, stand_of, warmth_from
from huying.wall.trend import Curve, Day, curve

LIVE_S: Final = 3.0
PAST_S: Final = 20.0
TREND_DAYS: Final = 30
LATEST: Final = 20
BEST: Final = 5
WORST: Final = 3
"""So many of the ranking find room on a screen; the table has them all."""

_BELOW: Final = {
    CODE_LENGTH[Level.DISTRICT]: Level.TOWN,
    CODE_LENGTH[Level.TOWN]: Level.COMMUNITY,
    CODE_LENGTH[Level.COMMUNITY]: Level.GRID,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the area with its open cases and its light."""

    code: str
    name: str
    counts: Counts
    stand: Stand


@dataclass(frozen=True, slots=True)
class Late:
    """A case whose deadline has passed, as a wall may show it: nobody's words, no exact place."""

    number: str
    tail: str
    item: str
    place: str
    over: str
    """How long it is over; `whole` says too until when its clock stands still."""
    whole: str
    emergency: bool


@dataclass(frozen=True, slots=True)
class Live:
    """How things stand at a moment."""

    at: datetime
    """Of what moment the sums are."""
    followed: bool
    """Whether anybody ever followed the log; else all of it is nothing."""
    reported: int
    counts: Counts
    on_duty: int
    places: tuple[Place, ...]
    latest: tuple[Late, ...]
    warm: Mapping[str, int]
    """Grids with open cases, and the class of the map that each is in."""
    scale: tuple[int, ...]

    @property
    def standing(self) -> Mapping[str, int]:
        """How many places have each light."""
        return {stand: sum(each.stand == stand for each in self.places) for stand in Stand}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the order of an indicator; one without a figure has no rank."""

    rank: int | None
    code: str
    name: str
    figure: Figure

    @property
    def width(self) -> float:
        """Of its bar, in hundredths."""
        return float(round((self.figure.value or 0) * 100, 1))


@dataclass(frozen=True, slots=True)
class Past:
    """What the last thirty days were."""

    first: date
    last: date
    in_time: Figure
    satisfied: Figure
    days: tuple[Day, ...]
    curve: Curve
    ranking: tuple[Ranked, ...]

    @property
    def best(self) -> tuple[Ranked, ...]:
        """The head of the ranking, or all of it where it is short."""
        if len(self.ranking) <= BEST + WORST:
            return self.ranking
        return self.ranking[:BEST]

    @property
    def worst(self) -> tuple[Ranked, ...]:
        """Its end: the last that have a figure."""
        if len(self.ranking) <= BEST + WORST:
            return ()
        ranked = [each for each in self.ranking[BEST:] if each.rank is not None]
        return tuple(ranked[-WORST:])


def live(area: str, now: datetime) -> Live:
    """How an area stands."""
    lag = counting.behind(now)
    by_code = counting.open_by_place(area, now)
    whole = sum(by_code.values(), Counts())
    below = level_below(area)
    length = CODE_LENGTH[below]
    parts: dict[str, Counts] = {}
    for code, counts in by_code.items():
        if len(code) >= length:
            parts[code[:length]] = parts.get(code[:length], Counts()) + counts
    grids = {
        code: counts.open
        for code, counts in by_code.items()
        if len(code) == CODE_LENGTH[Level.GRID]
    }
    scale = warmth_from(list(grids.values()))
    catalogue = snapshot(now)
    found = []
    for case in counting.latest(area, now, LATEST):
        item = catalogue.get(case.item_code or case.suggested_item)
        stands = standing(case, now)
        found.append(
            Late(
                number=case.number,
                tail=case.number[-6:],
                item=str(_("not classified")) if item is None else item.name,
                place=place_of(case.area_code, area),
                over=stands.over,
                whole=stands.left,
                emergency=case.emergency,
            )
        )
    return Live(
        at=now - (lag or timedelta(0)),
        followed=lag is not None,
        reported=counting.reported_on(area, timezone.localdate(now)),
        counts=whole,
        on_duty=counting.on_duty(area, now),
        places=tuple(
            Place(code, naming.own_name(code), parts.get(code, Counts()), stand_of(counts))
            for code in places_below(area)
            for counts in (parts.get(code, Counts()),)
        ),
        latest=tuple(found),
        warm={code: _class(n, scale) for code, n in grids.items()},
        scale=scale,
    )


def past(area: str, now: datetime) -> Past:
    """The thirty days until now; the curve is of those that are over, lest it fall every night."""
    last = timezone.localdate(now)
    first = last - timedelta(days=TREND_DAYS - 1)
    below = level_below(area)
    in_time, satisfied = (indicators()[code] for code in ("closed_in_time", "satisfied"))
    by_place = counting.tallies(area, first, last, By(below.value), [in_time, satisfied])
    whole = counting.together(by_place.values())
    nothing = type(whole)()
    figures = [(code, in_time.figure(by_place.get(code, nothing))) for code in places_below(area)]
    with_one = sorted(
        (each for each in figures if each[1].value is not None),
        key=lambda each: (-(each[1].value or 0), -each[1].denominator, each[0]),
    )
    without = [each for each in figures if each[1].value is None]
    ranking = [
        Ranked(n + 1, code, naming.own_name(code), figure)
        for n, (code, figure) in enumerate(with_one)
    ] + [Ranked(None, code, naming.own_name(code), figure) for code, figure in without]
    day = timedelta(days=1)
    days = tuple(counting.days(area, first - day, last - day))
    return Past(
        first=first,
        last=last,
        in_time=in_time.figure(whole),
        satisfied=satisfied.figure(whole),
        days=days,
        curve=curve(days),
        ranking=tuple(ranking),
    )


def level_below(area: str) -> Level:
    """The level of the parts that an area is shown by."""
    return _BELOW[len(area)]


def places_below(area: str) -> Sequence[str]:
    """The codes of an area's parts."""
    level = level_below(area)
    if level is Level.GRID:
        grids = Grid.objects.filter(community=area, voided_at=None)
        return tuple(grids.order_by("code").values_list("code", flat=True))
    divisions = Division.objects.filter(code__startswith=area, level=str(level))
    return tuple(divisions.order_by("code").values_list("code", flat=True))


def place_of(code: str, area: str) -> str:
    """Where a case lies, by community and grid alone; without what the whole wall is about."""
    named = naming.parts(code)
    above = len(naming.parts(area))
    return " ".join(named[above:]) or named[-1]


def _class(count: int, scale: Sequence[int]) -> int:
    """Which class of the map a number of open cases is in, from 1."""
    return sum(count >= each for each in scale)


T = TypeVar("T")


class Kept(Generic[T]):
    """Something worked out for an area, given to all who ask within some seconds."""

    def __init__(
        self, make: Callable[[str, datetime], T], for_s: float, clock: Callable[[], float]
    ) -> None:
        self._make, self._for, self._clock = make, for_s, clock
        self._held: dict[tuple[str, str], tuple[float, T]] = {}
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def get(self, area: str, now: datetime) -> T:
        """The thing; while one thread works it out anew, others get what was there before."""
        # Some of it is words, so each language has its own.
        key = (area, get_language() or "")
        held = self._held.get(key)
        if held is not None and self._clock() - held[0] < self._for:
            return held[1]
        lock = self._locks.setdefault(key, threading.Lock())
        if held is None:
            with computing.held(lock):
                return self._anew(key, now)
        if not lock.acquire(blocking=False):
            return held[1]
        try:
            return self._anew(key, now)
        finally:
            lock.release()

    def _anew(self, key: tuple[str, str], now: datetime) -> T:
        held = self._held.get(key)
        if held is None or self._clock() - held[0] >= self._for:
            taken = self._clock()
            held = self._held[key] = (taken, self._make(key[0], now))
        return held[1]

    def forget(self) -> None:
        """Look anew at the next question."""
        self._held.clear()


lives: Final = Kept(live, LIVE_S, monotonic)
pasts: Final = Kept(past, PAST_S, monotonic)


def forget() -> None:
    """Look at the database that is used from now on."""
    lives.forget()
    pasts.forget()
