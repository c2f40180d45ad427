"""Teams at the desk: the emergency that nobody has taken, whom to call, rosters, and the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.cases.models import Case
from huying.desk import changes
from huying.response.models import Alarm, LastPosition, Member, Turn
from tests.desk.world import LAT, LON, World

AsPerson = Callable[..., Client]
LEAK = "闻到很浓的煤气味，怀疑泄漏"


@pytest.fixture(autouse=True)
def fresh() -> None:
    changes.forget()


def leak(world: World) -> Case:
    return world.held_by_town(world.reported(LEAK, item="0203"))


def untaken(client: Client) -> bytes:
    changes.forget()
    return client.get("/desk/emergencies", headers={"X-Seen": "-"}).content


def test_an_emergency_stands_over_every_page_until_a_team_is_called(
    world: World, as_: AsPerson
) -> None:
    case, team = leak(world), world.team()
    desk, far, handler = as_("dispatcher"), as_("far_dispatcher"), as_("handler")
    for page in ("/desk/?tab=area", "/desk/teams/", "/me"):
        assert case.number in desk.get(page).content.decode()
        assert "alarm-banner" not in far.get(page).content.decode()
    assert "alarm-banner" not in handler.get("/desk/?tab=unit").content.decode()
    rows = desk.get("/desk/?tab=area&rows=1")
    assert rows.headers["X-Emergencies"] == desk.get("/desk/emergencies").headers["X-Emergencies"]

    page = desk.get(f"/desk/cases/{case.number}").content.decode()
    assert team.name in page
    answer = desk.post(
        f"/desk/cases/{case.number}/alarm", {"team": team.pk, "expect_seq": case.last_seq}
    )
    assert answer.status_code == 302
    assert case.number.encode() not in untaken(desk)

    member = as_(f"member-{team.code}")
    alarm = Alarm.objects.get()
    page = member.get(f"/desk/cases/{case.number}").content.decode()
    assert f"/desk/alarms/{alarm.pk}/answer" in page
    assert handler.post(f"/desk/alarms/{alarm.pk}/answer").status_code == 404
    member.post(f"/desk/alarms/{alarm.pk}/answer")
    alarm.refresh_from_db()
    assert alarm.answered_by == world.accounts[f"member-{team.code}"]

    Alarm.objects.update(answered_at=None, answered_by=None, missed_at=timezone.now())
    assert case.number.encode() in untaken(desk)
    world.do(case, "accept", "dispatcher", item="0211", emergency=False)
    assert case.number.encode() not in untaken(desk), "the desk says that it is none"


def test_three_hundred_pages_that_ask_at_once_are_one_look(world: World, as_: AsPerson) -> None:
    leak(world)
    desk = as_("dispatcher")
    desk.get("/desk/emergencies")
    changes.forget()
    with CaptureQueriesContext(connection) as first:
        desk.get("/desk/emergencies")
    with CaptureQueriesContext(connection) as second:
        desk.get("/desk/emergencies")
    assert not any('FROM "case"' in each["sql"] for each in second.captured_queries)
    assert any('FROM "case"' in each["sql"] for each in first.captured_queries)


def test_a_roster_is_written_and_a_turn_taken_swapped_and_left(world: World, as_: AsPerson) -> None:
    team = world.team(on_duty=False)
    desk, lead = as_("dispatcher"), as_(f"member-{team.code}")
    roster = f"/desk/teams/{team.code}/roster"
    today = timezone.localdate()
    (member,) = Member.objects.filter(team=team)
    shift = team.shifts.get()
    sent = {"shift": shift.pk, "members": [member.pk], "since": today, "until": today}
    assert desk.post(roster, sent | {"until": "2001-01-01"}).status_code == 422
    assert desk.post(roster, sent).status_code == 302
    turn = Turn.objects.get()

    def does(client: Client, what: str, **body: Any) -> None:
        assert client.post(f"/desk/turns/{turn.pk}/{what}", body).status_code == 302
        turn.refresh_from_db()

    does(desk, "come")
    assert turn.came_at is None, "only whose turn it is comes"
    does(lead, "come")
    does(lead, "here", lon=LON, lat=LAT)
    found = desk.get("/desk/map/teams.json").json()["teams"]
    assert [(each["code"], each["lon"], each["on_duty"]) for each in found] == [(team.code, LON, 1)]
    for person in ("far_dispatcher", "handler", "worker", f"member-{team.code}"):
        assert as_(person).get("/desk/map/teams.json").json()["teams"] == []
    page = desk.get(f"/desk/teams/{team.code}").content.decode()
    assert str(LON) not in page
    does(lead, "go")
    assert turn.left_at is not None
    assert not LastPosition.objects.exists()
    does(desk, "leave")
    assert turn.on_leave
    does(lead, "swap", member="nobody")
    assert turn.member == member
    assert desk.get(roster + "?week=9999-W99").status_code == 200


def test_the_list_says_who_is_on_duty_and_teaches_when_there_is_none(
    world: World, as_: AsPerson
) -> None:
    desk = as_("dispatcher")
    assert "还没有队伍" in desk.get("/desk/teams/").content.decode()
    on, off = world.team("甲队"), world.team("乙队", on_duty=False)
    both = desk.get("/desk/teams/").content.decode()
    assert on.name in both
    assert off.name in both
    duty = desk.get("/desk/teams/?duty=1").content.decode()
    assert on.name in duty
    assert off.name not in duty
    assert off.name in desk.get("/desk/teams/?q=乙").content.decode()
    assert on.name not in as_("far_dispatcher").get("/desk/teams/").content.decode()
