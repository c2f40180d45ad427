"""What of a case counts, as the log came to say it: each thing with the time for which it held.

A figure of a moment is made of the facts that held then. So a fact is held from the writing of the
event that made it, and not before its deadline has come; and until the writing of the one that
took it back. Pure: events in, facts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from huying.assessment.course import Walk
from huying.assessment.duties import Course, Duty, Mark
from huying.assessment.standing import Versions
from huying.assessment.tallies import COUNTING, Line, of_all, of_duty, of_mark
from huying.clock.calendar import WorkingCalendar

FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class Event(NamedTuple):
    """An event of the log, as the fold wants it, with the moment of its writing."""

    seq: int
    at: datetime
    written_at: datetime
    verb: str
    actor_kind: str
    actor_id: int | None
    role: str | None
    from_state: str | None
    to_state: str
    data: dict[str, Any]


class What(NamedTuple):
    """One thing that counts; the same thing is equal to itself."""

    seq: int
    day: date
    due: datetime | None
    area: str
    holder: str
    item: str
    channel: str
    kind: str
    unit: int | None
    account: int | None
    reporter: int | None
    tallies: tuple[str, ...]


class Held(NamedTuple):
    """A fact that holds: its number within the case, and since when."""

    number: int
    from_at: datetime


@dataclass(slots=True)
class Learned:
    """What new events change: numbers that end at a moment or never held, and facts to add."""

    ended: list[tuple[int, datetime]] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    added: list[tuple[int, What, datetime, datetime | None]] = field(default_factory=list)


class Facts:
    """What counts of one case, asked for after each event: what did not change is kept."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[object, list[_Keyed]]] = {}
        self._last: tuple[list[int], set[What]] = [], set()

    def of(self, course: Course) -> set[What]:
        """All that counts of a course sooner or later, as it is known now."""
        counting = [each for each in course.duties if each.owed in COUNTING]
        there = [id(each) for each in (*counting, *course.marks)]
        if there != self._last[0]:
            self._last = there, self._of(replace(course, duties=tuple(counting)))
        return self._last[1]

    def _of(self, course: Course) -> set[What]:
        grouped: dict[tuple[Any, ...], list[str]] = {}
        for each in course.duties:
            self._add(each, grouped)
        for mark in course.marks:
            self._add(mark, grouped)
        for line in of_all(course, FOREVER):
            grouped.setdefault(_key(line), []).append(line.tally.value)
        return {What._make((*key, tuple(sorted(tallies)))) for key, tallies in grouped.items()}

    def _add(self, of: Duty | Mark, grouped: dict[tuple[Any, ...], list[str]]) -> None:
        found = self._kept.get(id(of))
        if found is None:
            lines = of_duty(of, FOREVER) if isinstance(of, Duty) else of_mark(of)
            # With the thing itself: as long as it is kept, no other one has its id.
            found = self._kept[id(of)] = of, [(_key(line), line.tally.value) for line in lines]
        for key, tally in found[1]:
            grouped.setdefault(key, []).append(tally)


_Keyed = tuple[tuple[Any, ...], str]


def _key(line: Line) -> tuple[Any, ...]:
    about = line.about
    return (
        line.seq, line.day, line.due, about.area, about.holder, about.item, about.channel,
        about.kind, about.unit, about.account, about.reporter,
    )  # fmt: skip


def learned(
    events: Iterable[Event],
    *,
    counted: int = 0,
    held: Mapping[What, Held] | None = None,
    next_number: int = 1,
    versions: Versions,
    calendar: WorkingCalendar,
) -> Learned:
    """What the events after the ``counted`` ones change about the facts that were held by then.

    Raises:
        ValueError: the first event is no report.
    """
    walk, facts, out = Walk(versions, calendar), Facts(), Learned()
    now: dict[What, Held] = dict(held or {})
    fresh: dict[int, What] = {}
    number, written = next_number, None
    for event in events:
        walk.take(event)
        # Who waited for the case's row may have looked at the clock first.
        written = event.written_at if written is None else max(written, event.written_at)
        if event.seq <= counted:
            continue
        found = facts.of(walk.course())
        for what in [each for each in now if each not in found]:
            was = now.pop(what)
            _take_back(out, fresh, was, written)
        # In an order of their own, so that numbers are the same each time.
        for what in sorted(found - now.keys(), key=_order):
            since = written if what.due is None else max(written, what.due)
            now[what] = Held(number, since)
            fresh[number] = what
            number += 1
    out.added += [
        (each.number, what, each.from_at, None)
        for what, each in now.items()
        if each.number in fresh
    ]
    out.added.sort(key=lambda each: each[0])
    return out


def _take_back(out: Learned, fresh: dict[int, What], was: Held, written: datetime) -> None:
    ever = was.from_at < written
    if was.number in fresh:
        what = fresh.pop(was.number)
        if ever:
            out.added.append((was.number, what, was.from_at, written))
    elif ever:
        out.ended.append((was.number, written))
    else:
        out.dropped.append(was.number)


def _order(what: What) -> tuple[int, tuple[str, ...]]:
    return what.seq, tuple(map(str, what))
