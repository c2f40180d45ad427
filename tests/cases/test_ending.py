"""并案, 核查, 结案, 重新受理: how a case is checked and how it ends, and comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.audit.verifying import verify
from huying.cases.closing import clear, hold
from huying.cases.models import CaseParty, CheckRound, Hold
from huying.dispatch.models import Order
from huying.errors import BadInput, Missing, NotAllowed, OnHold, WrongState
from tests.cases.town import (
    FACTORY,
    OPINION,
    OTHER_TOWN,
    Town,
)

# --- 并案 merge, 撤回 withdraw


def test_merging_ends_this_case_and_leaves_the_other(town: Town) -> None:
    other = town.bring_to("handling")
    case = town.do("merge", town.town_case(), into=other.pk)
    assert (case.state, case.merged_into_id) == ("merged", other.pk)
    assert (case.due_at, case.wake_at, case.ended_at) == (None, None, town.now)
    other.refresh_from_db()
    assert other.state == "handling"
    assert list(other.merged.all()) == [case]


def test_a_case_is_not_merged_into_itself_a_closed_one_or_one_out_of_sight(town: Town) -> None:
    case = town.town_case()
    closed = town.bring_to("closed")
    elsewhere = town.report(grid=OTHER_TOWN, item=FACTORY)
    for into in (case.pk, closed.pk, elsewhere.pk):
        with town.refused(BadInput, "into"):
            town.do("merge", case, into=into)


def test_merging_needs_words(town: Town) -> None:
    case, other = town.town_case(), town.town_case()
    with town.refused(Missing, "reason"):
        town.do("merge", case, into=other.pk, reason="")


def test_a_suspended_case_is_resumed_before_it_is_merged(town: Town) -> None:
    case = town.do("suspend", town.bring_to("accepted"))
    other = town.town_case()
    with town.refused(WrongState):
        town.do("merge", case, into=other.pk)


def test_who_reported_takes_it_back_before_acceptance(town: Town) -> None:
    case = town.town_case(by=town.worker)
    with town.refused(NotAllowed):
        town.do("withdraw", case, by="dispatcher")
    assert town.do("withdraw", case, by="worker").state == "withdrawn"


# --- 核查 check, 返工 rework


def test_a_failed_check_sends_it_back_to_the_unit_and_counts(town: Town) -> None:
    case = town.bring_to("handled")
    handled_at = case.handled_at
    case = town.do("check_fail", case)
    assert (case.state, case.reworks, case.handled_at) == ("handling", 1, None)
    assert case.lead_unit == town.safety
    (round_,) = CheckRound.objects.filter(case=case)
    assert (round_.starts_at, round_.ended_at, round_.passed) == (handled_at, town.now, False)
    case = town.do("check_pass", town.do("handle", case))
    assert (case.state, case.checked_at) == ("checked", town.now)
    assert [each.passed for each in CheckRound.objects.filter(case=case)] == [False, True]


@pytest.mark.parametrize("verb", ["check_pass", "check_fail"])
def test_no_hand_that_worked_on_it_checks_it(town: Town, verb: str) -> None:
    case = town.do("sign_for", town.bring_to("dispatched"), by="colleague")
    case = town.do("handle", case, by="handler")
    inputs = {"reason": "不行"} if verb == "check_fail" else {}
    for name in ("handler", "handler_as_checker", "colleague", "colleague_as_checker"):
        with town.refused(NotAllowed):
            town.do(verb, case, by=name, **inputs)
    with town.refused(NotAllowed):
        town.do(verb, case, by="other_town_checker", **inputs)
    assert town.do(verb, case, by="checker", **inputs).reworks == (verb == "check_fail")


def test_a_hand_of_an_earlier_round_does_not_check_a_later_one(town: Town) -> None:
    """The fireman handled it once; it was reopened and went to another unit."""
    case = town.do("dispatch", town.bring_to("accepted"), unit=town.fire.pk)
    case = town.do("handle", town.do("sign_for", case, by="fireman"), by="fireman")
    case = town.do("reopen", town.do("close", town.do("check_pass", case)))
    case = town.do("sign_for", town.do("dispatch", case, unit=town.safety.pk))
    case = town.do("handle", case)
    assert case.handled_by_unit == town.safety
    with town.refused(NotAllowed):
        town.do("check_pass", case, by="fireman_as_checker")


def test_a_unit_that_assisted_does_not_check(town: Town) -> None:
    case = town.do("dispatch", town.bring_to("accepted"), assist=[town.fire.pk])
    case = town.do("handle", town.do("sign_for", case))
    with town.refused(NotAllowed):
        town.do("check_pass", case, by="fireman_as_checker")
    assert town.do("check_pass", case, by="checker").state == "checked"


def test_a_unit_that_gave_it_back_may_check_what_another_did(town: Town) -> None:
    case = town.do("dispatch", town.bring_to("accepted"), unit=town.fire.pk)
    case = town.do("return", case, by="fireman", suggested_unit=town.safety.pk)
    case = town.do("handle", town.do("sign_for", town.do("dispatch", case)))
    assert town.do("check_pass", case, by="fireman_as_checker").state == "checked"


def test_a_grid_worker_who_reported_may_check_what_others_did(town: Town) -> None:
    case = town.report(by=town.worker, item=OPINION)
    case = town.bring_to("handled", town.do("escalate", case, by="village_dispatcher"))
    assert case.reporter_id == town.worker.account_id
    assert town.do("check_pass", case, by="worker").state == "checked"


def test_a_checker_is_asked_by_name_and_sees_the_case(town: Town) -> None:
    case = town.bring_to("handled")
    case = town.do("ask_check", case, account=town.accounts["checker"].pk, text="看看门装了没有")
    assert case.check_asked
    assert CaseParty.objects.filter(case=case, part="checker", until_seq=None).count() == 1
    case = town.do("ask_check", case, account=town.accounts["checker"].pk)  # asked again
    assert CaseParty.objects.filter(case=case, part="checker").count() == 1
    case = town.do("check_pass", case)
    assert not case.check_asked
    assert not CaseParty.objects.filter(case=case, part="checker", until_seq=None).exists()


# --- 结案 close, 重新受理 reopen, holds


def test_a_case_with_an_open_hold_is_not_closed(town: Town) -> None:
    case = town.bring_to("checked")
    hold(case, "supervision", "S-1", town.now)
    hold(case, "supervision", "S-1", town.now)  # asking twice gives the one hold
    assert Hold.objects.filter(case=case).count() == 1
    with town.refused(OnHold) as caught:
        town.do("close", case)
    assert caught.value.extra["holds"] == [{"kind": "supervision", "ref": "S-1"}]
    assert clear(case, "supervision", "S-1", town.now)
    assert not clear(case, "supervision", "S-1", town.now)
    assert town.do("close", case).state == "closed"


def test_the_setting_closes_with_the_passed_check_as_an_event_of_its_own(
    town: Town, settings: Any
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"close_after_check": True})
    case = town.do("check_pass", town.bring_to("handled"))
    assert case.state == "closed"
    assert town.verbs(case)[-2:] == ["check_pass", "close"]
    assert town.last(case).actor_kind == "system"
    assert verify(number=case.number).ok

    held = town.bring_to("handled")
    hold(held, "whistle", "W-1", town.now)
    assert town.do("check_pass", held).state == "checked"


def test_closing_ends_the_orders_and_the_clocks(town: Town) -> None:
    case = town.bring_to("closed")
    assert not Order.objects.filter(case=case, ended_at=None).exists()
    assert (case.due_at, case.yellow_at, case.wake_at) == (None, None, None)
    assert case.ended_at == town.now


def test_a_closed_case_is_reopened_once_and_goes_to_another_unit(town: Town) -> None:
    case = town.do("reopen", town.bring_to("closed"))
    assert (case.state, case.reopened, case.ended_at) == ("accepted", 1, None)
    assert (case.lead_unit, case.dispatched_at, case.handled_at) == (None, None, None)
    assert case.due_at is not None
    case = town.do("dispatch", case, unit=town.fire.pk)
    case = town.do("handle", town.do("sign_for", case, by="fireman"), by="fireman")
    case = town.do("close", town.do("check_pass", case))
    assert case.state == "closed"
    with town.refused(WrongState):
        town.do("reopen", case)
    assert verify(number=case.number).ok


def test_a_resident_reopens_within_fifteen_days(town: Town) -> None:
    case = town.bring_to("closed")
    assert case.ended_at is not None
    last = case.ended_at + timedelta(days=15)
    with town.refused(WrongState):
        town.do("reopen", case, by="resident", now=last + timedelta(seconds=1))
    assert town.do("reopen", case, by="resident", now=last).state == "accepted"


def test_the_desk_may_reopen_later_than_that(town: Town) -> None:
    case = town.bring_to("closed")
    assert town.do("reopen", case, now=town.now + timedelta(days=40)).state == "accepted"
