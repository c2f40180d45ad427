"""Answering the telephone: who called before, one case a call, and a call about an old one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from huying.audit.models import AccessLog
from huying.cases.models import Case, CaseEvent, CaseText
from huying.intake import telephone
from huying.notices.models import Notice
from tests.desk.world import COMMUNITY, LAT, LON, TOWN, World

As = Callable[..., Client]
PHONE = "13826051234"


def call(client: Client, **given: Any) -> Any:
    """What the form sends; the answer is the empty form for the next call."""
    return client.post("/desk/calls/new", {"key": "call-1"} | given, headers={"HX-Request": "true"})


def test_a_caller_is_known_by_the_number_and_what_is_open_comes_first(
    world: World, as_: As
) -> None:
    closed = world.closed(contact_phone=PHONE, contact_name="张三")
    case = world.reported("三巷路灯不亮", contact_phone=f"+86{PHONE}")
    world.reported("别人的事", contact_phone="13900000000")
    answer = as_("dispatcher").post("/desk/calls/caller", {"contact_phone": "138 2605 1234"})
    page = answer.content.decode()
    assert re.findall(r'name="about" value="(\d*)"', page) == ["", case.number]
    assert page.index(case.number) < page.index(closed.number[17:])
    assert "138****1234" in page
    assert PHONE not in page
    assert "张三" not in page
    seen = AccessLog.objects.filter(action="find_by_phone").values_list("subject_id", flat=True)
    assert set(seen) == {str(case.pk), str(closed.pk)}


def test_another_towns_desk_does_not_learn_of_them(world: World, as_: As) -> None:
    case = world.reported(contact_phone=PHONE)
    page = as_("far_dispatcher").post("/desk/calls/caller", {"contact_phone": PHONE})
    assert case.number not in page.content.decode()
    assert not AccessLog.objects.filter(action="find_by_phone").exists()


def test_a_call_becomes_one_case_however_often_it_is_sent(world: World, as_: As) -> None:
    client = as_("dispatcher")
    said = {"text": "东街口垃圾没人收", "contact_phone": PHONE, "area": COMMUNITY}
    said["item"] = "0211 市容环境和占道经营"
    page = call(client, **said).content.decode()
    case = Case.objects.get()
    assert f"已上报，案件编号 {case.number}" in page or case.number in page
    assert 'value="13826051234"' not in page
    assert "东街口" not in page
    call(client, **said)
    assert Case.objects.count() == 1
    assert (case.channel, case.item_code, case.area_code) == ("hotline", "0211", COMMUNITY)
    assert case.number in client.get("/desk/calls/new").content.decode().replace(" ", "")
    # Without an area the town answers for itself.
    call(client, key="call-2", text="门口路灯不亮")
    assert Case.objects.exclude(pk=case.pk).get().area_code == TOWN


def test_a_call_about_an_open_case_makes_no_second_one(world: World, as_: As) -> None:
    case = world.handling(contact_phone=PHONE)
    client = as_("dispatcher")
    for _again in range(2):
        call(client, about=case.number, sort="urge", text="还没有人来")
    assert Case.objects.count() == 1
    assert CaseEvent.objects.filter(case_id=case.pk, verb="comment").count() == 1
    assert CaseText.objects.get(case=case, kind="comment").body == "来电催办：还没有人来"
    told = Notice.objects.filter(kind=telephone.URGED.name).values_list("account__username")
    assert [name for (name,) in told] == ["t-handler"]
    answer = call(client, key="call-3", about=case.number, sort="more", text=" ")
    assert answer.status_code == 422
    assert case.number in answer.content.decode()  # the choice is not lost
    answer = call(as_("far_dispatcher"), about=case.number, text="x")
    assert answer.status_code == 404


def test_a_piece_of_a_name_or_initials_find_the_place(world: World, as_: As) -> None:
    world.reported(address="小龙村东街口12号", lon=LON, lat=LAT)
    client = as_("dispatcher")

    def found(typed: str) -> list[str]:
        page = client.post("/desk/calls/places", {"address": typed}).content.decode()
        return re.findall(r'data-name="([^"]+)"', page)

    assert "小龙村" in found("xlc")
    assert found("djk") == found("东街口") == ["小龙村东街口12号"]
    assert found("x") == found("%%") == []
    assert as_("far_dispatcher").post("/desk/calls/places", {"address": "djk"}).content.strip() in (
        b"",
    )


def test_words_of_danger_show_whom_to_call(as_: As, world: World) -> None:
    page = as_("dispatcher").post("/desk/calls/hints", {"text": "楼上起火，有人被困"})
    assert "tel:119" in page.content.decode()
    assert 'data-offer="' in page.content.decode()
