"""The flow of cases worked out move by move, as the database is held against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from huying.assessment.flowing import BETWEEN_DESKS, Edge, Flow, Waiting, Way, in_order
from huying.cases.models import CaseEvent
from huying.cases.states import OPEN_STATES


class Move(NamedTuple):
    """One event of a case that moved it."""

    case: UUID
    seq: int
    at: datetime
    verb: str
    source: str | None
    target: str
    undoes: int | None = None


def moves() -> list[Move]:
    """The moves of all cases there are."""
    return [
        Move(e.case_id, e.seq, e.at, e.verb, e.from_state, e.to_state, e.data.get("undoes"))
        for e in CaseEvent.objects.order_by("case_id", "seq")
        if e.from_state != e.to_state or e.verb in BETWEEN_DESKS
    ]


def rank(times: Sequence[timedelta], hundredths: int) -> timedelta:
    """The time that so many hundredths of them did not exceed; nothing of none."""
    if not times:
        return timedelta()
    return sorted(times)[-(-len(times) * hundredths // 100) - 1]


def flowing(moves: Iterable[Move], now: datetime) -> Flow:
    """The flow of these cases; moves come case by case, each case's in the order of its log."""
    took: dict[Way, list[timedelta]] = defaultdict(list)
    left: dict[str, list[timedelta]] = defaultdict(list)
    still: dict[str, list[timedelta]] = defaultdict(list)
    cases = 0
    for _case, rows in groupby(moves, key=lambda move: move.case):
        log = list(rows)
        undone = {move.undoes for move in log if move.undoes is not None}
        cases += 1
        came = since = None
        state = ""
        for move in log:
            if move.undoes is not None or move.seq in undone:
                continue
            took[Way(move.source or "", move.target, move.verb)].append(
                timedelta() if since is None else max(move.at - since, timedelta())
            )
            since = move.at
            if move.source != move.target:
                if came is not None:
                    left[state].append(max(move.at - came, timedelta()))
                came, state = move.at, move.target
        if came is not None:
            so_far = max(now - came, timedelta()) if state in OPEN_STATES else timedelta()
            still[state].append(so_far)
    return in_order(
        cases,
        {way: Edge(way, len(each), rank(each, 50), rank(each, 90)) for way, each in took.items()},
        {
            name: Waiting(
                name,
                len(left[name]),
                len(still[name]),
                rank(left[name], 50),
                rank(left[name], 90),
                sum(left[name] + still[name], timedelta()),
            )
            for name in {*left, *still}
        },
    )
