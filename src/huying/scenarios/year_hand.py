"""What each verb does to a case's rows, in memory: the bodies of the verbs, without a database.

In the order of the loop. Anything that a verb reads from the database is in the hand already; what
it would tell people, or leave to a job, is not told: nobody waits for news of last year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from huying.cases.accepting import become
from huying.cases.models import (
    Case,
    CaseParty,
    CheckRound,
    Extension,
    Suspension,
    TextKind,
)
from huying.cases.states import State
from huying.cases.verbs import Act
from huying.catalogue.models import Clock, ItemVersion
from huying.clock.ladder import Rung, next_rung
from huying.dispatch.deciding import decided
from huying.dispatch.models import Order
from huying.people.acting import Actor
from huying.places.models import above, level_of
from huying.response.residents import CallBack
from huying.scenarios.year_case import Told


class Hand(Told):
    """One case, and what people may do to it."""

    __slots__ = ()

    # --- the desk's verbs ---------------------------------------------------------------------

    def accept(self, by: Actor, version: ItemVersion, *, emergency: bool = False) -> None:
        with self.step("accept", by) as act:
            case = self.case
            ruled = become(
                case, version, emergency=emergency, level=None, now=act.now, text=self.told
            )
            act.data |= {
                "item": version.item_id,
                "version": version.version,
                "level": str(case.level),
                "emergency": case.emergency,
                **ruled.data,
            }
            self.leaves(act, CaseParty.Part.VERIFIER)
            act.goes_to(State.ACCEPTED)

    def decline(self, by: Actor, *, reason_code: str, reason: str) -> None:
        with self.step("decline", by) as act:
            act.reason_code(reason_code)
            self.say(act, TextKind.REASON, reason)
            act.goes_to(State.DECLINED)

    def merge(self, by: Actor, into: Case, reason: str) -> None:
        with self.step("merge", by) as act:
            self.say(act, TextKind.REASON, reason)
            self.case.merged_into = into
            act.data["into"] = into.pk
            act.goes_to(State.MERGED)

    def ask_verify(self, by: Actor, text: str) -> None:
        with self.step("ask_verify", by) as act:
            self.case.verify_asked = True
            self.case.verified = None
            self.say(act, TextKind.REQUIREMENT, text)

    def verify(self, by: Actor, *, true: bool, text: str) -> None:
        with self.step("verify", by) as act:
            self.case.verify_asked = False
            self.case.verified = true
            act.data["true"] = true
            self.say(act, TextKind.RESULT, text)
            self.leaves(act, CaseParty.Part.VERIFIER)

    def escalate(self, by: Actor, reason: str, tried: str) -> None:
        with self.step("escalate", by) as act:
            case = self.case
            self.say(act, TextKind.REASON, reason)
            self.say(act, TextKind.TRIED, tried)
            higher = above(case.holder_code)
            assert higher is not None  # the flow table refuses at the district
            act.data |= {"from_holder": case.holder_code, "holder": higher}
            case.holder_code = higher
            case.level = level_of(higher)
            case.desk_since = act.now
            if case.state == State.REPORTED:
                case.moved_at = act.now

    def dispatch(self, by: Actor, unit: int, *, suggested: bool, requirement: str) -> None:
        with self.step("dispatch", by) as act:
            case = self.case
            case.lead_unit_id = unit
            case.dispatched_at = act.now
            case.extensions = 0
            self.orders.append(
                Order(
                    id=self.desk.new_id(),
                    case=case,
                    district_code=case.district_code,
                    unit_id=unit,
                    part=Order.Part.LEAD,
                    dispatched_at=act.now,
                    suggested=suggested,
                )
            )
            self.joins(act, CaseParty.Part.LEAD, unit_id=unit)
            codes = decided(case, act.now, text=self.told).codes
            act.data |= {"unit": unit, "suggested": suggested, **codes}
            self.say(act, TextKind.REQUIREMENT, requirement)
            act.goes_to(State.DISPATCHED)

    def ask_check(self, by: Actor, text: str = "") -> None:
        with self.step("ask_check", by) as act:
            self.case.check_asked = True
            self.say(act, TextKind.REQUIREMENT, text)

    def suspend(self, by: Actor, until: datetime, reason: str) -> None:
        with self.step("suspend", by) as act:
            self.say(act, TextKind.REASON, reason)
            self.suspensions.append(
                Suspension(
                    id=self.desk.new_id(),
                    case=self.case,
                    district_code=self.case.district_code,
                    starts_at=act.now,
                    planned_until=until,
                )
            )
            self.case.suspended_until = until
            act.data["until"] = until

    def decide_extension(self, by: Actor, *, granted: bool, text: str) -> None:
        with self.step("grant_extension" if granted else "refuse_extension", by) as act:
            asked = self.extensions[-1]
            asked.decided_at, asked.granted = act.now, granted
            self.case.extension_asked = False
            act.data |= {"amount": asked.amount, "clock": asked.clock}
            self.case.extensions += granted
            self.say(act, TextKind.COMMENT if granted else TextKind.REASON, text)

    def close(self, by: Actor) -> None:
        with self.step("close", by) as act:
            for each in self.orders:
                if each.ended_at is None:
                    each.ended_at = act.now
            act.goes_to(State.CLOSED)

    def reopen(self, by: Actor, reason: str) -> None:
        with self.step("reopen", by) as act:
            case = self.case
            self.say(act, TextKind.REASON, reason)
            self._clear_handling(act)
            self.leaves(act, CaseParty.Part.LEAD)
            case.reopened += 1
            case.reopened_at = act.now
            case.ended_at = None
            case.self_handled = False
            act.goes_to(State.ACCEPTED)

    def call_back(self, by: Actor, outcome: CallBack.Outcome, **answers: Any) -> None:
        """``answers`` are the three of a resident who was reached."""
        with self.step("call_back", by) as act:
            self.call_backs.append(
                CallBack(
                    id=self.desk.new_id(),
                    case=self.case,
                    district_code=self.case.district_code,
                    round=self.case.reopened,
                    seq=act.seq,
                    way=CallBack.Way.PHONE,
                    outcome=outcome,
                    at=act.now,
                    **answers,
                )
            )
            way = str(CallBack.Way.PHONE)
            act.data |= {"way": way, "call_outcome": str(outcome), **answers}

    def lift_supervision(self, by: Actor, reason: str) -> None:
        with self.step("lift_supervision", by) as act:
            case = self.case
            self.say(act, TextKind.REASON, reason)
            made = self.supervisions[-1]
            made.lifted_at, made.lifted_seq = act.now, act.seq
            self.holds[-1].cleared_at = act.now
            case.supervised = False
            case.supervised_reworks = case.reworks
            if next_rung(case.rung) is Rung.SUPERVISE:
                case.rung = Rung.SUPERVISE
            act.data["number"] = made.number

    # --- the unit's ---------------------------------------------------------------------------

    def sign_for(self, by: Actor) -> None:
        with self.step("sign_for", by) as act:
            self.case.signed_at = self.order().signed_at = act.now
            act.goes_to(State.HANDLING)

    def arrive(self, by: Actor) -> None:
        with self.step("arrive", by) as act:
            act.data["position"] = self.case.grid_code
            if self.case.arrived_at is None:
                self.case.arrived_at = self.order().arrived_at = act.now

    def return_(self, by: Actor, *, reason_code: str, suggested_unit: int, reason: str) -> None:
        """Once; what comes back a second time is a matter of arbitration, which no hand tells."""
        with self.step("return", by) as act:
            case = self.case
            act.reason_code(reason_code)
            self.say(act, TextKind.REASON, reason)
            case.returns += 1
            act.data |= {
                "from_unit": case.lead_unit_id,
                "suggested_unit": suggested_unit,
                "returns": case.returns,
            }
            order = self.order()
            order.returned_at = act.now
            order.return_reason, order.return_to_id = reason_code, suggested_unit
            self.end_orders(act)
            self._clear_handling(act)
            act.goes_to(State.ACCEPTED)

    def request_extension(self, by: Actor, amount: int, clock: Clock, reason: str) -> None:
        with self.step("request_extension", by) as act:
            self.say(act, TextKind.REASON, reason)
            self.extensions.append(
                Extension(
                    id=self.desk.new_id(),
                    case=self.case,
                    district_code=self.case.district_code,
                    asked_at=act.now,
                    asked_by=by.account_id,
                    amount=amount,
                    clock=str(clock),
                )
            )
            self.case.extension_asked = True
            act.data |= {"amount": amount, "clock": str(clock)}

    def handle(self, by: Actor, result: str, *, photos: Sequence[UUID], form: str) -> None:
        with self.step("handle", by) as act:
            case = self.case
            self.say(act, TextKind.RESULT, result)
            self._evidence(act, photos, form)
            case.handled_at = act.now
            case.handler_id = by.account_id
            case.handled_by_unit_id = case.lead_unit_id
            self.order().handled_at = act.now
            act.goes_to(State.HANDLED)

    def settle(
        self,
        by: Actor,
        version: ItemVersion,
        result: str,
        *,
        photos: Sequence[UUID],
        form: str,
        drawn: bool,
    ) -> None:
        with self.step("settle", by) as act:
            case = self.case
            self.say(act, TextKind.RESULT, result)
            self._evidence(act, photos, form)
            case.item_version, case.item_code = version, version.item_id
            case.kind = version.kind
            case.accepted_at = case.accepted_at or act.now
            case.handled_at = act.now
            case.handler_id = by.account_id
            case.handled_by_unit_id = by.unit_id
            case.self_handled, case.check_asked = True, drawn
            act.data |= {"item": version.item_id, "version": version.version, "drawn": drawn}
            self.end_orders(act)
            act.goes_to(State.HANDLED if drawn else State.CLOSED)

    def _evidence(self, act: Act, photos: Sequence[UUID], form: str) -> None:
        if photos:
            act.data["photos"] = [str(photo) for photo in photos]
        act.data["position"] = act.case.grid_code
        self.say(act, TextKind.FORM, form)

    def _clear_handling(self, act: Act) -> None:
        case = self.case
        for each in self.extensions:
            if each.decided_at is None:
                each.decided_at, each.granted = act.now, False
        case.lead_unit = None
        case.dispatched_at = case.signed_at = case.arrived_at = None
        case.handled_at = case.checked_at = None
        case.extension_asked = False
        case.parts = {}

    # --- the checker's ------------------------------------------------------------------------

    def check(self, by: Actor, *, passed: bool, words: str) -> None:
        with self.step("check_pass" if passed else "check_fail", by) as act:
            case = self.case
            climbed = self._climbed_in_handling()
            self.say(act, TextKind.RESULT if passed else TextKind.REASON, words)
            self.rounds.append(
                CheckRound(
                    id=self.desk.new_id(),
                    case=case,
                    district_code=case.district_code,
                    starts_at=case.handled_at or act.now,
                    ended_at=act.now,
                    passed=passed,
                )
            )
            case.check_asked = False
            act.data["passed"] = passed
            self.leaves(act, CaseParty.Part.CHECKER)
            if passed:
                case.checked_at = act.now
                act.goes_to(State.CHECKED)
                return
            case.reworks += 1
            case.handled_at = None
            case.self_handled = False
            act.data["reworks"] = case.reworks
            act.goes_to(State.HANDLING if case.lead_unit_id is not None else State.ACCEPTED)
            case.rung = climbed

    def _climbed_in_handling(self) -> int:
        since = self.case.dispatched_at
        verbs = {rung.verb for rung in Rung}
        rungs = [
            event.data["rung"]
            for event in self.events
            if event.verb in verbs
            and "rung" in event.data
            and event.data.get("deadline") == State.HANDLING
            and since is not None
            and event.at >= since
        ]
        return max(rungs, default=0)
