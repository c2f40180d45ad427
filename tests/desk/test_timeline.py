"""The timeline says what became something else, and which steps nobody took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from huying.cases.timeline import facts_beside, timeline
from huying.supervision.climbing import wake
from tests.desk.world import World


def test_a_deadline_that_moves_is_told_as_before_and_after(world: World) -> None:
    case = world.handling()
    due = case.due_at
    assert due is not None
    case = world.do(
        case,
        "suspend",
        "dispatcher",
        until=timezone.now() + timedelta(days=2),
        reason="等待材料到货。",
    )
    case = world.do(case, "resume", "dispatcher", timezone.now() + timedelta(hours=1))
    case = world.do(case, "comment", "handler", text="已通知。")
    suspended, resumed, comment = timeline(case)[-3:]
    first = f"{timezone.localtime(due):%Y-%m-%d %H:%M}"
    [(_label, before, after)] = suspended.changes
    assert before == first
    assert [change[1] for change in resumed.changes] == [after]
    assert case.due_at is not None
    assert resumed.changes[0][2] == f"{timezone.localtime(case.due_at):%Y-%m-%d %H:%M}"
    assert comment.changes == []


def test_what_changed_is_said_once(world: World) -> None:
    case = world.do(
        world.accepted(), "escalate", "dispatcher", reason="超出本级职责。", tried="已劝导。"
    )
    last = timeline(case)[-1]
    assert ("石碁镇" in last.changes[0][1], "番禺区" in last.changes[0][2]) == (True, True)
    assert all(
        value not in (last.changes[0][1], last.changes[0][2]) for _l, value in facts_beside(last)
    )


def test_the_systems_own_steps_are_quieter(world: World, as_: Callable[[str], Client]) -> None:
    case = world.accepted()
    past = timezone.now() - timedelta(minutes=1)
    Case.objects.filter(pk=case.pk).update(due_at=past, wake_at=past)
    assert wake(now=timezone.now()) == 1
    page = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert page.count('class="by-itself"') == 1
    assert "今天 " in page
