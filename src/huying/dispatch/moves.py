"""The way a case went between the desks, and which of its moves look wrong. Pure: events in.

Assessment counts the moves that `doubtful` names against the desk that made them; the case page
shows them to the desks concerned, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from huying.cases.reasons import EscalateReason
from huying.places.models import CODE_LENGTH, LEVEL_OF_LENGTH, Level


class Event(Protocol):
    """What is read of an event. ``CaseEvent`` is one, and so is a timeline's entry."""

    @property
    def seq(self) -> int: ...
    @property
    def verb(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Move:
    """One change of desks.

    Attributes:
        matter: the level that the item and the rules said the matter was for; None while nobody
            had said which item it is.
        changed: whether something became known or was done between the last move and this one.
    """

    seq: int
    verb: str
    at: datetime
    from_holder: str
    holder: str
    reason_code: str
    matter: Level | None
    changed: bool

    @property
    def up(self) -> bool:
        return len(self.holder) < len(self.from_holder)


class Doubt(StrEnum):
    """Why a move looks wrong."""

    ITS_OWN = "its_own"
    UP_IN_VAIN = "up_in_vain"
    TOO_LOW = "too_low"
    DOWN_IN_VAIN = "down_in_vain"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A move that looks wrong, and whose it was.

    Attributes:
        desk: the area of the desk that made the move.
        by: the later move that shows it, where one does.
    """

    move: Move
    doubt: Doubt
    by: Move | None = None

    @property
    def desk(self) -> str:
        return self.move.from_holder


TELLS_NEW = frozenset(
    {"verify", "pin", "change_item", "dispatch", "return", "arbitrate", "settle", "take_over"}
)
"""Steps after which a desk may see the matter in another light."""

ABOVE_ITS_LEVEL = frozenset({EscalateReason.SEVERAL_AREAS, EscalateReason.SERIOUS})
"""Reasons that lift a single matter above the level of its item."""


def first_desk(events: Sequence[Event]) -> str:
    """The desk that the report reached."""
    return str(events[0].data.get("holder", "")) if events else ""


def moves(events: Iterable[Event]) -> list[Move]:
    """Every change of desks, in order; what was undone did not happen."""
    known = list(events)
    undone = {event.data.get("undoes") for event in known if event.verb == "undo"}
    found: list[Move] = []
    matter: Level | None = None
    item, changed = "", False
    for event in known:
        data = event.data
        if event.seq in undone:
            continue
        if event.verb in ("report", "accept", "change_item") and (
            data.get("item") or data.get("rule")
        ):
            # A report without an item and a rule says a level too, for want of a better one.
            said = data.get("item", "")
            changed = changed or said != item
            item, matter = said, Level(data["level"]) if data.get("level") else matter
        changed = changed or event.verb in TELLS_NEW
        if data.get("from_holder") and data.get("holder"):
            found.append(
                Move(
                    seq=event.seq,
                    verb=event.verb,
                    at=event.at,
                    from_holder=data["from_holder"],
                    holder=data["holder"],
                    reason_code=data.get("reason_code", ""),
                    matter=matter,
                    changed=changed,
                )
            )
            changed = False
    return found


def doubtful(events: Iterable[Event]) -> list[Doubtful]:
    """The moves that look wrong, each once, for the first reason that holds."""
    made = moves(events)
    found: list[Doubtful] = []
    for place, move in enumerate(made):
        after = made[place + 1] if place + 1 < len(made) else None
        back = after if after is not None and _takes_back(move, after) else None
        if move.verb == "escalate":
            if back is not None:
                found.append(Doubtful(move, Doubt.UP_IN_VAIN, back))
            elif _is_for(move.matter, move.from_holder) and (
                move.reason_code not in ABOVE_ITS_LEVEL
            ):
                found.append(Doubtful(move, Doubt.ITS_OWN))
        elif move.verb == "send_down":
            if back is not None:
                found.append(Doubtful(move, Doubt.DOWN_IN_VAIN, back))
            elif _is_above(move.matter, move.holder) and not _brought_up(made[:place], move):
                found.append(Doubtful(move, Doubt.TOO_LOW))
    return found


def _takes_back(move: Move, after: Move) -> bool:
    """Whether the next move undoes this one, and nothing had become known in between."""
    wanted = {"escalate": "send_down", "send_down": "escalate"}.get(move.verb)
    if after.verb != wanted or after.changed:
        return False
    return after.holder.startswith(move.from_holder) or move.from_holder.startswith(after.holder)


def _brought_up(before: Sequence[Move], move: Move) -> bool:
    """Whether the case only goes back to where it had been: that is the other move's matter."""
    return any(each.verb == "escalate" and each.from_holder == move.holder for each in before)


_HEIGHT = {Level.GRID: 0, Level.COMMUNITY: 0, Level.TOWN: 1, Level.DISTRICT: 2}


def height(level: Level | str) -> int:
    """How high a level's desk stands; a grid has none, so the community's is its."""
    return _HEIGHT[Level(level)]


def _height_of(area_code: str) -> int:
    return height(LEVEL_OF_LENGTH[len(area_code)])


def _is_for(matter: Level | None, area_code: str) -> bool:
    """Whether the desk is one that the matter is for, or stands above such a one."""
    return matter is not None and height(matter) <= _height_of(area_code)


def _is_above(matter: Level | None, area_code: str) -> bool:
    return matter is not None and height(matter) > _height_of(area_code)


def differ(level: str, holder_code: str) -> int:
    """How many levels the matter is above the desk that holds it; negative when it is below."""
    return height(level) - _height_of(holder_code[: CODE_LENGTH[Level.COMMUNITY]])
