"""协办: a part has its own deadline and evidence, and no case is closed over an open one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.cases.models import Case, CaseParty, Hold
from huying.dispatch.assisting import due_of, watch
from huying.dispatch.models import Order
from huying.errors import BadInput, Missing, NotAllowed, OnHold, WrongState
from tests.cases.town import Town, at


def assisted(town: Town, state: str = "dispatched", **inputs: object) -> Case:
    """A case with the safety office in the lead and the fire brigade beside it."""
    case = town.do("dispatch", town.bring_to("accepted"), assist=[town.fire.pk], **inputs)
    return case if state == "dispatched" else town.do("sign_for", case)


def part(case: Case, unit: object = None) -> Order:
    orders = Order.objects.filter(case=case, part="assist").select_related("unit")
    return orders.get() if unit is None else orders.get(unit=unit, ended_at=None)


def test_a_part_is_signed_for_done_with_evidence_and_signed_off(town: Town) -> None:
    case = assisted(town, "handling")
    assert case.parts == {str(town.fire.pk): "asked"}
    with town.refused(NotAllowed):
        town.do("assist_done", case)  # nobody has signed for it
    case = town.do("assist_sign", case)
    with town.refused(NotAllowed):
        town.do("assist_sign", case)
    case = town.do("assist_arrive", case)
    with town.refused(Missing, "evidence"):
        town.do("assist_done", case, lon=None, lat=None)
    photo = town.photo(by="fireman")
    case = town.do("assist_done", case, photos=[photo.pk], lon=None, lat=None)
    assert case.state == "handling", "the lead unit's step is its own"
    order = part(case)
    assert order.done_seq == case.last_seq == case.attachments.get().seq
    case = town.do("sign_off", case)
    order.refresh_from_db()
    assert order.signed_off_at == order.ended_at == case.changed_at
    assert case.parts == {}
    assert Case.objects.visible_to(town.fireman).filter(pk=case.pk).exists()


def test_an_open_part_keeps_a_handled_and_checked_case_open(town: Town, settings: object) -> None:
    case = assisted(town, "handling")
    case = town.do("check_pass", town.do("handle", case))
    with town.refused(OnHold) as refusal:
        town.do("close", case)
    assert refusal.value.extra["holds"][0]["kind"] == "part"
    case = town.do("assist_done", town.do("assist_sign", case))
    case = town.do("send_part_back", case, by="dispatcher")
    assert (case.parts, part(case).handled_at) == ({str(town.fire.pk): "working"}, None)
    case = town.do("assist_done", case)
    case = town.do("sign_off", case, by="dispatcher")
    assert town.do("close", case).state == "closed"


def test_where_a_check_closes_at_once_the_last_sign_off_does(town: Town, settings: object) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"close_after_check": True})
    case = town.do("check_pass", town.do("handle", assisted(town, "handling")))
    assert case.state == "checked"
    case = town.do("sign_off", town.do("assist_done", town.do("assist_sign", case)))
    assert (case.state, town.verbs(case)[-2:]) == ("closed", ["sign_off", "close"])


def test_a_part_has_the_lead_units_deadline_or_an_earlier_one(town: Town) -> None:
    case = assisted(town)
    order = part(case)
    assert order.due_at == case.handle_due
    assert not due_of(order, case).own

    case = town.do("add_assist", case, units=[town.police.pk], amount=2, clock="natural_hour")
    own = part(case, town.police)
    assert own.due_at == own.dispatched_at + timedelta(hours=2)
    assert due_of(own, case).own
    assert due_of(own, case).sentences()[0] == "协办任务另有时限。"
    with town.refused(BadInput, "units"):
        town.do("add_assist", case, units=[town.police.pk])
    with town.refused(BadInput, "units"):
        town.do("add_assist", case, units=[town.safety.pk])
    with town.refused(BadInput, "amount"):
        town.do("add_assist", case, units=[town.team.pk], amount=0, clock="work_day")

    later = town.do("add_assist", case, units=[town.team.pk], amount=30, clock="natural_day")
    assert part(later, town.team).due_at == later.handle_due, "never later than the lead's"


def test_a_part_stands_still_with_the_case_and_is_noted_once_when_late(town: Town) -> None:
    town.now = at("2019-07-11 09:00")
    case = assisted(town, assist_amount=3, assist_clock="natural_hour")
    begun = part(case).dispatched_at
    case = town.do("suspend", case, until=town.now + timedelta(hours=48))
    assert watch(now=begun + timedelta(hours=4)) == 0
    town.now = begun + timedelta(hours=24)
    case = town.do("resume", case)
    watch(now=town.now)
    held = part(case)
    assert held.due_at is not None
    assert held.due_at > begun + timedelta(hours=26)
    late = held.due_at + timedelta(minutes=1)
    assert [watch(now=late), watch(now=late), watch(now=late + timedelta(days=1))] == [1, 0, 0]
    assert town.verbs(case).count("part_overdue") == 1
    assert town.last(case).data["unit"] == town.fire.pk


def test_giving_a_part_back_and_being_released_ends_it_without_the_case(town: Town) -> None:
    case = town.do("add_assist", assisted(town, "handling"), units=[town.police.pk])
    with town.refused(Missing, "unit"):
        town.do("release_part", case)
    case = town.do("release_part", case, unit=town.police.pk)
    with town.refused(Missing, "reason_code"):
        town.do("assist_return", case, reason_code="")
    case = town.do("assist_return", case)
    assert (case.state, case.parts, case.lead_unit) == ("handling", {}, town.safety)
    assert not Hold.objects.filter(case=case, cleared_at=None).exists()
    assert not Case.objects.visible_to(town.fireman).filter(pk=case.pk).exists()
    again = town.do("add_assist", case, by="handler")  # the lead unit calls it in once more
    assert again.parts == {str(town.fire.pk): "asked"}


def test_when_the_lead_unit_returns_the_case_the_parts_end_with_it(town: Town) -> None:
    case = town.do("return", town.do("assist_sign", assisted(town, "handling")))
    assert (case.state, case.parts) == ("accepted", {})
    assert not Hold.objects.filter(case=case, cleared_at=None).exists()
    with town.refused(WrongState):
        town.do("assist_done", case)
    case = town.do("dispatch", case, unit=town.police.pk, assist=[town.fire.pk])
    assert part(case, town.fire).signed_at is None


def test_undoing_a_dispatch_leaves_nobody_asked(town: Town) -> None:
    case = town.do("undo", assisted(town))
    assert (case.state, case.parts) == ("accepted", {})
    assert not Hold.objects.filter(case=case).exists()
    assert not CaseParty.objects.filter(case=case, part="assist", until_seq=None).exists()


def test_rework_leaves_what_was_signed_off_and_others_hands_off(town: Town) -> None:
    case = assisted(town, "handling")
    case = town.do("sign_off", town.do("assist_done", town.do("assist_sign", case)))
    case = town.do("handle", case)
    with town.refused(NotAllowed):
        town.do("check_pass", case, by="fireman_as_checker")
    case = town.do("check_fail", case)
    assert (case.state, case.parts) == ("handling", {})
    assert part(case).signed_off_at is not None
    town.do("add_assist", case)


@pytest.mark.parametrize("stranger", ["handler", "committee_handler", "dispatcher", "worker"])
def test_a_part_is_its_own_units_alone(town: Town, stranger: str) -> None:
    case = assisted(town)
    with town.refused(NotAllowed):
        town.do("assist_sign", case, by=stranger)
