"""Figures of the list: how many are on it, what was due, what was done, what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Left
from django.utils import timezone

from huying.care.due import Outcome
from huying.care.models import CareKind, CarePerson, CareVisit
from huying.people.acting import Actor


@dataclass
class Sum:
    """The figures of one area.

    Attributes:
        people: who is visited now.
        due: visits that were due in these days, made or not.
        done: of those, made on their day or before.
        late: made after their day.
        open: due and not made yet.
        not_met, alarms: visits on which nobody was met; which found an emergency.
    """

    people: int = 0
    done: int = 0
    late: int = 0
    open: int = 0
    not_met: int = 0
    alarms: int = 0

    @property
    def due(self) -> int:
        return self.done + self.late + self.open

    @property
    def missed(self) -> int:
        return self.late + self.open

    @property
    def ratio(self) -> int | None:
        """Made in time of what was due; None where nothing was."""
        return 100 * self.done // self.due if self.due else None

    def add(self, other: Sum) -> None:
        for name in ("people", "done", "late", "open", "not_met", "alarms"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def by_area(by: Actor, first: date, last: date, now: datetime, length: int) -> dict[str, Sum]:
    """The figures of visits that were due between two days, for each area of so many digits."""
    today = timezone.localdate(now)
    found: dict[str, Sum] = {}
    people = CarePerson.objects.visible_to(by).standing().order_by()
    rows: Any = people.annotate(area=Left("area_code", length)).values("area")
    missed = Q(due_on__gte=first, due_on__lte=last, due_on__lt=today)
    for area, n, open_ in rows.annotate(n=Count("pk"), o=Count("pk", filter=missed)).values_list(
        "area", "n", "o"
    ):
        found[area] = Sum(people=n, open=open_)
    visits = CareVisit.objects.order_by().filter(area_code__startswith=by.area_code)
    made = Q(counts=True, planned_on__gte=first, planned_on__lte=last)
    in_days = Q(day__gte=first, day__lte=last)
    counted = (
        visits.filter(made | in_days)
        .annotate(area=Left("area_code", length))
        .values("area")
        .annotate(
            done=Count("pk", filter=made & Q(day__lte=F("planned_on"))),
            behind=Count("pk", filter=made & Q(day__gt=F("planned_on"))),
            not_met=Count("pk", filter=in_days & Q(outcome=Outcome.NOT_MET)),
            alarms=Count("pk", filter=in_days & Q(outcome=Outcome.ALARM)),
        )
    )
    for row in counted:
        sum_ = found.setdefault(row["area"], Sum())
        sum_.done, sum_.late = row["done"], row["behind"]
        sum_.not_met, sum_.alarms = row["not_met"], row["alarms"]
    return dict(sorted(found.items()))


def whole(sums: dict[str, Sum]) -> Sum:
    """All areas together."""
    found = Sum()
    for each in sums.values():
        found.add(each)
    return found


def by_kind(by: Actor) -> list[tuple[str, int]]:
    """How many are on the list for each reason; somebody may be there for two."""
    codes: dict[str, int] = {}
    rows = CarePerson.objects.visible_to(by).standing().order_by()
    for (kinds,) in rows.values_list("kinds"):
        for code in kinds:
            codes[code] = codes.get(code, 0) + 1
    return [(each.name, codes[each.code]) for each in CareKind.objects.all() if each.code in codes]


def by_level(by: Actor) -> list[tuple[str, str, int]]:
    """How many are on each level, with its colour."""
    rows = CarePerson.objects.visible_to(by).standing().order_by()
    counts = rows.values_list("level__number", "level__name", "level__colour").annotate(
        n=Count("pk")
    )
    return [(name, colour, n) for _number, name, colour, n in counts.order_by("level__number")]
