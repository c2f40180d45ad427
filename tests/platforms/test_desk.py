"""The desk's pages of service points and appointments: nothing typed is lost, nothing is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.test import Client

from huying.audit.models import AccessLog
from huying.platforms.models import Appointment, ClosedDay, OnlineGuide, ServicePoint
from tests.desk.world import COMMUNITY, FAR_COMMUNITY, TOWN
from tests.platforms.stories import (
    EVERY_DAY,
    ahead,
    booked,
    cooked,
    kitchen,
    matter,
    ordered,
    planned,
    point,
    signed,
)

if TYPE_CHECKING:
    from tests.desk.world import World

As = Callable[..., Client]
PHONE = "13926187754"


def told(**more: Any) -> dict[str, Any]:
    week = {f"day{n}": typed for n, typed in enumerate(EVERY_DAY)}
    return {
        "area": COMMUNITY, "kind": "service", "name": "党群服务中心", "spot": "村委会一楼",
        "phone": "020-34567890", "seats": "1", "slot_minutes": "30", "days_ahead": "14",
        "order": "0", **week,
    } | more  # fmt: skip


def test_the_desk_sets_up_a_point_and_what_is_done_there(world: World, as_: As) -> None:
    desk = as_("dispatcher")
    refused = desk.post("/desk/platforms/points/new", told(day3="九点到五点", words="请带身份证"))
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "九点到五点" in said
    assert "请带身份证" in said
    made = desk.post("/desk/platforms/points/new", told())
    where = ServicePoint.objects.get()
    assert made.url == f"/desk/platforms/points/{where.pk}"
    assert where.week[0] == EVERY_DAY[0]
    step = f"{made.url}/matter"
    assert desk.post(step, {"name": "", "booking": "possible", "order": 0}).status_code == 422
    assert desk.post(step, {"name": "优待证", "booking": "possible", "order": 0}).status_code == 302
    again = desk.post(step, {"name": "优待证", "booking": "none", "order": 0})
    assert again.status_code == 422
    (one,) = where.matters.all()
    gone = {"name": "优待证", "booking": "none", "order": 0, "matter": str(one.pk), "active": "off"}
    assert desk.post(step, gone).status_code == 302
    assert not where.matters.filter(active=True).exists()
    stale = desk.post(f"{made.url}/save", told(version=where.version, name="新名"))
    assert stale.status_code == 302
    stale = desk.post(f"{made.url}/save", told(version=where.version, name="另名"))
    assert stale.status_code == 409
    assert "另名" in stale.content.decode()
    assert ServicePoint.objects.get().name == "新名"


def test_who_is_booked_for_stands_masked_and_is_shown_for_a_purpose(world: World, as_: As) -> None:
    where = point(world)
    made, _code = booked(where, phone=PHONE)
    desk, url = as_("dispatcher"), f"/desk/platforms/points/{where.pk}/day?day={ahead()}"
    page = desk.get(f"{url}&one={made.pk}").content.decode()
    assert "139****7754" in page
    assert PHONE not in page
    step = f"/desk/platforms/appointments/{made.pk}"
    assert desk.post(f"{step}/reveal", {"purpose": ""}).status_code == 422
    shown = desk.post(f"{step}/reveal", {"purpose": "visit"})
    assert PHONE in shown.content.decode()
    assert AccessLog.objects.filter(action="reveal_booking").count() == 1
    assert as_("leader").post(f"{step}/reveal", {"purpose": "visit"}).status_code == 403
    assert as_("far_dispatcher").post(f"{step}/reveal", {"purpose": "visit"}).status_code == 404
    assert desk.post(f"{step}/came").status_code == 409  # its day is to come
    assert desk.post(f"{step}/call-off", {"reason": ""}).status_code == 422
    assert desk.post(f"{step}/call-off", {"reason": "经办人请假"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.reason) == ("called_off", "经办人请假")


def test_the_desk_books_for_who_calls_and_the_code_is_shown_once(world: World, as_: As) -> None:
    where = point(world)
    card, desk = matter(world, where), as_("dispatcher")
    url = f"/desk/platforms/points/{where.pk}/take"
    sent = {"day": str(ahead()), "at": "09:00", "matter": str(card.pk), "phone": PHONE}
    refused = desk.post(url, sent | {"phone": "没有"})
    assert refused.status_code == 422
    assert "没有" in refused.content.decode()
    page = desk.post(url, sent)
    code = page.context["code"].replace(" ", "")
    assert Client().get(f"/n/s/{code}").status_code == 200
    assert PHONE not in page.content.decode()
    row = Appointment.objects.get()
    assert row.account_id == world.accounts["dispatcher"].pk
    assert desk.post(url, sent).status_code == 409


def test_a_day_is_closed_with_a_reason_and_opened_again(world: World, as_: As) -> None:
    where, desk = point(world), as_("dispatcher")
    booked(where)
    step = f"/desk/platforms/points/{where.pk}"
    assert desk.post(f"{step}/close", {"day": str(ahead()), "reason": ""}).status_code == 422
    assert desk.post(f"{step}/end").status_code == 409
    assert desk.post(f"{step}/close", {"day": str(ahead()), "reason": "停电"}).status_code == 302
    assert Appointment.objects.get().state == "called_off"
    assert desk.post(f"{step}/open", {"day": str(ahead())}).status_code == 302
    assert not ClosedDay.objects.exists()
    assert desk.post(f"{step}/open", {"day": str(ahead())}).status_code == 404
    assert desk.post(f"{step}/end").status_code == 302


def test_online_services_are_ordered_by_the_desk_of_the_area_alone(world: World, as_: As) -> None:
    desk, url = as_("dispatcher"), "/desk/platforms/online"
    line = {"area": COMMUNITY, "step": "put", "kind": "link", "title": "医保缴费"}
    refused = desk.post(url, line | {"link": "javascript:alert(1)"})
    assert refused.status_code == 422
    assert "javascript:alert(1)" in refused.content.decode()
    desk.post(url, line | {"link": "https://example.com/"})
    desk.post(url, line | {"kind": "report", "title": "随手报"})
    first, second = OnlineGuide.objects.all()
    desk.post(url, {"area": COMMUNITY, "step": "down", "guide": str(first.pk)})
    assert list(OnlineGuide.objects.values_list("pk", flat=True)) == [second.pk, first.pk]
    changed = desk.get(f"{url}?area={COMMUNITY}&guide={first.pk}")
    assert "https://example.com/" in changed.content.decode()
    desk.post(url, {"area": COMMUNITY, "step": "remove", "guide": str(first.pk)})
    assert OnlineGuide.objects.count() == 1
    assert desk.get(f"{url}?area={FAR_COMMUNITY}").status_code == 404
    assert as_("far_dispatcher").post(url, line).status_code == 404
    assert as_("leader").post(url, line | {"link": "https://a.example/"}).status_code == 403


def test_a_towns_point_is_kept_by_the_town(world: World, as_: As) -> None:
    where = point(world, "镇便民服务中心", area_code=TOWN)
    page = as_("dispatcher").get("/desk/platforms/").content.decode()
    assert where.name in page
    assert where.name not in as_("far_dispatcher").get("/desk/platforms/").content.decode()


def test_what_tells_of_somebody_is_erased_at_the_desk_once_it_is_meant(
    world: World, as_: As
) -> None:
    desk = as_("dispatcher")
    appointment, _code = booked(point(world), phone=PHONE)
    signed_up, _code = signed(planned(world), phone=PHONE)
    meal, _code = ordered(cooked(world, kitchen(world)), phone=PHONE)
    steps = (
        (appointment, f"/desk/platforms/appointments/{appointment.pk}/erase"),
        (signed_up, f"/desk/platforms/activities/{signed_up.activity_id}/erase"),
        (meal, f"/desk/platforms/canteen/days/{meal.canteen_id}/erase"),
    )
    for row, address in steps:
        unsure = desk.post(address, {"one": str(row.pk)})
        assert unsure.status_code in (409, 422), address
        row.refresh_from_db()
        assert row.phone_masked, "nothing goes before it is meant"
        page = unsure.content.decode()
        assert "按本人要求删除" in page
        assert desk.post(address, {"one": str(row.pk), "sure": "yes"}).status_code == 302
        row.refresh_from_db()
        assert (row.phone_masked, row.phone_enc, row.phone_index) == ("", None, None)
        assert as_("far_dispatcher").post(address, {"one": str(row.pk)}).status_code == 404
