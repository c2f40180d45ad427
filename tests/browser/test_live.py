"""An open queue: what is new or has changed is there within two seconds, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from tests.browser.patience import SOON_MS, SOON_S
from tests.desk.world import World

SignIn = Callable[..., Any]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_new_case_is_there_within_two_seconds(
    sign_in: SignIn, world: World, shots: Any, scheme: str
) -> None:
    for number in range(24):
        world.held_by_town(world.reported(f"第{number}处垃圾没有清运"))
    page = sign_in("dispatcher", color_scheme=scheme)
    page.goto("/desk/?tab=held")
    page.wait_for_timeout(1500)  # the page looks once or twice, and finds nothing
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.closest('[data-row]').dataset.row")
    page.mouse.wheel(0, 300)
    page.wait_for_function("() => window.scrollY > 100")
    before = page.evaluate("window.scrollY")
    case = world.held_by_town(world.reported("新来的：路面塌陷"))
    started = monotonic()
    page.wait_for_selector(f"[data-row='{case.number}']", timeout=SOON_MS, state="attached")
    took = monotonic() - started
    assert took < SOON_S
    assert page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row") == focused
    assert abs(page.evaluate("window.scrollY") - before) < 120  # a line at most, anchored
    news = page.get_by_role("button", name="1 条新案件")
    page.screenshot(path=shots / f"live-{scheme}.png")
    news.click()
    assert page.evaluate("document.activeElement.closest('[data-row]').dataset.row") == case.number
    assert news.count() == 0


def test_a_changed_case_changes_in_place(sign_in: SignIn, world: World) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=held")
    row = page.locator(f"[data-row='{case.number}']")
    assert "待立案" in row.inner_text()
    page.wait_for_timeout(1500)
    world.do(case, "accept", "dispatcher", item="0211")
    row.get_by_text("待派遣").wait_for(timeout=SOON_MS)
    assert page.locator(".news").count() == 0
