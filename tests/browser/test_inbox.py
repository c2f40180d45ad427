"""An alarm is seen and said within two seconds over anything; the inbox is gone through by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page

from huying.notices import telling
from tests.browser.everywhere import FIRE, with_notices
from tests.browser.patience import SOON_MS
from tests.browser.test_pages import faults, settle, wide
from tests.desk.world import World


def alarm(world: World, key: str) -> None:
    telling.tell(
        FIRE,
        telling.Whom(accounts=(world.accounts["dispatcher"].pk,)),
        key=key,
        district_code="440113",
        now=timezone.now(),
        data={"unit": "石碁镇城管执法队", "item": "燃气泄漏"},
    )


def test_an_alarm_is_there_within_two_seconds_also_over_a_form(
    sign_in: Callable[..., Page], world: World, shots: Any
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher", width=390, height=844)
    page.goto(f"/desk/?tab=held&case={case.number}")
    settle(page)
    alarm(world, "first")
    said = page.get_by_role("alert").filter(has_text="请立即处置：燃气泄漏")
    said.wait_for(timeout=SOON_MS)
    assert page.get_by_role("link", name="通知，1 条未读").count() == 1
    assert not wide(page)
    assert not faults(page)
    page.screenshot(path=shots / "alarm.png")
    # Closed, it is read, and does not come again on the next page.
    with page.expect_response("**/desk/inbox/read"):
        page.get_by_role("button", name="已知悉").click()
    page.goto("/desk/inbox")
    settle(page)
    assert page.locator(".alarm").count() == 0
    # A form lies over the page: the alarm comes into it, where it can be pressed.
    page.goto(f"/desk/cases/{case.number}")
    page.locator("a[data-dialog]").first.click()
    page.locator("#sheet[open] form").wait_for()
    alarm(world, "second")
    page.locator("#sheet .alarm").wait_for(timeout=SOON_MS)
    page.keyboard.press("Escape")
    page.locator("body > .alarms .alarm").wait_for()


def test_notices_are_gone_through_by_keys(sign_in: Callable[..., Page], world: World) -> None:
    case = world.handling()
    with_notices(world, case)
    page = sign_in("dispatcher")
    page.goto("/desk/inbox")
    settle(page)
    for key in "jjjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{case.number}")
