"""How a case stands after an event, and what is due then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from huying.assessment.duties import Duty, Mark, Owed
from huying.cases.deadlines import ACCEPT_WITHOUT_ITEM, PROPOSED_EMERGENCY
from huying.cases.states import State
from huying.clock.calendar import WorkingCalendar
from huying.clock.deadlines import Due, due
from huying.clock.limits import Limit, Pause
from huying.clock.stages import CaseDeadlines, CaseTimes, Stage, StageLimits, deadlines


@dataclass(frozen=True, slots=True)
class Stated:
    """What a version of an item states: the kind of matter, and the limits, usual and urgent."""

    kind: str
    usual: StageLimits
    urgent: StageLimits


Versions = Callable[[str, int | None, datetime], Stated]
"""The version of an item: by its number, or the one that held at a moment."""

_STAGES: Final = {
    Owed.VERIFY: Stage.ACCEPT,
    Owed.ACCEPT: Stage.ACCEPT,
    Owed.SIGN: Stage.SIGN,
    Owed.HANDLE: Stage.HANDLE,
    Owed.CHECK: Stage.CHECK,
    Owed.TOTAL: Stage.TOTAL,
}


class Clockwork:
    """Works deadlines out by a calendar, each once: after every event most of them are asked for
    again as they were."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar
        self._known: dict[tuple[Any, ...], Due] = {}

    def due(
        self,
        start: datetime,
        limit: Limit,
        calendar: WorkingCalendar,
        pauses: tuple[Pause, ...] = (),
        extensions: tuple[Limit, ...] = (),
    ) -> Due:
        """As `clock.deadlines.due`; of one calendar alone."""
        # By the limit itself, which the deadline keeps: its amount is a fraction, slow to hash.
        key = (start, id(limit), pauses, extensions)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = due(start, limit, calendar, pauses, extensions)
        return found


@dataclass(slots=True)
class Standing:
    """How the case stands after an event. Copied before a step that may be undone."""

    received_at: datetime
    area: str
    holder: str
    channel: str
    reporter: int | None
    patrol: bool
    state: str
    desk_since: datetime
    item: str = ""
    version: Stated | None = None
    kind: str = ""
    emergency: bool = False
    proposed: bool = False
    rule_limit: Limit | None = None
    moved_at: datetime | None = None
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    handled_at: datetime | None = None
    checked_at: datetime | None = None
    ended_at: datetime | None = None
    reopened_at: datetime | None = None
    unit: int | None = None
    returns: int = 0
    pauses: tuple[Pause, ...] = ()
    failed: tuple[Pause, ...] = ()
    granted: tuple[tuple[datetime, Limit], ...] = ()
    asked_at: datetime | None = None
    extensions: int = 0
    running: dict[Owed, Duty] = field(default_factory=dict)
    calls: dict[int, Duty] = field(default_factory=dict)
    refused: dict[int, datetime] = field(default_factory=dict)
    duties: tuple[Duty, ...] = ()
    marks: tuple[Mark, ...] = ()

    def stages(self, clock: Clockwork) -> CaseDeadlines:
        """The deadlines of all stages as the case stands."""
        return deadlines(self.limits, self.times, clock.calendar, clock.due)

    def due(self, owed: Owed, stages: CaseDeadlines, clock: Clockwork) -> datetime | None:
        """When something is due as the case stands; None where nothing runs or all is paused."""
        if owed in (Owed.DISPATCH, Owed.CLOSE):
            limit = self.limits.accept
            if limit is None:
                return None
            return clock.due(self.desk_since, limit, clock.calendar, self.times.pauses).at
        found = stages.of(_STAGES[owed])
        return None if found is None else found.at

    @property
    def limits(self) -> StageLimits:
        """The limits that hold, as `cases.deadlines.limits_for` has them."""
        proposed = self.state == State.REPORTED and self.proposed
        if self.version is None:
            return PROPOSED_EMERGENCY if proposed else ACCEPT_WITHOUT_ITEM
        urgent = self.emergency or proposed
        limits = self.version.urgent if urgent else self.version.usual
        return limits if self.rule_limit is None else replace(limits, handle=self.rule_limit)

    @property
    def times(self) -> CaseTimes:
        since = self.dispatched_at or self.accepted_at
        held = self.accepted_at is not None
        return CaseTimes(
            received_at=self.received_at,
            moved_at=self.moved_at,
            accepted_at=self.accepted_at,
            dispatched_at=self.dispatched_at,
            signed_at=self.signed_at,
            handled_at=self.handled_at,
            checked_at=self.checked_at,
            closed_at=self.ended_at,
            reopened_at=self.reopened_at,
            pauses=self.pauses if held else (),
            failed_checks=tuple(
                each for each in self.failed if since is not None and each.start >= since
            ),
            handle_extensions=tuple(
                limit
                for asked, limit in self.granted
                if self.extensions and since is not None and asked >= since
            ),
        )

    def falls_due(self, owed: Owed, stages: CaseDeadlines, clock: Clockwork) -> datetime | None:
        """`due`; and of the whole also where no limit is set for the whole.

        Then the whole is due when what is done at the deadline of handling would have to be
        checked. Nothing is due before it was dispatched.
        """
        if owed is not Owed.TOTAL or self.limits.total is not None:
            return self.due(owed, stages, clock)
        handled, check = self.due(Owed.HANDLE, stages, clock), self.limits.check
        if handled is None or check is None:
            return None
        return clock.due(handled, check, clock.calendar).at
