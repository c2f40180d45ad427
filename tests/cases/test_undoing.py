"""撤销: a step and its undo leave nothing behind but the two events."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.audit.verifying import verify
from huying.cases import deferring, flow
from huying.cases.models import Case
from huying.cases.timeline import timeline
from huying.cases.undoing import undoable
from huying.cases.verbs import Act, begin, finish
from huying.dispatch.models import Order
from huying.errors import NotAllowed, StalePage, WrongState
from huying.supervision.climbing import wake
from tests.cases.test_machine import everything
from tests.cases.town import FACTORY, PETROL, TOWN, Town

STATE = {"accept": "reported", "decline": "reported", "dispatch": "accepted", "merge": "accepted"}


def reported(town: Town) -> Case:
    return town.bring_to("reported")


def asked_to_verify(town: Town) -> Case:
    return town.do("ask_verify", reported(town), account=town.accounts["checker"].pk)


def emergency(town: Town) -> Case:
    return town.bring_to("accepted", item=PETROL)


def returned(town: Town) -> Case:
    return town.do("return", town.bring_to("dispatched"))


def sent_back(town: Town) -> Case:
    """A rework, and then a return."""
    return town.do("return", town.do("check_fail", town.bring_to("handled")))


def reopened(town: Town) -> Case:
    return town.do("reopen", town.bring_to("closed"))


def extended(town: Town) -> Case:
    case = town.do("request_extension", town.bring_to("handling"))
    return town.do("return", town.do("grant_extension", case))


def suspended_once(town: Town) -> Case:
    return town.do("resume", town.do("suspend", town.bring_to("accepted")))


REPORTED = (reported, asked_to_verify)
ACCEPTED = (emergency, returned, sent_back, reopened, extended, suspended_once)
STEPS = [
    *((start, verb) for start in REPORTED for verb in ("accept", "decline", "merge")),
    *((start, verb) for start in ACCEPTED for verb in ("dispatch", "merge")),
]


@pytest.mark.parametrize(
    ("start", "verb"), STEPS, ids=[f"{start.__name__}-{verb}" for start, verb in STEPS]
)
def test_undone_the_case_is_as_it_was(town: Town, start: Any, verb: str) -> None:
    case = start(town)
    more = {"assist": [town.police.pk]} if verb == "dispatch" else {}
    before = everything(case)
    done = town.do(verb, case, **more)
    assert everything(done) != before
    undone = town.do("undo", done, expect_seq=done.last_seq)
    assert everything(undone) == before
    event = town.last(undone)
    assert (event.data["undoes"], event.data["step"]) == (done.last_seq, verb)
    assert verify(number=case.number).ok
    assert [entry.undone for entry in timeline(undone)][-2:] == [True, False]
    again = town.do(verb, undone, **more)
    assert again.state == done.state


@pytest.mark.parametrize("verb", sorted(flow.UNDOABLE))
def test_what_a_step_remembers_are_codes_ids_and_times(town: Town, verb: str) -> None:
    done = town.do(verb, town.bring_to(STATE[verb]))
    before = town.last(done).data["before"]
    assert set(before) <= {
        "state", "kind", "level", "item_code", "item_version_id", "emergency", "accepted_at",
        "desk_since", "ended_at", "verify_asked", "lead_unit_id", "dispatched_at", "extensions",
        "merged_into_id", "rung", "rule", "rulebook", "priority", "rule_limit", "rule_clock",
    }  # fmt: skip
    assert before["state"] == STATE[verb]


def test_ten_seconds_by_the_verbs_own_clock(town: Town) -> None:
    done = town.do("accept", reported(town))
    with town.refused(WrongState):
        town.do("undo", done, now=done.accepted_at + timedelta(seconds=10, microseconds=1))
    assert undoable(done, town.dispatcher, done.accepted_at + timedelta(seconds=11)) is None
    town.do("undo", done, now=done.accepted_at + timedelta(seconds=10))


def test_nobody_else_undoes_it(town: Town) -> None:
    done = town.do("accept", reported(town))
    for name in ("second_dispatcher", "village_dispatcher", "worker"):
        with town.refused(NotAllowed):
            town.do("undo", done, by=name, now=town.now)
        assert undoable(done, town.actor(name), town.now) is None
    assert undoable(done, town.dispatcher, done.accepted_at) is not None


def test_not_after_anything_else_has_happened(town: Town) -> None:
    done = town.do("dispatch", town.bring_to("accepted"))
    at = done.dispatched_at
    commented = town.do("comment", done, now=at + timedelta(seconds=1))
    with town.refused(WrongState):
        town.do("undo", commented, now=at + timedelta(seconds=2))
    with town.refused(StalePage):
        town.do("undo", done, now=at + timedelta(seconds=2), expect_seq=done.last_seq)


def test_an_undo_is_not_undone(town: Town) -> None:
    undone = town.do("undo", town.do("dispatch", town.bring_to("accepted")))
    with town.refused(WrongState):
        town.do("undo", undone, now=town.now)


def test_what_passes_by_itself_is_no_later_event(town: Town) -> None:
    case = town.bring_to("accepted")
    before = everything(case)
    done = town.do("dispatch", case)
    Case.objects.filter(pk=done.pk).update(wake_at=done.dispatched_at)
    assert wake(now=town.now + timedelta(seconds=1)) == 1
    undone = town.do("undo", done, expect_seq=done.last_seq)
    assert everything(undone) == before


def test_a_deadline_that_passes_meanwhile_is_still_noted(town: Town) -> None:
    case = reported(town)
    assert case.due_at is not None
    done = town.do("accept", case, now=case.due_at - timedelta(seconds=3))
    undone = town.do("undo", done, now=case.due_at + timedelta(seconds=3))
    assert undone.due_at == case.due_at, "no clock gains by it"
    assert wake(now=case.due_at + timedelta(seconds=4)) == 1
    assert town.verbs(undone)[-3:] == ["remind", "overdue", "tell_leader"]


def test_an_undone_dispatch_is_no_order_and_nobody_sees_the_case_for_it(town: Town) -> None:
    done = town.do("dispatch", town.bring_to("accepted"), assist=[town.police.pk])
    assert Case.objects.visible_to(town.handler).filter(pk=done.pk).exists()
    undone = town.do("undo", done)
    assert not Order.objects.filter(case=undone).exists()
    assert not Case.objects.visible_to(town.handler).filter(pk=done.pk).exists()
    assert (undone.returns, undone.reworks) == (0, 0)


def test_who_was_asked_to_verify_is_asked_again(town: Town) -> None:
    case = asked_to_verify(town)
    undone = town.do("undo", town.do("accept", case))
    assert undone.verify_asked
    assert undone.parties.get(part="verifier").until_seq is None


def test_a_chain_that_leaves_an_end_without_naming_it_is_broken(town: Town) -> None:
    done = town.do("decline", reported(town))
    undone = town.do("undo", done)
    assert verify(number=undone.number).ok
    again = town.do("decline", undone)
    act = begin("undo", again, by=town.dispatcher, now=town.now, expect_seq=None)
    act.case.state, act.case.ended_at = "reported", None
    act.data["undoes"] = done.last_seq
    finish(act)
    assert not verify(number=undone.number).ok


# --- 通知等待 jobs of a step that can be undone


@app.task(name="tests.notice", queue="cases")
def notice(case_id: str) -> None:
    """A notice of a later stage."""


def waiting() -> list[tuple[str, bool]]:
    jobs = ProcrastinateJob.objects.filter(task_name__in=["tests.notice", "unless_undone"])
    of_ours = jobs.exclude(args__contains={"task": "tell"}).order_by(
        "id"
    )  # the loop's own have their tests
    return [(job.task_name, job.scheduled_at is not None) for job in of_ours]


def acting(town: Town, verb: str, **defer: Any) -> Act:
    act = begin(
        verb, town.town_case(item=FACTORY), by=town.dispatcher, now=town.now, expect_seq=None
    )
    act.defer(notice, case_id=str(act.case.pk), **defer)
    return act


def test_a_notice_waits_an_alarm_does_not_and_other_steps_do_not(town: Town) -> None:
    finish(acting(town, "decline", alarm=True))
    assert waiting() == [("tests.notice", False)]
    finish(acting(town, "comment"))
    assert waiting() == [("tests.notice", False)] * 2
    finish(acting(town, "decline"))
    assert waiting()[2:] == [("unless_undone", True)]
    job = ProcrastinateJob.objects.get(task_name="unless_undone")
    assert job.args["task"] == "tests.notice"
    assert uuid.UUID(job.args["case_id"])


@pytest.mark.parametrize("undone", [False, True])
def test_the_notice_of_an_undone_step_is_dropped(town: Town, undone: bool) -> None:
    case = town.do("dispatch", town.bring_to("accepted"))
    seq = case.last_seq
    if undone:
        town.do("undo", case)
    sent = deferring.unless_undone(str(case.pk), seq, "tests.notice", {"case_id": str(case.pk)})
    assert sent is not undone
    assert waiting() == ([] if undone else [("tests.notice", False)])
    assert case.holder_code == TOWN
