"""Every page for everyone: no fault that axe finds, in both languages, by day and by night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.everywhere import pages

if TYPE_CHECKING:
    from tests.desk.world import World

RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # What is in order is not told in full: the telling took longer than the looking.
    "resultTypes": ["violations"],
}


SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that look at colours: of two schemes on the same document only they can tell."""


def faults(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds, one line each with the elements at fault."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("(rules) => axe.run(rules).then((told) => told.violations)", rules)
    return [
        f"{page.url} {each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]


def wide(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


STILL = """() => !document.querySelector(".htmx-request, [aria-busy=true]") &&
  document.getAnimations().every((one) => one.playState !== "running" ||
    one.effect.getComputedTiming().endTime === Infinity)"""


def settle(page: Page) -> None:
    """Its scripts have started, and nothing moves or is waited for any more."""
    page.locator("html[data-ready]").wait_for(state="attached")
    page.wait_for_function(STILL)


def by(page: Page, scheme: Literal["light", "dark"]) -> None:
    """The page by day or by night, without loading it again."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("(scheme) => document.documentElement.dataset.bsTheme = scheme", scheme)
    settle(page)


def test_axe_would_find_something(sign_in: Callable[..., Page]) -> None:
    page = sign_in("dispatcher")
    page.evaluate("document.querySelector('#q').labels[0].remove()")
    page.evaluate("document.querySelector('#q').removeAttribute('placeholder')")
    page.evaluate("document.querySelector('#q').removeAttribute('title')")
    assert any(" label:" in fault for fault in faults(page))
    page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    assert any(" color-contrast:" in fault for fault in faults(page, COLOURS))


@pytest.mark.slow
@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_axe_finds_nothing(
    sign_in: Callable[..., Page], world: World, shots: Path, language: str, width: int
) -> None:
    everywhere = pages(world)
    found = []
    for name, places in everywhere.items():
        page = sign_in(name, width=width, color_scheme="dark")
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for title, address in places:
            page.emulate_media(color_scheme="dark")
            page.goto(address)
            settle(page)
            # What lies half under the bar when a list was scrolled to its case is not too small.
            page.evaluate("scrollTo(0, 0)")
            assert page.locator("html").get_attribute("data-bs-theme") == "dark", address
            for scheme in SCHEMES:
                by(page, scheme)
                page.screenshot(path=shots / f"{title}-{language}-{scheme}.png", full_page=True)
                rules = RULES if scheme == SCHEMES[0] else COLOURS
                found += [f"{scheme}: {fault}" for fault in faults(page, rules)]
            if wide(page):
                found.append(f"{address} is wider than the window")
        if name == "dispatcher":
            found += open_ones(page, dict(places)["reported"], shots, language)
    assert not found, "\n".join(found)


def open_ones(page: Page, address: str, shots: Path, language: str) -> list[str]:
    """What axe finds in the menu of more verbs, and in the sheet of keys."""
    page.goto(address)
    settle(page)
    found = []
    for opened in ("more", "keys"):
        if opened == "more":
            page.locator("details.menu summary").last.click()
        else:
            page.keyboard.press("?")
        for scheme in SCHEMES:
            by(page, scheme)
            page.screenshot(path=shots / f"{opened}-{language}-{scheme}.png")
            found += [f"{opened}, {scheme}: {fault}" for fault in faults(page)]
    return found
