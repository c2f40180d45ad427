"""派遣, 退单, 上报上级, 下派, and what is proposed before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.translation import override

from huying.cases.models import Case, CaseParty
from huying.dispatch.models import Order
from huying.dispatch.ordering import may_be_sent_to
from huying.dispatch.suggesting import Roster, suggest
from huying.errors import BadInput, NotAllowed, WrongState
from huying.people.models import Unit
from tests.cases.town import (
    DISTRICT,
    FACTORY,
    GRID_1,
    LINGBIAN,
    OPINION,
    OTHER_TOWN,
    PETROL,
    TOWN,
    XIAOLONG,
    Town,
    at,
)


def orders(case: Case) -> list[Order]:
    return list(Order.objects.filter(case=case))


# --- 派遣 dispatch


def test_a_dispatch_is_an_order_and_the_unit_sees_the_case(town: Town) -> None:
    case = town.do(
        "dispatch",
        town.bring_to("accepted"),
        unit=town.safety.pk,
        assist=[town.fire.pk, town.police.pk, town.fire.pk],
        suggested=True,
        requirement="今天之内到场",
    )
    assert (case.lead_unit, case.dispatched_at) == (town.safety, town.now)
    found = {order.unit_id: order for order in orders(case)}
    assert {pk: order.part for pk, order in found.items()} == {
        town.safety.pk: "lead",
        town.fire.pk: "assist",
        town.police.pk: "assist",
    }
    assert [order.suggested for order in found.values() if order.part == "assist"] == [False] * 2
    assert found[town.safety.pk].suggested
    parties = CaseParty.objects.filter(case=case, unit__isnull=False, until_seq=None)
    assert set(parties.values_list("unit", flat=True)) == set(found)
    assert town.last(case).data["assist"] == [town.fire.pk, town.police.pk]


def test_a_unit_out_of_reach_or_of_use_is_refused(town: Town) -> None:
    case = town.bring_to("accepted")
    retired = Unit.objects.create(
        code="old", name="old", kind="department", level="town", area_code=TOWN,
        district_code=DISTRICT, department="水务", active=False,
    )  # fmt: skip
    for unit in (
        town.other_town_safety,  # another town's
        town.district_safety,  # the district's, which the town cannot send to
        town.lingbian_committee,  # of a village where the case is not
        town.town_desk,  # a desk handles nothing
        retired,
    ):
        assert not may_be_sent_to(case, unit)
        with town.refused(BadInput, "unit"):
            town.do("dispatch", case, unit=unit.pk)
        with town.refused(BadInput, "assist"):
            town.do("dispatch", case, assist=[unit.pk])
    with town.refused(BadInput, "assist"):
        town.do("dispatch", case, unit=town.safety.pk, assist=[town.safety.pk])
    assert set(Roster().units_for(case)) == {
        town.safety,
        town.fire,
        town.police,
        town.team,
        town.committee,
    }


def test_what_nobody_has_located_may_go_to_any_unit_of_the_desk(town: Town) -> None:
    case = town.report(area="", item=FACTORY)
    assert may_be_sent_to(case, town.other_town_safety)
    assert may_be_sent_to(case, town.district_safety)


def test_signing_arriving_and_handling_are_written_on_the_order(town: Town) -> None:
    case = town.bring_to("dispatched")
    case = town.do("sign_for", case, now=at("2019-07-11 11:00"))
    case = town.do("arrive", case, now=at("2019-07-11 11:20"), lon=113.405, lat=22.905)
    case = town.do("arrive", case, now=at("2019-07-11 12:20"))  # the first counts
    assert town.events(case)[-2].data == {"position": GRID_1}
    case = town.do("handle", case, now=at("2019-07-11 15:00"))
    (order,) = orders(case)
    assert (order.signed_at, order.arrived_at, order.handled_at) == (
        at("2019-07-11 11:00"),
        at("2019-07-11 11:20"),
        at("2019-07-11 15:00"),
    )
    assert case.arrived_at == order.arrived_at
    assert (case.handler_id, case.handled_by_unit) == (town.handler.account_id, town.safety)
    assert order.ended_at is None  # until it is closed, it may come back
    case = town.do("close", town.do("check_pass", case))
    (order,) = orders(case)
    assert order.ended_at == town.now


# --- 退单 return


def test_a_return_says_why_and_whose_it_is(town: Town) -> None:
    case = town.do("return", town.bring_to("handling"), suggested_unit=town.fire.pk)
    assert (case.state, case.returns, case.lead_unit, case.signed_at) == ("accepted", 1, None, None)
    assert case.holder_code == TOWN
    (order,) = orders(case)
    assert (order.returned_at, order.ended_at) == (town.now, town.now)
    assert (order.return_reason, order.return_to) == ("not_ours", town.fire)
    data = town.last(case).data
    assert (data["from_unit"], data["suggested_unit"], data["returns"]) == (
        town.safety.pk,
        town.fire.pk,
        1,
    )


def test_a_unit_does_not_name_itself_nor_one_of_elsewhere(town: Town) -> None:
    case = town.bring_to("dispatched")
    elsewhere = Unit.objects.create(
        code="x", name="x", kind="department", level="town", area_code="440106001",
        district_code="440106",
    )  # fmt: skip
    for unit in (town.safety, elsewhere):
        with town.refused(BadInput, "suggested_unit"):
            town.do("return", case, suggested_unit=unit.pk)


def test_after_the_second_return_the_level_above_decides(town: Town) -> None:
    case = town.report(item=OPINION)
    assert case.holder_code == XIAOLONG
    case = town.do("accept", case, by="village_dispatcher")

    def send_and_return(case: Case, unit: Unit, handler: Any) -> Case:
        case = town.do("dispatch", case, by=town.desk_of(case), unit=unit.pk)
        return town.do("return", case, by=handler, suggested_unit=town.police.pk)

    case = send_and_return(case, town.committee, "committee_handler")
    assert case.holder_code == XIAOLONG
    case = send_and_return(case, town.committee, "committee_handler")
    assert (case.returns, case.holder_code) == (2, TOWN)
    data = town.last(case).data
    assert (data["from_holder"], data["holder"]) == (XIAOLONG, TOWN)
    with town.refused(NotAllowed):
        town.do("dispatch", case, by="village_dispatcher", unit=town.committee.pk)
    assert case.awaits_arbitration


# --- 上报上级, 下派


def test_escalating_goes_one_level_up_with_a_reason(town: Town) -> None:
    case = town.report(item=OPINION)
    with town.refused(NotAllowed):
        town.do("escalate", case, by="dispatcher")  # the town does not hold it
    case = town.do("escalate", case, by="village_dispatcher")
    assert (case.holder_code, case.level) == (TOWN, "town")
    with town.refused(NotAllowed):
        town.do("accept", case, by="village_dispatcher", item=OPINION)
    case = town.do("escalate", case)
    assert (case.holder_code, case.level) == (DISTRICT, "district")
    with town.refused(WrongState):
        town.do("escalate", case, by="district_dispatcher")
    assert town.last(case).data["from_holder"] == TOWN


def test_sending_down_goes_to_a_desk_of_the_place(town: Town) -> None:
    case = town.report(item=FACTORY, area=GRID_1)
    before = case.desk_since
    case = town.do("send_down", case, to=XIAOLONG)
    assert (case.holder_code, case.level) == (XIAOLONG, "community")
    assert case.desk_since > before
    with town.refused(WrongState):
        town.do("send_down", case, by="village_dispatcher", to=f"{XIAOLONG}001")


def test_the_district_sends_what_is_unlocated_wherever_it_thinks(town: Town) -> None:
    case = town.report(area="", item=FACTORY)
    with town.refused(BadInput, "to"):
        town.do("send_down", case, by="district_dispatcher", to="440113103")  # no desk there
    case = town.do("send_down", case, by="district_dispatcher", to=OTHER_TOWN)
    assert case.holder_code == OTHER_TOWN


# --- 派遣建议 the suggestion


def test_the_suggestion_names_unit_deadline_and_reasons_in_chinese(town: Town) -> None:
    case = town.bring_to("accepted", town.report(item=FACTORY))
    with override("zh-hans"):
        found = suggest(case, at("2019-07-11 10:00"))
    assert found.best is not None
    assert found.best.unit == town.safety
    assert found.best.due_at == at("2019-07-18 10:00")
    assert [each.unit for each in found.others][:1] == [town.team]
    for each in found.all:
        assert each.reasons
        for words in each.reasons:
            assert not words.isascii(), words
    assert found.level == "town"


def test_open_work_decides_between_equals(town: Town) -> None:
    second = Unit.objects.create(
        code="safety-2", name="应急二组", kind="department", level="town", area_code=TOWN,
        district_code=DISTRICT, department="应急管理办",
    )  # fmt: skip
    town.bring_to("dispatched")
    town.bring_to("handling")
    town.bring_to("handled")  # that is the checker's now
    found = suggest(town.bring_to("accepted", town.report(item=FACTORY)), town.now)
    loads = {each.unit: each.load for each in found.all}
    assert (loads[second], loads[town.safety]) == (0, 2)
    units = list(loads)
    assert units.index(second) < units.index(town.safety)


def test_whoever_gave_it_back_is_proposed_last(town: Town) -> None:
    case = town.bring_to("accepted", town.report(item=FACTORY))
    case = town.do("return", town.do("dispatch", case), suggested_unit=town.police.pk)
    found = suggest(case, town.now)
    assert found.best is not None
    assert found.best.unit == town.police
    assert found.all[-1].unit == town.safety


def test_an_emergency_goes_to_the_joint_team(town: Town) -> None:
    case = town.do("accept", town.report(item=PETROL))
    found = suggest(case, town.now)
    assert found.best is not None
    assert found.best.unit == town.team
    assert found.best.due_at == town.now + timedelta(hours=4)


def test_what_the_desk_raised_a_level_is_proposed_at_that_level(town: Town) -> None:
    case = town.bring_to("accepted", town.report(item=FACTORY))
    case = town.do("escalate", case)
    found = suggest(case, town.now)
    assert found.best is not None
    assert found.best.unit == town.district_safety
    assert found.level == "district"


def test_without_an_item_nothing_is_proposed(town: Town) -> None:
    case = town.report()
    found = suggest(case, town.now)
    assert (found.best, found.all) == (None, ())
    assert not town.verbs(case)[1:]


# --- the job after a report


def test_each_report_leaves_the_job(town: Town) -> None:
    case = town.report()
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs")
        assert [name for name, _args in cursor.fetchall()] == ["look_for_duplicates"]
    assert LINGBIAN not in case.area_code
