"""The bar after a step of the desk's: offered to who did it, for its seconds, then refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.desk.test_acting import act
from tests.desk.world import ITEM, World

As = Callable[..., Client]


def test_the_bar_says_what_was_done_and_takes_it_back(world: World, as_: As) -> None:
    case, desk = world.accepted(), as_("dispatcher")
    assert act(desk, case, "dispatch", unit=world.units["lead"].pk) == 302
    page = desk.get(f"/desk/cases/{case.number}").content.decode()
    assert f"已派遣至{world.units['lead']}" in page
    assert 'data-key="z"' in page
    seq = re.search(r'name="expect_seq" value="(\d+)"', page)
    assert seq is not None
    answer = desk.post(
        f"/desk/cases/{case.number}/undo", {"expect_seq": seq[1], "next": "/desk/?tab=held"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/desk/?tab=held")
    case.refresh_from_db()
    assert case.state == "accepted"
    page = desk.get(f"/desk/cases/{case.number}").content.decode()
    assert "已撤销" in page
    assert "data-undo=" not in page
    assert re.search(r"<s>派遣</s> <span[^>]*>已撤销</span>", page), "in words, not by style alone"


def test_the_bar_is_on_the_queue_too(world: World, as_: As) -> None:
    case, desk = world.held_by_town(world.reported()), as_("dispatcher")
    act(desk, case, "accept", item=ITEM, next="/desk/?tab=mine")
    assert "data-undo=" in desk.get("/desk/?tab=mine").content.decode()


def test_after_its_time_the_bar_is_gone_and_the_server_says_so(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, desk = world.held_by_town(world.reported()), as_("dispatcher")
    act(desk, case, "accept", item=ITEM)
    later = timezone.now() + timedelta(seconds=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "data-undo=" not in desk.get(f"/desk/cases/{case.number}").content.decode()
    answer = desk.post(f"/desk/cases/{case.number}/undo", {"expect_seq": case.last_seq})
    assert answer.status_code == 409
    assert "已超过可撤销的时间" in answer.content.decode()
    case.refresh_from_db()
    assert case.state == "accepted"


def test_the_button_carries_its_token(world: World, as_: As) -> None:
    case, desk = world.held_by_town(world.reported()), as_("dispatcher", enforce_csrf_checks=True)
    assert desk.post(f"/desk/cases/{case.number}/undo", {}).status_code == 403
    assert case.state == "reported"
