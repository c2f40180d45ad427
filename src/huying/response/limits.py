"""How long a called unit may take to answer. What the rows say is data; this reads them.

The minutes of an emergency run day and night, those of the others may be told to run in working
time only, so that a whistle on a Friday evening is not missed before Monday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from huying.clock.calendar import WorkingCalendar
from huying.clock.reading import calendar_for
from huying.response.whistles import Sort, WhistleLimit


@dataclass(frozen=True, slots=True)
class AnswerLimit:
    """Minutes on the clock that they run on."""

    minutes: int
    working_time: bool

    def ends(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        span = timedelta(minutes=self.minutes)
        return calendar.add_work_time(start, span) if self.working_time else start + span


FIRST = {
    Sort.EMERGENCY: AnswerLimit(30, working_time=False),
    Sort.JOINT: AnswerLimit(120, working_time=True),
    Sort.PROBLEM: AnswerLimit(420, working_time=True),
}
"""What a new installation starts with; the rows made of it are the administrator's to change."""


def chosen(rows: Iterable[tuple[str, AnswerLimit]], district_code: str, sort: Sort) -> AnswerLimit:
    """The district's own limit before the one of every district. Pure."""
    found = dict(rows)
    return found.get(district_code) or found.get("") or FIRST[sort]


def answer_by(district_code: str, sort: Sort, start: datetime) -> datetime:
    """When a unit that is called now must have answered."""
    rows = [
        (row.district_code, AnswerLimit(row.minutes, row.working_time))
        for row in WhistleLimit.objects.filter(sort=sort, district_code__in=("", district_code))
    ]
    return chosen(rows, district_code, sort).ends(start, calendar_for(district_code))


def load_limits() -> None:
    """Makes the rows that every district starts with, where there are none."""
    for sort, limit in FIRST.items():
        WhistleLimit.objects.get_or_create(
            district_code="",
            sort=sort,
            defaults={"minutes": limit.minutes, "working_time": limit.working_time},
        )
