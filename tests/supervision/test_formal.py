"""挂牌督办, 批示, 会商: what watches over a case, and that it keeps it from ending."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from huying.cases.models import Case, Hold
from huying.errors import BadInput, Missing, NotAllowed, OnHold, WrongState
from huying.supervision.climbing import wake_all
from huying.supervision.models import Cause, Instruction, Meeting, Supervision
from tests.cases.town import TOWN, at

if TYPE_CHECKING:
    from tests.cases.town import Town

MINUTE = timedelta(minutes=1)


def reworked_twice(town: Town) -> Case:
    case = town.do("check_fail", town.bring_to("handled"))
    return town.do("check_fail", town.do("handle", case))


def test_the_second_rework_is_supervised_and_the_third_again_once_lifted(town: Town) -> None:
    case = town.do("check_fail", town.bring_to("handled"))
    assert wake_all(now=town.now + MINUTE) == 0
    case = town.do("check_fail", town.do("handle", case))
    failed_at = town.now
    assert wake_all(now=town.now + MINUTE) == 1
    made = Supervision.objects.get(case=case)
    assert (made.cause, made.reworks, made.unit) == (Cause.REWORKS, 2, town.safety)
    event = town.last(case)
    assert (event.verb, event.data["cause"]) == ("supervise", "reworks")
    assert datetime.fromisoformat(event.data["turn"]) == failed_at
    town.later(minutes=2)
    case = town.do("check_fail", town.do("handle", case))  # while it is supervised: no second one
    assert wake_all(now=town.now + MINUTE) == 0
    town.later(minutes=2)
    case = town.do("lift_supervision", case)
    assert wake_all(now=town.now + MINUTE) == 0
    town.later(minutes=2)
    case = town.do("check_fail", town.do("handle", case))
    assert wake_all(now=town.now + MINUTE) == 1
    assert Supervision.objects.filter(case=case).count() == 2


def test_numbers_run_by_town_and_year(town: Town) -> None:
    first, second = town.bring_to("reported"), town.bring_to("reported")
    town.do("supervise", first)
    town.do("supervise", second)
    other_year = town.bring_to("reported")
    town.do("supervise", other_year, now=at("2020-01-01 00:30"))
    district = town.do("escalate", town.bring_to("reported"))
    town.do("supervise", district, by="district_leader")
    numbers = {each.case_id: each.number for each in Supervision.objects.all()}
    assert numbers == {
        first.pk: f"{TOWN}-2019-1",
        second.pk: f"{TOWN}-2019-2",
        other_year.pk: f"{TOWN}-2020-1",
        district.pk: "440113-2019-1",
    }
    with override("zh-hans"):
        assert Supervision.objects.get(case=second).title == "石碁镇督〔2019〕2号"


def test_a_supervised_case_ends_only_when_it_is_lifted(town: Town) -> None:
    case = town.bring_to("checked")
    case = town.do("supervise", case)
    with town.refused(OnHold):
        town.do("close", case)
    with town.refused(WrongState):
        town.do("supervise", case)
    case = town.do("lift_supervision", case)
    assert not Hold.objects.filter(case=case, cleared_at=None).exists()
    assert town.do("close", case).state == "closed"
    reported = town.do("supervise", town.bring_to("reported"))
    with town.refused(WrongState):
        town.do("decline", reported)
    with town.refused(WrongState):
        town.do("merge", reported, into=case.pk)


def test_who_orders_it_and_who_lets_go(town: Town) -> None:
    case = town.bring_to("handling")
    for name in ("dispatcher", "handler", "other_town_dispatcher", "checker"):
        with town.refused(NotAllowed):
            town.do("supervise", case, by=name)
    case = town.do("supervise", case, by="district_dispatcher", until=town.now + timedelta(days=1),
                   leader=town.accounts["district_leader"].pk)  # fmt: skip
    made = Supervision.objects.get(case=case)
    assert (made.cause, made.leader) == (Cause.BY_HAND, town.accounts["district_leader"])
    with town.refused(NotAllowed):
        town.do("lift_supervision", case, by="dispatcher")
    town.do("lift_supervision", case, by="town_leader")
    made.refresh_from_db()
    assert not made.is_open


def test_what_an_order_needs(town: Town) -> None:
    case = town.bring_to("handling")
    with town.refused(Missing, field="reason"):
        town.do("supervise", case, reason=" ")
    with town.refused(BadInput, field="until"):
        town.do("supervise", case, until=town.now)
    with town.refused(BadInput, field="leader"):
        town.do("supervise", case, leader=town.accounts["handler"].pk)
    case = town.do("supervise", case)
    made = Supervision.objects.get(case=case)
    assert made.due_at > town.now
    made.pk, made.serial = None, 99  # a second open one
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


def test_lifted_the_step_is_not_supervised_again_at_once(town: Town) -> None:
    case = town.bring_to("reported")
    late = at("2019-07-12 10:00")
    wake_all(now=late)
    case.refresh_from_db()
    assert case.supervised
    case = town.do("lift_supervision", case, now=late + MINUTE)
    assert wake_all(now=late + 2 * MINUTE) == 0
    assert town.verbs(case).count("supervise") == 1


def test_an_instruction_is_answered_by_the_desk(town: Town) -> None:
    case = town.bring_to("checked")
    with town.refused(NotAllowed):
        town.do("instruct", case, by="dispatcher")
    with town.refused(Missing, field="text"):
        town.do("instruct", case, text="")
    with town.refused(BadInput, field="until"):
        town.do("instruct", case, until=town.now)
    case = town.do("instruct", case, text="今天办结", until=town.now + timedelta(days=1))
    case = town.do("instruct", case, by="district_leader", text="说明原因")
    with town.refused(OnHold):
        town.do("close", case)
    with town.refused(NotAllowed):
        town.do("answer_instruction", case, by="handler")
    case = town.do("answer_instruction", case)
    assert case.instruction_open
    first, second = Instruction.objects.all()
    assert (first.answered_by, second.answered_at) == (town.accounts["dispatcher"], None)
    case = town.do("answer_instruction", case, instruction=second.pk)
    assert not case.instruction_open
    with town.refused(WrongState):
        town.do("answer_instruction", case)
    assert town.do("close", case).state == "closed"


def test_a_meeting_is_kept_with_who_met_and_what_was_decided(town: Town) -> None:
    case = town.bring_to("accepted")
    for field, wrong in (
        ("members", {"members": [town.safety.pk]}),
        ("unit", {"unit": None}),
        ("decision", {"decision": ""}),
        ("until", {"until": None}),
    ):
        with town.refused(Missing, field=field):
            town.do("meet", case, **wrong)
    with town.refused(BadInput, field="unit"):
        town.do("meet", case, unit=town.police.pk)
    case = town.do("meet", case)
    made = Meeting.objects.get(case=case)
    assert set(made.members.all()) == {town.safety, town.fire}
    assert (made.lead, case.lead_unit) == (town.safety, None)
    event = town.last(case)
    assert (event.verb, sorted(event.data["members"])) == (
        "meet",
        sorted([town.safety.pk, town.fire.pk]),
    )
