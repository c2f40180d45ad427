"""What of a case counts, as the log came to say it: each thing with the time for which it held.

A figure of a moment is made of the facts that held then. So a fact is held from the writing of the
event that made it, and not before its deadline has come; and until the writing of the one that
took it back. Pure: events in, facts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from huying.assessment.course import Walk
from huying.assessment.duties import Course
from huying.assessment.standing import Versions
from huying.assessment.tallies import lines
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


def facts_of(course: Course) -> set[What]:
    """All that counts of a course sooner or later, as it is known now."""
    grouped: dict[tuple[Any, ...], list[str]] = {}
    for line in lines(course, FOREVER):
        about = line.about
        key = (
            line.seq, line.day, line.due, about.area, about.holder, about.item, about.channel,
            about.kind, about.unit, about.account, about.reporter,
        )  # fmt: skip
        grouped.setdefault(key, []).append(str(line.tally))
    return {What._make((*key, tuple(sorted(tallies)))) for key, tallies in grouped.items()}


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
    walk, out = Walk(versions, calendar), Learned()
    now: dict[What, Held] = dict(held or {})
    fresh: dict[int, What] = {}
    number, written = next_number, None
    for event in events:
        walk.take(event)
        # Who waited for the case's row may have looked at the clock first.
        written = event.written_at if written is None else max(written, event.written_at)
        if event.seq <= counted:
            continue
        found = facts_of(walk.course())
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
