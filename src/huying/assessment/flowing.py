"""How cases really flowed: from state to state by which verb, how often, how long it took. Pure.

What was undone never was. A step's time is the time since the case came into the state that it
left, or since the last move between desks there: clock time, by night and on holidays as well,
since that is how long somebody waited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from huying.cases.flow import TABLE
from huying.cases.states import OPEN_STATES, State

BETWEEN_DESKS: Final = frozenset({"escalate", "send_down", "take_over"})
"""Moves that leave the state as it is: up and down between the levels."""

BOUNCES: Final = BETWEEN_DESKS | {"return", "check_fail", "reopen"}
"""Where work went back, or to another level: what a picture of the flow is looked at for."""

_ORDER: Final = {row.verb: n for n, row in enumerate(TABLE)}
_STATES: Final = {str(state): n for n, state in enumerate(State)}


class Move(NamedTuple):
    """One event of a case that moved it."""

    case: UUID
    seq: int
    at: datetime
    verb: str
    source: str | None
    target: str
    undoes: int | None


class Way(NamedTuple):
    """From where to where, by which verb; the report comes from nowhere."""

    source: str
    target: str
    verb: str

    @property
    def is_bounce(self) -> bool:
        return self.verb in BOUNCES


class Step(NamedTuple):
    """That a case went a way once."""

    case: UUID
    at: datetime
    took: timedelta


class Stay(NamedTuple):
    """That a case is in a state, and since when."""

    case: UUID
    since: datetime
    so_far: timedelta


@dataclass(slots=True)
class Edge:
    """A way, and everybody who went it."""

    way: Way
    steps: list[Step] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.steps)

    @property
    def median(self) -> timedelta:
        return rank([step.took for step in self.steps], 50)

    @property
    def most(self) -> timedelta:
        """What nine of ten did not exceed."""
        return rank([step.took for step in self.steps], 90)


@dataclass(slots=True)
class Waiting:
    """How long cases were in a state, once each time that they came into it.

    Attributes:
        left: of those that went on.
        still: those that are in it now.
    """

    state: str
    left: list[timedelta] = field(default_factory=list)
    still: list[Stay] = field(default_factory=list)

    @property
    def came(self) -> int:
        return len(self.left) + len(self.still)

    @property
    def median(self) -> timedelta:
        return rank(self.left, 50)

    @property
    def most(self) -> timedelta:
        return rank(self.left, 90)

    @property
    def total(self) -> timedelta:
        return sum(self.left, sum((stay.so_far for stay in self.still), timedelta()))


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole picture: how many cases, every way one of them went, every state they were in."""

    cases: int
    edges: Mapping[Way, Edge]
    waiting: Mapping[str, Waiting]

    @property
    def bounced(self) -> int:
        """How often something went back or to another level."""
        return sum(edge.count for way, edge in self.edges.items() if way.is_bounce)


def rank(times: Sequence[timedelta], hundredths: int) -> timedelta:
    """The time that so many hundredths of them did not exceed; nothing of none."""
    if not times:
        return timedelta()
    return sorted(times)[-(-len(times) * hundredths // 100) - 1]


def flowing(moves: Iterable[Move], now: datetime) -> Flow:
    """The flow of these cases; moves come case by case, each case's in the order of its log."""
    edges: dict[Way, Edge] = {}
    waiting: dict[str, Waiting] = {}
    cases = 0
    for case, log in groupby(moves, key=lambda move: move.case):
        cases += 1
        came = since = None
        state = ""
        for move in _done(list(log)):
            way = Way(move.source or "", move.target, move.verb)
            took = timedelta() if since is None else max(move.at - since, timedelta())
            edges.setdefault(way, Edge(way)).steps.append(Step(case, move.at, took))
            since = move.at
            if move.source != move.target:
                if came is not None:
                    at = waiting.setdefault(state, Waiting(state))
                    at.left.append(max(move.at - came, timedelta()))
                came, state = move.at, move.target
        if came is not None:
            at = waiting.setdefault(state, Waiting(state))
            if state in OPEN_STATES:
                at.still.append(Stay(case, came, max(now - came, timedelta())))
            else:
                at.still.append(Stay(case, came, timedelta()))
    return Flow(
        cases,
        {way: edges[way] for way in sorted(edges, key=_in_order)},
        {state: waiting[state] for state in sorted(waiting, key=lambda name: _STATES[name])},
    )


def _done(log: list[Move]) -> list[Move]:
    """The moves that were: without those undone, and without the undoing."""
    undone = {move.undoes for move in log if move.undoes is not None}
    return [move for move in log if move.undoes is None and move.seq not in undone]


def _in_order(way: Way) -> tuple[int, int, int]:
    """The order of the flow table."""
    return _STATES.get(way.source, -1), _ORDER.get(way.verb, len(_ORDER)), _STATES[way.target]
