"""How cases really flowed: from state to state by which verb, how often, how long it took.

What was undone never was. A step's time is the time since the case came into the state that it
left, or since the last move between desks there: clock time, by night and on holidays as well,
since that is how long somebody waited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from huying.cases.flow import TABLE
from huying.cases.states import State

BETWEEN_DESKS: Final = frozenset({"escalate", "send_down", "take_over"})
"""Moves that leave the state as it is: up and down between the levels."""

BOUNCES: Final = BETWEEN_DESKS | {"return", "check_fail", "reopen"}
"""Where work went back, or to another level: what a picture of the flow is looked at for."""

_ORDER: Final = {row.verb: n for n, row in enumerate(TABLE)}
_STATES: Final = {str(state): n for n, state in enumerate(State)}


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


@dataclass(frozen=True, slots=True)
class Edge:
    """A way, and how it was gone.

    Attributes:
        count: how often.
        median, most: what half of them, and nine of ten, did not exceed.
    """

    way: Way
    count: int
    median: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long cases were in a state, once each time that they came into it.

    Attributes:
        left: how many went on.
        still: how many are in it now.
        median, most: what half, and nine of ten, of those that went on did not exceed.
        total: of all together, of those that are in it up to now; an end has no waiting.
    """

    state: str
    left: int
    still: int
    median: timedelta
    most: timedelta
    total: timedelta

    @property
    def came(self) -> int:
        return self.left + self.still


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


def in_order(cases: int, edges: Mapping[Way, Edge], waiting: Mapping[str, Waiting]) -> Flow:
    """The picture in the order of the flow table."""
    return Flow(
        cases,
        {way: edges[way] for way in sorted(edges, key=_turn)},
        {state: waiting[state] for state in sorted(waiting, key=lambda name: _STATES[name])},
    )


def _turn(way: Way) -> tuple[int, int, int]:
    return _STATES.get(way.source, -1), _ORDER.get(way.verb, len(_ORDER)), _STATES[way.target]
