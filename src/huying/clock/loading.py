"""Seeding a district's calendar from the package's data.

`data/calendar.csv` holds the days off and make-up days of the State Council's yearly notices
(国务院办公厅关于部分节假日安排的通知), one row a day, weekends inside a holiday included.
"""

import csv
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from django.db import transaction

from huying.clock.calendar import DEFAULT_HOURS
from huying.clock.models import CalendarDay, CalendarYear, WorkingHours

DEFAULT_DISTRICT = "440113"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loading added; all empty when everything was there already."""

    years: tuple[int, ...]
    days: int
    hours: int


def load_calendar(district_code: str = DEFAULT_DISTRICT) -> Loaded:
    """Add the known years that the district does not have yet, and hours if it has none.

    A year that is there is left alone, with whatever was edited, added or removed in it, and so
    are single days entered ahead of their year. Running it again adds nothing.
    """
    by_year: dict[int, list[CalendarDay]] = {}
    source = (files("huying") / "data" / "calendar.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(source.splitlines()):
        day = date.fromisoformat(row["day"])
        by_year.setdefault(day.year, []).append(
            CalendarDay(district_code=district_code, day=day, kind=row["kind"], name=row["name"])
        )
    with transaction.atomic():
        known = set(
            CalendarYear.objects.filter(district_code=district_code).values_list("year", flat=True)
        )
        years = tuple(year for year in sorted(by_year) if year not in known)
        days = CalendarDay.objects.filter(district_code=district_code)
        before = days.count()
        CalendarYear.objects.bulk_create(
            [
                CalendarYear(
                    district_code=district_code,
                    year=year,
                    source=f"国务院办公厅关于{year}年部分节假日安排的通知",
                )
                for year in years
            ],
            ignore_conflicts=True,
        )
        CalendarDay.objects.bulk_create(
            [day for year in years for day in by_year[year]], ignore_conflicts=True
        )
        hours = []
        if not WorkingHours.objects.filter(district_code=district_code).exists():
            hours = WorkingHours.objects.bulk_create(
                [
                    WorkingHours(district_code=district_code, starts=starts, ends=ends)
                    for starts, ends in DEFAULT_HOURS
                ],
                ignore_conflicts=True,
            )
        return Loaded(years, days.count() - before, len(hours))
