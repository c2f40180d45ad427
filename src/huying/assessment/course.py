"""The course of a case from its events alone: what was owed when, by whom, and what came of it.

The case's row is not asked: it says how the case stands now, the events say how it came to that.
The deadlines are those of `huying.clock.stages`, worked out from the same limits and the same
calendar; after every event they are the ones that the row has (a test walks through all verbs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

from huying.assessment.duties import About, Course, Duty, Happening, How, Mark, Owed
from huying.assessment.standing import Clockwork, Standing, Versions
from huying.cases.flow import UNDOABLE
from huying.cases.reasons import DeclineReason
from huying.cases.states import END_STATES, State
from huying.clock.calendar import WorkingCalendar
from huying.clock.limits import Clock, Limit, Pause
from huying.people.models import ON_FOOT, Role


class Event(Protocol):
    """An event of the log, as `CaseEvent` has it."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def verb(self) -> str: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def role(self) -> str | None: ...
    @property
    def from_state(self) -> str | None: ...
    @property
    def to_state(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...


_MOVES: Final = frozenset({"escalate", "send_down", "take_over"})


def course(events: Iterable[Event], *, versions: Versions, calendar: WorkingCalendar) -> Course:
    """The course of one case, from all its events in their order.

    Raises:
        ValueError: the first event is no report.
    """
    walk = Walk(versions, calendar)
    for event in events:
        walk.take(event)
    return walk.course()


class Walk:
    """Goes through the events of one case, and stands after each as the case stood."""

    def __init__(self, versions: Versions, calendar: WorkingCalendar) -> None:
        self._versions, self._clock = versions, Clockwork(calendar)
        self._now: Standing | None = None
        self._before: dict[int, Standing] = {}

    @property
    def at(self) -> Standing:
        if self._now is None:
            raise ValueError("the first event of a case is its report")
        return self._now

    def take(self, event: Event) -> None:
        """Follows one event."""
        if self._now is None:
            self._report(event)
            self._work_out()
            return
        if event.verb in UNDOABLE:
            kept = copy(self.at)
            kept.running, kept.calls = dict(self.at.running), dict(self.at.calls)
            self._before = {event.seq: kept}
        if event.verb == "undo":
            self._now = self._before[event.data["undoes"]]
            return
        follow = _FOLLOW.get(event.verb)
        if follow is not None:
            follow(self, event)
        if event.from_state != event.to_state:
            self._arrive(event)
        # What ended with this event was due as the case stood before it; what runs, as it stands.
        self._work_out()

    def due(self, owed: Owed) -> datetime | None:
        """When something is due as the case stands; None where nothing runs or all is paused."""
        return self.at.due(owed, self.at.stages(self._clock), self._clock)

    def course(self) -> Course:
        """What has come of it so far: what ended, and what still runs."""
        at = self.at
        running = (*at.running.values(), *at.calls.values())
        found = sorted((*at.duties, *running), key=lambda each: each.seq)
        return Course(tuple(found), at.marks)

    # What each verb changes beside the state.

    def _report(self, event: Event) -> None:
        if event.verb != "report":
            raise ValueError("the first event of a case is its report")
        data = event.data
        item = data.get("item", "")
        version = self._versions(item, None, event.at) if item else None
        self._now = Standing(
            received_at=event.at,
            area=data["area"],
            holder=data["holder"],
            channel=data["channel"],
            reporter=event.actor_id if event.actor_kind == "account" else None,
            patrol=event.role in ON_FOOT,
            state=event.to_state,
            desk_since=event.at,
            item=item,
            version=version,
            kind="" if version is None else version.kind,
            proposed=bool(data.get("emergency_words")),
        )
        self._mark(Happening.REPORT, event)
        self._begin(Owed.ACCEPT, event)
        self._begin(Owed.TOTAL, event)

    def _accept(self, event: Event) -> None:
        self._become(event)
        self.at.accepted_at = event.at
        self._mark(Happening.ACCEPTED, event, by=event)

    def _become(self, event: Event) -> None:
        at, data = self.at, event.data
        at.item = data["item"]
        at.version = self._versions(at.item, data["version"], event.at)
        at.emergency = bool(data.get("emergency", at.emergency))
        at.kind = "emergency" if at.emergency else at.version.kind
        at.rule_limit = (
            Limit(data["rule_limit"], Clock(data["rule_clock"])) if "rule_limit" in data else None
        )

    def _change_item(self, event: Event) -> None:
        at = self.at
        before, ruled = at.item, at.rule_limit
        self._become(event)
        if at.accepted_at is None:
            at.rule_limit = ruled
        elif at.item != before:
            self._mark(Happening.ITEM_CHANGED, event)

    def _pin(self, event: Event) -> None:
        self.at.area = event.data["area"]

    def _move(self, event: Event) -> None:
        at = self.at
        at.holder = event.data["holder"]
        at.desk_since = event.at
        if event.to_state == State.REPORTED:
            at.moved_at = event.at
            self._pass_on(Owed.ACCEPT, event)
        elif event.to_state == State.ACCEPTED:
            self._pass_on(Owed.DISPATCH, event)
        elif event.to_state == State.CHECKED:
            self._pass_on(Owed.CLOSE, event)

    def _pass_on(self, owed: Owed, event: Event) -> None:
        self._end(owed, event, How.PASSED_ON)
        self._begin(owed, event)

    def _ask_verify(self, event: Event) -> None:
        self._end(Owed.VERIFY, event, How.PASSED_ON)
        self._begin(Owed.VERIFY, event, account=event.data.get("account"))

    def _verify(self, event: Event) -> None:
        self._end(Owed.VERIFY, event, How.DONE, by=event)
        self._mark(Happening.VERIFIED, event, by=event)

    def _decline(self, event: Event) -> None:
        self._mark(Happening.DECLINED, event)
        if event.data.get("reason_code") == DeclineReason.OUTSIDE_LIST:
            self._mark(Happening.OUTSIDE_LIST, event)

    def _dispatch(self, event: Event) -> None:
        at = self.at
        at.unit, at.dispatched_at, at.extensions = event.data["unit"], event.at, 0
        self._mark(Happening.DISPATCHED, event, by=event)

    def _sign_for(self, event: Event) -> None:
        self.at.signed_at = event.at

    def _return(self, event: Event) -> None:
        at = self.at
        at.returns += 1
        self._mark(Happening.RETURNED, event)
        if at.returns > 1:
            self._mark(Happening.RETURNED_AGAIN, event)
        for owed in (Owed.SIGN, Owed.HANDLE):
            self._end(owed, event, How.PASSED_ON)
        self._clear()
        at.holder = event.data.get("holder", at.holder)

    def _clear(self) -> None:
        at = self.at
        at.unit = at.dispatched_at = at.signed_at = at.handled_at = at.checked_at = None
        at.asked_at = None

    def _handle(self, event: Event) -> None:
        self.at.handled_at = event.at

    def _settle(self, event: Event) -> None:
        at = self.at
        if at.accepted_at is None:
            self._mark(Happening.ACCEPTED, event)
        at.item = event.data["item"]
        at.version = self._versions(at.item, event.data["version"], event.at)
        at.kind = at.version.kind
        at.accepted_at = at.accepted_at or event.at
        at.handled_at = event.at
        self._mark(Happening.SETTLED, event, by=event)

    def _check_pass(self, event: Event) -> None:
        self._checked(event)
        self.at.checked_at = event.at

    def _check_fail(self, event: Event) -> None:
        at = self.at
        self._checked(event)
        self._mark(Happening.REWORK, event)
        at.failed = (*at.failed, Pause(at.handled_at or event.at, event.at))
        at.handled_at = None

    def _checked(self, event: Event) -> None:
        self._end(Owed.CHECK, event, How.DONE, by=event)
        self._mark(Happening.CHECKED, event)

    def _suspend(self, event: Event) -> None:
        at = self.at
        at.pauses = (*at.pauses, Pause(event.at, None))
        self._mark(Happening.SUSPENDED, event)

    def _resume(self, event: Event) -> None:
        at = self.at
        *ended, last = at.pauses
        until = datetime.fromisoformat(event.data["ended"])
        at.pauses = (*ended, Pause(last.start, max(until, last.start)))

    def _ask_extension(self, event: Event) -> None:
        self.at.asked_at = event.at

    def _grant_extension(self, event: Event) -> None:
        at = self.at
        limit = Limit(event.data["amount"], Clock(event.data["clock"]))
        at.granted = (*at.granted, (at.asked_at or event.at, limit))
        at.extensions += 1
        at.asked_at = None
        self._mark(Happening.EXTENDED, event)

    def _supervise(self, event: Event) -> None:
        self._mark(Happening.SUPERVISED, event)

    def _reopen(self, event: Event) -> None:
        at = self.at
        self._mark(Happening.REOPENED, event)
        self._clear()
        at.reopened_at, at.ended_at = event.at, None
        at.accepted_at = at.accepted_at or event.at
        self._begin(Owed.TOTAL, event)

    def _hear(self, event: Event) -> None:
        data = event.data
        if "responded" not in data:
            return
        self._mark(Happening.HEARD, event)
        for what in (Happening.RESPONDED, Happening.SOLVED, Happening.SATISFIED):
            if data[what.value]:
                self._mark(what, event)
        # Until there was a third answer, nobody could give it.
        if data.get(Happening.FAIRLY_SATISFIED.value):
            self._mark(Happening.FAIRLY_SATISFIED, event)

    # Whom a whistle called, until they are on the spot or need not come.

    def _blow(self, event: Event) -> None:
        self._call(event, event.data.get("units", ()))

    def _stand_in(self, event: Event) -> None:
        # That another comes in its place does not make the unit's miss undone.
        self._excuse(event, [event.data["unit"]])
        self._call(event, event.data.get("units", ()))

    def _call(self, event: Event, units: Sequence[int]) -> None:
        if "answer_by" not in event.data:
            return
        by = datetime.fromisoformat(event.data["answer_by"])
        for unit in units:
            about = replace(self._about(), unit=unit)
            self.at.calls[unit] = Duty(Owed.COME, event.seq, event.at, by, about)

    def _check_in(self, event: Event) -> None:
        called = self.at.calls.pop(event.data["unit"], None)
        if called is not None:
            self._come_to_an_end(called, event, How.DONE)

    def _arbitrate_call(self, event: Event) -> None:
        unit, called = event.data["unit"], self.at.calls.get(event.data["unit"])
        if event.data["upheld"]:
            self._excuse(event, [unit])
        elif called is not None and "answer_by" in event.data:
            due = datetime.fromisoformat(event.data["answer_by"])
            # Who refused only after the limit had missed it by then.
            if called.due is not None and self.at.refused.get(unit, event.at) <= called.due:
                self.at.calls[unit] = replace(called, due=due)

    def _refuse_call(self, event: Event) -> None:
        self.at.refused = {**self.at.refused, event.data["unit"]: event.at}

    def _release(self, event: Event) -> None:
        self._excuse(event, event.data["units"])

    def _excuse(self, event: Event, units: Sequence[int]) -> None:
        for unit in units:
            called = self.at.calls.pop(unit, None)
            if called is not None:
                # Who said in time that it cannot come, and was right, owed nothing.
                said = self.at.refused.get(unit)
                right = event.verb == "arbitrate_call" and said is not None
                self._come_to_an_end(called, event, How.PASSED_ON, at=said if right else None)

    def _come_to_an_end(
        self, called: Duty, event: Event, how: How, *, at: datetime | None = None
    ) -> None:
        ended = replace(called, ended_at=at or event.at, ended_seq=event.seq, how=how)
        self.at.duties = (*self.at.duties, ended)

    # What begins and ends with the state.

    def _arrive(self, event: Event) -> None:
        """Ends what the state that was left owed, and begins what the new one owes."""
        at = self.at
        state = event.to_state
        dropped = state in END_STATES and state != State.CLOSED
        if state == State.DECLINED:
            # To decline is the desk's decision, as accepting is.
            self._end(Owed.ACCEPT, event, How.DONE, by=event)
        match event.from_state:
            case State.REPORTED:
                self._end(Owed.VERIFY, event, How.DROPPED)
                self._end(Owed.ACCEPT, event, How.DROPPED if dropped else How.DONE, by=event)
            case State.ACCEPTED:
                done = state == State.DISPATCHED
                self._end(Owed.DISPATCH, event, How.DONE if done else How.DROPPED, by=event)
            case State.DISPATCHED if state == State.HANDLING:
                self._end(Owed.SIGN, event, How.DONE, by=event)
        if state == State.CLOSED:
            self._end(Owed.CLOSE, event, How.DONE, by=event)
            self._mark(Happening.CLOSED, event)
        at.state, at.desk_since = state, event.at
        if state in END_STATES:
            at.ended_at = event.at
            for owed in list(at.running):
                done = state == State.CLOSED and owed in (Owed.TOTAL, Owed.HANDLE)
                self._end(owed, event, How.DONE if done else How.DROPPED)
            for unit in list(at.calls):
                self._come_to_an_end(at.calls.pop(unit), event, How.DROPPED)
            return
        match state:
            case State.ACCEPTED:
                self._begin(Owed.DISPATCH, event)
            case State.DISPATCHED:
                self._begin(Owed.SIGN, event)
                self._begin(Owed.HANDLE, event)
            case State.HANDLING if event.from_state == State.HANDLED:
                self._take_up_again()
            case State.HANDLED:
                self._end(Owed.HANDLE, event, How.DONE, by=event)
                self._begin(Owed.CHECK, event)
            case State.CHECKED:
                self._begin(Owed.CLOSE, event)

    def _take_up_again(self) -> None:
        """A failed check: the unit's duty was not done after all, and its clock goes on."""
        at = self.at
        last = max(
            (n for n, each in enumerate(at.duties) if each.owed is Owed.HANDLE), default=None
        )
        if last is None:
            return
        again = replace(
            at.duties[last],
            ended_at=None,
            ended_seq=None,
            how=None,
            again=at.duties[last].again + 1,
        )
        at.duties = (*at.duties[:last], *at.duties[last + 1 :])
        at.running[Owed.HANDLE] = again

    def _begin(self, owed: Owed, event: Event, *, account: int | None = None) -> None:
        about = replace(self._about(), account=account)
        self.at.running[owed] = Duty(owed, event.seq, event.at, None, about)

    def _end(self, owed: Owed, event: Event, how: How, *, by: Event | None = None) -> None:
        at = self.at
        duty = at.running.pop(owed, None)
        if duty is None:
            return
        about = replace(self._about(), unit=duty.about.unit, holder=duty.about.holder)
        about = replace(about, account=duty.about.account)
        if by is not None and by.actor_kind == "account":
            about = replace(about, account=by.actor_id, role=_role(by))
        ended = replace(duty, ended_at=event.at, ended_seq=event.seq, how=how, about=about)
        at.duties = (*at.duties, ended)

    def _work_out(self) -> None:
        """Writes into what runs when it is due, as the case stands."""
        at = self.at
        stages = at.stages(self._clock)
        for owed, duty in at.running.items():
            found = at.falls_due(owed, stages, self._clock)
            if found != duty.due:
                at.running[owed] = replace(duty, due=found)

    def _mark(self, what: Happening, event: Event, *, by: Event | None = None) -> None:
        about = self._about()
        if by is not None and by.actor_kind == "account":
            about = replace(about, account=by.actor_id, role=_role(by))
        self.at.marks = (*self.at.marks, Mark(what, event.seq, event.at, about))

    def _about(self) -> About:
        at = self.at
        return About(
            area=at.area,
            holder=at.holder,
            item=at.item,
            channel=at.channel,
            kind=at.kind,
            unit=at.unit,
            reporter=at.reporter,
            patrol=at.patrol,
        )


def _role(event: Event) -> Role | None:
    return None if event.role is None else Role(event.role)


_FOLLOW: Final[Mapping[str, Callable[[Walk, Event], None]]] = {
    "accept": Walk._accept,
    "change_item": Walk._change_item,
    "pin": Walk._pin,
    **dict.fromkeys(_MOVES, Walk._move),
    "ask_verify": Walk._ask_verify,
    "verify": Walk._verify,
    "decline": Walk._decline,
    "dispatch": Walk._dispatch,
    "sign_for": Walk._sign_for,
    "return": Walk._return,
    "handle": Walk._handle,
    "settle": Walk._settle,
    "check_pass": Walk._check_pass,
    "check_fail": Walk._check_fail,
    "suspend": Walk._suspend,
    "resume": Walk._resume,
    "request_extension": Walk._ask_extension,
    "grant_extension": Walk._grant_extension,
    "supervise": Walk._supervise,
    "reopen": Walk._reopen,
    "resident_rate": Walk._hear,
    "call_back": Walk._hear,
    "blow": Walk._blow,
    "stand_in": Walk._stand_in,
    "check_in": Walk._check_in,
    "refuse_call": Walk._refuse_call,
    "arbitrate_call": Walk._arbitrate_call,
    "release": Walk._release,
}
