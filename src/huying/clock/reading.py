"""A district's working calendar and ladder, from the database, kept in the process."""

import time as monotonic_clock
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from functools import cache
from importlib.resources import files

from django.db import connection

from huying.clock.calendar import DEFAULT_HOURS, Day, DayKind, WorkingCalendar
from huying.clock.ladder import USUAL, Ladder
from huying.clock.models import CalendarDay, CalendarYear, LadderSetting, WorkingHours

CHECK_EVERY_S = 1.0
"""How long a process may go on with a calendar before it asks whether it has changed."""


@dataclass(slots=True)
class _Kept:
    calendar: WorkingCalendar
    ladder: Ladder
    version: str
    checked: float  # monotonic seconds


_kept: dict[str, _Kept] = {}


def calendar_for(area_code: str) -> WorkingCalendar:
    """The calendar of the district that an area code of any length lies in.

    Kept in the process; at most once a second one query asks whether the rows have changed, so
    an edit in another process is seen within a second. Callers get the same object until then.
    A district without any rows has the default hours, plain weekdays and no known year.
    """
    return _kept_for(area_code).calendar


def ladder_for(area_code: str) -> Ladder:
    """The ladder of supervision of an area's district, kept as calendars are."""
    return _kept_for(area_code).ladder


def _kept_for(area_code: str) -> _Kept:
    district = area_code[:6]
    now = monotonic_clock.monotonic()
    kept = _kept.get(district)
    if kept is not None and now - kept.checked < CHECK_EVERY_S:
        return kept
    # The version first: rows that change in between are then read again next time, not missed.
    version = calendar_version(district)
    if kept is not None and kept.version == version:
        kept.checked = now
        return kept
    _kept[district] = _Kept(_read(district), _read_ladder(district), version, now)
    return _kept[district]


def forget_calendars() -> None:
    """Read every calendar anew at its next use; for one's own edits, and between tests."""
    _kept.clear()


def _read(district: str) -> WorkingCalendar:
    return WorkingCalendar(
        hours=_joined(
            WorkingHours.objects.filter(district_code=district)
            .order_by("starts")
            .values_list("starts", "ends")
        )
        or DEFAULT_HOURS,
        days={
            day: Day(DayKind(kind), name)
            for day, kind, name in CalendarDay.objects.filter(district_code=district).values_list(
                "day", "kind", "name"
            )
        },
        known_years=frozenset(
            CalendarYear.objects.filter(district_code=district).values_list("year", flat=True)
        ),
    )


def _read_ladder(district: str) -> Ladder:
    found = LadderSetting.objects.filter(district_code=district).first()
    if found is None:
        return USUAL
    return Ladder(found.remind, found.leader, found.supervise, found.reworks)


def _joined(hours: Iterable[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Overlapping intervals as one: nothing keeps rows written past the forms from overlapping."""
    midnight = time(0)
    joined: list[tuple[time, time]] = []
    for starts, ends in hours:
        if joined and (joined[-1][1] == midnight or starts <= joined[-1][1]):
            if joined[-1][1] != midnight and (ends == midnight or ends > joined[-1][1]):
                joined[-1] = (joined[-1][0], ends)
        else:
            joined.append((starts, ends))
    return tuple(joined)


def calendar_version(district: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_version_query(), {"district": district})
        (version,) = cursor.fetchone()
    return str(version)


@cache
def _version_query() -> str:
    return (files("huying") / "sql" / "calendar_version.sql").read_text(encoding="utf-8")
