"""Opening hours as people write them, and the slots that a day has. Pure.

A week is seven days from Monday, each with its spans. Where a point keeps the working calendar, a
day off is closed whatever the weekday, and a make-up day has the hours of Monday.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from huying.clock.calendar import CIVIL_TZ, DayKind, WorkingCalendar

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]

LOOKED_AHEAD: Final = 21
"""Days within which the next opening is looked for; no holiday is longer."""
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-~]\s*(\d{1,2}):(\d{2})")
_ALIKE: Final = str.maketrans({
    "：": ":", "－": "-", "—": "-", "–": "-", "～": "~", "至": "-", "到": "-",
    "，": " ", ",": " ", "、": " ", ";": " ", "；": " ",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A time window of a day."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is open now, until when; else when it opens next, if that is known."""

    open: bool
    until: datetime | None = None
    next: datetime | None = None


def read(typed: str) -> tuple[Span, ...]:
    """The spans of a day, as ``8:30-12:00 14:00-17:30``; none for a day that is closed.

    Raises:
        ValueError: it is no such thing, or spans overlap or run backwards.
    """
    plain = typed.translate(_ALIKE).strip()
    spans: list[Span] = []
    for match in _SPAN.finditer(plain):
        first, second, third, fourth = (int(each) for each in match.groups())
        begins, ends = time(first, second), time(third, fourth)
        if not begins < ends or (spans and begins < spans[-1][1]):
            raise ValueError(typed)
        spans.append((begins, ends))
    if _SPAN.sub("", plain).strip():
        raise ValueError(typed)
    return tuple(spans)


def written(spans: Iterable[Span]) -> str:
    """The spans of a day as one writes them; `read` reads it back."""
    return " ".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in spans)


def kept(week: Week) -> list[str]:
    """A week as the database keeps it."""
    return [written(spans) for spans in week]


def week_of(rows: Sequence[str]) -> Week:
    """A week from what the database keeps."""
    return tuple(read(each) for each in rows)


def spans_on(week: Week, day: date, calendar: WorkingCalendar | None) -> tuple[Span, ...]:
    """When it is open on a day. Without a calendar weekdays alone count."""
    special = calendar.days.get(day) if calendar is not None else None
    if special is None:
        return week[day.weekday()]
    return week[0] if special.kind is DayKind.WORK else ()


def slots(spans: Iterable[Span], minutes: int) -> list[Slot]:
    """What the spans are cut into: whole windows, from the beginning of each span."""
    found = []
    for begins, ends in spans:
        start, end = _minute(begins), _minute(ends)
        found += [
            Slot(_time(at), _time(at + minutes)) for at in range(start, end - minutes + 1, minutes)
        ]
    return found


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def moment(day: date, wall: time) -> datetime:
    """The moment of a wall clock's time on a day here."""
    return datetime.combine(day, wall, CIVIL_TZ)


def standing(spans_of: Callable[[date], Iterable[Span]], now: datetime) -> Standing:
    """How it stands now. Spans that touch each other are one."""
    today = now.astimezone(CIVIL_TZ).date()
    for ahead in range(LOOKED_AHEAD):
        day, opened = today + timedelta(days=ahead), None
        for begins, ends in spans_of(day):
            start, end = moment(day, begins), moment(day, ends)
            if opened is not None and start == opened:
                opened = end
                continue
            if opened is not None:
                break
            if start <= now < end:
                opened = end
            elif now < start:
                return Standing(False, next=start)
        if opened is not None:
            return Standing(True, until=opened)
    return Standing(False)
