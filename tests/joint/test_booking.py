"""A hall and parking spaces are booked, confirmed, cancelled and handed back; never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.joint import booking, resources
from huying.joint.models import JointStep, SharedBooking, SharedResource
from huying.joint.times import Opening
from huying.notices.models import Notice
from huying.people.models import Role
from tests.desk.world import COMMUNITY
from tests.joint.stories import tomorrow
from tests.neighbours.stories import at_once

if TYPE_CHECKING:
    from tests.desk.world import World
    from tests.joint.stories import Village


def told_of(world: World, name: str) -> list[str]:
    rows = Notice.objects.filter(account=world.accounts[name]).order_by("created_at")
    return list(rows.values_list("kind", flat=True))


def test_a_branch_books_the_hall_and_the_desk_confirms_it(village: Village) -> None:
    hall = village.hall()
    asked = village.booked(hall, tomorrow(9), tomorrow(11))
    assert (asked.state, asked.unit) == ("asked", village.world.units["branch"])
    assert told_of(village.world, "village_dispatcher") == ["joint_asked"]
    done = booking.decide(asked.pk, True, by=village.desk, now=village.now, version=1)
    assert done.state == "confirmed"
    assert told_of(village.world, "member") == ["joint_confirmed"]
    back = booking.hand_back(asked.pk, "椅子已归位，灯已关。", by=village.member, now=tomorrow(10))
    assert (back.state, back.return_words) == ("returned", "椅子已归位，灯已关。")
    verbs = JointStep.objects.order_by("at", "id").values_list("verb", flat=True)
    assert list(verbs) == ["add", "book", "confirm", "hand_back"]


def test_a_booking_of_the_desk_itself_is_confirmed_at_once(village: Village) -> None:
    mine = village.booked(village.hall(), tomorrow(9), tomorrow(11), "village_dispatcher")
    assert (mine.state, mine.unit) == ("confirmed", None)


def test_an_organisation_with_a_secretary_of_its_own_decides_itself(village: Village) -> None:
    hall, secretary = village.hall(), village.lends_itself()
    asked = village.booked(hall, tomorrow(9), tomorrow(11))
    assert told_of(village.world, "school_secretary") == ["joint_asked"]
    assert "joint_asked" not in told_of(village.world, "village_dispatcher")
    with pytest.raises(NotAllowed):
        booking.decide(asked.pk, True, by=village.desk, now=village.now)
    booking.decide(asked.pk, True, by=secretary, now=village.now)
    own = village.booked(hall, tomorrow(14), tomorrow(15), "school_secretary")
    assert own.state == "confirmed"
    # The desk asks as everybody does.
    assert village.booked(hall, tomorrow(16), tomorrow(17), "village_dispatcher").state == "asked"


def test_who_asked_first_holds_the_time_and_others_are_offered_another(village: Village) -> None:
    hall = village.hall()
    village.booked(hall, tomorrow(9), tomorrow(11))
    with pytest.raises(booking.Taken) as refused:
        village.booked(hall, tomorrow(10), tomorrow(12), "village_dispatcher")
    assert refused.value.field == "begins_at"
    offered = [(each.begins, each.ends) for each in refused.value.free]
    assert offered[0] == (tomorrow(11), tomorrow(13))
    assert (tomorrow(10, days=2), tomorrow(12, days=2)) in offered
    # One ends when the next begins.
    village.booked(hall, tomorrow(11), tomorrow(12), "village_dispatcher")
    village.booked(hall, tomorrow(8), tomorrow(9), "village_dispatcher")


def test_what_was_refused_cancelled_or_handed_back_is_free_again(village: Village) -> None:
    hall = village.hall()
    first = village.booked(hall, tomorrow(9), tomorrow(11))
    with pytest.raises(Missing):
        booking.decide(first.pk, False, " ", by=village.desk, now=village.now)
    booking.decide(first.pk, False, "当天考试", by=village.desk, now=village.now)
    second = village.booked(hall, tomorrow(9), tomorrow(11))
    booking.cancel(second.pk, by=village.member, now=village.now)
    third = village.booked(hall, tomorrow(9), tomorrow(11), "village_dispatcher")
    booking.hand_back(third.pk, "提前结束", by=village.desk, now=tomorrow(10))
    fourth = village.booked(hall, tomorrow(10), tomorrow(11), "village_dispatcher")
    assert fourth.state == "confirmed"
    assert told_of(village.world, "member") == ["joint_refused"]
    # The desk was asked twice, and told that the member needs it no longer.
    assert told_of(village.world, "village_dispatcher").count("joint_cancelled") == 1


def test_somebody_elses_booking_is_cancelled_only_with_a_reason(village: Village) -> None:
    asked = village.booked(village.hall(), tomorrow(9), tomorrow(11))
    with pytest.raises(Missing):
        booking.cancel(asked.pk, by=village.desk, now=village.now)
    done = booking.cancel(asked.pk, "学校临时检修", by=village.desk, now=village.now)
    assert done.state == "cancelled"
    assert told_of(village.world, "member") == ["joint_cancelled"]
    with pytest.raises(WrongState):
        booking.cancel(asked.pk, by=village.member, now=village.now)


def test_parking_is_booked_until_none_is_left_at_any_moment(village: Village) -> None:
    cars = village.parking(3)
    evening, morning = tomorrow(19), tomorrow(7, days=2)
    village.booked(cars, evening, morning, quantity=2)
    village.booked(cars, tomorrow(22), tomorrow(23), quantity=1)
    with pytest.raises(booking.Taken, match="0"):
        village.booked(cars, evening, morning, quantity=2)
    with pytest.raises(booking.Taken):
        village.booked(cars, tomorrow(20), morning, quantity=1)
    village.booked(cars, tomorrow(20), tomorrow(22), quantity=1)


@pytest.mark.parametrize(
    ("begins", "ends", "more", "field"),
    [
        (tomorrow(9, days=-1), tomorrow(11), {}, "begins_at"),
        (None, tomorrow(11), {}, "begins_at"),
        (tomorrow(9, days=91), tomorrow(11, days=91), {}, "begins_at"),
        (tomorrow(9), tomorrow(9), {}, "ends_at"),
        (tomorrow(9), None, {}, "ends_at"),
        (tomorrow(9), tomorrow(9, days=9), {}, "ends_at"),
        (tomorrow(9), tomorrow(11), {"quantity": 2}, "quantity"),
        (tomorrow(9), tomorrow(11), {"purpose": " "}, "purpose"),
        (tomorrow(9), tomorrow(11), {"purpose": "长" * 201}, "purpose"),
        (tomorrow(21), tomorrow(23), {}, "begins_at"),
    ],
)
def test_what_is_not_right_is_said_at_its_field(
    village: Village, begins: Any, ends: Any, more: dict[str, Any], field: str
) -> None:
    hall = village.hall()
    with pytest.raises((BadInput, Missing, booking.Taken)) as refused:
        village.booked(hall, begins, ends, **more)
    assert refused.value.field == field
    assert not SharedBooking.objects.exists()


def test_who_may_book_and_who_sees_it(village: Village) -> None:
    world, hall = village.world, village.hall()
    for name in ("far_member", "far_dispatcher", "worker", "handler", "checker"):
        with pytest.raises(NotFound):
            village.booked(hall, tomorrow(9), tomorrow(11), name)
        assert not SharedResource.objects.visible_to(world.actor(name)).exists()
    for name in ("dispatcher", "leader"):
        assert SharedResource.objects.visible_to(world.actor(name)).exists()
        with pytest.raises(NotAllowed):
            village.booked(hall, tomorrow(9), tomorrow(11), name)
    asked = village.booked(hall, tomorrow(9), tomorrow(11))
    secretary = village.hold("secretary", "何书记", Role.HANDLER, "branch")
    other = village.branch("另一支部")
    world.units["other_branch"] = other.unit
    stranger = village.hold("stranger", "他人", Role.MEMBER, "other_branch")
    assert SharedBooking.objects.visible_to(secretary).get() == asked
    assert not SharedBooking.objects.visible_to(stranger).exists()
    with pytest.raises(NotFound):
        booking.cancel(asked.pk, by=stranger, now=village.now)
    with pytest.raises(NotAllowed):
        booking.decide(asked.pk, True, by=village.member, now=village.now)
    with pytest.raises(NotAllowed):
        booking.cancel(asked.pk, "不办", by=world.actor("dispatcher"), now=village.now)


def test_a_stale_page_changes_nothing(village: Village) -> None:
    asked = village.booked(village.hall(), tomorrow(9), tomorrow(11))
    booking.decide(asked.pk, True, by=village.desk, now=village.now, version=1)
    with pytest.raises(StalePage):
        booking.cancel(asked.pk, "改期", by=village.desk, now=village.now, version=1)


def test_what_nobody_confirmed_lapses_and_is_told(village: Village) -> None:
    asked = village.booked(village.hall(), tomorrow(9), tomorrow(11))
    assert booking.lapse(now=tomorrow(8)) == 0
    assert booking.lapse(now=tomorrow(9)) == 1
    assert booking.lapse(now=tomorrow(9)) == 0
    asked.refresh_from_db()
    assert asked.state == "lapsed"
    assert told_of(village.world, "member") == ["joint_lapsed"]


def test_the_list_is_kept_by_the_communitys_own_desk(village: Village) -> None:
    hall = village.hall()
    told = resources.Told(village.school.pk, "hall", "大会议室", openings=())
    for name in ("dispatcher", "leader", "member", "far_dispatcher"):
        with pytest.raises(NotAllowed):
            resources.add(COMMUNITY, told, by=village.world.actor(name), now=village.now)
    by, now = village.desk, village.now
    changed = resources.correct(hall.pk, told, by=by, now=now, version=1)
    assert (changed.name, changed.hours) == ("大会议室", [])
    with pytest.raises(StalePage):
        resources.correct(hall.pk, told, by=by, now=now, version=1)
    with pytest.raises(BadInput) as refused:
        resources.add(COMMUNITY, told, by=by, now=now)
    assert refused.value.field == "name"
    booked = village.booked(hall, tomorrow(9), tomorrow(11))
    with pytest.raises(WrongState):
        resources.end(hall.pk, by=by, now=now)
    booking.cancel(booked.pk, by=village.member, now=now)
    resources.end(hall.pk, by=by, now=now)
    with pytest.raises(WrongState):
        village.booked(hall, tomorrow(9), tomorrow(11))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "boat"}, "kind"),
        ({"quantity": 0}, "quantity"),
        ({"people": 0}, "people"),
        ({"organisation": None}, "organisation"),
        ({"openings": [Opening((), 480, 600)]}, "hours"),
        ({"openings": [Opening((8,), 480, 600)]}, "hours"),
        ({"openings": [Opening((1,), 480, 1440)]}, "hours"),
    ],
)
def test_a_resource_is_told_right(village: Village, more: dict[str, Any], field: str) -> None:
    told = {"organisation": village.school.pk, "kind": "hall", "name": "会议室"} | more
    with pytest.raises((BadInput, Missing)) as refused:
        resources.add(COMMUNITY, resources.Told(**told), by=village.desk, now=village.now)
    assert refused.value.field == field


def test_there_cannot_be_fewer_than_are_booked(village: Village) -> None:
    cars = village.parking(3)
    village.booked(cars, tomorrow(20), tomorrow(22), quantity=2)
    village.booked(cars, tomorrow(22), tomorrow(23), quantity=1)
    by, now = village.desk, village.now
    told = resources.Told(village.school.pk, "parking", "夜间车位", quantity=1)
    with pytest.raises(BadInput) as refused:
        resources.correct(cars.pk, told, by=by, now=now)
    assert refused.value.field == "quantity"
    first = SharedBooking.objects.earliest("begins_at")
    booking.cancel(first.pk, by=village.member, now=now)
    resources.correct(cars.pk, told, by=by, now=now)
    # What is left of it is held by the constraint now.
    assert SharedBooking.objects.holding().get().exclusive
    assert not SharedBooking.objects.filter(pk=first.pk, exclusive=True).exists()


def test_the_database_refuses_a_second_booking_of_the_same_time(village: Village) -> None:
    first = village.booked(village.hall(), tomorrow(9), tomorrow(11))
    twin = SharedBooking(
        district_code=first.district_code, area_code=first.area_code, resource=first.resource,
        account_id=first.account_id, begins_at=tomorrow(10, 59), ends_at=tomorrow(12),
        exclusive=True, purpose="支部会", asked_at=village.now,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="shared_booking_one_at_a_time"), transaction.atomic():
        twin.save(force_insert=True)
    twin.begins_at = tomorrow(11)
    twin.save(force_insert=True)
    twin.quantity = 2
    with pytest.raises(IntegrityError, match="shared_booking_quantity"), transaction.atomic():
        twin.save()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_the_hall_at_once_one_has_it(village: Village) -> None:
    hall = village.hall()
    results = at_once(
        [
            lambda: village.booked(hall, tomorrow(9), tomorrow(11), "member"),
            lambda: village.booked(hall, tomorrow(10), tomorrow(12), "village_dispatcher"),
        ]
    )
    assert sorted(type(each).__name__ for each in results) == ["SharedBooking", "Taken"]
    assert SharedBooking.objects.holding().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_book_the_last_spaces_at_once_no_more_have_them_than_there_are(
    village: Village,
) -> None:
    cars = village.parking(3)
    jobs = [
        lambda: village.booked(cars, tomorrow(20), tomorrow(22), "member", quantity=2),
        lambda: village.booked(cars, tomorrow(21), tomorrow(23), "village_dispatcher", quantity=2),
        lambda: village.booked(cars, tomorrow(21), tomorrow(22), "member", quantity=1),
    ]
    at_once(jobs)
    held = SharedBooking.objects.holding()
    assert 2 <= sum(each.quantity for each in held) <= 3


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_constraint_still_holds(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = village.hall()
    seen = SharedResource.objects.select_related("organisation__branch")
    monkeypatch.setattr(booking, "locked_resource", lambda pk, by: seen.get(pk=pk))
    monkeypatch.setattr(booking, "fits", lambda *_args: True)

    def book() -> SharedBooking:
        try:
            return village.booked(hall, tomorrow(9), tomorrow(11), "member")
        except OperationalError as error:
            # Without the lock they may wait for each other in a circle, until the server ends one.
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            return village.booked(hall, tomorrow(9), tomorrow(11), "member")

    results = at_once([book] * 3)
    assert sorted(type(each).__name__ for each in results) == ["SharedBooking", "Taken", "Taken"]


def test_the_time_that_is_over_can_be_handed_back_but_not_cancelled(village: Village) -> None:
    mine = village.booked(village.hall(), tomorrow(9), tomorrow(11), "village_dispatcher")
    with pytest.raises(WrongState):
        booking.hand_back(mine.pk, "早了", by=village.desk, now=tomorrow(8))
    later = tomorrow(11) + timedelta(hours=1)
    with pytest.raises(WrongState):
        booking.cancel(mine.pk, by=village.desk, now=later)
    with pytest.raises(Missing):
        booking.hand_back(mine.pk, " ", by=village.desk, now=later)
    booking.hand_back(mine.pk, "已打扫", by=village.desk, now=later)
