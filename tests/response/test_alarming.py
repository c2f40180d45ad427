"""An emergency calls the nearest team on duty; who does not answer is passed over by the clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from huying.audit.verifying import verify
from huying.cases.models import Case
from huying.errors import BadInput, NotAllowed, WrongState
from huying.notices.models import Notice
from huying.people.models import TeamSort
from huying.response import alarming, rostering
from huying.response.models import Alarm, AlarmLimit, LastPosition, Skill, Turn
from tests.cases.test_at_once import at_once
from tests.cases.town import (
    DAY,
    DISTRICT,
    GRID_1,
    OTHER_TOWN,
    PETROL,
    SPOTS,
    XIAOLONG,
    Town,
)  # fmt: skip
from tests.response.squads import Squad

LON, LAT = SPOTS[GRID_1]


@pytest.fixture
def near(town: Town) -> Squad:
    squad = Squad(town, "近队")
    squad.is_at(LON + 0.004, LAT)
    return squad


@pytest.fixture
def far(town: Town) -> Squad:
    squad = Squad(town, "远队")
    squad.is_at(LON + 0.02, LAT)
    return squad


def petrol(town: Town) -> Case:
    """A petrol leak that the town's desk holds."""
    case = town.report(text="宗祠东街有很浓的汽油味", item=PETROL, lon=LON, lat=LAT, area="")
    Case.objects.filter(pk=case.pk).update(holder_code="440113120", emergency=True)
    case.refresh_from_db()
    return case


def run_jobs() -> None:
    """Tells what was to be told, as the worker would."""
    from django.db import connection
    from procrastinate.contrib.django import app

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, args FROM procrastinate_jobs WHERE task_name = 'tell' ORDER BY id"
        )
        rows = cursor.fetchall()
    for name, args in rows:
        app.tasks[name](**(json.loads(args) if isinstance(args, str) else args))


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("account__name", flat=True))


def test_nobody_answers_in_time_so_the_next_team_is_called_and_the_desk_told(
    town: Town, near: Squad, far: Squad
) -> None:
    AlarmLimit.objects.create(district_code=DISTRICT, minutes=9)
    AlarmLimit.objects.create(district_code=DISTRICT, item_code=PETROL, minutes=3)
    case = petrol(town)
    first, second = alarming.near(case, town.now)[:2]
    assert [first.team, second.team] == [near.unit, far.unit]
    assert "410" in first.reasons[0]

    town.do("alarm", case, team=near.unit.pk)
    given = Alarm.objects.get(case=case)
    assert given.answer_by - given.given_at == timedelta(minutes=3)
    assert Case.objects.visible_to(near.actor()).filter(pk=case.pk).exists()
    assert alarming.call_next_all(now=given.answer_by - timedelta(seconds=1)) == 0

    # The worker was away for an hour: one step all the same, and no second one.
    late = given.answer_by + timedelta(hours=1)
    assert alarming.call_next_all(now=late) == 1
    assert alarming.call_next_all(now=late) == 0
    assert town.verbs(case)[-2:] == ["alarm", "alarm_next"]
    passed = town.last(case)
    assert passed.actor_kind == "system"
    assert passed.data["from_unit"] == near.unit.pk
    assert passed.data["unit"] == far.unit.pk
    assert not Case.objects.visible_to(near.actor()).filter(pk=case.pk).exists()
    with pytest.raises(NotAllowed):
        town.do("alarm_answer", case, by=near.actor())

    town.do("alarm_answer", case, by=far.actor(), now=late + timedelta(minutes=1))
    assert alarming.call_next_all(now=late + timedelta(hours=2)) == 0
    run_jobs()
    assert told("alarm_given") == {"近队-1", "远队-1"}
    assert told("alarm_missed") == told("alarm_answered") == {"dispatcher", "second_dispatcher"}
    assert verify().ok


def test_when_no_other_team_is_on_duty_the_desk_and_its_leader_are_told(
    town: Town, near: Squad
) -> None:
    case = petrol(town)
    town.do("alarm", case, team=near.unit.pk)
    late = Alarm.objects.get().answer_by + timedelta(minutes=1)
    assert alarming.call_next_all(now=late) == 1
    assert town.last(case).data.get("unit") is None
    run_jobs()
    assert told("alarm_nobody_left") == {"dispatcher", "second_dispatcher", "town_leader"}


def test_an_alarm_waits_for_nobody_once_a_unit_has_signed(town: Town, near: Squad) -> None:
    case = petrol(town)
    town.do("alarm", case, team=near.unit.pk)
    for verb in ("accept", "dispatch", "sign_for"):
        case = town.do(verb, case)
    given = Alarm.objects.get()
    assert alarming.call_next_all(now=given.answer_by + timedelta(hours=1)) == 1
    given.refresh_from_db()
    assert given.ended_at
    assert not given.missed_at
    assert "alarm_next" not in town.verbs(case)


def test_who_may_be_called_and_by_whom(town: Town, near: Squad) -> None:
    case = petrol(town)
    with town.refused(BadInput, "team"):
        town.do("alarm", case, team=town.team.pk)  # nobody of it is on duty
    with town.refused(NotAllowed):
        town.do("alarm", case, by="village_dispatcher", team=near.unit.pk)
    plain = town.town_case()
    with town.refused(WrongState):
        town.do("alarm", plain, team=near.unit.pk)
    town.do("alarm", case, team=near.unit.pk)
    with town.refused(BadInput, "team"):
        town.do("alarm", case, team=near.unit.pk)
    with town.refused(NotAllowed):
        town.do("alarm_answer", case, by="handler")


def test_skill_and_volunteers(town: Town, near: Squad, far: Squad) -> None:
    case = petrol(town)
    leak = Skill.objects.create(district_code=DISTRICT, name="危化品处置", items=[PETROL])
    helpers = Squad(town, "志愿队", sort=TeamSort.VOLUNTEER)
    helpers.is_at(LON, LAT)
    assert helpers.unit not in [each.team for each in alarming.near(case, town.now)]
    far.member.skills.add(leak)
    best = alarming.near(case, town.now)[0]
    assert best.team == far.unit
    assert len(best.reasons) == 4


def test_no_position_outlives_its_turn_and_no_event_or_notice_holds_one(
    town: Town, near: Squad, far: Squad
) -> None:
    case = petrol(town)
    town.do("alarm", case, team=near.unit.pk)
    run_jobs()
    spot = near.turn.position
    for body in [
        *(str(event.data) for event in town.events(case)[1:]),
        *(str(data) for data in Notice.objects.values_list("data", flat=True)),
    ]:
        assert str(spot.lon)[:7] not in body
        assert str(spot.lat)[:6] not in body
    rostering.go(near.turn.pk, by=near.actor(), now=town.later(minutes=1))
    assert set(LastPosition.objects.values_list("turn", flat=True)) == {far.turn.pk}
    ends = far.turn.ends_at
    assert rostering.forget_positions(now=ends - timedelta(seconds=1)) == 0
    assert rostering.forget_positions(now=ends) == 1
    assert not LastPosition.objects.exists()


def test_who_is_not_on_duty_is_nowhere(town: Town, near: Squad) -> None:
    colleague = near.joins("同事")
    with pytest.raises(NotAllowed):
        rostering.come(near.turn.pk, by=near.actor(colleague), now=town.now)
    squad = Squad(town, "夜队")
    with pytest.raises(WrongState):  # has not come yet
        rostering.be_at(squad.turn.pk, LON, LAT, by=squad.actor(), now=town.now)
    with pytest.raises(WrongState):  # the turn is over
        rostering.come(squad.turn.pk, by=squad.actor(), now=squad.turn.ends_at)
    near_turn = near.turn
    rostering.set_leave(near_turn, True, by=near.actor(), now=town.now)
    assert not LastPosition.objects.filter(turn=near_turn).exists()
    assert [each.team for each in alarming.near(petrol(town), town.now)] == [squad.unit]


def test_the_roster_is_written_by_the_areas_desk_and_the_lead(town: Town, near: Squad) -> None:
    other = near.joins("换班的")
    tomorrow = DAY + timedelta(days=1)
    for actor in (town.dispatcher, town.district_dispatcher, near.actor()):
        assert rostering.may_roster(actor, near.unit)
    for actor in (
        near.actor(other), town.other_town_dispatcher, town.village_dispatcher, town.handler,
        town.town_leader, town.administrator,
    ):  # fmt: skip
        assert not rostering.may_roster(actor, near.unit)
    with pytest.raises(NotAllowed):
        rostering.put_on(near.shift, [other], [tomorrow], by=town.handler, now=town.now)
    members = [near.member, other]
    by, now = town.dispatcher, town.now
    assert rostering.put_on(near.shift, members, [DAY, tomorrow], by=by, now=now) == 3
    assert rostering.put_on(near.shift, members, [DAY, tomorrow], by=by, now=now) == 0
    mine = Turn.objects.get(member=near.member, day=tomorrow)
    with pytest.raises(BadInput):
        rostering.swap(mine, other, by=by, now=now)
    rostering.take_off(Turn.objects.get(member=other, day=tomorrow), by=by, now=now)
    rostering.swap(mine, other, by=by, now=now)
    mine.refresh_from_db()
    assert (mine.member, mine.swapped_with) == (other, near.member)
    with pytest.raises(BadInput):
        rostering.swap(mine, Squad(town, "别队", area=OTHER_TOWN).member, by=by, now=now)
    with pytest.raises(WrongState):
        rostering.take_off(near.turn, by=by, now=now)  # has come already


@pytest.mark.slow
def test_two_workers_pass_an_alarm_on_once(transactional_db: None) -> None:
    town = Town()
    squads = [Squad(town, name, area=XIAOLONG) for name in ("甲队", "乙队", "丙队")]
    cases: list[Any] = [petrol(town) for _n in range(3)]
    for case in cases:
        town.do("alarm", case, team=squads[0].unit.pk)
    late = town.later(hours=1)
    at_once(*(lambda: alarming.call_next_all(now=late),) * 2)
    for case in cases:
        assert town.verbs(case).count("alarm_next") == 1
        assert Alarm.objects.filter(case=case).count() == 2
    assert verify().ok
