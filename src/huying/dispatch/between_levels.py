"""What desks did between the levels in a period: their moves, those that look wrong, and what
arbitration found. Read from the log, for the page of the desks and for the assessment."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huying.cases.models import CaseEvent
from huying.cases.reading import CaseQuerySet
from huying.dispatch.moves import Doubtful, Event, Move, doubtful, moves

MOST = 2000
"""Cases that are looked at, the latest moved first."""

TOLD = ("escalate", "send_down", "arbitrate")


@dataclass(frozen=True, slots=True)
class Verdict:
    """裁定: whom arbitration named, and whom that contradicts.

    Attributes:
        unit: the unit named as responsible.
        wrongly: it had returned the case before.
        desk: the area of the desk that had sent the case out and was given it back twice.
        sent_wrongly: units that this desk had tried, none of which is responsible.
    """

    seq: int
    at: datetime
    unit: int
    wrongly: bool
    desk: str
    sent_wrongly: tuple[int, ...]


def verdicts(events: Iterable[Event]) -> list[Verdict]:
    """Every arbitration of a case, in order; what was undone did not happen. Pure."""
    known = list(events)
    undone = {event.data.get("undoes") for event in known if event.verb == "undo"}
    found: list[Verdict] = []
    returned: list[int] = []
    desk = ""
    for event in known:
        data = event.data
        if event.seq in undone:
            continue
        if event.verb == "return" and data.get("from_unit"):
            returned.append(data["from_unit"])
            desk = data.get("from_holder", desk)
        elif event.verb == "arbitrate" and data.get("unit"):
            unit = data["unit"]
            tried = tuple(dict.fromkeys(each for each in returned if each != unit))
            wrongly = unit in returned
            found.append(
                Verdict(event.seq, event.at, unit, wrongly, desk, () if wrongly else tried)
            )
            returned, desk = [], ""
    return found


@dataclass(slots=True)
class OfCase:
    """One case's moves of the period, with what looks wrong of them."""

    case_id: uuid.UUID
    moves: list[Move] = field(default_factory=list)
    doubts: list[Doubtful] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def of_period(seen: CaseQuerySet, since: datetime, until: datetime) -> list[OfCase]:
    """The cases that moved between levels or were arbitrated then, among those seen.

    A move is the period's by its own time; what shows that it was wrong may come later.
    """
    told = CaseEvent.objects.filter(
        verb__in=TOLD, written_at__gte=since, at__gte=since, at__lt=until
    ).order_by("-at")
    ids = list(dict.fromkeys(told.values_list("case_id", flat=True)[: MOST * 3]))
    visible = set(seen.filter(pk__in=ids).values_list("pk", flat=True))
    chosen = [pk for pk in ids if pk in visible][:MOST]
    events: dict[uuid.UUID, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case_id__in=chosen).order_by("case_id", "seq"):
        events[event.case_id].append(event)
    return [_of_case(pk, events[pk], since, until) for pk in chosen]


def _of_case(
    case_id: uuid.UUID, events: Sequence[CaseEvent], since: datetime, until: datetime
) -> OfCase:
    def then(at: datetime) -> bool:
        return since <= at < until

    return OfCase(
        case_id,
        [each for each in moves(events) if each.verb in TOLD and then(each.at)],
        [each for each in doubtful(events) if then(each.move.at)],
        [each for each in verdicts(events) if then(each.at)],
    )


@dataclass(slots=True)
class Desk:
    """A desk's figures of a period."""

    area_code: str
    up: int = 0
    up_doubted: int = 0
    down: int = 0
    down_doubted: int = 0
    decided_above: int = 0

    @property
    def doubted(self) -> int:
        return self.up_doubted + self.down_doubted


def by_desk(found: Iterable[OfCase]) -> list[Desk]:
    """The figures of each desk that did something, by its area."""
    desks: dict[str, Desk] = {}

    def of(area: str) -> Desk:
        return desks.setdefault(area, Desk(area))

    for case in found:
        for move in case.moves:
            desk = of(move.from_holder)
            if move.up:
                desk.up += 1
            else:
                desk.down += 1
        for doubt in case.doubts:
            desk = of(doubt.desk)
            if doubt.move.up:
                desk.up_doubted += 1
            else:
                desk.down_doubted += 1
        for verdict in case.verdicts:
            if verdict.desk:
                of(verdict.desk).decided_above += 1
    return sorted(desks.values(), key=lambda desk: desk.area_code)
