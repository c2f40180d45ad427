"""Up, down and over: whose the case is, by when, and which moves look wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.deadlines import dues_of
from huying.clock.explaining import explain_stages
from huying.clock.stages import Stage
from huying.dispatch.moves import Doubt, doubtful, moves
from huying.dispatch.ordering import open_lead_order
from huying.errors import BadInput, Missing, NotAllowed, WrongState
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from tests.cases.town import (
    DISTRICT,
    FACTORY,
    GUIDE,
    NOW,
    OPINION,
    TOWN,
    XIAOLONG,
    Town,
)

# --- 裁定 arbitration


def test_what_two_units_gave_back_is_decided_above_and_sent_by_force(town: Town) -> None:
    case = town.bounced()
    assert (case.holder_code, case.state, case.returns) == (DISTRICT, "accepted", 2)
    with town.refused(WrongState):
        town.do("dispatch", case, by="district_dispatcher")
    with town.refused(WrongState):
        town.do("send_down", case, by="district_dispatcher", to=TOWN)
    with town.refused(NotAllowed):
        town.do("arbitrate", case, by="dispatcher")
    case = town.do("arbitrate", case, unit=town.safety.pk, requirement="今天内到场")
    assert town.verbs(case)[-2:] == ["arbitrate", "dispatch"]
    assert (case.state, case.lead_unit, case.responsible_unit) == (
        "dispatched",
        town.safety,
        town.safety,
    )
    assert town.last(case).data["forced"] is True
    assert open_lead_order(case).unit == town.safety


def test_the_unit_that_was_named_returns_on_new_facts_only(town: Town) -> None:
    case = town.do("arbitrate", town.bounced())
    with town.refused(Missing, "new_facts") as caught:
        town.do("return", case, suggested_unit=town.fire.pk)
    assert "上级已裁定" in str(caught.value) or "has named" in str(caught.value)
    case = town.do(
        "return", case, suggested_unit=town.fire.pk, new_facts="测绘显示该地块在邻镇界内"
    )
    # Nobody is above the district: it decides again, and may name another.
    assert (case.holder_code, case.awaits_arbitration, case.responsible_unit) == (
        DISTRICT,
        True,
        None,
    )
    assert "测绘" not in str(town.last(case).data)
    case = town.do("arbitrate", case, unit=town.fire.pk)
    assert case.lead_unit == town.fire


def test_a_desk_below_keeps_to_what_was_decided_above(town: Town) -> None:
    case = town.do("arbitrate", town.bounced())
    case = town.do("undo", case, by="district_dispatcher")
    assert (case.state, case.responsible_unit) == ("accepted", town.safety)
    case = town.do("send_down", case, by="district_dispatcher", to=TOWN)
    with town.refused(BadInput, "unit"):
        town.do("dispatch", case, unit=town.fire.pk)
    with town.refused(WrongState):
        town.do("arbitrate", case, by="dispatcher", unit=town.fire.pk)
    case = town.do("dispatch", case, unit=town.safety.pk)
    assert town.last(case).data["forced"] is True


def test_a_case_that_was_returned_once_needs_no_arbitration(town: Town) -> None:
    case = town.do("return", town.do("dispatch", town.bring_to("accepted")))
    with town.refused(WrongState):
        town.do("arbitrate", case, by="dispatcher")


def test_a_reopened_case_begins_without_the_old_decision(town: Town) -> None:
    case = town.do("arbitrate", town.bounced())
    for verb in ("sign_for", "handle", "check_pass"):
        case = town.do(verb, case)
    case = town.do("close", case, by="district_dispatcher")
    case = town.do("reopen", case, by="district_dispatcher")
    case = town.do("dispatch", case, by="district_dispatcher", unit=town.fire.pk)
    assert "forced" not in town.last(case).data


def tell_all() -> None:
    """Does the jobs that tell people, as the worker would."""
    for job in ProcrastinateJob.objects.filter(task_name="tell"):
        tell_later(**job.args)


# --- 提级接办 taking over


def test_a_desk_above_takes_a_case_and_the_one_below_is_told_why(town: Town) -> None:
    case = town.bring_to("handling")
    with town.refused(NotAllowed):
        town.do("take_over", case, by="village_dispatcher")
    with town.refused(NotAllowed):
        town.do("take_over", case, by="dispatcher")  # it has it already
    with town.refused(NotAllowed):
        town.do("take_over", case, by="other_town_dispatcher")
    case = town.do("take_over", case, reason_code="serious", reason="媒体关注，由区直接督办")
    assert (case.holder_code, case.state, case.lead_unit) == (DISTRICT, "handling", town.safety)
    tell_all()
    told = Notice.objects.filter(kind="taken_over", case_id=case.pk)
    assert {each.account.username for each in told} == {"town-dispatcher", "town-second_dispatcher"}
    assert "媒体" not in str([each.data for each in told])


def test_the_district_takes_from_a_community_in_one_step(town: Town) -> None:
    case = town.report(item=OPINION)
    assert case.holder_code == XIAOLONG
    case = town.do("take_over", case)
    assert (case.holder_code, case.level) == (DISTRICT, "district")


# --- each desk's own time


def test_each_desk_has_its_own_time_to_accept_and_the_case_says_so(town: Town) -> None:
    case = town.report(item=GUIDE, now=NOW)
    first, total = case.accept_due, case.total_due
    assert first is not None
    late = NOW + timedelta(hours=5)
    case = town.do("escalate", case, by="village_dispatcher", now=late)
    assert case.accept_due == first + timedelta(hours=5)
    assert case.due_at == case.accept_due
    assert case.total_due == total  # the resident waits no longer for it
    words = next(
        each.sentences
        for each in explain_stages(dues_of(case).stages)
        if each.stage is Stage.ACCEPT
    )
    plain = next(
        each.sentences
        for each in explain_stages(dues_of(town.report(item=GUIDE)).stages)
        if each.stage is Stage.ACCEPT
    )
    assert len(words) == len(plain) + 1
    case = town.do("accept", case, by="dispatcher", now=late + timedelta(minutes=10))
    assert case.accept_due == first + timedelta(hours=5)  # by this the acceptance is measured
    before = case.due_at
    case = town.do("escalate", case, by="dispatcher", now=late + timedelta(minutes=30))
    assert case.due_at is not None
    assert before is not None
    assert case.due_at == before + timedelta(minutes=20)


def test_acceptance_puts_a_case_at_the_level_of_its_item(town: Town) -> None:
    case = town.do("accept", town.report(), item=OPINION)  # nobody had said which: the town's
    assert (case.level, case.holder_code) == ("community", TOWN)
    case = town.do("change_item", case, item=FACTORY, reason="现场看是厂房隐患")
    assert case.level == "town"
    assert town.last(case).data["level"] == "town"


# --- moves that look wrong


@dataclass(frozen=True)
class Step:
    """An event as far as the moves are read from it."""

    seq: int
    verb: str
    data: dict[str, Any] = field(default_factory=dict)
    at: Any = NOW


def story(*steps: tuple[str, dict[str, Any]]) -> list[Step]:
    return [Step(seq, verb, data) for seq, (verb, data) in enumerate(steps, 1)]


def reported(level: str = "community", holder: str = XIAOLONG, item: str = OPINION) -> Any:
    return "report", {"holder": holder, "level": level} | ({"item": item} if item else {})


def goes(verb: str, start: str, end: str, **data: Any) -> Any:
    return verb, {"from_holder": start, "holder": end} | data


def up(**data: Any) -> Any:
    return goes("escalate", XIAOLONG, TOWN, **data)


def down(**data: Any) -> Any:
    return goes("send_down", TOWN, XIAOLONG, **data)


def doubts(*steps: Any) -> list[tuple[int, Doubt, str]]:
    return [(each.move.seq, each.doubt, each.desk) for each in doubtful(story(*steps))]


def test_a_community_that_passes_its_own_matter_up_is_named() -> None:
    assert doubts(reported(), up(reason_code="no_unit")) == [(2, Doubt.ITS_OWN, XIAOLONG)]
    assert doubts(reported(level="grid"), up()) == [(2, Doubt.ITS_OWN, XIAOLONG)]
    # A reason that lifts this one matter above its item, a town's matter, and one without an item.
    assert doubts(reported(), up(reason_code="serious")) == []
    assert doubts(reported(level="town"), up()) == []
    assert doubts(reported(item=""), up()) == []


def test_up_and_down_again_without_anything_new_was_in_vain() -> None:
    assert doubts(reported(level="town"), up(), ("comment", {}), down()) == [
        (2, Doubt.UP_IN_VAIN, XIAOLONG)
    ]
    # What became known above, or was tried there, makes the way up worth it.
    assert doubts(reported(level="town"), up(), ("verify", {}), down()) == []
    found = ("accept", {"item": FACTORY, "level": "community"})
    assert doubts(reported(level="town"), up(), found, down()) == []


def test_sending_a_towns_matter_to_a_community_is_named() -> None:
    at_town = reported(level="town", holder=TOWN, item=FACTORY)
    assert doubts(at_town, down()) == [(2, Doubt.TOO_LOW, TOWN)]
    assert doubts(at_town, down(), up()) == [(2, Doubt.DOWN_IN_VAIN, TOWN)]
    assert doubts(reported(holder=TOWN), down()) == []


def test_an_undone_step_and_taking_over_are_nobodys_fault() -> None:
    over = goes("take_over", XIAOLONG, TOWN)
    assert doubts(reported(level="town"), over) == []
    assert [move.up for move in moves(story(reported(), over, down()))] == [True, False]
    undone = story(reported(holder=TOWN, level="town"), down(), ("undo", {"undoes": 2}))
    assert moves(undone) == []


def test_the_log_of_a_real_case_is_read_the_same_way(town: Town) -> None:
    case = town.report(item=OPINION)
    case = town.do("escalate", case, by="village_dispatcher")
    case = town.do("send_down", case, to=XIAOLONG)
    (found,) = doubtful(town.events(case))
    assert (found.doubt, found.desk, found.by is not None) == (Doubt.UP_IN_VAIN, XIAOLONG, True)


@pytest.mark.parametrize("moved", [False, True])
def test_a_case_that_stays_where_it_was_reported_has_no_moves(town: Town, moved: bool) -> None:
    case = town.report(item=OPINION)
    if moved:
        case = town.do("escalate", case, by="village_dispatcher")
    assert len(moves(town.events(case))) == moved
