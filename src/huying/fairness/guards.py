"""What looks as if it was done for the figures: pure rules with their limits and their reasons.

None of them decides anything. Each says what it noticed, in numbers that a page puts into words; a
person looks at the cases and confirms or dismisses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Final
from uuid import UUID

from huying.assessment.course import Event, Walk
from huying.assessment.duties import Course, Happening, How, Owed
from huying.assessment.standing import Versions
from huying.assessment.tallies import NEAR_SHARE
from huying.clock.calendar import WorkingCalendar
from huying.guard_limits import Limits
from huying.places.measure import metres_between


class Guard(StrEnum):
    """What is looked for."""

    FLOOD = "flood"
    SPLIT = "split"
    HASTY = "hasty"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    COPIED = "copied"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Reported:
    """A report by somebody on foot.

    Attributes:
        settled: whether who reported it settled it on the spot.
        own: whether it lies in the grid of the post that they acted on.
    """

    case: UUID
    account: int
    at: datetime
    item: str
    area: str
    lon: float | None
    lat: float | None
    words: str = ""
    settled: bool = False
    own: bool = True


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something unusual: which guard, whose, in which cases, with the numbers that speak for it.

    Attributes:
        events: of each case the events whose lines would not count, where it is not all of them.
    """

    guard: Guard
    cases: tuple[UUID, ...]
    numbers: Mapping[str, int]
    account: int | None = None
    unit: int | None = None
    events: Mapping[UUID, int] | None = None


def floods(
    reports: Iterable[Reported], usual: Mapping[int, Sequence[int]], limits: Limits
) -> list[Noticed]:
    """Of one day: who reported and settled many small matters in a short time, or far more than on
    a usual day of their own (``usual``: so many on each of their days before)."""
    found = []
    for account, mine in _by_account(each for each in reports if each.settled).items():
        run = _densest(mine, timedelta(minutes=limits.flood_minutes))
        days = usual.get(account, ())
        middle = round(median(days)) if days else 0
        dense = len(run) >= limits.flood_reports
        many = len(days) >= 5 and len(mine) >= max(
            limits.flood_reports, limits.flood_times * max(1, middle)
        )
        if not (dense or many):
            continue
        some = mine if many else run
        minutes = int((some[-1].at - some[0].at).total_seconds() // 60)
        numbers = {"n": len(some), "minutes": minutes, "usual": middle}
        cases = tuple(each.case for each in some)
        found.append(Noticed(Guard.FLOOD, cases, numbers, account=account))
    return found


def _by_account(reports: Iterable[Reported]) -> dict[int, list[Reported]]:
    found: dict[int, list[Reported]] = defaultdict(list)
    for each in sorted(reports, key=lambda each: (each.at, each.case)):
        found[each.account].append(each)
    return found


def _densest(reports: Sequence[Reported], within: timedelta) -> Sequence[Reported]:
    """The longest run of reports in so short a time."""
    best, start = reports[:0], 0
    for end, last in enumerate(reports):
        while last.at - reports[start].at > within:
            start += 1
        if end + 1 - start > len(best):
            best = reports[start : end + 1]
    return best


def splits(reports: Iterable[Reported], limits: Limits) -> list[Noticed]:
    """One matter as several: by one person, of one item, close in time and place, in like words."""
    found = []
    for account, mine in _by_account(reports).items():
        left = list(mine)
        while left:
            first, *rest = left
            group = [first]
            for each in rest:
                if any(_alike(each, other, limits) for other in group):
                    group.append(each)
            left = [each for each in rest if each not in group]
            if len(group) > 1:
                minutes = int((group[-1].at - group[0].at).total_seconds() // 60)
                numbers = {"n": len(group), "minutes": minutes}
                cases = tuple(each.case for each in group)
                found.append(Noticed(Guard.SPLIT, cases, numbers, account=account))
    return found


def _alike(one: Reported, other: Reported, limits: Limits) -> bool:
    if one.item != other.item or not one.item:
        return False
    if abs(one.at - other.at) > timedelta(minutes=limits.split_minutes):
        return False
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return False
    if metres_between(one.lon, one.lat, other.lon, other.lat) > limits.split_metres:
        return False
    return 100 * likeness(one.words, other.words) >= limits.split_likeness


def likeness(one: str, other: str) -> float:
    """How much two texts have in common, between 0 and 1, by their pairs of characters.

    Numbers are left out: 第 1 处 and 第 2 处 are the same words.
    """
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 1.0 if first == second else 0.0
    return len(first & second) / len(first | second)


def _pairs(text: str) -> frozenset[str]:
    letters = [each for each in text if each.isalpha()]
    return frozenset(a + b for a, b in pairwise(letters))


def outsides(reports: Iterable[Reported], limits: Limits) -> list[Noticed]:
    """Of one day: several reports of one person from outside the grid that they walk."""
    found = []
    for account, mine in _by_account(each for each in reports if not each.own).items():
        if len(mine) >= limits.outside_reports:
            cases = tuple(each.case for each in mine)
            found.append(Noticed(Guard.OUTSIDE, cases, {"n": len(mine)}, account=account))
    return found


def _late_in(since: datetime, due: datetime, at: datetime, percent: int) -> bool:
    """Whether a moment lies in the last so many percent of a span, not after it."""
    return since < due and due - (due - since) * percent / 100 <= at <= due


def hasty(course: Course, limits: Limits) -> Noticed | None:
    """Finished just before the deadline, and it was not: failed, or opened again soon after.

    What failed its check is the same duty taken up again, so its first end is no more to be seen;
    the check says when it was: the time of the report that it is done is that of the check's duty.
    """
    for duty in course.duties:
        if duty.owed is Owed.CHECK:
            handled = next(
                (
                    each
                    for each in course.duties
                    if each.owed is Owed.HANDLE
                    and each.since <= duty.since
                    and each.due is not None
                    and (each.ended_at is None or each.ended_at >= duty.since)
                ),
                None,
            )
            failed = any(
                mark.what is Happening.REWORK and mark.seq == duty.ended_seq
                for mark in course.marks
            )
            if handled is None or handled.due is None or not failed:
                continue
            since, due, at, seq = handled.since, handled.due, duty.since, handled.seq
            again, unit = duty.ended_at, handled.about.unit
        elif duty.owed is Owed.TOTAL and duty.how is How.DONE and duty.due and duty.ended_at:
            since, due, at, seq = duty.since, duty.due, duty.ended_at, duty.seq
            again = next(
                (
                    mark.at
                    for mark in course.marks
                    if mark.what is Happening.REOPENED and mark.at >= at
                ),
                None,
            )
            unit = duty.about.unit
        else:
            continue
        if again is None or again - at > timedelta(days=limits.hasty_days):
            continue
        if _late_in(since, due, at, limits.hasty_percent):
            minutes = int((due - at).total_seconds() // 60)
            return Noticed(Guard.HASTY, (), {"minutes": minutes, "seq": seq}, unit=unit)
    return None


def at_the_last(
    events: Iterable[Event], versions: Versions, calendar: WorkingCalendar, limits: Limits
) -> list[Noticed]:
    """Suspended or returned in the last of the time before the deadline of handling."""
    walk, found = Walk(versions, calendar), []
    for event in events:
        running = walk.at.running.get(Owed.HANDLE) if event.seq > 1 else None
        if running is not None and running.due is not None and event.verb in _AT_THE_LAST:
            guard = _AT_THE_LAST[event.verb]
            percent = (
                limits.suspended_percent if guard is Guard.SUSPENDED else int(100 * NEAR_SHARE)
            )
            if _late_in(running.since, running.due, event.at, percent):
                minutes = int((running.due - event.at).total_seconds() // 60)
                numbers = {"minutes": minutes, "seq": running.seq}
                found.append(Noticed(guard, (), numbers, unit=running.about.unit))
        walk.take(event)
    return found


_AT_THE_LAST: Final = {"suspend": Guard.SUSPENDED, "return": Guard.RETURNED}


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a case: whose, when, and its fingerprint.

    Attributes:
        matter: the case that this one is a part of or was merged into, else itself.
    """

    case: UUID
    account: int
    at: datetime
    look: int
    matter: UUID


def copies(fresh: Iterable[Picture], before: Iterable[Picture], limits: Limits) -> list[Noticed]:
    """Photos of new cases that are those of an older case, or all but: whoever took either.

    Of two the later one is the copy; it is held against whoever sent that up. Of one district.
    """
    looks, found = Looks(limits.copied_bits), dict[tuple[UUID, UUID], Noticed]()
    new = frozenset(fresh)
    for each in sorted(new.union(before), key=lambda each: (each.at, each.case)):
        if plain(each.look):
            continue
        older = None if each not in new else _original(each, looks, limits)
        looks.add(each)
        if older is None:
            continue
        numbers = {
            "bits": differing(each.look, older.look),
            "days": (each.at - older.at).days,
            "others": int(each.account != older.account),
        }
        cases = (older.case, each.case)
        found.setdefault(cases, Noticed(Guard.COPIED, cases, numbers, account=each.account))
    return list(found.values())


def _original(each: Picture, looks: Looks, limits: Limits) -> Picture | None:
    """The oldest picture of another matter that looks the same."""
    since = each.at - timedelta(days=limits.copied_days)
    firsts = (
        next((old for old in olds if old.at >= since and old.matter != each.matter), None)
        for olds in looks.like(each.look)
    )
    return min(
        (old for old in firsts if old is not None),
        key=lambda old: (old.at, old.case),
        default=None,
    )


class Looks:
    """Pictures found again by their fingerprints, without a look at all of them.

    The 64 bits are dealt out to bands, one more than may differ: of two that differ in no more,
    one band at least is the same. Each band has bits from all over the picture, since what lies
    side by side, a sky or a road, is alike in many.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        bands = min(bits + 1, 64)
        self._masks = [sum(1 << n for n in range(band, 64, bands)) for band in range(bands)]
        self._bands: dict[tuple[int, int], set[int]] = defaultdict(set)
        self._held: dict[int, list[Picture]] = defaultdict(list)

    def add(self, picture: Picture) -> None:
        """Adds one; they come in the order of their times."""
        look = picture.look & _ALL_BITS
        if look not in self._held:
            for mask in self._masks:
                self._bands[mask, look & mask].add(look)
        self._held[look].append(picture)

    def like(self, look: int) -> Iterator[Sequence[Picture]]:
        """The pictures of each fingerprint that differs in no more bits, the oldest first."""
        look &= _ALL_BITS
        near: set[int] = set()
        for mask in self._masks:
            near |= self._bands.get((mask, look & mask), _NONE)
        for other in near:
            if differing(look, other) <= self._bits:
                yield self._held[other]


_ALL_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF
_NONE: Final[frozenset[int]] = frozenset()


def differing(one: int, other: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((one ^ other) & _ALL_BITS).bit_count()


def plain(look: int) -> bool:
    """Whether a picture shows next to nothing, such as a wall or the night: all those are alike."""
    return not 8 <= (look & _ALL_BITS).bit_count() <= 56
