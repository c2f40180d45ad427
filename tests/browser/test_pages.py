"""Every page for everyone: no fault that axe finds, in both languages, by day and by night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.everywhere import pages

if TYPE_CHECKING:
    from tests.desk.world import World

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}


def faults(page: Page) -> list[str]:
    """What axe finds, one line each with the elements at fault."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url} {each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]


def wide(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


def settle(page: Page) -> None:
    page.locator("html[data-ready]").wait_for(state="attached")
    page.wait_for_timeout(350)


def test_axe_would_find_something(sign_in: Callable[..., Page]) -> None:
    page = sign_in("dispatcher")
    page.evaluate("document.querySelector('#q').labels[0].remove()")
    page.evaluate("document.querySelector('#q').removeAttribute('placeholder')")
    page.evaluate("document.querySelector('#q').removeAttribute('title')")
    assert any(" label:" in fault for fault in faults(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_axe_finds_nothing(
    sign_in: Callable[..., Page],
    world: World,
    shots: Path,
    scheme: Any,
    language: str,
    width: int,
) -> None:
    everywhere = pages(world)
    found = []
    for name, places in everywhere.items():
        page = sign_in(name, width=width, color_scheme=scheme)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for title, address in places:
            page.goto(address)
            settle(page)
            # What lies half under the bar when a list was scrolled to its case is not too small.
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=shots / f"{title}-{language}-{scheme}.png", full_page=True)
            found += faults(page)
            if wide(page):
                found.append(f"{address} is wider than the window")
        if name == "dispatcher":
            found += open_ones(page, dict(places)["reported"], shots, f"{language}-{scheme}")
    assert not found, "\n".join(found)


def open_ones(page: Page, address: str, shots: Path, name: str) -> list[str]:
    """What axe finds in the menu of more verbs, and in the sheet of keys."""
    page.goto(address)
    settle(page)
    page.locator("details.menu summary").last.click()
    page.wait_for_timeout(200)
    page.screenshot(path=shots / f"more-{name}.png")
    found = faults(page)
    page.keyboard.press("?")
    page.screenshot(path=shots / f"keys-{name}.png")
    return found + faults(page)
