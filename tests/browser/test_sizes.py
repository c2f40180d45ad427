"""From a phone to a wall of 2560 pixels, and at twice the size: every page fits its window.

Nothing scrolls sideways, no word is cut off, and whatever one presses is large enough or stands
apart from the others (WCAG 1.4.10, 2.5.8).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from tests.browser.everywhere import pages
from tests.browser.test_pages import settle

if TYPE_CHECKING:
    from tests.desk.world import World

MEASURING = (Path(__file__).parent / "measuring.js").read_text("utf-8")
WINDOWS = ((1440, 900), (2560, 1440), (1024, 768), (720, 450), (390, 844))
"""720 by 450 at twice the density is a window of 1440 by 900 zoomed to 200 %."""

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

WRONG = """() => {
  const tiny = { minBlockSize: "0", height: "10px", width: "10px", padding: "0", border: "0" };
  const add = (tag, words, style) => {
    const element = document.createElement(tag);
    element.textContent = words;
    Object.assign(element.style, style);
    document.querySelector("#main").append(element);
  };
  add("button", "·", tiny);
  add("button", "·", tiny);
  add("div", "很长".repeat(40), { whiteSpace: "nowrap", width: "200px", overflow: "hidden" });
  add("p", "远", { position: "absolute", left: "3000px" });
}"""


def measured(page: Page, name: str) -> list[str]:
    """What is wrong in each window, one line each."""
    found = []
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(TWO_FRAMES)  # what a script does on a resize is done in the first
        found += [f"{name} at {width}: {fault}" for fault in page.evaluate(MEASURING)]
    return found


def test_it_would_find_what_is_wrong(sign_in: Callable[..., Page]) -> None:
    page = sign_in("dispatcher")
    settle(page)
    page.evaluate(WRONG)
    found = "\n".join(page.evaluate(MEASURING))
    for fault in (
        "too small: 10",
        "cut off or over its edge: “很长",
        "out of the window: “远",
        "scrolls sideways",
    ):
        assert fault in found, found


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_every_window(
    sign_in: Callable[..., Page], world: World, language: str
) -> None:
    found = []
    for who, places in pages(world).items():
        page = sign_in(who, device_scale_factor=2)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for name, address in places:
            page.goto(address)
            page.locator("html[data-ready]").wait_for(state="attached")
            found += measured(page, name)
        if who == "dispatcher":
            page.goto(dict(places)["reported"])
            settle(page)
            page.locator("details.menu summary").last.click()
            found += measured(page, "more")
            page.keyboard.press("Escape")
            page.goto("/desk/?tab=area")
            settle(page)
            page.evaluate("document.getElementById('keys').showModal()")
            found += measured(page, "keys")
    assert not found, "\n".join(found)
