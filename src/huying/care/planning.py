"""The week's visits, by who makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from huying.care.concerned import Responsible
from huying.care.due import days_within
from huying.care.models import CarePerson
from huying.people.acting import Actor
from huying.places import naming


@dataclass
class Week:
    """One person's week.

    Attributes:
        name: who visits; empty where nobody walks the grid.
        days: for each day of the week the people who are due, the late ones on the first.
    """

    name: str
    area: str
    member: bool = False
    days: list[list[CarePerson]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(len(each) for each in self.days)


def first_day(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_of(by: Actor, monday: date, now: datetime) -> list[Week]:
    """The week's plan of the area: for each worker the days, members after them."""
    today, sunday = timezone.localdate(now), monday + timedelta(days=6)
    cares = list(
        CarePerson.objects.visible_to(by)
        .standing()
        .filter(due_on__lte=sunday)
        .for_pages()
        .order_by("area_code", "level_id", "pk")
    )
    who = Responsible(cares, now)
    found: dict[tuple[str, str, bool], Week] = {}
    empty: list[list[CarePerson]] = [[] for _day in range(7)]
    for care in cares:
        days = days_within(care.due_on, care.every, monday, sunday, today)
        area = naming.own_name(care.area_code)
        names = [(name, False) for name in who.workers(care).values()] or [("", False)]
        names += [(name, True) for name in who.member(care).values()]
        for name, member in names:
            key = ("" if member else care.area_code, name, member)
            week = found.setdefault(
                key, Week(name, "" if member else area, member, [list(each) for each in empty])
            )
            for day in days:
                week.days[(day - monday).days].append(care)
    return [found[key] for key in sorted(found, key=lambda key: (key[2], key))]
