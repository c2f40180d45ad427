"""Signing in, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from tests.browser.test_pages import faults, settle, wide

if TYPE_CHECKING:
    from tests.desk.world import World


def look(page: Page, shots: Path, name: str) -> list[str]:
    """A picture by day and by night, wide and narrow, and what is wrong with the page."""
    found = []
    for scheme, width, height in (("light", 1440, 900), ("dark", 390, 844)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        page.screenshot(path=shots / f"{name}-{scheme}.png", full_page=True)
        found += faults(page)
        if wide(page):
            found.append(f"{name} is wider than {width}")
    return found


def test_the_others_are_signed_out_from_here(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    desk = sign_in("dispatcher")
    phone = sign_in("dispatcher", user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17) Safari/604")
    third = sign_in("dispatcher")
    desk.goto("/me")
    rows = desk.locator(".browsers li")
    assert rows.count() == 3
    assert "本机" in rows.first.inner_text()
    assert not look(desk, shots, "browsers")
    rows.filter(has_text="iPhone").get_by_role("button").click()
    desk.get_by_text("已退出该处登录").wait_for()
    phone.goto("/me")
    phone.wait_for_url("**/accounts/login/**")
    desk.get_by_role("button", name="退出其他全部登录").click()
    desk.get_by_text("已退出其他 1 处登录").wait_for()
    assert rows.count() == 1
    third.goto("/desk/")
    third.wait_for_url("**/accounts/login/**")
