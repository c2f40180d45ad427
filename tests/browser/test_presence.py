"""Two people have the same case open: each is told of the other, and nobody is disturbed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huying.desk import presence
from tests.desk.world import World


def test_two_people_on_one_case(
    sign_in: Callable[..., Any], world: World, shots: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    # As it is but for the waiting.
    monkeypatch.setattr(presence, "WRITTEN_EVERY", timedelta(seconds=1))
    monkeypatch.setattr(presence, "GONE_AFTER", timedelta(seconds=6))
    world.colleague()
    case = world.accepted()
    mine, hers = sign_in("dispatcher"), sign_in("second_dispatcher")
    mine.goto(f"/desk/?tab=held&case={case.number}")
    hers.goto(f"/desk/cases/{case.number}")
    line = mine.locator("#pane .present")
    line.get_by_text("李梅").wait_for(timeout=20000)
    mine.locator("[data-search]").focus()
    hers.keyboard.press("d")
    line.get_by_text("正在填写“派遣”").wait_for(timeout=20000)
    inside = hers.locator("#sheet .present")
    inside.get_by_text("李建华").wait_for(timeout=20000)
    mine.screenshot(path=shots / "presence-beside.png")
    hers.screenshot(path=shots / "presence-form.png")
    assert mine.evaluate("document.activeElement.matches('[data-search]')")
    hers.close()
    line.wait_for(state="hidden", timeout=20000)
