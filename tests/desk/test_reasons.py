"""Reasons from a list: chosen at the desk, optional for programs, a code in the event."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.translation import override

from huying.cases.models import CaseEvent
from huying.cases.reasons import EscalateReason, reason_words
from huying.cases.timeline import timeline
from huying.errors import BadInput
from tests.desk.world import World


def test_a_code_is_said_as_its_own_verb_says_it() -> None:
    with override("zh-hans"):
        assert reason_words("return", "unclear") == "上报内容不清"
        assert reason_words("decline", "unclear") == "内容不清且无法联系上报人"
        assert reason_words("return", "of_old") == "of_old"


def test_the_desk_chooses_a_reason_and_the_log_keeps_its_code(
    world: World, as_: Callable[[str], Client]
) -> None:
    case, desk = world.accepted(), as_("dispatcher")
    url = f"/desk/cases/{case.number}/escalate"
    assert desk.post(url, {"reason": "需区级协调。"}).status_code == 422
    given = {"reason": "需区级协调。", "tried": "已协调。", "reason_code": EscalateReason.SERIOUS}
    assert desk.post(url, given).status_code == 302
    event = CaseEvent.objects.filter(case_id=case.pk).order_by("seq").last()
    assert event is not None
    assert event.data["reason_code"] == "serious"
    assert "需区级协调" not in str(event.data)
    assert "重大或敏感事项" in [value for _label, value in timeline(case)[-1].facts]


def test_programs_may_leave_the_list_out_but_not_make_one_up(world: World) -> None:
    case = world.handled()
    with pytest.raises(BadInput):
        world.do(case, "check_fail", "checker", reason_code="because", reason="未清理。")
    world.do(case, "check_fail", "checker", reason="未清理。")
