"""The moves that `flowing` makes a picture of, read by one question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from django.db import connection

from huying.assessment.flowing import BETWEEN_DESKS, Move
from huying.cases.models import Case
from huying.clock.calendar import CIVIL_TZ

MOST: Final = 20_000
"""Cases of one picture: more of them take too long for a page, and say no more."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whose flow is asked for: cases received from the first day to the last, of an area and item.

    Attributes:
        area: a division's or grid's code.
        item: an item's code; "" for all.
    """

    area: str
    first: date
    last: date
    item: str = ""

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, CIVIL_TZ)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time.min, CIVIL_TZ)


def how_many(span: Span) -> int:
    """How many cases, up to one more than `MOST`."""
    cases = Case.objects.filter(
        district_code=span.area[:6],
        area_code__startswith=span.area,
        received_at__gte=span.since,
        received_at__lt=span.until,
    )
    if span.item:
        cases = cases.filter(item_code=span.item)
    return cases.order_by()[: MOST + 1].count()


def moves(span: Span) -> Iterator[Move]:
    """How the cases of a span moved, case by case."""
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(),
            {
                "district": span.area[:6],
                "area": f"{span.area}%",
                "since": span.since,
                "until": span.until,
                "item": span.item,
                "between_desks": sorted(BETWEEN_DESKS),
            },
        )
        yield from map(Move._make, cursor)


@cache
def _statement() -> str:
    folder = Path(__file__).resolve().parent.parent / "sql"
    return (folder / "flow_moves.sql").read_text(encoding="utf-8")
