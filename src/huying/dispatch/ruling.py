"""Which rule decides a matter, and why the others do not. Pure.

Specific beats general. Rule A is *narrower* than rule B when whatever A asks for lies within what B
asks for, condition by condition: each of A's items is one of B's or in one of B's categories, each
of its places lies in one of B's, its channels, kinds and words are among B's, and its days and
times within B's. A condition that asks for nothing holds everything. Of the rules that a matter
meets, the one decides that no narrower one meets. Two that meet and are not narrower than each
other are a tie, which publishing refuses (`dispatch.proving`) unless both want the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Final

from huying.catalogue.escalating import hits
from huying.clock.calendar import DayKind, WorkingCalendar
from huying.dispatch.rules import DAY_MINUTES, Conditions, DayType, Rule, Span, Working


class Condition(StrEnum):
    """The conditions, in the order in which they are looked at."""

    ITEMS = "items"
    AREAS = "areas"
    CHANNELS = "channels"
    KINDS = "kinds"
    DAYS = "days"
    HOURS = "hours"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a case the rules look at.

    Attributes:
        at: when the report came in.
        text: its words.
    """

    item_code: str
    area_code: str
    channel: str
    kind: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that did not decide: the first condition that failed, or the narrower rule that did.

    Attributes:
        told: what the matter is like, where the condition failed.
    """

    rule: Rule
    failed: Condition | None = None
    told: str = ""
    narrower: Rule | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which rule decides; None leaves it to the catalogue."""

    rule: Rule | None
    others: tuple[Passed, ...]


def day_type(at: datetime, calendar: WorkingCalendar) -> DayType:
    """What kind of day a moment falls on."""
    day = calendar.civil_day(at)
    if calendar.is_work_day(day):
        return DayType.WORK
    entry = calendar.days.get(day)
    is_holiday = entry is not None and entry.kind is DayKind.HOLIDAY
    return DayType.HOLIDAY if is_holiday else DayType.OFF


def minute_of(at: datetime, calendar: WorkingCalendar) -> int:
    """The minute of the civil day."""
    local = at.astimezone(calendar.tz)
    return local.hour * 60 + local.minute


_DAYS: Final = tuple(DayType)
_WHOLE_DAY: Final = (1 << DAY_MINUTES) - 1
ALWAYS: Final = (1 << DAY_MINUTES * len(_DAYS)) - 1
Hours = Sequence[tuple[time, time]]


def moment_bit(day: DayType, minute: int) -> int:
    """A minute of a kind of day, as a bit of the masks."""
    return 1 << (_DAYS.index(day) * DAY_MINUTES + minute)


def moment_at(bit: int) -> tuple[DayType, int]:
    """The kind of day and the minute that a bit stands for."""
    position = bit.bit_length() - 1
    return _DAYS[position // DAY_MINUTES], position % DAY_MINUTES


def _minutes(start: int, end: int) -> int:
    if start < end:
        return (1 << end) - (1 << start)
    return _WHOLE_DAY & ~((1 << start) - (1 << end))


def when_mask(when: Conditions, hours: Hours) -> int:
    """The minutes of the three kinds of days in which days and times of the conditions hold."""
    days = 0
    for each in when.days or _DAYS:
        days |= _WHOLE_DAY << (_DAYS.index(each) * DAY_MINUTES)
    if not when.hours:
        return days
    working = 0
    for start, end in hours:
        last = end.hour * 60 + end.minute or DAY_MINUTES
        working |= _minutes(start.hour * 60 + start.minute, last)
    times = 0
    for window in when.hours:
        if isinstance(window, Span):
            minutes = _minutes(window.start, window.end)
            times |= sum(minutes << (at * DAY_MINUTES) for at in range(len(_DAYS)))
        elif window is Working.HOURS:
            times |= working  # of work days, which come first
        else:
            times |= ALWAYS & ~working
    return days & times


def is_within(code: str, places: Iterable[str]) -> bool:
    """Whether a code is one of these, or lies in one of them."""
    return any(code.startswith(place) for place in places)


@dataclass(frozen=True)
class Book:
    """Rules, ready to decide.

    Attributes:
        hours: the working hours of the district.
    """

    rules: tuple[Rule, ...]
    hours: Hours = field(default=())

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """When each rule holds."""
        return tuple(when_mask(rule.when, self.hours) for rule in self.rules)

    @cached_property
    def narrower(self) -> tuple[frozenset[int], ...]:
        """For each rule, by position, those that are narrower than it."""
        together = range(len(self.rules))
        return tuple(
            frozenset(i for i in together if i != at and self._is_narrower(i, at))
            for at in together
        )

    def _is_narrower(self, one: int, other: int) -> bool:
        return self._lies_within(one, other) and not self._lies_within(other, one)

    def _lies_within(self, one: int, other: int) -> bool:
        a, b = self.rules[one].when, self.rules[other].when
        return (
            not self.masks[one] & ~self.masks[other]
            and _codes_within(a.items, b.items)
            and _codes_within(a.areas, b.areas)
            and _values_within(a.channels, b.channels)
            and _values_within(a.kinds, b.kinds)
            and _values_within(a.words, b.words)
        )

    @cached_property
    def has_words(self) -> bool:
        """Whether any rule looks at the words of a report."""
        return any(rule.when.words for rule in self.rules)


def _codes_within(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return not theirs or (bool(mine) and all(is_within(code, theirs) for code in mine))


def _values_within(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return not theirs or (bool(mine) and set(mine) <= set(theirs))


def decide(book: Book, facts: Facts, calendar: WorkingCalendar) -> Ruling:
    """The rule that decides, and of every other why it does not.

    Should two tie after all, which only an unpublished book can let happen, the first one decides.
    """
    failed, met, winner = _winner(book, facts, calendar)
    others = tuple(
        Passed(
            rule,
            failed=failed[at],
            told=_told(failed[at], facts, calendar),
            narrower=_beaten_by(book, at, met, winner),
        )
        for at, rule in enumerate(book.rules)
        if at != winner
    )
    return Ruling(book.rules[winner] if winner is not None else None, others)


def deciding_rule(book: Book, facts: Facts, calendar: WorkingCalendar) -> Rule | None:
    """The rule that decides, for whoever need not know why the others do not."""
    _failed, _met, winner = _winner(book, facts, calendar)
    return book.rules[winner] if winner is not None else None


def _winner(
    book: Book, facts: Facts, calendar: WorkingCalendar
) -> tuple[list[Condition | None], list[int], int | None]:
    """By position: the first failing condition of each rule, those that are met, which decides."""
    moment = moment_bit(day_type(facts.at, calendar), minute_of(facts.at, calendar))
    failed = [_first_failing(book, at, facts, moment) for at in range(len(book.rules))]
    met = [at for at, condition in enumerate(failed) if condition is None]
    return failed, met, next((at for at in met if not book.narrower[at].intersection(met)), None)


def nearest(ruling: Ruling) -> tuple[list[Passed], int]:
    """The rules that were for such an item and did not decide, the nearest to deciding first; and
    how many are for other items."""
    order = list(Condition)
    near = [each for each in ruling.others if each.failed is not Condition.ITEMS]
    near.sort(key=lambda each: 0 if each.failed is None else len(order) - order.index(each.failed))
    return near, len(ruling.others) - len(near)


def _beaten_by(book: Book, at: int, met: Sequence[int], winner: int | None) -> Rule | None:
    if at not in met or winner is None:
        return None
    return book.rules[winner]


def _first_failing(book: Book, at: int, facts: Facts, moment: int) -> Condition | None:
    when = book.rules[at].when
    if when.items and not is_within(facts.item_code, when.items):
        return Condition.ITEMS
    if when.areas and not is_within(facts.area_code, when.areas):
        return Condition.AREAS
    if when.channels and facts.channel not in when.channels:
        return Condition.CHANNELS
    if when.kinds and facts.kind not in when.kinds:
        return Condition.KINDS
    if not book.masks[at] & moment:
        days = when_mask(Conditions(days=when.days), book.hours)
        return Condition.HOURS if days & moment else Condition.DAYS
    if when.words and not hits(facts.text, when.words):
        return Condition.WORDS
    return None


def _told(condition: Condition | None, facts: Facts, calendar: WorkingCalendar) -> str:
    """What the matter says to a condition, as a code."""
    match condition:
        case Condition.ITEMS:
            return facts.item_code
        case Condition.AREAS:
            return facts.area_code
        case Condition.CHANNELS:
            return facts.channel
        case Condition.KINDS:
            return facts.kind
        case Condition.DAYS:
            return str(day_type(facts.at, calendar))
        case Condition.HOURS:
            minute = minute_of(facts.at, calendar)
            return f"{minute // 60:02d}:{minute % 60:02d}"
        case _:
            return ""
