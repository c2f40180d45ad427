"""The workbench: one's own day from the log, what came back, and what the next shift must know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from huying.cases.models import Case, CaseEvent
from huying.desk import today
from huying.supervision.climbing import wake
from tests.desk.world import World

As = Callable[[str], Client]


def event(verb: str, seq: int, before: str | None, after: str) -> CaseEvent:
    return CaseEvent(case_id=UUID(int=1), seq=seq, verb=verb, from_state=before, to_state=after)


def test_a_deadline_that_passed_counts_for_the_step_that_was_owed_and_no_other() -> None:
    found = today.late_steps(
        [
            event("accept", 3, "reported", "accepted"),
            event("overdue", 2, "reported", "reported"),
            event("report", 1, None, "reported"),
            event("comment", 4, "accepted", "accepted"),
            event("dispatch", 5, "accepted", "dispatched"),
        ]
    )
    assert found == {(UUID(int=1), 3): True, (UUID(int=1), 5): False}


def test_the_day_is_the_day_of_the_clock_on_the_wall() -> None:
    start, end = today.bounds(date(2026, 3, 2))
    assert start == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert end - start == timedelta(days=1)
    assert today.day_asked("2026-03-09", date(2026, 3, 2)) == date(2026, 3, 2)
    assert today.day_asked("yesterday", date(2026, 3, 2)) == date(2026, 3, 2)


def test_a_shift_ends_at_the_next_change_or_when_one_says() -> None:
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert timezone.localtime(today.shift_end(noon)).strftime("%d %H:%M") == "02 17:30"
    assert timezone.localtime(today.shift_end(noon, "08:30")).strftime("%d %H:%M") == "03 08:30"
    assert timezone.localtime(today.shift_end(noon, "soon")).strftime("%d %H:%M") == "02 17:30"


def test_what_one_did_what_came_back_and_whose_it_is(world: World, as_: As) -> None:
    case = world.dispatched()
    world.do(
        case,
        "return",
        "handler",
        reason_code="not_ours",
        suggested_unit=world.units["second"].pk,
        reason="不属于本单位职责。",
    )
    answer = as_("dispatcher").get("/desk/today/")
    done = [step.verb for step in answer.context["steps"]]
    assert done == ["dispatch", "accept", "report"]
    assert [(step.verb, step.by) for step in answer.context["back"]] == [("return", "黄志强")]
    assert answer.context["in_time"] == 2
    assert case.number in answer.content.decode()
    # The unit sees what it did, but not the case, which is not its own any more.
    unit = as_("handler").get("/desk/today/")
    assert [(step.verb, step.case) for step in unit.context["steps"]] == [("return", None)]
    assert case.number not in unit.content.decode()
    assert not as_("checker").get("/desk/today/").context["steps"]


def test_an_earlier_day_is_another_page(world: World, as_: As) -> None:
    world.accepted()
    day = timezone.localdate() - timedelta(days=1)
    answer = as_("dispatcher").get(f"/desk/today/?day={day}")
    assert not answer.context["steps"]
    assert not answer.context["is_today"]


def test_the_next_shift_is_told_what_burns_what_is_late_and_what_wakes(
    world: World, as_: As
) -> None:
    burning, late, asleep = world.accepted(), world.accepted(), world.accepted()
    Case.objects.filter(pk=burning.pk).update(emergency=True)
    past = timezone.now() - timedelta(minutes=5)
    Case.objects.filter(pk=late.pk).update(due_at=past, wake_at=past, rung=1)
    _start, midnight = today.bounds(timezone.localdate())
    Case.objects.filter(pk=asleep.pk).update(
        suspended_until=midnight - timedelta(seconds=1), due_at=None
    )
    told = as_("dispatcher").get("/desk/today/").context["handover"]
    assert {each["name"]: [row.case for row in each["rows"]] for each in told} == {
        "emergency": [burning],
        "late": [late],
        "wakes": [asleep],
    }
    # And whoever then dispatches the late one did so late.
    assert wake(now=timezone.now()) == 1
    world.do(late, "dispatch", "dispatcher", unit=world.units["lead"].pk)
    assert as_("dispatcher").get("/desk/today/").context["late"] == 1


def test_the_index_by_actor_is_there_in_every_month(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE indexdef LIKE '%%(actor_id, at)%%'),"
            " count(DISTINCT tablename) FROM pg_indexes WHERE tablename LIKE 'case_event%%'"
        )
        with_index, tables = cursor.fetchone()
    assert with_index == tables
