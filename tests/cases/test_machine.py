"""Anything by anybody in any order, and what holds after every step."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from huying.audit.verifying import verify
from huying.cases import flow
from huying.cases.checking import HANDLING
from huying.cases.deadlines import dues_of, recompute
from huying.cases.models import Case, CaseParty, CheckRound, Extension, Suspension
from huying.cases.net import beside, net, state_of
from huying.cases.states import END_STATES
from huying.clock.lights import Light, light
from huying.dispatch.models import Order
from huying.errors import HuyingError
from huying.intake.verbs import VERBS
from huying.supervision.climbing import wake
from tests.cases.town import FACTORY, GUIDE, OPINION, PEOPLE, PETROL, Town

CAST = (
    "worker", "head", "dispatcher", "second_dispatcher", "village_dispatcher",
    "district_dispatcher", "handler", "colleague_as_checker", "handler_as_checker", "fireman",
    "committee_handler", "checker", "town_leader", "auditor", "system", "resident",
)  # fmt: skip
ONWARD = {
    "accept", "dispatch", "sign_for", "handle", "settle", "return", "check_pass", "check_fail",
    "close", "reopen", "suspend", "resume", "request_extension", "grant_extension", "arbitrate",
}  # fmt: skip
FOLLOWED = {
    # The forced dispatch follows an arbitration at once, as its own event.
    "arbitrate": (["arbitrate", "dispatch"],),
    # So does what was erased, if there was anything left to erase.
    "confirm_erasure": (["confirm_erasure", "erased"], ["confirm_erasure"]),
}
SELDOM = {
    "decline",
    "withdraw",
    "merge",
    "comment",
    "erased",
    "recompute",
    "overdue",
    "attach",
    "undo",
}
DEADLINES = (
    "accept_due", "sign_due", "handle_due", "check_due", "total_due", "due_at", "yellow_at",
    "wake_at",
)  # fmt: skip


class Loop(RuleBasedStateMachine):
    """Two cases; at each step somebody tries a verb on one of them, or the system wakes."""

    @initialize(
        item=st.sampled_from([OPINION, GUIDE, PEOPLE, FACTORY, PETROL]),
        state=st.sampled_from(["reported", "accepted", "handling", "handled", "checked"]),
    )
    def report(self, item: str, state: str) -> None:
        self.inside = transaction.atomic()
        self.inside.__enter__()
        self.town = Town()
        self.cases = [self.town.report(by=self.town.worker, item=item), self.town.bring_to(state)]

    def teardown(self) -> None:
        if hasattr(self, "inside"):
            transaction.set_rollback(True)
            self.inside.__exit__(None, None, None)

    @rule(
        place=st.integers(0, 1),
        pick=st.integers(0, 10**6),
        sensible=st.sampled_from([0, 1, 2, 2, 3, 3, 3]),
        minutes=st.sampled_from([1, 30, 200, 1500, 6000]),
    )
    def somebody_does_something(self, place: int, pick: int, sensible: int, minutes: int) -> None:
        town, case = self.town, self.cases[place]
        town.later(minutes=minutes)
        verb, name = self.choose(case, pick, sensible)
        before = case.last_seq
        try:
            after = town.do(verb, case, by=name, expect_seq=before, **self.inputs(verb, case, pick))
        except HuyingError:
            case = Case.objects.get(pk=case.pk)
            assert case.last_seq == before
        else:
            new = [event.verb for event in town.events(after)][before:]
            assert after.last_seq == before + len(new)
            assert new in FOLLOWED.get(verb, ([verb],))
            assert flow.ROWS[verb].why_not(town.actor(name), self.cases[place]) is None
            leads_to = flow.ROWS["dispatch" if verb == "arbitrate" else verb].targets
            assert after.state == case.state or after.state in leads_to
        self.look(place)

    @rule(place=st.integers(0, 1))
    def the_system_wakes(self, place: int) -> None:
        wake(now=self.town.later(minutes=1))
        self.look(place)

    @rule(place=st.integers(0, 1), pick=st.integers(0, 10**6), wakes=st.booleans())
    def the_desk_does_and_undoes(self, place: int, pick: int, wakes: bool) -> None:
        town, case = self.town, self.cases[place]
        may = [
            (verb, name)
            for verb in sorted(flow.UNDOABLE)
            for name in CAST
            if flow.ROWS[verb].why_not(town.actor(name), case) is None
        ]
        if not may:
            return
        verb, name = may[pick % len(may)]
        before = everything(case)
        try:
            done = town.do(verb, case, by=name, **self.inputs(verb, case, pick))
        except HuyingError:
            return
        if wakes:
            wake(now=town.later(seconds=1))
        undone = town.do("undo", done, by=name, expect_seq=done.last_seq)
        assert everything(undone) == before
        self.look(place)

    def choose(self, case: Case, pick: int, sensible: int) -> tuple[str, str]:
        """A verb and who tries it: mostly somebody who may, and oftener one that leads on."""
        # In an order that does not hang on which module was imported first.
        tries = [(verb, name) for verb in sorted(VERBS) for name in CAST]
        if sensible:
            may: dict[str, list[str]] = {}
            for verb, name in tries:
                if flow.ROWS[verb].why_not(self.town.actor(name), case) is None:
                    may.setdefault(verb, []).append(name)
            if sensible > 1:
                may = {verb: names for verb, names in may.items() if verb not in SELDOM} or may
            if sensible > 2:
                may = {verb: names for verb, names in may.items() if verb in ONWARD} or may
            if may:
                verb = sorted(may)[pick % len(may)]
                return verb, may[verb][pick // 31 % len(may[verb])]
        return tries[pick % len(tries)]

    def inputs(self, verb: str, case: Case, pick: int) -> dict[str, Any]:
        """Such inputs as fit the place, now and then others."""
        town = self.town
        match verb:
            case "dispatch":
                units = (town.safety, town.fire, town.committee)
                assist = [town.police.pk] if pick % 2 else []
                return {"unit": units[pick % 3].pk, "assist": assist}
            case "suspend":
                return {"until": town.now + timedelta(days=1 + pick % 9)}
            case "handle" | "settle" if case.item_code in (FACTORY, PETROL):
                by = "fireman" if case.lead_unit_id == town.fire.pk else "handler"
                kinds = ("photo_before", "photo_after")
                return {"photos": [town.photo(kind, by=by).pk for kind in kinds]}
            case "merge":
                other = next(each for each in self.cases if each.pk != case.pk)
                return {"into": other.pk}
            case "pin":
                return {} if pick % 2 else {"lon": None, "lat": None, "area": case.holder_code}
        return {}

    def look(self, place: int) -> None:
        for at, each in enumerate(self.cases):
            self.cases[at] = Case.objects.get(pk=each.pk)
        case = self.cases[place]
        events = self.town.events(case)
        assert case.last_seq == len(events)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert verify(number=case.number).ok
        last = events[-1]
        assert (case.state, bytes(case.last_hash)) == (last.to_state, bytes(last.hash))

        again = copy.copy(case)
        recompute(again, case.changed_at)
        assert {name: getattr(again, name) for name in DEADLINES} == {
            name: getattr(case, name) for name in DEADLINES
        }
        ended = case.state in END_STATES
        assert (case.ended_at is not None) == ended
        if ended:
            assert (case.due_at, case.wake_at) == (None, None)

        leads = list(Order.objects.filter(case=case, part="lead", ended_at=None))
        expected = [] if ended or case.lead_unit_id is None else [case.lead_unit_id]
        assert [order.unit_id for order in leads] == expected
        if ended or not leads:
            assert not Order.objects.filter(case=case, ended_at=None).exists()
        assert (case.lead_unit_id is not None) or case.state not in ("dispatched", "handling")

        paused = Suspension.objects.filter(case=case, ended_at=None).exists()
        assert paused == case.is_suspended
        if not ended and (current := dues_of(case).current) is not None:
            lamp = light(current, self.town.now)
            # What was late before it was paused stays red.
            assert lamp in (Light.GREY, Light.RED) if paused else lamp is not Light.GREY
        assert case.extension_asked <= Extension.objects.filter(case=case, decided_at=None).exists()

        self.look_at_the_net(case, [event.verb for event in events])

        hands = set()
        for event in events:
            if event.verb in ("check_pass", "check_fail"):
                assert event.actor_id not in hands, "whoever handled it has checked it"
            if event.verb in HANDLING:
                hands.add(event.actor_id)

    def look_at_the_net(self, case: Case, verbs: list[str]) -> None:
        """The Petri net of the flow can have come to where the case is, and goes on from there."""
        sides = {
            "suspended": case.is_suspended,
            "extension_asked": case.extension_asked,
            "verify_asked": case.verify_asked,
            "supervised": case.supervised,
            "reopened": case.reopened > 0,
        }
        here = frozenset(
            marking
            for marking in net().follow(verbs)
            if state_of(marking) == case.state
            and beside(marking) == {side for side, holds in sides.items() if holds}
        )
        assert here, verbs
        for row in flow.TABLE:
            if not row.passing and net().fire(here, row.verb) == frozenset():
                assert case.state not in row.sources or (row.condition and row.condition(case))


def everything(case: Case) -> dict[str, Any]:
    """What a step and its undo must leave as it was."""
    row = Case.objects.filter(pk=case.pk).values().get()
    for name in ("last_seq", "last_hash", "changed_at"):
        del row[name]
    parties = CaseParty.objects.filter(case=case, until_seq=None)
    return {
        "row": row,
        "parties": sorted(parties.values_list("part", "unit", "account", "since_seq"), key=str),
        "orders": list(Order.objects.filter(case=case).order_by("pk").values()),
        "suspensions": list(Suspension.objects.filter(case=case).order_by("pk").values()),
        "extensions": list(Extension.objects.filter(case=case).order_by("pk").values()),
        "rounds": list(CheckRound.objects.filter(case=case).order_by("pk").values()),
    }


@pytest.mark.slow
def test_whatever_happens_the_case_and_its_log_agree(db: None) -> None:
    run_state_machine_as_test(
        Loop,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
