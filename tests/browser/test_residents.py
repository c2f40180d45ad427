"""A resident with a phone: what only a browser can tell of the public form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from huying.cases.models import Case
from huying.public import guarding
from tests.desk.world import LAT, LON

if TYPE_CHECKING:
    from typing import Any

    from playwright.sync_api import Page

    from tests.desk.world import World


def test_a_report_is_sent_with_two_taps_and_no_sum(
    world: World,
    browser: Browser,
    live_server: Any,
    shots: Path,
    monkeypatch: pytest.MonkeyPatch,
    sign_in: Callable[..., Page],
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        base_url=live_server.url,
        has_touch=True,
        permissions=["geolocation"],
        geolocation={"longitude": LON, "latitude": LAT, "accuracy": 12},
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/report")
    page.locator("html[data-ready]").wait_for(state="attached")
    expect(page.locator("[data-sum]")).to_be_hidden()
    page.locator("#id_text").press_sequentially("楼上起火冒烟")
    expect(page.locator("#hints a[href='tel:119']")).to_be_visible()
    page.locator("[data-where-ask]").click()
    expect(page.locator("[data-where-said]")).to_contain_text("12")
    page.locator("[name=consent]").check()
    page.wait_for_function("() => document.querySelector('[name=proof]').value !== ''")
    page.locator("[data-send]").dblclick()
    page.wait_for_url("**/f/*")
    assert Case.objects.get().area_code.startswith("440113120213")
    expect(page.locator(".follow-letters")).to_be_visible()
    assert not faults
    context.close()
