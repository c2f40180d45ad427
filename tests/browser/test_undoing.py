"""Undo by the key z, and the bar that goes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_loop import in_words, press

if TYPE_CHECKING:
    from tests.desk.world import World


def test_a_dispatch_is_taken_back_with_one_key(
    sign_in: Callable[..., Page], world: World, shots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How long it may be undone has its own tests; a machine at its limit needs longer for a key.
    monkeypatch.setattr("huying.cases.undoing.undo_within", lambda: timedelta(minutes=10))
    case = world.accepted()
    page = sign_in("dispatcher")
    page.goto(f"/desk/cases/{case.number}")
    press(page, "d")
    page.locator("#sheet button[type=submit], #sheet .sheet-foot .btn-primary").first.click()
    bar = page.locator("[data-undo]")
    expect(bar).to_contain_text("已派遣至")
    page.screenshot(path=shots / "undo-bar.png")
    press(page, "z")
    expect(page.locator(".notice-good")).to_contain_text(in_words("accepted"))
    expect(page.locator(".timeline s")).to_have_text("派遣")
    page.screenshot(path=shots / "undone.png")
    case.refresh_from_db()
    assert (case.state, case.lead_unit) == ("accepted", None)


def test_the_bar_goes_when_its_time_is_over(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    case = world.accepted()
    page = sign_in("dispatcher", width=390, height=844, color_scheme="dark")
    page.clock.install()
    page.goto(f"/desk/cases/{case.number}/dispatch")
    page.locator("main button.btn-primary").first.click()
    bar = page.locator("[data-undo]")
    expect(bar).to_be_visible()
    page.screenshot(path=shots / "undo-bar-phone-dark.png")
    left_ms = int(float(bar.get_attribute("data-undo") or "") * 1000)
    page.clock.run_for(left_ms - 1500)
    expect(bar).to_have_count(1)
    page.clock.run_for(2000)
    expect(bar).to_have_count(0)
