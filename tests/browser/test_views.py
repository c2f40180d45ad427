"""A view is saved, found again with its number, named anew and removed: by keys, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.test_pages import faults, settle, wide

if TYPE_CHECKING:
    from tests.desk.world import World


def keep(page: Page, query: str, name: str) -> None:
    page.goto(f"/desk/?{query}")
    settle(page)
    page.locator(".chip-add").click()
    page.locator("#view-name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".views [aria-current]")).to_contain_text(name)


def test_a_view_is_kept_by_keys_and_shows_its_number(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    for text in ("路灯不亮", "路灯坏了", "垃圾成堆"):
        world.held_by_town(world.reported(text))
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=area&q=路灯")
    settle(page)
    page.locator(".chip-add").focus()
    page.keyboard.press("Enter")
    name = page.locator("#sheet #view-name")
    expect(name).to_be_focused()
    expect(name).to_have_value("路灯")
    page.screenshot(path=shots / "view-new.png")
    assert not faults(page)
    page.keyboard.type("夜间路灯")  # the proposal is selected: typing takes its place
    page.keyboard.press("Enter")
    chip = page.locator(".views a.chip[aria-current=page]")
    expect(chip).to_have_text(re.compile(r"夜间路灯\s*2"))
    keep(page, "tab=area&state=reported", "待立案全部")
    page.goto("/desk/?tab=held")
    settle(page)
    page.locator(".views a", has_text="夜间路灯").click()
    expect(page.locator("[data-row]")).to_have_count(2)


def test_views_are_named_ordered_and_removed_in_one_sheet(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    page = sign_in("dispatcher", color_scheme="dark")
    for n, name in enumerate(("甲", "乙", "丙")):
        keep(page, f"tab=area&q=词语{n}", name)
    page.locator(".views [data-dialog][href^='/desk/views?']").click()
    sheet = page.locator("#sheet")
    lines = sheet.locator("[data-view-line]")
    expect(lines).to_have_count(3)
    lines.nth(2).locator("[data-move='-1']").click()
    lines.nth(1).locator("[data-move='-1']").focus()
    page.keyboard.press("Enter")
    expect(lines.nth(0).locator("[data-move='1']")).to_be_focused()  # the way up has ended
    lines.nth(1).locator("input.form-control").fill(" ")
    page.keyboard.press("Enter")
    expect(sheet.locator(".field-bad")).to_have_count(1)
    expect(lines.nth(1).locator("input.form-control")).to_be_focused()
    lines.nth(1).locator("input.form-control").fill("甲组")
    lines.nth(2).locator("[name=remove]").check()
    page.screenshot(path=shots / "views-manage-dark.png")
    assert not faults(page)
    page.keyboard.press("Enter")
    expect(sheet).not_to_be_visible()
    expect(page.locator(".views .view-name")).to_have_text(["丙", "甲组"])


def test_on_a_phone_and_without_scripts(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    page = sign_in("dispatcher", width=390, height=844, java_script_enabled=False)
    for n in range(4):
        page.goto(f"/desk/?tab=area&q=一个长一点的词语{n}")
        page.locator(".chip-add").click()
        page.locator("button.btn-primary").click()
    expect(page.locator(".views .view-name")).to_have_count(4)
    page.locator(".views .tool").click()
    page.screenshot(path=shots / "views-manage-phone.png")
    page.locator("[data-move='1']").first.click()
    page.locator("[name=remove]").last.check()
    page.locator(".sheet-foot .btn-primary").click()
    expect(page.locator(".views .view-name")).to_have_text(
        ["一个长一点的词语1", "一个长一点的词语0", "一个长一点的词语2"]
    )


def test_the_row_of_views_fits_the_window(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    world.held_by_town(world.reported("路灯不亮"))
    for width, height, scheme, language in (
        (1440, 900, "light", "zh-hans"),
        (1440, 900, "dark", "en"),
        (390, 844, "light", "en"),
        (390, 844, "dark", "zh-hans"),
    ):
        page = sign_in("dispatcher", width=width, height=height, color_scheme=scheme)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        if width == 1440 and scheme == "light":
            for n, name in enumerate(("超期未办", "小龙村待立案", "路灯")):
                keep(page, f"tab=area&q=路灯{'不' * n}", name)
        page.goto("/desk/?tab=area&q=路灯")
        settle(page)
        page.screenshot(path=shots / f"queue-views-{width}-{scheme}-{language}.png")
        assert not faults(page)
        assert not wide(page)
        page.locator(".views [data-dialog][href^='/desk/views?']").click()
        expect(page.locator("#sheet [data-view-line]")).to_have_count(3)
        page.wait_for_timeout(200)
        page.screenshot(path=shots / f"views-{width}-{scheme}-{language}.png")
        assert not faults(page)


def test_the_number_is_told_anew_after_a_step(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    for _n in range(2):
        world.accepted(text="路灯不亮")
    page = sign_in("dispatcher")
    keep(page, "tab=area&state=accepted", "待派遣件")
    chip = page.locator(".views a", has_text="待派遣件")
    expect(chip).to_have_text(re.compile(r"待派遣件\s*2"))
    settle(page)
    page.locator("[data-row] [data-open]").first.click()
    expect(page.locator("#pane .case-title")).to_be_visible()
    page.screenshot(path=shots / "views-beside.png")
    page.keyboard.press("d")
    expect(page.locator("#sheet .unit-list")).to_be_visible()
    page.keyboard.press("Enter")
    expect(chip).to_have_text(re.compile(r"待派遣件\s*1"))
