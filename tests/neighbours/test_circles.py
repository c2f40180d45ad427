"""Teams and groups: joined by acceptance, activities with places, hours only from confirmation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.neighbours import circles, hours, meeting
from huying.neighbours.models import CircleActivity, CircleAttendance, HoursCertificate, Joining
from huying.people.models import Unit
from tests.desk.world import COMMUNITY
from tests.neighbours.stories import another_member, at_once, belongs, now, team

if TYPE_CHECKING:
    from huying.neighbours.models import Circle
    from tests.desk.world import World


def planned(world: World, circle: Circle, **more: Any) -> CircleActivity:
    told = {
        "title": "夜间巡逻",
        "spot": "村委会门口",
        "begins_at": now() + timedelta(hours=1),
        "ends_at": now() + timedelta(hours=3),
    }
    return meeting.plan(
        circle.pk, meeting.Told(**(told | more)), by=world.actor("dispatcher"), now=now()
    )


def test_a_volunteer_team_is_a_unit_and_a_group_is_none(world: World) -> None:
    made, group = team(world), team(world, "象棋小组", "interest")
    assert made.unit is not None
    assert (made.unit.kind, made.unit.sort, made.unit.area_code) == (
        "team", "volunteer", COMMUNITY,
    )  # fmt: skip
    assert group.unit is None
    with pytest.raises(BadInput):
        team(world)
    with pytest.raises(NotAllowed):
        circles.make(COMMUNITY, circles.Told("team", "我的队"), by=world.actor("member"), now=now())


def test_one_signs_up_oneself_and_another_accepts(world: World) -> None:
    circle, member = team(world), world.actor("member")
    joining = circles.ask(circle.pk, by=member, now=now())
    with pytest.raises(WrongState):
        circles.ask(circle.pk, by=member, now=now())
    with pytest.raises(NotAllowed):
        circles.decide(circle.pk, joining.pk, True, by=member, now=now())
    with pytest.raises(NotFound):
        circles.ask(circle.pk, by=world.actor("far_member"), now=now())
    circles.decide(circle.pk, joining.pk, True, by=world.actor("dispatcher"), now=now())
    with pytest.raises(WrongState):
        circles.decide(circle.pk, joining.pk, False, by=world.actor("dispatcher"), now=now())


def test_the_lead_accepts_others_and_never_themselves(world: World) -> None:
    circle, second = team(world), another_member(world)
    belongs(world, circle, leads=True)
    joining = circles.ask(circle.pk, by=world.actor(second), now=now())
    lead = world.actor("member")
    circles.decide(circle.pk, joining.pk, True, by=lead, now=now())
    with pytest.raises(NotAllowed):
        circles.let_lead(circle.pk, joining.pk, True, by=lead, now=now())
    circles.leave(circle.pk, by=lead, now=now())
    again = circles.ask(circle.pk, by=lead, now=now())
    with pytest.raises(NotAllowed):
        circles.decide(circle.pk, again.pk, True, by=lead, now=now())


def test_whoever_does_not_belong_takes_no_place(world: World) -> None:
    circle, second = team(world), another_member(world)
    belongs(world, circle)
    activity = planned(world, circle, places=1)
    with pytest.raises(NotAllowed):
        meeting.sign_up(activity.pk, by=world.actor(second), now=now())
    meeting.sign_up(activity.pk, by=world.actor("member"), now=now())
    belongs(world, circle, second)
    with pytest.raises(WrongState):
        meeting.sign_up(activity.pk, by=world.actor(second), now=now())
    meeting.sign_off(activity.pk, by=world.actor("member"), now=now())
    meeting.sign_up(activity.pk, by=world.actor(second), now=now())
    with pytest.raises(WrongState):
        meeting.sign_up(activity.pk, by=world.actor(second), now=now() + timedelta(hours=2))


def test_hours_count_only_once_another_has_said_that_one_was_there(world: World) -> None:
    circle, second = team(world), another_member(world)
    belongs(world, circle, leads=True)
    belongs(world, circle, second)
    activity = planned(world, circle)
    for who in ("member", second):
        meeting.sign_up(activity.pk, by=world.actor(who), now=now())
    lead, later = world.actor("member"), now() + timedelta(hours=4)
    rows = {each.account_id: each for each in CircleAttendance.objects.all()}
    everyone = [each.pk for each in rows.values()]
    with pytest.raises(WrongState):
        meeting.confirm(activity.pk, everyone, 120, by=lead, now=now())
    assert meeting.confirm(activity.pk, everyone, 120, by=lead, now=later) == 1
    assert hours.given_by(lead.account_id) == []
    (given_,) = hours.given_by(world.accounts[second].pk)
    assert (given_.minutes, given_.hours, given_.times) == (120, 2.0, 1)
    meeting.confirm(activity.pk, everyone, 120, by=world.actor("dispatcher"), now=later)
    assert hours.given_by(lead.account_id)[0].minutes == 120
    # Who came later or left sooner gets a number of their own.
    desk, line = world.actor("dispatcher"), rows[world.accounts[second].pk].pk
    with pytest.raises(BadInput, check=lambda error: error.field == str(line)):
        meeting.confirm(activity.pk, everyone, 120, by=desk, now=later, each={line: 1441})
    assert hours.given_by(world.accounts[second].pk)[0].minutes == 120
    meeting.confirm(activity.pk, everyone, 120, by=desk, now=later, each={line: 45})
    assert hours.given_by(world.accounts[second].pk)[0].minutes == 45
    assert hours.given_by(lead.account_id)[0].minutes == 120
    # Who was not there after all gave no hours.
    meeting.confirm(activity.pk, [], 120, by=world.actor("dispatcher"), now=later)
    assert hours.given_by(lead.account_id) == []


def test_the_database_refuses_ones_own_confirmation(world: World) -> None:
    circle = team(world)
    belongs(world, circle)
    mine = meeting.sign_up(planned(world, circle).pk, by=world.actor("member"), now=now())
    rows = CircleAttendance.objects.filter(pk=mine.pk)
    with (
        pytest.raises(IntegrityError, match="circle_attendance_not_ones_own"),
        transaction.atomic(),
    ):
        rows.update(state="came", minutes=60, confirmed_by=mine.account_id)
    with pytest.raises(IntegrityError, match="counts_when_confirmed"), transaction.atomic():
        rows.update(state="came", minutes=60)


def test_a_certificate_is_checked_by_its_code_and_masks_the_name(world: World) -> None:
    circle, by = team(world), world.actor("member")
    belongs(world, circle)
    with pytest.raises(NotFound):
        hours.certify(circle.pk, now().year, by=by, now=now())
    activity = planned(world, circle)
    mine = meeting.sign_up(activity.pk, by=by, now=now())
    later = now() + timedelta(hours=4)
    meeting.confirm(activity.pk, [mine.pk], 90, by=world.actor("dispatcher"), now=later)
    year = hours.given_by(by.account_id)[0].year
    made = hours.certify(circle.pk, year, by=by, now=now())
    assert hours.certify(circle.pk, year, by=by, now=now()) == made
    checked = hours.check(made.code)
    assert checked is not None
    assert (checked.name, checked.circle, checked.hours) == ("何**", "治安巡逻队", 1.5)
    for wrong in ("", made.code[:-1], "x" * 12, made.number):
        assert hours.check(wrong) is None
    assert HoursCertificate.objects.count() == 1


def test_whoever_had_signed_up_is_told_that_it_is_called_off(world: World) -> None:
    from huying.notices.models import Notice

    circle = team(world)
    belongs(world, circle)
    activity = planned(world, circle)
    meeting.sign_up(activity.pk, by=world.actor("member"), now=now())
    with pytest.raises(NotAllowed):
        meeting.call_off(activity.pk, by=world.actor("member"), now=now())
    meeting.call_off(activity.pk, by=world.actor("dispatcher"), now=now())
    assert Notice.objects.filter(kind="neighbours_cancelled").count() == 1
    with pytest.raises(WrongState):
        meeting.sign_off(activity.pk, by=world.actor("member"), now=now() + timedelta(hours=2))


def test_an_activity_needs_a_time_to_come_and_an_end(world: World) -> None:
    circle = team(world)
    for wrong, field in (
        ({"begins_at": now() - timedelta(hours=1)}, "begins_at"),
        ({"begins_at": None}, "begins_at"),
        ({"ends_at": now()}, "ends_at"),
        ({"ends_at": now() + timedelta(days=3)}, "ends_at"),
        ({"places": 0}, "places"),
    ):
        with pytest.raises(BadInput) as refused:
            planned(world, circle, **wrong)
        assert refused.value.field == field


def test_a_team_that_has_ended_is_called_no_more(world: World) -> None:
    circle = team(world)
    circles.end(circle.pk, by=world.actor("dispatcher"), now=now())
    assert not Unit.objects.get(circle=circle).active
    with pytest.raises(NotFound):
        circles.ask(circle.pk, by=world.actor("member"), now=now())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_last_place_at_once_one_has_it(world: World) -> None:
    circle, second = team(world), another_member(world)
    for who in ("member", second):
        belongs(world, circle, who)
    activity = planned(world, circle, places=1)
    actors = [world.actor("member"), world.actor(second)]
    results = at_once(
        [lambda by=by: meeting.sign_up(activity.pk, by=by, now=now()) for by in actors]  # type: ignore[misc]
    )
    assert sorted(type(each).__name__ for each in results) == ["CircleAttendance", "WrongState"]


@pytest.mark.django_db(transaction=True)
def test_who_signs_up_twice_at_once_waits_once(world: World) -> None:
    circle, by = team(world), world.actor("member")
    results = at_once([lambda: circles.ask(circle.pk, by=by, now=now())] * 2)
    assert sorted(type(each).__name__ for each in results) == ["Joining", "WrongState"]
    assert Joining.objects.count() == 1


@given(st.integers(0, 100_000))
def test_certified_hours_are_never_more_than_was_given(minutes: int) -> None:
    certified = hours.hours_of(minutes)
    assert 0 <= minutes / 60 - certified < 0.1 + 1e-9
