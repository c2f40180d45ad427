"""What was done, for everybody: figures that are late and coarse enough that nobody is found.

A month is published once, on the fifteenth day after its end, and never changes: whoever keeps two
copies learns nothing from their difference. A cell is the number of closed cases of a town and a
kind of matter. The cells are atoms: none has fewer than `LEAST` cases, every case is in one, and
every total that is published is a sum of whole atoms. So the difference of any two published
numbers of which one is part of the other is such a sum too, and no remainder is small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.utils import timezone

from huying.cases.models import Case
from huying.cases.states import State
from huying.places.models import CODE_LENGTH, Level

LEAST: Final = 5
LATER: Final = timedelta(days=15)
REST: Final = "rest"
"""In place of an item or a town: several of them together, each too few alone."""

TOWN: Final = CODE_LENGTH[Level.TOWN]


class PublishedMonth(models.Model):
    """A month's figures as they were published. Never changed."""

    month = models.DateField(primary_key=True, help_text="its first day")
    district_code = models.CharField(max_length=6)
    cells = models.JSONField(help_text="[town or rest, item or rest, closed cases]")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "published_month"
        ordering = ["-month"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Closed cases of a town and an item; either may be `REST`."""

    town: str
    item: str
    closed: int


def coarse(counts: Mapping[tuple[str, str], int], least: int = LEAST) -> list[Cell]:
    """The cells of a month, from the number of closed cases by town and item.

    Items too few in their town go together as its rest, with the smallest other one when they are
    still too few; towns too few as a whole go together, with the smallest other town if need be.
    What is too few altogether is not published.
    """
    towns: dict[str, Counter[str]] = {}
    for (town, item), number in counts.items():
        if number > 0:
            towns.setdefault(town, Counter())[item] += number
    merged: Counter[str] = Counter()
    for town in sorted(towns, key=lambda each: (towns[each].total(), each)):
        if towns[town].total() < least or 0 < merged.total() < least:
            merged += towns.pop(town)
    if 0 < merged.total() < least:
        return []  # everything there is
    whole = [(town, items) for town, items in sorted(towns.items())]
    if merged:
        whole.append((REST, merged))
    return [cell for town, items in whole for cell in _of_town(town, items, least)]


def _of_town(town: str, items: Counter[str], least: int) -> list[Cell]:
    alone: dict[str, int] = {}
    rest = 0
    for item, number in sorted(items.items(), key=lambda each: (each[1], each[0])):
        if item == REST or number < least or 0 < rest < least:
            rest += number
        else:
            alone[item] = number
    cells = [Cell(town, item, number) for item, number in sorted(alone.items())]
    if rest:
        cells.append(Cell(town, REST, rest))
    return cells


def totals(cells: Iterable[Cell]) -> dict[str, int]:
    """Closed cases by town: sums of whole cells."""
    found: Counter[str] = Counter()
    for cell in cells:
        found[cell.town] += cell.closed
    return dict(found)


def due_month(today: date) -> date:
    """The first day of the latest month that may be published today."""
    last = (today - LATER).replace(day=1) - timedelta(days=1)
    return last.replace(day=1)


def publish(*, now: datetime) -> int:
    """Publishes the months that are due and are not out yet; how many."""
    month, made = due_month(timezone.localdate(now)), 0
    for _turn in range(12):
        made += publish_month(month, now)
        month = (month - timedelta(days=1)).replace(day=1)
    return made


def publish_month(month: date, now: datetime) -> bool:
    """Publishes one month, due or not; False where it is out already or there is too little."""
    if PublishedMonth.objects.filter(month=month).exists():
        return False
    zone = timezone.get_default_timezone()
    starts = datetime(month.year, month.month, 1, tzinfo=zone)
    after = (month + timedelta(days=32)).replace(day=1)
    ends = datetime(after.year, after.month, 1, tzinfo=zone)
    rows = Case.objects.filter(
        state=State.CLOSED, ended_at__gte=starts, ended_at__lt=ends
    ).values_list("area_code", "item_code", "district_code")
    counts: Counter[tuple[str, str]] = Counter()
    district = ""
    for area, item, district_code in rows.iterator():
        counts[area[:TOWN], item or REST] += 1
        district = district_code
    cells = coarse(counts)
    if not cells:
        return False
    with transaction.atomic():
        _month, new = PublishedMonth.objects.get_or_create(
            month=month,
            defaults={
                "district_code": district,
                "cells": [[each.town, each.item, each.closed] for each in cells],
                "made_at": now,
            },
        )
    return new


def cells_of(month: PublishedMonth) -> list[Cell]:
    return [Cell(*each) for each in month.cells]
