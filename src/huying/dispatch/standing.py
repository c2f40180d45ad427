"""How a case stands in time, for a list: its light and its countdown, from its row alone.

The case page asks for the whole explanation; a list of thirty may not ask thirty times. All that
a row lacks is how much of a work clock is left, and the calendar knows that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases.deadlines import Dues, dues_of, limits_for
from huying.cases.models import Case
from huying.cases.states import State
from huying.clock.calendar import WorkingCalendar
from huying.clock.explaining import countdown_words, light_words, over_words
from huying.clock.lights import Countdown, Light, Standstill, countdown
from huying.clock.limits import Clock
from huying.clock.reading import calendar_for
from huying.dispatch.models import Order


@dataclass(frozen=True, slots=True)
class Standing:
    """A light with its word, and the time left in words; no light once a case has ended.

    Attributes:
        over: how long it is over, for where there is little room; empty while it is in time.
    """

    light: Light | None
    word: str
    left: str
    due_at: datetime | None
    over: str = ""

    @property
    def running(self) -> bool:
        return self.light is not None


NONE = Standing(None, "", "", None)


def standing(case: Case, now: datetime) -> Standing:
    """How the present step of a case stands. Asks the database nothing for most cases."""
    if not case.is_open:
        return NONE
    if case.suspended_until is not None:
        until = timezone.localtime(case.suspended_until)
        words = _("suspended until %(day)s") % {"day": f"{until:%m-%d %H:%M}"}
        light = Light.GREY
        return Standing(light, light_words(light), words, None)
    if case.due_at is None:
        return NONE
    calendar = calendar_for(case.district_code)
    if case.extensions and case.state == State.HANDLING:
        # An extension may run on another clock than the limit: the row does not tell.
        return exactly(dues_of(case), now, calendar)
    found = _countdown(case.due_at, case.yellow_at, _on_work_clock(case), now, calendar)
    return _said(found, case.due_at, now, calendar)


def part_standing(order: Order, case: Case, now: datetime) -> Standing:
    """How an assisting unit's part stands, from its row: as the clock last worked it out."""
    if not case.is_open or case.is_suspended:
        return standing(case, now)
    if order.due_at is None or order.handled_at is not None:
        return NONE
    if order.limit_clock:
        works = Clock(order.limit_clock).counts_work
    else:
        handle = limits_for(case).handle
        works = handle is not None and handle.clock.counts_work
    calendar = calendar_for(case.district_code)
    found = _countdown(order.due_at, order.yellow_at, works, now, calendar)
    return _said(found, order.due_at, now, calendar)


def exactly(dues: Dues, now: datetime, calendar: WorkingCalendar) -> Standing:
    """The same from the whole deadline, pauses and extensions included."""
    current = dues.current
    if current is None:
        return NONE
    return _said(countdown(current, now), current.at, now, calendar)


def _said(
    found: Countdown, due_at: datetime | None, now: datetime, calendar: WorkingCalendar
) -> Standing:
    words = countdown_words(found, calendar, now)
    over = over_words(found) if found.left < timedelta(0) else ""
    return Standing(found.light, light_words(found.light), words, due_at, over)


def _countdown(
    due_at: datetime,
    yellow_at: datetime | None,
    on_work_clock: bool,
    now: datetime,
    calendar: WorkingCalendar,
) -> Countdown:
    light = Light.GREEN
    if now > due_at:
        light = Light.RED
    elif yellow_at is not None and now >= yellow_at:
        light = Light.YELLOW
    if not on_work_clock:
        return Countdown(light, due_at - now, None, None)
    left = (
        calendar.work_time_between(now, due_at)
        if now <= due_at
        else -calendar.work_time_between(due_at, now)
    )
    stops = calendar.end_of_work_interval(now)
    if stops is None:
        goes_on = calendar.next_work_moment(now)
        return Countdown(light, left, Standstill.OFF_HOURS, goes_on)
    return Countdown(light, left, None, stops)


def _on_work_clock(case: Case) -> bool:
    limits = limits_for(case)
    limit = {State.HANDLING: limits.handle, State.HANDLED: limits.check}.get(State(case.state))
    return limit is not None and limit.clock.counts_work
