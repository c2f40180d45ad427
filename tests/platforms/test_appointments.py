"""Appointments: booked without an account, moved, cancelled, called off; no seat serves two."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from huying.audit.models import AccessLog
from huying.errors import (
    BadInput,
    KeyReused,
    Missing,
    NotAllowed,
    NotFound,
    StalePage,
    WrongState,
)
from huying.neighbours.models import NeighbourStep
from huying.people.acting import RESIDENT
from huying.platforms import appointing, codes, free, holding, online, points
from huying.platforms.models import Appointment, OnlineGuide, ServicePoint
from huying.registry import sealing
from tests.desk.world import COMMUNITY, ELSEWHERE, GRID, TOWN
from tests.neighbours.stories import at_once
from tests.platforms.stories import ahead, at, booked, matter, now, point

if TYPE_CHECKING:
    from tests.desk.world import World

PHONE = "13926187754"


def test_a_resident_books_and_comes_back_by_the_code(world: World) -> None:
    where = point(world)
    made, code = booked(where, phone=PHONE)
    assert codes.find(code) == made
    assert codes.find(" ".join(code).upper()) == made
    assert (made.state, made.seat, made.number, made.account_id) == ("booked", 1, 1, None)
    assert made.phone_masked == "139****7754"
    assert PHONE.encode() not in bytes(made.phone_enc)
    assert codes.find("a" * 16) is None
    day = free.day(where, ahead(), now())
    assert {each.wall: each.left for each in day.slots}["09:00"] == 0
    assert {each.wall: each.left for each in day.slots}["09:30"] == 1


def test_a_slot_that_is_taken_far_past_or_odd_is_refused(world: World) -> None:
    where = point(world, days_ahead=7)
    booked(where)
    with pytest.raises(WrongState) as full:
        booked(where)
    assert full.value.field == "at"
    for day, wall in ((ahead(), "09:10"), (ahead(8), "09:00"), (ahead(-1), "09:00")):
        with pytest.raises(BadInput):
            booked(where, day, wall)
    with pytest.raises(Missing):
        booked(where, ahead(), "")
    early = at(ahead(), "09:01")
    with pytest.raises(BadInput):
        booked(where, ahead(), "09:00", now=early)
    assert Appointment.objects.count() == 1


def test_what_one_comes_for_is_chosen_where_there_is_a_list(world: World) -> None:
    where = point(world)
    card = matter(world, where)
    walk_in = matter(world, where, "盖章", booking="none")
    for wrong in (None, walk_in.pk):
        with pytest.raises(Missing) as missing:
            booked(where, matter=wrong)
        assert missing.value.field == "matter"
    made, _code = booked(where, matter=card.pk)
    assert made.matter == card


def test_the_same_form_twice_is_one_appointment(world: World) -> None:
    where = point(world, seats=3)
    first, code = booked(where, form="f1")
    again, same = booked(where, form="f1")
    assert (first.pk, code) == (again.pk, same)
    with pytest.raises(KeyReused):
        booked(where, wall="10:00", form="f1")
    assert Appointment.objects.count() == 1


def test_one_phone_has_three_times_at_most(world: World) -> None:
    where = point(world)
    for wall in ("09:00", "09:30", "10:00"):
        booked(where, wall=wall, phone=PHONE)
    with pytest.raises(WrongState) as refused:
        booked(where, wall="10:30", phone="139-2618-7754")
    assert refused.value.field == "phone"
    booked(where, wall="10:30")


def test_moving_frees_the_first_slot_and_keeps_the_code(world: World) -> None:
    where = point(world)
    made, code = booked(where)
    booked(where, wall="10:00")
    with pytest.raises(WrongState):
        appointing.move(made.pk, ahead(), "10:00", by=RESIDENT, now=now())
    made.refresh_from_db()
    assert at(ahead(), "09:00") == made.begins_at
    moved = appointing.move(made.pk, ahead(2), "14:00", by=RESIDENT, now=now())
    assert codes.find(code) == moved
    assert (moved.day, moved.number) == (ahead(2), 1)
    booked(where)
    with pytest.raises(WrongState):
        appointing.move(made.pk, ahead(2), "15:00", by=RESIDENT, now=at(ahead(2), "14:00"))


def test_who_cancels_gives_the_seat_to_another(world: World) -> None:
    where = point(world)
    made, _code = booked(where)
    appointing.cancel(made.pk, by=RESIDENT, now=now())
    other, _code = booked(where)
    assert (other.seat, other.number) == (1, 2)
    with pytest.raises(WrongState):
        appointing.cancel(made.pk, by=RESIDENT, now=now())
    with pytest.raises(WrongState):
        appointing.move(made.pk, ahead(), "10:00", by=RESIDENT, now=now())


def test_the_desk_says_who_came_and_puts_a_slip_right(world: World) -> None:
    where, desk = point(world), world.actor("dispatcher")
    made, _code = booked(where)
    with pytest.raises(WrongState):
        appointing.tell(made.pk, True, by=desk, now=now())
    then = at(ahead(), "09:10")
    came = appointing.tell(made.pk, True, by=desk, now=then, version=made.version)
    assert came.state == "came"
    with pytest.raises(StalePage):
        appointing.tell(made.pk, False, by=desk, now=then, version=made.version)
    assert appointing.tell(made.pk, False, by=desk, now=then).state == "missed"
    for who in (RESIDENT, world.actor("leader")):
        with pytest.raises(NotAllowed):
            appointing.tell(made.pk, True, by=who, now=then)
    with pytest.raises(NotFound):
        appointing.tell(made.pk, True, by=world.actor("far_dispatcher"), now=then)


def test_a_closed_day_calls_off_what_was_booked_and_says_why(world: World) -> None:
    where, desk = point(world), world.actor("dispatcher")
    first, _code = booked(where)
    second, _code = booked(where, ahead(2))
    with pytest.raises(Missing):
        points.close_day(where.pk, ahead(), " ", by=desk, now=now())
    assert points.close_day(where.pk, ahead(), "大厅停电检修", by=desk, now=now()) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reason, second.state) == ("called_off", "大厅停电检修", "booked")
    where.refresh_from_db()
    shut = free.day(where, ahead(), now())
    assert (shut.slots, shut.reason) == ((), "大厅停电检修")
    with pytest.raises(BadInput):
        points.close_day(where.pk, ahead(), "再关", by=desk, now=now())
    points.open_day(where.pk, ahead(), by=desk, now=now())
    where = ServicePoint.objects.get()
    assert free.day(where, ahead(), now()).left
    with pytest.raises(WrongState):
        points.end(where.pk, by=desk, now=now())


def test_holidays_are_closed_where_the_point_keeps_the_calendar(world: World) -> None:
    from huying.clock.models import CalendarDay
    from huying.clock.reading import forget_calendars

    CalendarDay.objects.update_or_create(
        district_code="440113", day=ahead(), defaults={"kind": "holiday", "name": "节"}
    )
    forget_calendars()
    assert not free.day(point(world, "甲", keeps_calendar=True), ahead(), now()).slots
    assert free.day(point(world, "乙"), ahead(), now()).slots


def test_each_point_is_kept_by_the_desks_of_its_area(world: World) -> None:
    desk, told = world.actor("dispatcher"), points.Told("窗口", "一楼")
    of_town = points.make(TOWN, told, by=desk, now=now())
    for who in ("leader", "handler", "member", "worker", "far_dispatcher"):
        with pytest.raises(NotAllowed):
            points.make(COMMUNITY, points.Told("窗口", "一楼"), by=world.actor(who), now=now())
    far = world.actor("far_dispatcher")
    for verb in (
        lambda: points.change(of_town.pk, told, by=far, now=now()),
        lambda: points.close_day(of_town.pk, ahead(), "不", by=far, now=now()),
        lambda: points.end(of_town.pk, by=far, now=now()),
        lambda: appointing.book(of_town.pk, appointing.Wanted(ahead(), "09:00"), by=far, now=now()),
    ):
        with pytest.raises(NotFound):
            verb()
    for area in (ELSEWHERE, "440113", "440113120999"):
        with pytest.raises((NotAllowed, BadInput)):
            points.make(area, told, by=desk, now=now())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"spot": ""}, "spot"),
        ({"phone": "电话"}, "phone"),
        ({"week": ("9-12",) + ("",) * 6}, "day0"),
        ({"week": ("",) * 6 + ("12:00-9:00",)}, "day6"),
        ({"slot_minutes": 5}, "slot_minutes"),
        ({"seats": 21}, "seats"),
        ({"days_ahead": 0}, "days_ahead"),
        ({"grid_code": "440113102003001"}, "grid_code"),
        ({"address": "没有的街1号"}, "address"),
        ({"kind": "palace"}, "kind"),
    ],
)
def test_what_is_wrong_about_a_point_is_said_at_its_field(
    world: World, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        point(world, **wrong)
    assert refused.value.field == field


def test_a_point_may_lie_in_a_grid_and_at_a_standard_address(world: World) -> None:
    from huying.registry import addressing

    addressing.ensure(COMMUNITY, "宗祠东街12号", by=world.actor("dispatcher"), now=now())
    made = point(world, grid_code=GRID, address="宗祠东街12号")
    assert made.address is not None
    assert (made.grid_code, made.address.full_name) == (GRID, "宗祠东街12号")
    with pytest.raises(BadInput):
        point(world)  # another of this name


def test_the_phone_is_shown_for_a_purpose_and_the_look_is_written_down(world: World) -> None:
    made, _code = booked(point(world), phone=PHONE)
    desk = world.actor("dispatcher")
    with pytest.raises(Missing):
        holding.reveal(made, ["phone"], purpose="", by=desk, now=now())
    assert holding.reveal(made, ["phone"], purpose="visit", by=desk, now=now()) == {"phone": PHONE}
    look = AccessLog.objects.get(action="reveal_booking")
    assert (look.subject_type, look.fields) == ("service_appointment", ["phone"])
    for who in ("leader", "far_dispatcher"):
        with pytest.raises(NotAllowed):
            holding.reveal(made, ["phone"], purpose="visit", by=world.actor(who), now=now())


def test_erasing_takes_the_phone_and_cancels_what_is_to_come(world: World) -> None:
    where = point(world)
    made, code = booked(where, phone=PHONE)
    assert [each.id for each in holding.about(sealing.marks(PHONE))] == [made.pk]
    gone = appointing.forget(made.pk, by=RESIDENT, now=now())
    gone.refresh_from_db()
    assert (gone.state, gone.phone_enc, gone.phone_masked, gone.phone_index) == (
        "cancelled", None, "", None,
    )  # fmt: skip
    assert holding.about(sealing.marks(PHONE)) == []
    assert codes.find(code) is not None
    booked(where)


def test_who_asks_what_is_kept_of_them_finds_their_appointment(world: World) -> None:
    from huying.requests.sources import SOURCES, marks_of

    made, _code = booked(point(world), phone=PHONE)
    source, marks = SOURCES["appointment"], marks_of("", PHONE)
    assert source.find(marks) == [(made.pk, COMMUNITY)]
    assert source.find(marks_of("", "13926187755")) == []
    assert source.line(made.pk) is not None
    assert PHONE in str(source.tell(made.pk, marks))
    source.erase(made.pk, marks, now())
    assert source.find(marks) == []
    assert source.line(made.pk) is None


def test_phones_go_by_themselves_a_month_after_the_day(world: World) -> None:
    made, _code = booked(point(world), phone=PHONE)
    assert holding.tidy(now=now() + timedelta(days=30)) == 0
    assert holding.tidy(now=now() + timedelta(days=33)) == 1
    made.refresh_from_db()
    assert (made.phone_enc, made.phone_masked, bytes(made.said_digest)) == (None, "", b"")
    assert holding.tidy(now=now() + timedelta(days=33)) == 0


def test_the_log_names_nobody(world: World) -> None:
    made, code = booked(point(world), phone=PHONE)
    appointing.cancel(made.pk, by=RESIDENT, now=now())
    steps = NeighbourStep.objects.filter(subject_id=made.pk)
    assert {each.verb for each in steps} == {"book", "cancel"}
    for each in steps:
        assert PHONE not in str(each.data)
        assert code not in str(each.data)


def test_the_database_gives_no_seat_twice(world: World) -> None:
    where = point(world, seats=2)
    first, _code = booked(where)
    second, _code = booked(where)
    with (
        pytest.raises(IntegrityError, match="service_appointment_one_a_seat"),
        transaction.atomic(),
    ):
        Appointment.objects.filter(pk=second.pk).update(seat=first.seat)
    with pytest.raises(IntegrityError, match="called_off_with_a_reason"), transaction.atomic():
        Appointment.objects.filter(pk=second.pk).update(state="called_off")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_the_last_seat_at_once_one_has_it(world: World) -> None:
    where = point(world)
    results = at_once([lambda: booked(where)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["WrongState", "tuple"]
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_appointment(world: World) -> None:
    where = point(world, seats=2)
    (first, code), (second, same) = at_once([lambda: booked(where, form="f1")] * 2)
    assert (first.pk, code) == (second.pk, same)
    assert Appointment.objects.count() == 1


def test_online_services_lead_to_the_web_or_to_pages_of_ours(world: World) -> None:
    desk, told = (
        world.actor("dispatcher"),
        online.Told("社保查询", link="https://example.com/a?b=1"),
    )
    first = online.put(COMMUNITY, told, by=desk, now=now())
    second = online.put(COMMUNITY, online.Told("随手报", "report"), by=desk, now=now())
    online.shift(COMMUNITY, second.pk, True, by=desk, now=now())
    shown = OnlineGuide.objects.for_residents(COMMUNITY)
    assert [each.title for each in shown] == ["随手报", "社保查询"]
    for link in (
        "javascript:alert(1)", "ftp://example.com", "example.com", "https://", "//example.com",
        "https://a b.com", "https://me:pw@example.com", "data:text/html,x", "",
    ):  # fmt: skip
        with pytest.raises(BadInput):
            online.put(COMMUNITY, online.Told("坏", link=link), by=desk, now=now())
    with pytest.raises(IntegrityError, match="leads_somewhere"), transaction.atomic():
        OnlineGuide.objects.filter(pk=first.pk).update(link="javascript:alert(1)")
    for who in ("leader", "far_dispatcher", "member"):
        with pytest.raises(NotAllowed):
            online.put(COMMUNITY, told, by=world.actor(who), now=now())
    online.remove(COMMUNITY, first.pk, by=desk, now=now())
    assert [each.title for each in shown.all()] == ["随手报"]
