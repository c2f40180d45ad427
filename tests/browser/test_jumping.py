"""Ctrl-K from anywhere: to a case, a step, a view; by keys alone, and by the button."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.test_pages import MEASURING, faults, settle, wide

if TYPE_CHECKING:
    from tests.desk.world import World


def test_from_a_field_to_a_case_and_to_its_next_step(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    case = world.accepted(text="煤气味很重", address="兴业大道12号")
    world.held_by_town(world.reported("路灯不亮", address="兴业大道20号"))
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=area")
    settle(page)
    page.locator("#q").focus()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="案件、页面、视图或操作")
    expect(box).to_be_focused()
    expect(page.locator("#jump [role=option]").first).to_be_visible()
    page.screenshot(path=shots / "jump-open.png")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("xydd")
    expect(page.locator("#jump .jump-case")).to_have_count(2)
    page.screenshot(path=shots / "jump-cases.png")
    assert not faults(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = page.locator("#jump [role=option][aria-selected=true]")
    expect(last).to_have_id("jump-1")
    expect(box).to_have_attribute("aria-activedescendant", "jump-1")
    box.fill(case.number[-4:])
    page.keyboard.press("Enter")  # before the answer is there: it waits for that
    # The case is in the list, and opens beside it as from there.
    expect(page.locator("#pane")).to_have_attribute("data-number", case.number)
    expect(page.locator("#pane .case-title")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("pq")
    expect(page.locator("#jump [aria-selected=true]")).to_contain_text("派遣")
    page.screenshot(path=shots / "jump-step.png")
    page.keyboard.press("Enter")
    expect(page.locator("#jump")).not_to_be_visible()
    expect(page.locator("#sheet .unit-list")).to_be_visible()
    assert "/desk/?" in page.url


def test_the_last_words_count_and_a_failure_is_said(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    world.held_by_town(world.reported("煤气味很重"))
    page = sign_in("dispatcher", color_scheme="dark")
    settle(page)
    page.locator("[data-jump-open]").click()
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if "/desk/jump" in each.url else None)
    page.keyboard.type("煤气", delay=20)
    expect(page.locator("#jump .jump-case")).to_have_count(1)
    assert len(sent) == 1, "nothing is asked while one types"
    page.keyboard.type("没有")
    expect(page.locator("#jump .jump-none", has_text="没有找到")).to_be_visible()
    expect(page.locator("#jump [role=option]")).to_have_count(0)
    page.screenshot(path=shots / "jump-none-dark.png")
    assert not faults(page)
    page.context.set_offline(True)
    page.keyboard.type("吗")
    expect(page.locator("#jump [data-failed]")).to_be_visible()
    page.context.set_offline(False)
    page.faults.clear()  # type: ignore[attr-defined]  # the browser notes what it could not send
    page.locator("#jump input[name=q]").fill("wdzh")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    assert not [url for url in sent if "?" in url]


def test_everywhere_and_in_every_window(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    case = world.accepted(text="煤气味很重，已经两天了", address="兴业大道12号")
    for width, height, scheme, language in (
        (1440, 900, "light", "en"),
        (390, 844, "dark", "zh-hans"),
        (390, 844, "light", "en"),
    ):
        page = sign_in("dispatcher", width=width, height=height, color_scheme=scheme)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for address in ("/desk/map/", f"/desk/cases/{case.number}/comment", "/me"):
            page.goto(address)
            settle(page)
            assert not wide(page), (address, width)
            page.keyboard.press("Control+k")
            expect(page.locator("#jump")).to_be_visible()
            page.keyboard.press("Control+k")
            expect(page.locator("#jump")).not_to_be_visible()
        page.goto(f"/desk/cases/{case.number}")
        settle(page)
        page.screenshot(path=shots / f"header-{width}-{scheme}-{language}.png")
        page.locator("[data-jump-open]").click()
        expect(page.locator("#jump [role=option]").first).to_be_visible()
        page.screenshot(path=shots / f"jump-{width}-{scheme}-{language}.png")
        assert not faults(page)
        page.locator("#jump input[name=q]").fill("xydd")
        expect(page.locator("#jump .jump-case")).to_have_count(1)
        page.screenshot(path=shots / f"jump-case-{width}-{scheme}-{language}.png")
        assert not faults(page)
        assert not page.evaluate(MEASURING)
        page.locator("#jump .jump-case").click()
        page.wait_for_url(re.compile(f"/desk/cases/{case.number}$"))
