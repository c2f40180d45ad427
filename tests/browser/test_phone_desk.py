"""A whole call by the keyboard alone, with the key presses counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from huying.cases.models import Case, CaseText
from tests.desk.world import COMMUNITY, ITEM, LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World

PHONE, WORDS = "13826051234", "东街口占道卖菜，乱摆卖"
MOST_KEYS = 5
"""Beside what is typed of the call itself: Enter, Tab, a number, Enter, Ctrl+Enter."""


def test_two_calls_without_a_hand_off_the_keyboard(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    world.reported("旧事", address="小龙村东街口12号", lon=LON, lat=LAT, item=ITEM)
    page = sign_in("dispatcher")
    page.goto("/desk/calls/new")
    keys, began = page.keyboard, time.monotonic()
    pressed = 0

    def press(key: str) -> None:
        nonlocal pressed
        pressed += 1
        keys.press(key)

    expect(page.locator("#id_contact_phone")).to_be_focused()
    keys.type(PHONE)
    press("Enter")
    expect(page.locator("#id_text")).to_be_focused()
    keys.type(WORDS)
    expect(page.locator("[data-offer]").first).to_contain_text("1")
    press("Tab")
    page.screenshot(path=shots / "call-item.png")
    press("1")
    expect(page.locator("#id_address")).to_be_focused()
    keys.type("djk")
    expect(page.locator(".call-place")).to_have_count(1)
    page.screenshot(path=shots / "call-place.png")
    press("Enter")
    press("Control+Enter")
    done = page.locator("[data-call-done]")
    expect(done).to_contain_text("已上报")
    case = Case.objects.get(contacts__isnull=False)
    expect(done).to_contain_text(case.number)
    expect(page.locator("#announce")).to_contain_text(" ".join(case.number))
    expect(page.locator("#id_contact_phone")).to_be_focused()
    expect(page.locator("#id_contact_phone")).to_have_value("")
    page.screenshot(path=shots / "call-done.png")
    assert (case.area_code[:12], case.address) == (COMMUNITY, "小龙村东街口12号")
    assert (case.lon, case.lat) == (LON, LAT)
    assert case.item_code
    assert pressed == MOST_KEYS
    print(f"{pressed} keys beside the words, {time.monotonic() - began:.1f} s")  # noqa: T201 - what was measured

    # A life in danger: whom to call is told, and stands in nobody's way from the words to the item.
    keys.press("Enter")
    keys.type("三楼冒烟了")
    expect(page.locator(".danger-numbers")).to_be_visible()
    keys.press("Tab")
    expect(page.locator("#id_item")).to_be_focused()
    page.reload()
    expect(page.locator("#id_contact_phone")).to_be_focused()

    # The same caller again: the open case is there, one digit says that it is about that one.
    keys.type(PHONE)
    keys.press("Enter")
    expect(page.locator("[name=about]:checked")).to_be_focused()
    keys.press("1")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page.locator("#id_item")).to_be_hidden()
    page.screenshot(path=shots / "call-about.png")
    keys.type("又多了两档")
    keys.press("Control+Enter")
    expect(done).to_contain_text(f"已补充到案件 {case.number}")
    assert CaseText.objects.get(case=case, kind="comment").body == "来电补充：又多了两档"
    assert Case.objects.count() == 2
