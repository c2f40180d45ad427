"""A resident books a time on the phone, the desk sees who comes; and all of it without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from huying.platforms.models import ActivitySignUp, Appointment
from huying.public import guarding
from tests.desk.world import COMMUNITY
from tests.platforms.stories import ahead, matter, planned, point

if TYPE_CHECKING:
    from typing import Any

    from playwright.sync_api import Page

    from tests.desk.world import World


def test_from_a_booked_time_to_the_desks_list(
    world: World,
    browser: Browser,
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    sign_in: Callable[..., Page],
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    where = point(world)
    matter(world, where)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=live_server.url
    )
    resident = context.new_page()
    faults: list[str] = []
    resident.on("pageerror", lambda error: faults.append(str(error)))
    resident.goto(f"/n/{COMMUNITY}/services")
    resident.get_by_role("link", name="时间、材料、预约").click()
    resident.goto(f"{resident.url}?day={ahead()}")
    resident.get_by_role("link", name="09:30", exact=True).click()
    resident.get_by_text("老年优待证").click()
    resident.locator("#id_phone").fill("13926187754")
    resident.wait_for_function("() => document.querySelector('[name=proof]').value !== ''")
    # Without agreeing nothing is sent, and nothing is lost.
    resident.locator("[data-send]").click()
    expect(resident.locator("#bad-consent")).to_be_visible()
    expect(resident.locator("#id_phone")).to_have_value("13926187754")
    resident.locator("[name=consent]").check()
    resident.wait_for_function("() => document.querySelector('[name=proof]').value !== ''")
    resident.locator("[data-send]").click()
    resident.wait_for_url("**/n/s/*")
    expect(resident.locator(".follow-state")).to_contain_text("09:30")
    expect(resident.locator("main")).not_to_contain_text("7754")

    desk = sign_in("dispatcher")
    desk.goto(f"/desk/platforms/points/{where.pk}/day?day={ahead()}")
    expect(desk.locator("main")).to_contain_text("139****7754")
    expect(desk.locator("main")).not_to_contain_text("13926187754")

    resident.get_by_text("我来不了").click()
    resident.locator("details[open] [name=sure]").check()
    resident.get_by_role("button", name="取消", exact=True).click()
    expect(resident.locator(".follow-state")).to_contain_text("已取消")
    assert Appointment.objects.get().state == "cancelled"
    assert not faults
    context.close()


def test_without_scripts_one_signs_up_with_the_sum(
    world: World, browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    planned(world)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, base_url=live_server.url, java_script_enabled=False
    )
    resident = context.new_page()
    resident.goto(f"/n/{COMMUNITY}/services")
    resident.get_by_role("link", name="重阳敬老文艺汇演").click()
    resident.locator("label.pick", has_text="3").click()
    ticket = guarding.read_ticket(resident.locator("[name=ticket]").input_value())
    assert ticket is not None
    resident.locator("#answer").fill(str(sum(guarding._sum(ticket))))
    resident.locator("[data-send]").click()
    expect(resident.locator(".follow-letters")).to_be_visible()
    expect(resident.locator(".follow-state")).to_contain_text("已报上")
    assert ActivitySignUp.objects.get().people == 3
    context.close()
