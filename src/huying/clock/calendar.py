"""The working calendar: which moments count as working time.

Days off and make-up days are data; everything else is weekdays. The arithmetic runs on one
monotone coordinate, "working microseconds since an epoch": each civil day has either none of it
or exactly one `day_length`, so a table of work days per year answers any span with a look-up and
a bisection, however long the span.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from threading import Lock
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

CIVIL_TZ: Final = ZoneInfo("Asia/Shanghai")
DEFAULT_HOURS: Final = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))

_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_US: Final = 86_400_000_000
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What makes a day differ from a plain weekday or weekend."""

    WORK = "work"
    """A make-up day 调休上班: worked although it falls on a weekend."""
    HOLIDAY = "holiday"
    """A day off 放假, weekends inside a holiday included."""


@dataclass(frozen=True, slots=True)
class Day:
    """One entry of the calendar's data, e.g. `Day(DayKind.HOLIDAY, "国庆节")`."""

    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Year:
    first: int  # ordinal of 1 January
    base: int  # work days from the epoch to 1 January, negative before the epoch
    before: tuple[int, ...]  # work days of this year before its i-th day; one more entry: the total


@dataclass(frozen=True)
class WorkingCalendar:
    """Working hours, days off and make-up days of one district.

    `hours` are the working intervals of every work day, in order and without overlap; an end of
    00:00 means midnight at the end of the day. `days` lists the days that differ from plain
    weekdays. `known_years` are the years whose days off have been announced and entered: outside
    them plain weekdays count, and results say so (`unknown_years`).

    The State Council announces a year's days off late in the year before, so the coming year is
    often unknown; that is a warning, never an error.

    Raises ValueError for hours that are empty, out of order or overlapping.
    """

    tz: tzinfo = CIVIL_TZ
    hours: tuple[tuple[time, time], ...] = DEFAULT_HOURS
    days: Mapping[date, Day] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    day_length: timedelta = field(init=False, compare=False)
    """Working time of one work day: 7 h with the default hours."""
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    _day_us: int = field(init=False, repr=False, compare=False)
    _years: dict[int, _Year] = field(init=False, repr=False, compare=False)
    _building: Lock = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spans = tuple((_us(start), _us(end) or _DAY_US) for start, end in self.hours)
        if not spans:
            raise ValueError("a working calendar needs at least one interval of working hours")
        previous = 0
        for start, end in spans:
            if not previous <= start < end:
                raise ValueError(f"working hours are out of order or overlap: {self.hours}")
            previous = end
        day_us = sum(end - start for start, end in spans)
        set_field = object.__setattr__
        set_field(self, "days", MappingProxyType(dict(self.days)))
        set_field(self, "day_length", timedelta(microseconds=day_us))
        set_field(self, "_spans", spans)
        set_field(self, "_day_us", day_us)
        set_field(self, "_building", Lock())
        epoch = min(self.known_years, default=2020)
        set_field(self, "_years", {epoch: self._table(epoch, base=0)})

    __hash__ = None  # type: ignore[assignment]  # compares by content, and the content is a mapping

    def is_work_day(self, day: date) -> bool:
        """Is this civil day worked: a weekday that is no holiday, or a make-up day?"""
        entry = self.days.get(day)
        if entry is not None:
            return entry.kind is DayKind.WORK
        return day.weekday() < _SATURDAY

    def work_intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The half-open working intervals of a civil day, in UTC; none on a day off."""
        if not self.is_work_day(day):
            return ()
        ordinal = day.toordinal()
        return tuple(
            (self._moment(ordinal, start), self._moment(ordinal, end)) for start, end in self._spans
        )

    def civil_day(self, moment: datetime) -> date:
        """The civil day a moment falls on. Raises ValueError for a naive datetime."""
        return self._local(moment).date()

    def unknown_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """The years touched from `start` to `end` whose days off are not known, in order."""
        first, last = self._local(start).year, self._local(end).year
        return tuple(year for year in range(first, last + 1) if year not in self.known_years)

    def work_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is the earlier one."""
        return timedelta(microseconds=self._position(end) - self._position(start))

    def add_work_time(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest moment by which `amount` of working time has passed since `start`.

        Earliest: seven hours from Monday 8:30 end on Monday 17:30, not on Tuesday 8:30. Nothing
        added gives `start` itself, also off hours. Raises ValueError for a negative amount.
        """
        if amount < timedelta(0):
            raise ValueError("working time can't be added backwards")
        if not amount:
            return start.astimezone(UTC)
        days, rest = divmod(self._position(start) + amount // _MICROSECOND, self._day_us)
        if rest == 0:
            days, rest = days - 1, self._day_us
        return self._moment(self._ordinal_of(days, near=start.year), self._time_of_day(rest))

    def next_work_moment(self, moment: datetime) -> datetime:
        """The moment itself inside working hours, else the next start of work."""
        ordinal, us = self._split(moment)
        if self._is_work(ordinal):
            for start, end in self._spans:
                if us < end:
                    return self._moment(ordinal, start) if us < start else moment.astimezone(UTC)
        days = self._work_days_before(ordinal + 1)
        return self._moment(self._ordinal_of(days, near=moment.year), self._spans[0][0])

    def end_of_work_interval(self, moment: datetime) -> datetime | None:
        """When the working interval that holds `moment` ends; None off hours."""
        ordinal, us = self._split(moment)
        if self._is_work(ordinal):
            for start, end in self._spans:
                if start <= us < end:
                    return self._moment(ordinal, end)
        return None

    def special_days(self, first: date, last: date) -> Iterator[tuple[date, bool, Day | None]]:
        """Days from `first` to `last` that are off or entered: (day, is it worked, its entry)."""
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            entry = self.days.get(day)
            worked = self.is_work_day(day)
            if entry is not None or not worked:
                yield day, worked, entry

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {moment.isoformat()}")
        return moment.astimezone(self.tz)

    def _split(self, moment: datetime) -> tuple[int, int]:
        local = self._local(moment)
        seconds = (local.hour * 60 + local.minute) * 60 + local.second
        return local.toordinal(), seconds * 1_000_000 + local.microsecond

    def _moment(self, ordinal: int, us: int) -> datetime:
        # Wall time plus wall time: right where midnights are 24 h apart, as in China since 1992.
        local = datetime.fromordinal(ordinal) + timedelta(microseconds=us)
        return local.replace(tzinfo=self.tz).astimezone(UTC)

    def _position(self, moment: datetime) -> int:
        ordinal, us = self._split(moment)
        position = self._work_days_before(ordinal) * self._day_us
        if self._is_work(ordinal):
            for start, end in self._spans:
                if us <= start:
                    break
                position += min(us, end) - start
        return position

    def _time_of_day(self, worked: int) -> int:
        for start, end in self._spans:
            if worked <= end - start:
                return start + worked
            worked -= end - start
        raise AssertionError("more working time than a day has")

    def _is_work(self, ordinal: int) -> bool:
        year = self._year_of(ordinal)
        index = ordinal - year.first
        return year.before[index + 1] > year.before[index]

    def _work_days_before(self, ordinal: int) -> int:
        year = self._year_of(ordinal)
        return year.base + year.before[ordinal - year.first]

    def _ordinal_of(self, days: int, near: int) -> int:
        """The day that has exactly `days` work days between the epoch and itself, and is one."""
        number = near
        while (year := self._year(number)).base > days:
            number -= 1
        while days >= year.base + year.before[-1]:
            number += 1
            year = self._year(number)
        return year.first + bisect_right(year.before, days - year.base) - 1

    def _year_of(self, ordinal: int) -> _Year:
        return self._year(date.fromordinal(ordinal).year)

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is not None:
            return found
        with self._building:
            return self._chain(number)

    def _chain(self, number: int) -> _Year:
        """Build the years between those at hand and `number`: `base` is one count across all."""
        years = self._years
        if number in years:
            return years[number]
        if number > max(years):
            for n in range(max(years) + 1, number + 1):
                last = years[n - 1]
                years[n] = self._table(n, base=last.base + last.before[-1])
        else:
            for n in range(min(years) - 1, number - 1, -1):
                table = self._table(n, base=0)
                years[n] = _Year(table.first, years[n + 1].base - table.before[-1], table.before)
        return years[number]

    def _table(self, number: int, base: int) -> _Year:
        first = date(number, 1, 1).toordinal()
        last = date(number, 12, 31).toordinal()
        before = [0]
        for ordinal in range(first, last + 1):
            before.append(before[-1] + self.is_work_day(date.fromordinal(ordinal)))
        return _Year(first, base, tuple(before))


def _us(wall: time) -> int:
    seconds = (wall.hour * 60 + wall.minute) * 60 + wall.second
    return seconds * 1_000_000 + wall.microsecond
