"""How cases flowed, worked out by the database: of any number of cases by one question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from huying.assessment.flowing import BETWEEN_DESKS, Edge, Flow, Step, Waiting, Way, in_order
from huying.cases.states import OPEN_STATES
from huying.clock.calendar import CIVIL_TZ

_ROOM: Final = "SET LOCAL work_mem = '64MB'"
"""Of a year's moves: sorted in memory, which the usual four megabytes do not hold."""


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


def flow_of(span: Span, now: datetime) -> Flow:
    """The whole picture of a span; times of those that are still in a state go on until now."""
    edges: dict[Way, Edge] = {}
    waiting: dict[str, Waiting] = {}
    cases = 0
    nothing = timedelta()
    for kind, name, target, verb, n, still, median, most, total in _ask(
        span, "flow_sums", {"now": now, "open": sorted(OPEN_STATES)}
    ):
        if kind == "way":
            way = Way(name, target, verb)
            edges[way] = Edge(way, n, median or nothing, most or nothing)
        elif kind == "state":
            waiting[name] = Waiting(name, n, still, median or nothing, most or nothing, total)
        else:
            cases = n
    return in_order(cases, edges, waiting)


def steps_of(span: Span, way: Way, limit: int) -> tuple[list[Step], int]:
    """Those who went a way, the longest first, so many at most; and how many there are."""
    told = {"source": way.source, "target": way.target, "verb": way.verb, "limit": limit}
    rows: list[tuple[UUID, datetime, timedelta, int]] = _ask(span, "flow_cases", told)
    return [Step(case, at, took) for case, at, took, _all in rows], rows[0][3] if rows else 0


def _ask(span: Span, name: str, more: dict[str, Any]) -> list[Any]:
    asked: dict[str, Any] = {
        "district": span.area[:6],
        "area": f"{span.area}%",
        "since": span.since,
        "until": span.until,
        "item": span.item,
        "between_desks": sorted(BETWEEN_DESKS),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROOM)
        cursor.execute(
            _statement("flow_moves") + _statement(name),
            asked | more,
        )
        return cursor.fetchall()


@cache
def _statement(name: str) -> str:
    folder = Path(__file__).resolve().parent.parent / "sql"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")
