"""A case's clocks: from which moment each stage runs, what stops it, which one is present.

| clock | from | to | stopped by |
|---|---|---|---|
| accept 立案 | receipt, reopening, or when the desk got it | acceptance | suspension |
| sign 签收 | dispatch | signing | suspension |
| handle 处置 | dispatch | the report that it is done | suspension, and checks it failed |
| check 核查 | the report that it is done | the check | suspension |
| total 全程 | receipt, or reopening | the end | suspension |

Each level has its own time for accepting: a report that is escalated, sent down or taken over
before it is accepted starts that clock anew for the desk that gets it. The total runs on.

Handling counts from the dispatch and not from the signing, as GB/T 30428 times it: a unit gains
no time by signing late, and the limit for signing stands beside it.

Rework: a failed check gives no new limit. Handling goes on from its dispatch, and the time the
case lay with the checker counts as a pause: the limit is the unit's, the wait was not. Each round
of checking has its own limit. A return 退单 and new dispatch is another unit's work and starts
signing and handling anew; `dispatched_at` is the latest dispatch.

An extension of handling extends the total by the same, else time that was granted would still
show as late.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from huying.clock.calendar import WorkingCalendar
from huying.clock.deadlines import Due, due
from huying.clock.lights import Light, light, yellow_at
from huying.clock.limits import Clock, Limit, Pause


class Stage(StrEnum):
    """The five clocks of a case."""

    ACCEPT = "accept"
    SIGN = "sign"
    HANDLE = "handle"
    CHECK = "check"
    TOTAL = "total"


# The stage that a state waits for. Between acceptance and dispatch, and between check and
# closure, no stage has a limit of its own: there the total is the present one.
_STAGE_OF_STATE = {
    "reported": Stage.ACCEPT,
    "accepted": Stage.TOTAL,
    "dispatched": Stage.SIGN,
    "handling": Stage.HANDLE,
    "handled": Stage.CHECK,
    "checked": Stage.TOTAL,
}


@dataclass(frozen=True, slots=True)
class StageLimits:
    """The limits of a case; None where there is none. Emergencies just have other limits."""

    accept: Limit | None = None
    sign: Limit | None = None
    handle: Limit | None = None
    check: Limit | None = None
    total: Limit | None = None

    @classmethod
    def from_catalogue(
        cls,
        *,
        accept_limit_min: int | None = None,
        sign_limit_min: int | None = None,
        handle_limit: int | None = None,
        handle_clock: str = Clock.NATURAL_HOUR,
        check_limit: int | None = None,
        check_clock: str = Clock.NATURAL_HOUR,
        total_limit_hours: int | None = None,
    ) -> Self:
        """Limits as an item of the catalogue states them; minutes and total hours are natural."""
        return cls(
            accept=None if accept_limit_min is None else Limit.in_minutes(accept_limit_min),
            sign=None if sign_limit_min is None else Limit.in_minutes(sign_limit_min),
            handle=None if handle_limit is None else Limit(handle_limit, Clock(handle_clock)),
            check=None if check_limit is None else Limit(check_limit, Clock(check_clock)),
            total=(
                None if total_limit_hours is None else Limit(total_limit_hours, Clock.NATURAL_HOUR)
            ),
        )


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """When what happened to a case, as far as its clocks care.

    Each moment is the latest of its kind and None while it has not happened, also when it was
    undone: a returned case has no `dispatched_at`, one sent back from its check no `handled_at`.
    `pauses` are suspensions. `failed_checks` are the spans from a report of completion to the
    check it failed. `moved_at` is when another desk got it before it was accepted. `closed_at` is
    the end of whatever kind.
    """

    received_at: datetime
    moved_at: datetime | None = None
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    handled_at: datetime | None = None
    checked_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    failed_checks: tuple[Pause, ...] = ()
    handle_extensions: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseDeadlines:
    """The deadlines of a case; None where a stage has no limit or has not begun."""

    times: CaseTimes
    accept: Due | None = None
    sign: Due | None = None
    handle: Due | None = None
    check: Due | None = None
    total: Due | None = None

    def __iter__(self) -> Iterator[tuple[Stage, Due]]:
        """The stages that have a deadline, in the order of the loop."""
        for stage in Stage:
            if (found := self.of(stage)) is not None:
                yield stage, found

    def of(self, stage: Stage) -> Due | None:
        """The deadline of one stage."""
        match stage:
            case Stage.ACCEPT:
                return self.accept
            case Stage.SIGN:
                return self.sign
            case Stage.HANDLE:
                return self.handle
            case Stage.CHECK:
                return self.check
            case Stage.TOTAL:
                return self.total

    def done_at(self, stage: Stage) -> datetime | None:
        """When a stage was finished; None while it runs. The end of the case ends them all."""
        times = self.times
        own = {
            Stage.ACCEPT: times.accepted_at,
            Stage.SIGN: times.signed_at or times.handled_at,
            Stage.HANDLE: times.handled_at,
            Stage.CHECK: times.checked_at,
            Stage.TOTAL: times.closed_at,
        }[stage]
        return own if own is not None else times.closed_at

    def light(self, stage: Stage, now: datetime) -> Light | None:
        """A stage's light at `now`, or when it was finished; None without a deadline."""
        found = self.of(stage)
        return None if found is None else light(found, now, self.done_at(stage))

    def stage(self, state: str) -> Stage | None:
        """The stage whose clock is the present one in this state; None at the end.

        Where that stage has no limit, the total stands in for it.
        """
        stage = _STAGE_OF_STATE.get(state)
        if stage is None or self.of(stage) is not None:
            return stage
        return Stage.TOTAL if self.total is not None else None

    def current(self, state: str) -> Due | None:
        """The deadline that is the present one in this state of the case."""
        stage = self.stage(state)
        return None if stage is None else self.of(stage)

    @property
    def running(self) -> tuple[tuple[Stage, Due], ...]:
        """The stages that have begun and are not finished."""
        return tuple((stage, found) for stage, found in self if self.done_at(stage) is None)

    @property
    def next_due(self) -> datetime | None:
        """The earliest deadline of what still runs; None if there is none or all is paused."""
        return min((found.at for _, found in self.running if found.at is not None), default=None)

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which a running light turns yellow or red.

        Red shows just after the deadline. None when no light will change by itself.
        """
        moments = [m for _, found in self.running for m in (yellow_at(found), found.at)]
        return min((m for m in moments if m is not None and m > now), default=None)


def deadlines(
    limits: StageLimits,
    times: CaseTimes,
    calendar: WorkingCalendar,
    work_out: Callable[..., Due] = due,
) -> CaseDeadlines:
    """All deadlines of a case, from its limits and what has happened to it so far.

    ``work_out`` stands in for `due`, where much is asked for again and again.
    """
    begun = times.reopened_at or times.received_at
    at_this_desk = begun if times.moved_at is None else max(begun, times.moved_at)
    held = times.pauses

    def of(start: datetime | None, limit: Limit | None) -> Due | None:
        if start is None or limit is None:
            return None
        return work_out(start, limit, calendar, held)

    handle = total = None
    if times.dispatched_at is not None and limits.handle is not None:
        handle = work_out(
            times.dispatched_at,
            limits.handle,
            calendar,
            held + times.failed_checks,
            times.handle_extensions,
        )
    if limits.total is not None:
        total = work_out(begun, limits.total, calendar, held, times.handle_extensions)
    return CaseDeadlines(
        times=times,
        accept=of(at_this_desk, limits.accept),
        sign=of(times.dispatched_at, limits.sign),
        handle=handle,
        check=of(times.handled_at, limits.check),
        total=total,
    )
