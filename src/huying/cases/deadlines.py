"""A case's deadlines: what the clock package makes of its row, its item, and its pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import QuerySet

from huying.cases.models import Case, CheckRound, Extension, Suspension
from huying.cases.states import OPEN_STATES, State
from huying.catalogue.limits import EMERGENCY, States, limits_of
from huying.catalogue.models import ItemVersion
from huying.clock.calendar import WorkingCalendar
from huying.clock.deadlines import Due, due
from huying.clock.ladder import Ladder, Rung, after_reworks, moment, next_rung, still_climbed
from huying.clock.lights import yellow_at
from huying.clock.limits import Clock, Limit, Pause
from huying.clock.reading import calendar_for, ladder_for
from huying.clock.stages import CaseDeadlines, CaseTimes, Stage, StageLimits, deadlines
from huying.postgres.frozen import frozen_unseen

WORKED_OUT = frozenset(
    {
        "accept_due",
        "sign_due",
        "handle_due",
        "check_due",
        "total_due",
        "due_at",
        "yellow_at",
        "wake_at",
    }
)
"""The columns that `recompute` writes."""

PROPOSED_EMERGENCY = StageLimits.from_catalogue(**EMERGENCY)
ACCEPT_WITHOUT_ITEM = StageLimits(accept=Limit.in_minutes(120))
"""Until the desk has chosen an item nothing else is known: the catalogue's usual two hours."""


@dataclass(frozen=True, slots=True)
class Dues:
    """All deadlines of a case, and the one that counts now.

    Attributes:
        desk: the desk's own step (dispatching, closing). The catalogue names no limit for it; the
            desk gets the same as for accepting, counted from when the step became its.
    """

    stages: CaseDeadlines
    desk: Due | None
    state: str

    @property
    def current(self) -> Due | None:
        """The deadline of the step that the case waits for now."""
        if self.state in (State.ACCEPTED, State.CHECKED):
            return self.desk
        return self.stages.current(self.state)

    @property
    def stage(self) -> Stage | None:
        if self.state in (State.ACCEPTED, State.CHECKED):
            return None
        return self.stages.stage(self.state)


def limits_for(case: Case) -> StageLimits:
    """The limits that hold for a case: its item's, shortened when it is an emergency; for handling
    the one that a rule set when the case was accepted.

    Before acceptance the catalogue's words suffice: what may be an emergency must be looked at as
    one. From acceptance on the desk's word counts.
    """
    proposed = case.state == State.REPORTED and bool(case.emergency_words)
    if case.item_version is not None:
        limits = _stage_limits(case.item_version, case.emergency or proposed)
        ruled = limit_by_rule(case)
        return limits if ruled is None else replace(limits, handle=ruled)
    return PROPOSED_EMERGENCY if proposed else ACCEPT_WITHOUT_ITEM


def limit_by_rule(case: Case) -> Limit | None:
    """How long handling may take by a rule, instead of by the catalogue."""
    return None if case.rule_limit is None else Limit(case.rule_limit, Clock(case.rule_clock))


def _stage_limits(version: ItemVersion, emergency: bool) -> StageLimits:
    return _item_limits(_Stated.by(version), emergency)


@dataclass(frozen=True, slots=True)
class FirstDues:
    """The deadlines of a case that has just come in."""

    accept: datetime | None
    yellow: datetime | None
    total: datetime | None
    wake: datetime | None


class _Stated(NamedTuple):
    """The limits of an item's version, as a key."""

    accept_limit_min: int
    sign_limit_min: int
    handle_limit: int
    handle_clock: str
    check_limit: int
    check_clock: str
    total_limit_hours: int | None

    @classmethod
    def by(cls, item: States) -> Self:
        return cls(
            item.accept_limit_min,
            item.sign_limit_min,
            item.handle_limit,
            item.handle_clock,
            item.check_limit,
            item.check_clock,
            item.total_limit_hours,
        )


@lru_cache(maxsize=256)
def _item_limits(stated: _Stated, emergency: bool) -> StageLimits:
    return StageLimits.from_catalogue(**limits_of(stated, emergency=emergency))


@lru_cache(maxsize=4096)
def _first_dues(
    stated: _Stated | None,
    emergency: bool,
    calendar_: _ByIdentity,
    ladder: Ladder,
    received_at: datetime,
) -> FirstDues:
    limits = _first_limits(stated, emergency)
    found = deadlines(limits, CaseTimes(received_at=received_at), calendar_.calendar)
    return FirstDues(
        accept=_at(found.accept),
        yellow=None if found.accept is None else yellow_at(found.accept),
        total=_at(found.total),
        wake=None if found.accept is None else moment(found.accept, Rung.REMIND, ladder).at,
    )


def _first_limits(stated: _Stated | None, emergency: bool) -> StageLimits:
    if stated is None:
        return PROPOSED_EMERGENCY if emergency else ACCEPT_WITHOUT_ITEM
    return _item_limits(stated, emergency)


class _ByIdentity:
    """A calendar as a key: the process keeps one object until the calendar changes."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.calendar is self.calendar


def first_dues(
    district_code: str, item: States | None, proposed_emergency: bool, received_at: datetime
) -> FirstDues:
    """What `recompute` would write for a case that was received now. A batch shares the answer."""
    stated = None if item is None else _Stated.by(item)
    calendar = _ByIdentity(calendar_for(district_code))
    ladder = ladder_for(district_code)
    return _first_dues(stated, proposed_emergency, calendar, ladder, received_at)


@dataclass(frozen=True, slots=True)
class Past:
    """What moved a case's deadlines, of the rows beside it.

    Attributes:
        failed: rounds of checking that found it not done, since the last dispatch.
        granted: more time for handling, since the last dispatch.
    """

    pauses: tuple[Pause, ...] = ()
    failed: tuple[Pause, ...] = ()
    granted: tuple[Limit, ...] = ()


def past_of(case: Case, *, paused: bool = True) -> Past:
    """Reads it, where a case has any. ``paused``: whether it may ever have been suspended."""
    return pasts_of([case])[case.pk] if paused else _past_of(case, ())


def pasts_of(cases: Sequence[Case]) -> dict[UUID, Past]:
    """Reads it for many: the suspensions of all by one question."""
    # Nothing of this exists before acceptance; the intake path asks nothing.
    accepted = [case.pk for case in cases if case.accepted_at is not None]
    pauses: dict[UUID, list[Pause]] = {pk: [] for pk in accepted}
    if accepted:
        for pk, starts_at, ended_at in _suspensions(cases=accepted):
            pauses[pk].append(Pause(starts_at, ended_at))
    return {
        case.pk: _past_of(case, tuple(pauses[case.pk])) if case.pk in pauses else Past()
        for case in cases
    }


@frozen_unseen
def _suspensions(cases: Any) -> QuerySet[Suspension, tuple[UUID, datetime, datetime | None]]:
    found = Suspension.objects.filter(case__any_of=cases)
    return found.values_list("case", "starts_at", "ended_at")


def _past_of(case: Case, pauses: tuple[Pause, ...]) -> Past:
    since = case.dispatched_at or case.accepted_at
    failed: tuple[Pause, ...] = ()
    granted: tuple[Limit, ...] = ()
    if case.reworks:
        failed = tuple(
            Pause(row.starts_at, row.ended_at)
            for row in CheckRound.objects.filter(case=case, passed=False, starts_at__gte=since)
        )
    if case.extensions:
        granted = tuple(
            Limit(row.amount, Clock(row.clock))
            for row in Extension.objects.filter(case=case, granted=True, asked_at__gte=since)
        )
    return Past(pauses, failed, granted)


def dues_of(case: Case, past: Past | None = None) -> Dues:
    """The deadlines of a case as they stand; its ``past`` is read unless it is given."""
    calendar = calendar_for(case.district_code)
    past = past_of(case) if past is None else past
    limits = limits_for(case)
    times = CaseTimes(
        received_at=case.received_at,
        moved_at=case.moved_at,
        accepted_at=case.accepted_at,
        dispatched_at=case.dispatched_at,
        signed_at=case.signed_at,
        handled_at=case.handled_at,
        checked_at=case.checked_at,
        closed_at=case.ended_at,
        reopened_at=case.reopened_at,
        pauses=past.pauses,
        failed_checks=past.failed,
        handle_extensions=past.granted,
    )
    desk = None
    if case.state in (State.ACCEPTED, State.CHECKED) and limits.accept is not None:
        desk = due(case.desk_since, limits.accept, calendar, past.pauses)
    return Dues(stages=deadlines(limits, times, calendar), desk=desk, state=case.state)


def recompute(case: Case, now: datetime, past: Past | None = None) -> None:
    """Writes the deadlines into the case's row, and when the system must look at it next.

    Called by every verb; does not save.
    """
    found = dues_of(case, past)
    stages = found.stages
    case.accept_due = _at(stages.accept)
    case.sign_due = _at(stages.sign)
    case.handle_due = _at(stages.handle)
    case.check_due = _at(stages.check)
    case.total_due = _at(stages.total)
    if case.state not in OPEN_STATES:
        case.due_at = case.yellow_at = case.wake_at = None
        return
    current = found.current
    case.due_at = _at(current)
    case.yellow_at = None if current is None or current.at is None else yellow_at(current)
    ladder = ladder_for(case.district_code)
    if current is not None:
        case.rung = still_climbed(current, case.rung, ladder, now)
    case.wake_at = _wake_at(case, current, ladder)


def _at(found: Due | None) -> datetime | None:
    return None if found is None else found.at


def _wake_at(case: Case, current: Due | None, ladder: Ladder) -> datetime | None:
    """When the system must look at the case: its suspension ends, or a rung's turn comes.

    A moment that lies behind is one that was missed: the next look makes up for it.
    """
    if case.suspended_until is not None:
        return case.suspended_until
    if not case.alarms:
        return None
    if reworks_call(case, ladder):
        return case.desk_since
    rung = next_rung(case.rung)
    if rung is None or current is None or (rung is Rung.SUPERVISE and case.supervised):
        return None
    return moment(current, rung, ladder).at


def reworks_call(case: Case, ladder: Ladder) -> bool:
    """Whether failed checks call for formal supervision that is not there."""
    return not case.supervised and after_reworks(case.reworks, case.supervised_reworks, ladder)
