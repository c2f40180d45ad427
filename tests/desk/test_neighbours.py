"""Who was there, said line by line: one number for all, another where somebody came later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huying.neighbours import meeting
from huying.neighbours.models import CircleActivity, CircleAttendance
from huying.neighbours.models.circles import AttendanceState
from tests.desk.world import World
from tests.neighbours.stories import another_member, belongs, now, team

As = Callable[..., Client]


@pytest.fixture
def evening(world: World) -> CircleActivity:
    """A past evening of two hours for which three had signed up."""
    circle, people = team(world), ["member", another_member(world), another_member(world, "m3")]
    told = meeting.Told(
        "夜间巡逻", "村委会门口", now() + timedelta(hours=1), now() + timedelta(hours=3)
    )
    made = meeting.plan(circle.pk, told, by=world.actor("dispatcher"), now=now())
    for who in people:
        belongs(world, circle, who)
        meeting.sign_up(made.pk, by=world.actor(who), now=now())
    CircleActivity.objects.filter(pk=made.pk).update(
        begins_at=now() - timedelta(hours=4), ends_at=now() - timedelta(hours=2)
    )
    return made


def lines(world: World) -> list[CircleAttendance]:
    accounts = [world.accounts[who].pk for who in ("member", "member2", "m3")]
    found = {each.account_id: each for each in CircleAttendance.objects.all()}
    return [found[each] for each in accounts]


def test_each_gets_their_own_minutes_and_who_has_no_tick_was_absent(
    world: World, evening: CircleActivity, as_: As
) -> None:
    desk, url = as_("dispatcher"), f"/desk/neighbours/activities/{evening.pk}"
    whole, late, absent = lines(world)
    assert 'name="minutes" type="number" inputmode="numeric" min="1" max="1440" value="120"' in (
        desk.get(url).text
    )
    sent: dict[str, Any] = {
        "came": [whole.pk, late.pk], "minutes": "120", f"minutes-{late.pk}": "45",
        f"minutes-{absent.pk}": "30",
    }  # fmt: skip
    assert desk.post(f"{url}/confirm", sent).status_code == 302
    assert [(each.state, each.minutes) for each in lines(world)] == [
        (AttendanceState.CAME, 120), (AttendanceState.CAME, 45), (AttendanceState.MISSED, 0),
    ]  # fmt: skip
    again = desk.get(url)
    assert [(each.came, each.minutes) for each in again.context["lines"]] == [
        (True, ""), (True, "45"), (False, ""),
    ]  # fmt: skip


def test_a_number_that_cannot_be_is_said_at_its_line_and_nothing_typed_is_lost(
    world: World, evening: CircleActivity, as_: As
) -> None:
    desk, url = as_("dispatcher"), f"/desk/neighbours/activities/{evening.pk}"
    whole, late, absent = lines(world)
    sent: dict[str, Any] = {
        "came": [whole.pk, late.pk], "minutes": "90", f"minutes-{late.pk}": "9999",
    }  # fmt: skip
    answer = desk.post(f"{url}/confirm", sent)
    assert answer.status_code == 422
    assert f'id="bad-{late.pk}"' in answer.text
    assert f'id="bad-{whole.pk}"' not in answer.text
    shown = {each.row.pk: (each.came, each.minutes) for each in answer.context["lines"]}
    assert shown == {whole.pk: (True, ""), late.pk: (True, "9999"), absent.pk: (False, "")}
    assert 'value="90"' in answer.text
    assert {each.state for each in lines(world)} == {AttendanceState.COMING}
    for wrong in ("", "0", "-5", "1441", "zwei"):
        answer = desk.post(f"{url}/confirm", {"came": [whole.pk], "minutes": wrong})
        assert (answer.status_code, 'id="bad-minutes"' in answer.text) == (422, True)
