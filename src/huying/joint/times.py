"""When something is open, how much of it is taken, and when it is free next. Pure.

A span is half open: who leaves at ten and who comes at ten do not meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

DAY: Final = timedelta(days=1)
MINUTES: Final = 24 * 60
STEP: Final = timedelta(minutes=30)
"""What is offered begins at such a step."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time from a moment to another."""

    begins: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        return self.ends - self.begins

    def meets(self, other: Span) -> bool:
        return self.begins < other.ends and other.begins < self.ends

    def holds(self, other: Span) -> bool:
        return self.begins <= other.begins and other.ends <= self.ends


@dataclass(frozen=True, slots=True)
class Use:
    """So many of it are taken for a time."""

    span: Span
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on these weekdays (1 is Monday) from a minute of the day to another.

    Where the end is not after the beginning, it is open over midnight.
    """

    days: tuple[int, ...]
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an open day in which nothing changes.

    Attributes:
        left: how many are free all through it.
    """

    span: Span
    left: int


def minute_of(typed: time) -> int:
    return typed.hour * 60 + typed.minute


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as few spans, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begins <= found[-1].ends:
            found[-1] = Span(found[-1].begins, max(found[-1].ends, span.ends))
        elif span.begins < span.ends:
            found.append(span)
    return found


def windows(openings: Sequence[Opening], first: date, days: int, zone: tzinfo) -> list[Span]:
    """When it is open on so many days from the first; without openings always."""
    begin = datetime.combine(first, time(), zone)
    whole = Span(begin, begin + days * DAY)
    if not openings:
        return [whole]
    spans = []
    # What opened on the evening before is open still.
    for n in range(-1, days):
        midnight = begin + n * DAY
        for opening in openings:
            if (midnight.isoweekday()) not in opening.days:
                continue
            ends = opening.ends if opening.ends > opening.begins else opening.ends + MINUTES
            spans.append(
                Span(
                    midnight + timedelta(minutes=opening.begins),
                    midnight + timedelta(minutes=ends),
                )
            )
    return [
        Span(max(span.begins, whole.begins), min(span.ends, whole.ends))
        for span in merged(spans)
        if span.meets(whole)
    ]


def peak(uses: Iterable[Use], span: Span) -> int:
    """The most that is taken at any moment of the span."""
    within = [use for use in uses if use.span.meets(span)]
    moments = {span.begins, *(use.span.begins for use in within)}
    return max(
        (
            sum(use.quantity for use in within if use.span.begins <= moment < use.span.ends)
            for moment in moments
            if span.begins <= moment < span.ends
        ),
        default=0,
    )


def fits(
    span: Span, open_: Sequence[Span], uses: Sequence[Use], capacity: int, wanted: int = 1
) -> bool:
    """Whether so many are free all through the span, and it is open."""
    return any(each.holds(span) for each in open_) and peak(uses, span) + wanted <= capacity


def _rounded(moment: datetime) -> datetime:
    """The next half hour."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = -((midnight - moment) // STEP)
    return midnight + steps * STEP


def next_free(
    open_: Sequence[Span],
    uses: Sequence[Use],
    capacity: int,
    wanted: int,
    length: timedelta,
    after: datetime,
) -> Span | None:
    """The first time from ``after`` on, at a half hour, at which so many are free for so long."""
    begins = {after, *(each.begins for each in open_), *(use.span.ends for use in uses)}
    for moment in sorted(_rounded(each) for each in begins if each >= after):
        span = Span(moment, moment + length)
        if fits(span, open_, uses, capacity, wanted):
            return span
    return None


def instead(
    open_: Sequence[Span],
    uses: Sequence[Use],
    capacity: int,
    wanted: int,
    asked: Span,
    now: datetime,
    most: int = 4,
) -> list[Span]:
    """What may be offered when the time that was asked is not free: soon after it, and at the same
    time of later days. As long as asked, none twice, none overlapping another."""
    found: list[Span] = []

    def offer(span: Span | None) -> None:
        if span is not None and not any(span.meets(each) for each in found):
            found.append(span)

    soonest = max(asked.begins, now)
    offer(next_free(open_, uses, capacity, wanted, asked.length, soonest))
    last = max((each.ends for each in open_), default=soonest)
    moment = asked.begins + DAY
    while len(found) < most and moment < last:
        span = Span(moment, moment + asked.length)
        if moment >= now and fits(span, open_, uses, capacity, wanted):
            offer(span)
        moment += DAY
    if len(found) < most and found:
        offer(next_free(open_, uses, capacity, wanted, asked.length, found[0].ends))
    return sorted(found)[:most]


def pieces(window: Span, uses: Sequence[Use], capacity: int) -> Iterator[Piece]:
    """The window in pieces in which the number that is free does not change, one like the next
    put together."""
    edges = {window.begins, window.ends}
    for use in uses:
        edges |= {
            edge for edge in (use.span.begins, use.span.ends) if window.begins < edge < window.ends
        }
    ordered = sorted(edges)
    last: Piece | None = None
    for begins, ends in itertools.pairwise(ordered):
        span = Span(begins, ends)
        left = max(0, capacity - peak(uses, span))
        if last is not None and last.left == left:
            last = Piece(Span(last.span.begins, ends), left)
            continue
        if last is not None:
            yield last
        last = Piece(span, left)
    if last is not None:
        yield last
