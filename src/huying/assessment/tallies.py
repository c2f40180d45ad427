"""What a course adds to the figures: one line for each thing that counts, on the day it counts.

A duty counts on the civil day of its deadline 应办, whenever it was done; a happening on the day on
which it happened. Every line names its case and event, so that each figure opens into what it is
made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from huying.assessment.duties import About, Course, Duty, Happening, How, Mark, Owed
from huying.cases.models import Channel
from huying.catalogue.models import Kind
from huying.clock.calendar import CIVIL_TZ
from huying.places.models import CODE_LENGTH, Level

SIMPLE_WITHIN: Final = timedelta(hours=24)
"""小事: a simple matter is closed within a day of its report."""

NEAR_SHARE: Final = 0.1
"""临期: a return in the last tenth of the time to handle is one near the deadline."""

BY_OTHERS: Final = frozenset({Channel.HOTLINE, Channel.RESIDENT, Channel.MESSAGE, Channel.WALK_IN})
"""Doors of residents: what came by them from within a grid, and was true, the patrol had missed."""


class Tally(StrEnum):
    """What is counted. The indicators' formulas are made of these names."""

    PATROL_DECIDED = "patrol_decided"
    PATROL_VALID = "patrol_valid"
    FOUND_BY_OTHERS = "found_by_others"
    DECIDED = "decided"
    OUTSIDE_LIST = "outside_list"
    ACCEPTED = "accepted"
    ACCEPTED_RIGHTLY = "accepted_rightly"
    DISPATCHED = "dispatched"
    DISPATCHED_RIGHTLY = "dispatched_rightly"
    VERIFY_DUE = "verify_due"
    VERIFY_IN_TIME = "verify_in_time"
    ACCEPT_DUE = "accept_due"
    ACCEPT_IN_TIME = "accept_in_time"
    DISPATCH_DUE = "dispatch_due"
    DISPATCH_IN_TIME = "dispatch_in_time"
    HANDLE_DUE = "handle_due"
    HANDLE_DONE = "handle_done"
    HANDLE_IN_TIME = "handle_in_time"
    CHECK_DUE = "check_due"
    CHECK_IN_TIME = "check_in_time"
    TOTAL_DUE = "total_due"
    TOTAL_DONE = "total_done"
    TOTAL_IN_TIME = "total_in_time"
    DAY_DUE = "day_due"
    DAY_DONE = "day_done"
    CHECKED = "checked"
    REWORK = "rework"
    EXTENDED = "extended"
    RETURNED = "returned"
    RETURNED_AGAIN = "returned_again"
    RETURNED_NEAR = "returned_near"
    SUPERVISED = "supervised"
    CLOSINGS = "closings"
    REOPENED = "reopened"
    HEARD = "heard"
    RESPONDED = "responded"
    SOLVED = "solved"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly_satisfied"
    COME_DUE = "come_due"
    COME_IN_TIME = "come_in_time"
    WATCHED = "watched"
    RECURRED = "recurred"
    PATROL_WANTED = "patrol_wanted"
    PATROL_MADE = "patrol_made"
    SURVEY_WANTED = "survey_wanted"
    SURVEY_DONE = "survey_done"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that counts, once.

    Attributes:
        due: the moment before which it does not count; None for what simply happened. A line that
            hangs on the moment of asking has to say so here: the facts are kept by it.
    """

    tally: Tally
    day: date
    seq: int
    about: About
    due: datetime | None = None


_DUE: Final = {
    Owed.VERIFY: (Tally.VERIFY_DUE, None, Tally.VERIFY_IN_TIME),
    Owed.ACCEPT: (Tally.ACCEPT_DUE, None, Tally.ACCEPT_IN_TIME),
    Owed.DISPATCH: (Tally.DISPATCH_DUE, None, Tally.DISPATCH_IN_TIME),
    Owed.HANDLE: (Tally.HANDLE_DUE, Tally.HANDLE_DONE, Tally.HANDLE_IN_TIME),
    Owed.CHECK: (Tally.CHECK_DUE, None, Tally.CHECK_IN_TIME),
    Owed.TOTAL: (Tally.TOTAL_DUE, Tally.TOTAL_DONE, Tally.TOTAL_IN_TIME),
    Owed.COME: (Tally.COME_DUE, None, Tally.COME_IN_TIME),
}
COUNTING: Final = frozenset(_DUE)
"""Duties that count as something; signing and the desk's closing are not among them."""

_EACH_TIME: Final = {
    Happening.OUTSIDE_LIST: Tally.OUTSIDE_LIST,
    Happening.CHECKED: Tally.CHECKED,
    Happening.REWORK: Tally.REWORK,
    Happening.RETURNED: Tally.RETURNED,
    Happening.RETURNED_AGAIN: Tally.RETURNED_AGAIN,
    Happening.CLOSED: Tally.CLOSINGS,
    Happening.REOPENED: Tally.REOPENED,
    Happening.HEARD: Tally.HEARD,
    Happening.RESPONDED: Tally.RESPONDED,
    Happening.SOLVED: Tally.SOLVED,
    Happening.SATISFIED: Tally.SATISFIED,
    Happening.FAIRLY_SATISFIED: Tally.FAIRLY_SATISFIED,
}


def lines(course: Course, by: datetime) -> Iterator[Line]:
    """What a course adds, as known at a moment: a deadline that lies after it is not missed yet."""
    for duty in course.duties:
        yield from of_duty(duty, by)
    for mark in course.marks:
        yield from of_mark(mark)
    yield from of_all(course, by)


def of_mark(mark: Mark) -> Iterator[Line]:
    """What one happening adds, whatever else there is."""
    if mark.what in _EACH_TIME:
        yield Line(_EACH_TIME[mark.what], civil_day(mark.at), mark.seq, mark.about)


def of_all(course: Course, by: datetime) -> Iterator[Line]:
    """What hangs on more than one duty or happening."""
    yield from _once(course, Happening.SUPERVISED, Tally.SUPERVISED)
    yield from _accepting(course)
    yield from _dispatching(course)
    yield from _within_a_day(course, by)


def of_duty(duty: Duty, by: datetime) -> Iterator[Line]:
    """What one duty adds, whatever else there is."""
    tallies = _DUE.get(duty.owed)
    if tallies is None or duty.due is None or not duty.counts(by):
        return
    due, done, in_time = tallies
    day = civil_day(duty.due)
    yield Line(due, day, duty.seq, duty.about, duty.due)
    if done is not None and duty.is_done:
        yield Line(done, day, duty.seq, duty.about, duty.due)
    if duty.in_time:
        yield Line(in_time, day, duty.seq, duty.about, duty.due)


def _once(course: Course, what: Happening, tally: Tally) -> Iterator[Line]:
    """A case counts once, however often it happened to it."""
    first = next((mark for mark in course.marks if mark.what is what), None)
    if first is not None:
        yield Line(tally, civil_day(first.at), first.seq, first.about)


def _accepting(course: Course) -> Iterator[Line]:
    changed = max(
        (mark.seq for mark in course.marks if mark.what is Happening.ITEM_CHANGED), default=0
    )
    for mark in course.marks:
        if mark.what not in (Happening.ACCEPTED, Happening.DECLINED):
            continue
        day, true = civil_day(mark.at), mark.what is Happening.ACCEPTED
        # Who reported it is whom the figure of reports is about.
        about = mark.about
        yield Line(Tally.DECIDED, day, mark.seq, about)
        if about.patrol:
            yield Line(Tally.PATROL_DECIDED, day, mark.seq, about)
        if not true:
            continue
        yield Line(Tally.ACCEPTED, day, mark.seq, about)
        if changed < mark.seq:
            yield Line(Tally.ACCEPTED_RIGHTLY, day, mark.seq, about)
        if about.patrol:
            yield Line(Tally.PATROL_VALID, day, mark.seq, about)
        elif about.channel in BY_OTHERS and len(about.area) == CODE_LENGTH[Level.GRID]:
            yield Line(Tally.FOUND_BY_OTHERS, day, mark.seq, about)


def _dispatching(course: Course) -> Iterator[Line]:
    handling = {duty.seq: duty for duty in course.duties if duty.owed is Owed.HANDLE}
    granted = [mark.seq for mark in course.marks if mark.what is Happening.EXTENDED]
    for mark in course.marks:
        if mark.what is not Happening.DISPATCHED:
            continue
        duty, day = handling[mark.seq], civil_day(mark.at)
        yield Line(Tally.DISPATCHED, day, mark.seq, mark.about)
        if duty.how is not How.PASSED_ON:
            yield Line(Tally.DISPATCHED_RIGHTLY, day, mark.seq, mark.about)
        if _near(duty) and duty.ended_at is not None:
            yield Line(Tally.RETURNED_NEAR, civil_day(duty.ended_at), mark.seq, duty.about)
        until = duty.ended_seq
        if any(mark.seq < seq and (until is None or seq < until) for seq in granted):
            yield Line(Tally.EXTENDED, day, mark.seq, mark.about)


def _near(duty: Duty) -> bool:
    """Returned before its deadline, and so nobody's any more, but only just before."""
    if duty.how is not How.PASSED_ON or duty.due is None or duty.ended_at is None:
        return False
    return duty.due - NEAR_SHARE * (duty.due - duty.since) <= duty.ended_at <= duty.due


def _within_a_day(course: Course, by: datetime) -> Iterator[Line]:
    """Simple matters that were accepted: closed within 24 hours of the report, or not."""
    if not any(mark.what is Happening.ACCEPTED for mark in course.marks):
        return
    report = course.marks[0]
    until = report.at + SIMPLE_WITHIN
    first = next(duty for duty in course.duties if duty.owed is Owed.TOTAL)
    if first.about.kind != Kind.SIMPLE or until > by or first.how is How.DROPPED:
        return
    yield Line(Tally.DAY_DUE, civil_day(until), report.seq, first.about, until)
    if first.is_done and first.ended_at is not None and first.ended_at <= until:
        yield Line(Tally.DAY_DONE, civil_day(until), report.seq, first.about, until)


def civil_day(moment: datetime) -> date:
    """The day in Asia/Shanghai."""
    return moment.astimezone(CIVIL_TZ).date()
