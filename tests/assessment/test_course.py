"""A case's course from its events: anything by anybody in any order, and some lives as stories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from huying.assessment.course import Walk, course
from huying.assessment.duties import Course, Duty, Happening, How, Owed
from huying.assessment.reading import versions
from huying.cases.models import Case
from huying.cases.states import State
from huying.clock.reading import calendar_for
from tests.cases.test_machine import Loop
from tests.cases.town import FACTORY, GUIDE, OPINION, Town

COLUMNS = {
    Owed.ACCEPT: "accept_due",
    Owed.SIGN: "sign_due",
    Owed.HANDLE: "handle_due",
    Owed.CHECK: "check_due",
    Owed.TOTAL: "total_due",
}
RUNS_IN = {
    State.REPORTED: {Owed.ACCEPT, Owed.TOTAL},
    State.ACCEPTED: {Owed.DISPATCH, Owed.TOTAL},
    State.DISPATCHED: {Owed.SIGN, Owed.HANDLE, Owed.TOTAL},
    State.HANDLING: {Owed.HANDLE, Owed.TOTAL},
    State.HANDLED: {Owed.CHECK, Owed.TOTAL},
    State.CHECKED: {Owed.CLOSE, Owed.TOTAL},
}


def walked(town: Town, case: Case) -> Walk:
    walk = Walk(versions(), calendar_for(case.district_code))
    for event in town.events(case):
        walk.take(event)
    return walk


def of(town: Town, case: Case) -> Course:
    return course(town.events(case), versions=versions(), calendar=calendar_for(case.district_code))


class Counted(Loop):
    """The same random lives as of the loop itself; after each step the course is looked at."""

    def look(self, place: int) -> None:
        super().look(place)
        case = self.cases[place]
        walk = walked(self.town, case)
        at = walk.at
        assert (at.state, at.area, at.holder, at.item) == (
            case.state, case.area_code, case.holder_code, case.item_code,
        )  # fmt: skip
        assert (at.unit, at.emergency) == (case.lead_unit_id, case.emergency)
        for owed, column in COLUMNS.items():
            assert walk.due(owed) == getattr(case, column), column
        if case.state in (State.ACCEPTED, State.CHECKED):
            assert walk.due(Owed.DISPATCH) == case.due_at
        running = set(at.running) - {Owed.VERIFY}
        assert running == RUNS_IN.get(State(case.state), set())

        found = walk.course()
        for duty in found.duties:
            assert (duty.ended_at is None) == (duty.how is None) == (duty.ended_seq is None)
            assert duty.ended_at is None or duty.ended_at >= duty.since
            assert duty.in_time <= duty.is_done
        handled = [each for each in found.duties if each.owed is Owed.HANDLE]
        dispatched = sum(mark.what is Happening.DISPATCHED for mark in found.marks)
        assert len(handled) == dispatched, "one duty to handle for each dispatch"
        assert sum(each.again for each in handled) <= case.reworks


@pytest.mark.slow
def test_at_every_event_the_course_has_the_rows_own_deadlines(db: None) -> None:
    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def duty(found: Course, owed: Owed, number: int = 0) -> Duty:
    return [each for each in found.duties if each.owed is owed][number]


def test_a_life_without_trouble_owes_each_step_once(town: Town) -> None:
    case = town.bring_to("closed")
    found = of(town, case)
    owed = [each.owed for each in found.duties]
    # The village's desk passed it on to the town's at once.
    assert sorted(owed) == sorted([*(set(Owed) - {Owed.VERIFY, Owed.COME}), Owed.ACCEPT])
    assert all(each.in_time for each in found.duties[1:] if each.how is not How.PASSED_ON)
    assert sum(each.how is How.PASSED_ON for each in found.duties) == 1
    handled = duty(found, Owed.HANDLE)
    assert handled.about.unit == case.handled_by_unit_id
    assert handled.about.account == case.handler_id
    assert duty(found, Owed.TOTAL).ended_at == case.ended_at


def test_what_comes_late_is_done_but_not_in_time(town: Town) -> None:
    case = town.bring_to("handling", item=GUIDE)
    assert case.handle_due is not None
    town.now = case.handle_due + timedelta(seconds=1)
    case = town.do("handle", case)
    late = duty(of(town, case), Owed.HANDLE)
    assert (late.is_done, late.in_time) == (True, False)
    assert late.counts(late.due or town.now)
    assert not late.counts((late.due or town.now) - timedelta(seconds=1)), "not due yet"


def test_the_deadline_itself_is_in_time(town: Town) -> None:
    case = town.bring_to("handling", item=GUIDE)
    assert case.handle_due is not None
    town.now = case.handle_due - timedelta(minutes=1)
    case = town.do("handle", case)
    assert case.handled_at == duty(of(town, case), Owed.HANDLE).due
    assert duty(of(town, case), Owed.HANDLE).in_time


def test_who_returns_in_time_owed_nothing_and_who_returns_late_did(town: Town) -> None:
    early = town.do("return", town.bring_to("handling", item=GUIDE))
    returned = duty(of(town, early), Owed.HANDLE)
    assert returned.how is How.PASSED_ON
    assert not returned.counts(town.now + timedelta(days=30))

    late = town.bring_to("handling", item=GUIDE)
    assert late.handle_due is not None
    town.now = late.handle_due + timedelta(hours=1)
    late = town.do("return", late)
    returned = duty(of(town, late), Owed.HANDLE)
    assert returned.counts(town.now), "it ran out with the unit"
    assert not returned.in_time


def test_rework_is_the_same_duty_taken_up_again(town: Town) -> None:
    case = town.do("check_fail", town.bring_to("handled", item=GUIDE))
    running = duty(of(town, case), Owed.HANDLE)
    assert (running.again, running.how) == (1, None)
    case = town.do("check_pass", town.do("handle", case))
    found = of(town, case)
    assert [each.owed for each in found.duties].count(Owed.HANDLE) == 1
    assert [each.owed for each in found.duties].count(Owed.CHECK) == 2
    assert sum(mark.what is Happening.REWORK for mark in found.marks) == 1


def test_a_suspended_case_owes_nothing_until_it_goes_on(town: Town) -> None:
    case = town.bring_to("handling", item=FACTORY)
    case = town.do("suspend", case)
    still = duty(of(town, case), Owed.HANDLE)
    assert still.due is None
    assert not still.counts(town.now + timedelta(days=400))


def test_what_was_undone_never_was(town: Town) -> None:
    case = town.do("accept", town.report(by=town.worker, item=FACTORY))
    before = of(town, case)
    dispatched = town.do("dispatch", case)
    undone = town.do("undo", dispatched, now=town.now)
    assert of(town, undone) == before


def test_a_desk_that_passes_a_report_on_owes_it_no_more(town: Town) -> None:
    case = town.do("escalate", town.report(by=town.worker))
    first, second = duty(of(town, case), Owed.ACCEPT), duty(of(town, case), Owed.ACCEPT, 1)
    assert (first.how, second.how) == (How.PASSED_ON, None)
    assert first.about.holder != second.about.holder


def test_declining_is_the_desks_work_done(town: Town) -> None:
    case = town.do("decline", town.report(by=town.worker))
    found = of(town, case)
    assert duty(found, Owed.ACCEPT).in_time
    assert duty(found, Owed.TOTAL).how is How.DROPPED


def test_a_reopened_case_owes_its_end_a_second_time(town: Town) -> None:
    case = town.do("reopen", town.bring_to("closed", item=GUIDE))
    ended, running = duty(of(town, case), Owed.TOTAL), duty(of(town, case), Owed.TOTAL, 1)
    assert (ended.how, running.how) == (How.DONE, None)
    assert running.since == case.reopened_at


def test_without_a_limit_for_the_whole_the_last_step_says_when_it_is_due(town: Town) -> None:
    case = town.bring_to("accepted", item=OPINION)
    assert case.total_due is None
    assert duty(of(town, case), Owed.TOTAL).due is None
    case = town.do("sign_for", town.do("dispatch", case))
    whole = duty(of(town, case), Owed.TOTAL)
    assert case.handle_due is not None
    assert whole.due is not None
    assert whole.due > case.handle_due
