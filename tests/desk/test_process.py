"""The process picture at the desk: every line opens into its cases, each sees the own area."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from tests.desk.world import COMMUNITY, ELSEWHERE, World

As = Callable[..., Client]


def test_every_line_opens_into_the_cases_that_went_it(world: World, as_: As) -> None:
    world.closed()
    why = {"reason_code": "not_ours", "reason": "不属我队职责。"}
    other = world.units["second"].pk
    back = world.do(world.handling(), "return", "handler", suggested_unit=other, **why)
    client = as_("dispatcher")
    page = client.get("/desk/process/")
    html = page.content.decode()
    rows = {row.verb: row for row in page.context["rows"]}
    assert rows["退单"].edge.count == 1
    assert rows["派遣"].edge.count == 2
    for row in rows.values():
        href = f"/desk/process/cases?{row.query}"
        assert href in unescape(html)
        opened = client.get(href)
        listed = re.findall(r'<a href="/desk/cases/(\d+)"', opened.content.decode())
        assert len(listed) == row.edge.count, row.verb
        if row.verb == "退单":
            assert listed == [back.number]


def test_days_place_and_item_narrow_the_picture(world: World, as_: As) -> None:
    world.accepted()
    client = as_("dispatcher")
    assert client.get("/desk/process/", {"area": COMMUNITY}).context["flow"].cases == 1
    assert "flow" not in client.get("/desk/process/", {"item": "0101"}).context
    old = client.get("/desk/process/", {"first": "2025-01-01", "last": "2025-01-31"})
    assert "这段时间这里没有收到案件" in old.content.decode()


def test_what_cannot_be_asked_for_is_said_at_its_field(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for wrong in (
        {"first": "2026-11-09", "last": "2026-11-01"},
        {"first": "2020-01-01", "last": "2026-11-01"},
        {"first": "x"},
        {"area": ELSEWHERE},
        {"item": "9999"},
    ):
        answer = client.get("/desk/process/", wrong)
        assert answer.status_code == 422, wrong
        assert "field-bad" in answer.content.decode()
        assert client.get("/desk/process/cases", wrong | {"way": "--"}).status_code == 404


def test_another_towns_desk_sees_none_of_it(world: World, as_: As) -> None:
    world.accepted()
    far = as_("far_dispatcher")
    assert "flow" not in far.get("/desk/process/").context
    way = {"way": "reported-accepted-accept"}
    assert as_("dispatcher").get("/desk/process/cases", way).status_code == 200
    assert far.get("/desk/process/cases", way).status_code == 404
