"""Deadlines: when a limit runs out, with pauses and extensions, and why then.

A deadline is the earliest moment at which the limit's time has passed on its clock. Pauses stop
the clock: the deadline moves by exactly the clock time lost in them, so a suspension over a
weekend moves a deadline in work days by nothing. Extensions follow the limit, each counted on its
own clock from where the one before it ended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from huying.clock.calendar import Day, DayKind, WorkingCalendar
from huying.clock.limits import Limit, Pause, merged

NOTHING = timedelta(0)


class StepKind(StrEnum):
    """The reasons a deadline is made of, in the order they are told."""

    START = "start"
    LIMIT = "limit"
    EXTENSION = "extension"
    WORKING_HOURS = "working_hours"
    WEEKENDS = "weekends"
    HOLIDAY = "holiday"
    MAKE_UP_DAY = "make_up_day"
    PAUSE = "pause"
    UNKNOWN_YEAR = "unknown_year"
    DUE = "due"
    STANDS_STILL = "stands_still"


@dataclass(frozen=True, slots=True)
class Step:
    """One reason. Which fields are set depends on `kind`.

    START, DUE: `at`. LIMIT, EXTENSION: `limit` and `time`, its clock time. WEEKENDS: `days` off
    that no holiday names. HOLIDAY: `name`, `days`, `first`, `last`. MAKE_UP_DAY: `name`, `first`.
    PAUSE: `at`, `until` (None: open) and `time`, the clock time lost (None: open). UNKNOWN_YEAR:
    `year`. STANDS_STILL: `at`, and `time`, what is left once the clock runs again.
    """

    kind: StepKind
    at: datetime | None = None
    until: datetime | None = None
    time: timedelta | None = None
    limit: Limit | None = None
    days: int = 0
    name: str = ""
    first: date | None = None
    last: date | None = None
    year: int | None = None


@dataclass(frozen=True)
class Due:
    """A deadline with what it was made from. Made by `due`.

    `at` is None while an open-ended pause holds the clock before the limit ran out (`paused`).
    `total` is the clock time allowed, extensions included.
    """

    at: datetime | None
    paused: bool
    total: timedelta
    start: datetime
    limit: Limit
    extensions: tuple[Limit, ...]
    pauses: tuple[Pause, ...]
    calendar: WorkingCalendar = field(repr=False, compare=False)

    def used(self, now: datetime) -> timedelta:
        """Clock time run by `now`; more than `total` once overdue, nothing before the start."""
        used = NOTHING
        position = self.start
        for works, amount in self._legs[:-1]:
            end = _advance(self.calendar, works, position, amount, self.pauses)
            if end is None or now < end:
                return used + self._ran(works, position, now)
            used += amount
            position = end
        return used + self._ran(self._legs[-1][0], position, now)

    def remaining(self, now: datetime) -> timedelta:
        """Clock time left at `now`; negative by the clock time passed since the deadline."""
        return self.total - self.used(now)

    def moment_of(self, share_used: float) -> datetime | None:
        """When this share of the allowed time is used; None when a pause holds it.

        More than 1 is beyond the deadline: there the last of its clocks runs on.
        """
        goal = self.total * share_used
        return _end(self.calendar, _part(self._legs, goal), self.start, self.pauses)

    def pause_at(self, now: datetime) -> Pause | None:
        """The pause that holds the clock at `now`, if one does."""
        return next((pause for pause in self.pauses if pause.holds(now)), None)

    def runs_on_work(self, now: datetime) -> bool:
        """Is the clock that counts at `now` a work clock? An extension may have another."""
        position = self.start
        legs = self._legs
        for works, amount in legs[:-1]:
            end = _advance(self.calendar, works, position, amount, self.pauses)
            if end is None or now < end:
                return works
            position = end
        return legs[-1][0]

    def _ran(self, works: bool, start: datetime, now: datetime) -> timedelta:
        return _running(self.calendar, works, start, max(now, start), self.pauses)

    @cached_property
    def unknown_years(self) -> tuple[int, ...]:
        """Years crossed on a work clock whose days off are not known: plain weekdays counted."""
        if not any(works for works, _ in self._legs):
            return ()
        return self.calendar.unknown_years(self.start, self._reach)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Why it is due when it is due. Worked out when asked for, not on the intake path."""
        return tuple(_steps(self))

    @cached_property
    def _legs(self) -> Sequence[tuple[bool, timedelta]]:
        return _legs(self.limit, self.extensions, self.calendar)

    @property
    def _reach(self) -> datetime:
        """How far the clock's way is known: the deadline, or where an open pause begins."""
        return self.at if self.at is not None else self.pauses[-1].start


def due(
    start: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Limit] = (),
) -> Due:
    """When a limit that starts at `start` runs out. Raises ValueError for a naive `start`."""
    if start.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {start.isoformat()}")
    start = start.astimezone(UTC)
    extensions = tuple(extensions)
    standing = merged(pauses, since=start)
    legs = _legs(limit, extensions, calendar)
    at = _end(calendar, legs, start, standing)
    total = sum((amount for _, amount in legs), NOTHING)
    return Due(at, at is None, total, start, limit, extensions, standing, calendar)


def _legs(
    limit: Limit, extensions: Iterable[Limit], calendar: WorkingCalendar
) -> Sequence[tuple[bool, timedelta]]:
    # Neighbours on the same kind of clock are one leg: time on a clock is additive.
    legs = [(limit.clock.counts_work, limit.time(calendar))]
    for extension in extensions:
        works, amount = extension.clock.counts_work, extension.time(calendar)
        if legs[-1][0] is works:
            legs[-1] = (works, legs[-1][1] + amount)
        else:
            legs.append((works, amount))
    return legs


def _part(legs: Sequence[tuple[bool, timedelta]], goal: timedelta) -> list[tuple[bool, timedelta]]:
    part = []
    for works, amount in legs[:-1]:
        part.append((works, min(amount, goal)))
        goal -= part[-1][1]
    return [*part, (legs[-1][0], goal)]


def _end(
    calendar: WorkingCalendar,
    legs: Iterable[tuple[bool, timedelta]],
    start: datetime,
    pauses: tuple[Pause, ...],
) -> datetime | None:
    position: datetime | None = start
    for works, amount in legs:
        if position is not None:
            position = _advance(calendar, works, position, amount, pauses)
    return position


def _advance(
    calendar: WorkingCalendar,
    works: bool,
    start: datetime,
    amount: timedelta,
    pauses: tuple[Pause, ...],
) -> datetime | None:
    """The earliest moment by which the clock has run `amount`; None if a pause never lets it."""
    position = start
    for pause in pauses:
        if not amount:
            return position
        if pause.end is not None and pause.end <= position:
            continue
        if pause.start > position:
            runs = _between(calendar, works, position, pause.start)
            if amount <= runs:
                break
            amount -= runs
        if pause.end is None:
            return None
        position = pause.end.astimezone(UTC)
    return calendar.add_work_time(position, amount) if works else position + amount


def _running(
    calendar: WorkingCalendar,
    works: bool,
    start: datetime,
    end: datetime,
    pauses: tuple[Pause, ...],
) -> timedelta:
    ran = _between(calendar, works, start, end)
    for pause in pauses:
        first, last = max(pause.start, start), min(pause.end or end, end)
        if first < last:
            ran -= _between(calendar, works, first, last)
    return ran


def _between(calendar: WorkingCalendar, works: bool, start: datetime, end: datetime) -> timedelta:
    return calendar.work_time_between(start, end) if works else end - start


def _steps(of: Due) -> Iterable[Step]:
    calendar, reach = of.calendar, of._reach
    yield Step(StepKind.START, at=of.start)
    yield Step(StepKind.LIMIT, limit=of.limit, time=of.limit.time(calendar))
    for extension in of.extensions:
        yield Step(StepKind.EXTENSION, limit=extension, time=extension.time(calendar))
    for works, first, last in _runs(of):
        if works:
            yield Step(StepKind.WORKING_HOURS)
            yield from _days(calendar, calendar.civil_day(first), calendar.civil_day(last))
    for pause in of.pauses:
        if pause.start < reach or (of.at is None and pause.start == reach):
            yield Step(StepKind.PAUSE, at=pause.start, until=pause.end, time=_lost(of, pause))
    for year in of.unknown_years:
        yield Step(StepKind.UNKNOWN_YEAR, year=year)
    if of.at is not None:
        yield Step(StepKind.DUE, at=of.at)
    else:
        yield Step(StepKind.STANDS_STILL, at=reach, time=of.remaining(reach))


def _runs(of: Due) -> Iterable[tuple[bool, datetime, datetime]]:
    position = of.start
    for works, amount in of._legs:
        end = _advance(of.calendar, works, position, amount, of.pauses)
        yield works, position, end if end is not None else of._reach
        if end is None:
            return
        position = end


def _lost(of: Due, pause: Pause) -> timedelta | None:
    if pause.end is None:
        return None
    return _between(of.calendar, of.runs_on_work(pause.start), pause.start, pause.end)


def _days(calendar: WorkingCalendar, first: date, last: date) -> Iterable[Step]:
    """Days off and make-up days from `first` to `last`, holidays one step for each run of days."""
    weekends = 0
    holidays: list[list[date]] = []
    names: list[str] = []
    make_up: list[tuple[date, Day]] = []
    for day, worked, entry in calendar.special_days(first, last):
        if worked:
            if entry is not None and entry.kind is DayKind.WORK:
                make_up.append((day, entry))
        elif entry is None:
            weekends += 1
        elif (
            names
            and names[-1] == entry.name
            and holidays[-1][-1].toordinal() + 1 == day.toordinal()
        ):
            holidays[-1].append(day)
        else:
            names.append(entry.name)
            holidays.append([day])
    if weekends:
        yield Step(StepKind.WEEKENDS, days=weekends)
    for name, days in zip(names, holidays, strict=True):
        yield Step(StepKind.HOLIDAY, name=name, days=len(days), first=days[0], last=days[-1])
    for day, entry in make_up:
        yield Step(StepKind.MAKE_UP_DAY, name=entry.name, first=day)
