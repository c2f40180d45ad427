"""The public pages of service platforms: what they show and take, and whom they never name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from huying import limiting
from huying.platforms import online, points
from huying.platforms.models import Appointment
from huying.public import guarding
from tests.desk.world import COMMUNITY, FAR_COMMUNITY, TOWN
from tests.neighbours.stories import suggested
from tests.platforms.stories import ahead, booked, matter, now, point

if TYPE_CHECKING:
    from tests.desk.world import World

PHONE = "13926187754"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    limiting.forget()
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)


def filled(**more: Any) -> dict[str, Any]:
    """The form as a browser without scripts sends it, with the sum worked out."""
    ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    assert read is not None
    told = {"ticket": ticket, "answer": str(sum(guarding._sum(read)))}
    return told | {"day": str(ahead()), "at": "09:00"} | more


def page_of(url: str) -> str:
    return Client().get(url).content.decode()


def test_a_resident_finds_the_point_books_moves_and_cancels(world: World) -> None:
    where = point(world)
    card = matter(world, where)
    start = page_of(f"/n/{COMMUNITY}/services")
    url = f"/n/{COMMUNITY}/points/{where.pk}"
    assert url in start
    assert "老年优待证" in start
    shown = page_of(f"{url}?day={ahead()}")
    assert f"{url}/book?day={ahead()}&amp;at=09:00" in shown
    assert "身份证、一寸照片" in shown
    sent = filled(matter=str(card.pk), phone=PHONE, consent="on")
    answer = Client().post(f"{url}/book", sent)
    assert answer.status_code == 302
    page = page_of(answer.url)
    for secret in (PHONE, "7754"):
        assert secret not in page
    assert "09:00" in page
    assert f"{url}/book?day={ahead()}&amp;at=09:00" not in page_of(f"{url}?day={ahead()}")
    moved = Client().post(f"{answer.url}/move", {"day": str(ahead(2)), "at": "14:30"})
    assert moved.status_code == 302
    assert "14:30" in page_of(answer.url)
    assert Client().post(f"{answer.url}/cancel").status_code == 422
    assert Client().post(f"{answer.url}/cancel", {"sure": "yes"}).status_code == 302
    assert "已取消" in page_of(answer.url)
    assert Client().post(f"{answer.url}/cancel", {"sure": "yes"}).status_code == 409


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(world: World) -> None:
    where = point(world)
    card = matter(world, where)
    url = f"/n/{COMMUNITY}/points/{where.pk}/book"
    right = {"matter": str(card.pk)}
    for wrong, words in (
        ({"phone": "不是号码", "consent": "on"}, "不是号码"),
        ({"phone": PHONE}, "请先阅读"),
        ({"at": ""}, "请选择日期和时间"),
        ({"at": "09:07"}, "请另选"),
        ({"day": "x", "phone": PHONE, "consent": "on"}, PHONE),
        ({"matter": ""}, "请选择要办的事"),
        ({"matter": "x"}, ""),
        ({"answer": "0"}, "算式"),
        ({"website": "x"}, "隐藏"),
    ):
        sent = filled(**(right | wrong))
        refused = Client().post(url, sent)
        said = refused.content.decode()
        assert refused.status_code == 422, wrong
        assert words in said, wrong
        assert sent["ticket"] in said
    assert not Appointment.objects.exists()


def test_who_is_late_for_a_slot_keeps_what_was_typed_and_sees_the_others(world: World) -> None:
    where = point(world)
    booked(where)
    sent = filled(phone=PHONE, consent="on")
    refused = Client().post(f"/n/{COMMUNITY}/points/{where.pk}/book", sent)
    said = refused.content.decode()
    assert refused.status_code == 409
    assert "已被约满" in said
    assert PHONE in said
    assert 'value="09:30"' in said
    assert 'value="09:00"' not in said


def test_the_same_form_twice_books_once_and_too_many_have_to_wait(world: World) -> None:
    where = point(world, seats=20)
    url = f"/n/{COMMUNITY}/points/{where.pk}/book"
    sent = filled()
    assert Client().post(url, sent).url == Client().post(url, sent).url
    assert Appointment.objects.count() == 1
    assert Client().post(url, sent | {"at": "10:00"}).status_code == 409
    codes = [Client().post(url, filled()).status_code for _n in range(guarding.REPORTS)]
    assert codes[-1] == 429


def test_a_day_that_the_office_closed_is_told_by_the_code(world: World) -> None:
    where = point(world)
    _made, code = booked(where)
    by = world.actor("dispatcher")
    points.close_day(where.pk, ahead(), "大厅停电检修", by=by, now=now())
    page = page_of(f"/n/s/{code}")
    assert "大厅停电检修" in page
    assert "改约" not in page


def test_whoever_has_the_code_has_the_phone_erased(world: World) -> None:
    _made, code = booked(point(world), phone=PHONE)
    assert Client().post(f"/n/s/{code}/erase").status_code == 422
    assert Client().post(f"/n/s/{code}/erase", {"sure": "yes"}).status_code == 302
    row = Appointment.objects.get()
    assert (row.phone_enc, row.state) == (None, "cancelled")
    assert "您的个人信息已删除" in page_of(f"/n/s/{code}")


def test_a_code_finds_its_page_in_whichever_box_it_was_typed(world: World) -> None:
    _made, code = booked(point(world))
    _idea, other = suggested()
    assert Client().get(f"/n/f/{code}").url == f"/n/s/{code}"
    assert Client().get(f"/n/s/{other}").url == f"/n/f/{other}"
    assert Client().get(f"/n/s/{'a' * 16}").status_code == 404
    assert Client().post("/n/s/", {"code": "abc"}).status_code == 404
    for what in ("move", "cancel", "erase"):
        assert Client().post(f"/n/s/{'a' * 16}/{what}").status_code == 404
    assert Client().post(f"/n/s/{code}/eat").status_code == 404


def test_each_community_has_its_own_points_and_the_towns(world: World) -> None:
    own, of_town = point(world), point(world, "镇便民服务中心", area_code=TOWN)
    here = page_of(f"/n/{COMMUNITY}/services")
    assert own.name in here
    assert of_town.name in here
    elsewhere = page_of(f"/n/{FAR_COMMUNITY}/services")
    assert own.name not in elsewhere
    assert Client().get(f"/n/{FAR_COMMUNITY}/points/{own.pk}").status_code == 404
    assert Client().get(f"/n/{FAR_COMMUNITY}/points/{own.pk}/book").status_code == 404
    assert Client().post(f"/n/{FAR_COMMUNITY}/points/{own.pk}/book", filled()).status_code == 404
    points.end(own.pk, by=world.actor("dispatcher"), now=now())
    assert own.name not in page_of(f"/n/{COMMUNITY}/services")
    assert Client().get(f"/n/{COMMUNITY}/points/{own.pk}").status_code == 404
    for code in ("440113", TOWN, "x"):
        assert Client().get(f"/n/{code}/services").status_code == 404


def test_online_services_stand_in_the_desks_order_with_ours(world: World) -> None:
    by = world.actor("dispatcher")
    link = online.Told("医保缴费", link="https://example.com/a?b=1&c=2")
    online.put(COMMUNITY, link, by=by, now=now())
    online.put(COMMUNITY, online.Told("拍照就报", "report"), by=by, now=now())
    page = page_of(f"/n/{COMMUNITY}/services")
    assert 'href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer external"' in page
    assert page.index("医保缴费") < page.index("拍照就报")
    for ours in ('href="/f/"', f'href="/n/{COMMUNITY}/suggest"'):
        assert ours in page


def test_from_the_start_one_comes_to_the_services(world: World) -> None:
    answer = Client().get("/n/", {"community": COMMUNITY, "go": "services"})
    assert answer.url == f"/n/{COMMUNITY}/services"
    assert f"/n/{COMMUNITY}/services" in page_of(f"/n/{COMMUNITY}")
