"""What comes up in a year: how many matters on which day, at which hour, of which item, by which
door. Pure.

The numbers are 石碁镇's as the article tells them (about 25,000 matters a year, found on patrol for
the most part); how they spread is made up: work days and weekends, holidays, a rainy season, and
storms, which bring down trees and flood streets. The same seed and span give the same year.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from huying.cases.models import Channel
from huying.clock.calendar import WorkingCalendar
from huying.scenarios.demo_words import dice

ZONE: Final = ZoneInfo("Asia/Shanghai")

USUAL: Final[Mapping[str, int]] = {
    **{"0101": 70, "0102": 45, "0103": 30, "0104": 22, "0105": 12, "0106": 26, "0107": 22},
    **{"0201": 95, "0202": 40, "0203": 5, "0204": 22, "0205": 10, "0206": 18, "0207": 14},
    **{"0208": 18, "0209": 18, "0210": 24, "0211": 190, "0212": 70, "0213": 28},
    **{"0301": 36, "0302": 46, "0303": 44, "0304": 62},
    **{"0401": 9, "0402": 12, "0403": 1, "0404": 8, "0405": 8},
}
"""How often each item comes up, among a thousand."""

STORM: Final[Mapping[str, int]] = {"0403": 60, "0208": 240, "0212": 210, "0205": 90, "0206": 60}
"""What a storm adds, in the same measure."""

CHANNELS: Final = {
    Channel.PATROL: 800,
    Channel.HOTLINE: 130,
    Channel.WALK_IN: 35,
    Channel.DESK: 35,
}

MONTHS: Final = (0.90, 0.72, 1.05, 1.06, 1.10, 1.12, 1.08, 1.08, 1.06, 0.95, 0.98, 0.96)
"""January to December, of the mean; the Spring Festival is in the second."""

DAY_HOURS: Final = (
    *(2, 1, 1, 1, 1, 2, 8, 28, 92, 112, 102, 62),
    *(36, 52, 98, 104, 86, 58, 36, 34, 30, 20, 10, 4),
)  # fmt: skip
"""How many of a thousand come in each hour of a day, by Shanghai's clock."""

STORMY_HOURS: Final = (
    *(24, 22, 20, 20, 22, 26, 40, 56, 66, 64, 60, 50),
    *(44, 46, 52, 54, 52, 48, 46, 44, 42, 38, 34, 30),
)  # fmt: skip
"""The same on the day of a storm: it does not wait for the morning."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that comes up.

    Attributes:
        number: tells matters apart; what becomes of one is drawn from it.
        town: nine digits.
        stormy: the day is a storm's.
    """

    number: int
    at: datetime
    town: str
    item: str
    channel: Channel
    stormy: bool


def storms(seed: str, first: date, last: date) -> dict[date, float]:
    """The days of storms in the span, with how many times the usual number comes up on each.

    Four a year between June and September, of one or two days, the second one milder.
    """
    found: dict[date, float] = {}
    for year in range(first.year, last.year + 1):
        chance = dice(seed, "storms", year)
        for begins in chance.sample(range(115), 4):
            day = date(year, 6, 5) + timedelta(days=begins)
            strength = round(chance.uniform(1.8, 3.2), 2)
            found[day] = strength
            if chance.random() < 0.6:
                found.setdefault(day + timedelta(days=1), round(1 + (strength - 1) / 2, 2))
    return {day: found[day] for day in sorted(found) if first <= day <= last}


def busyness(day: date, calendar: WorkingCalendar, stormy: Mapping[date, float]) -> float:
    """How busy a day is, of the mean of all."""
    share = MONTHS[day.month - 1]
    if not calendar.is_work_day(day):
        weekend = day.weekday() >= 5 and day not in calendar.days
        share *= 0.62 if weekend else 0.42  # on public holidays fewer are about
    return share * stormy.get(day, 1.0)


def matters(
    seed: str,
    first: date,
    last: date,
    towns: Mapping[str, int],
    calendar: WorkingCalendar,
    *,
    items: Sequence[str],
) -> list[Matter]:
    """Everything that comes up in the span, both days included, in the order in which it does.

    ``towns`` says how many come up in each; ``items`` are those that the catalogue has.

    Raises:
        ValueError: the span has no day.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if not days:
        raise ValueError("a year has days")
    stormy = storms(seed, first, last)
    edges = list(accumulate(busyness(day, calendar, stormy) for day in days))
    usual = {code: USUAL[code] for code in items if code in USUAL}
    in_storms = {code: n + STORM.get(code, 0) for code, n in usual.items()}
    found: list[tuple[datetime, str, int, str, Channel, bool]] = []
    for town in sorted(towns):
        chance = dice(seed, "matters", town)
        for nth in range(towns[town]):
            day = days[min(bisect(edges, chance.random() * edges[-1]), len(days) - 1)]
            is_stormy = day in stormy
            weights = in_storms if is_stormy else usual
            item = chance.choices(list(weights), list(weights.values()))[0]
            channel = chance.choices(list(CHANNELS), list(CHANNELS.values()))[0]
            at = _moment(day, STORMY_HOURS if is_stormy else DAY_HOURS, channel, chance)
            found.append((at, town, nth, item, channel, is_stormy))
    found.sort(key=lambda each: each[:3])
    return [
        Matter(number, at, town, item, channel, is_stormy)
        for number, (at, town, _nth, item, channel, is_stormy) in enumerate(found)
    ]


def _moment(day: date, hours: Sequence[int], channel: Channel, chance: random.Random) -> datetime:
    """A moment of the day; nobody comes to a desk, or walks a street on patrol, at night."""
    by_day = channel in (Channel.WALK_IN, Channel.DESK)
    while True:
        hour = chance.choices(range(24), hours)[0]
        if not by_day or 8 <= hour < 18:
            break
    second = chance.randrange(3600)
    local = datetime.combine(day, time(hour), ZONE) + timedelta(seconds=second)
    return local.astimezone(ZoneInfo("UTC"))


def by_month(found: Sequence[Matter]) -> Iterator[tuple[str, int]]:
    """How many come up in each month of Shanghai's calendar, in order."""
    counts: dict[str, int] = {}
    for each in found:
        month = f"{each.at.astimezone(ZONE):%Y-%m}"
        counts[month] = counts.get(month, 0) + 1
    yield from sorted(counts.items())
