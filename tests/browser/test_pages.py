"""Every page for everyone: no fault that axe finds, in both languages, by day and by night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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
    reported = world.held_by_town(
        world.reported(
            "闻到很浓的煤气味，怀疑泄漏", contact_name="张三", contact_phone="13800001111"
        )
    )
    accepted, handling, checked = world.accepted(), world.handling(), world.checked()
    closed = world.closed()
    page = sign_in("dispatcher", width=width, color_scheme=scheme)
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
    )
    addresses = [
        ("queue", "/desk/?tab=area"),
        ("beside", f"/desk/?tab=area&case={accepted.number}"),
        ("queue-none", "/desk/?tab=area&q=没有这样的案件"),
        ("queue-ended", "/desk/?tab=area&ended=1"),
        ("map", "/desk/map/?tab=area"),
        ("map-none", "/desk/map/?tab=area&q=没有这样的案件"),
        ("today", "/desk/today/"),
        ("today-none", "/desk/today/?day=2020-01-01"),
        ("new", "/desk/cases/new"),
        ("reported", f"/desk/cases/{reported.number}"),
        ("accepted", f"/desk/cases/{accepted.number}"),
        ("handling", f"/desk/cases/{handling.number}"),
        ("checked", f"/desk/cases/{checked.number}"),
        ("exports", "/desk/exports"),
        ("view-new", "/desk/views/new?tab=area&light=red"),
        ("view-none", "/desk/views/new?tab=area"),
        ("views", "/desk/views"),
        ("sheet-order", f"/desk/cases/{handling.number}/sheets/order"),
        ("sheet-closing", f"/desk/cases/{closed.number}/sheets/closing"),
        ("sheet-none", f"/desk/cases/{reported.number}/sheets/order"),
        ("accept", f"/desk/cases/{reported.number}/accept"),
        ("decline", f"/desk/cases/{reported.number}/decline"),
        ("merge", f"/desk/cases/{reported.number}/merge"),
        ("pin", f"/desk/cases/{reported.number}/pin"),
        ("dispatch", f"/desk/cases/{accepted.number}/dispatch"),
        ("suspend", f"/desk/cases/{handling.number}/suspend"),
        ("refused", f"/desk/cases/{handling.number}/close"),
        ("contact", f"/desk/cases/{reported.number}/contact"),
        ("me", "/me"),
        ("missing", "/desk/cases/4401131202026010100000000"),
    ]
    found = []
    for name, address in addresses:
        page.goto(address)
        settle(page)
        page.screenshot(path=shots / f"{name}-{language}-{scheme}.png", full_page=True)
        found += faults(page)
        if wide(page):
            found.append(f"{address} is wider than the window")
    page.goto(f"/desk/cases/{reported.number}")
    settle(page)
    page.locator("details.menu summary").last.click()
    page.wait_for_timeout(200)
    page.screenshot(path=shots / f"more-{language}-{scheme}.png")
    found += faults(page)
    page.keyboard.press("?")
    found += faults(page)
    page.screenshot(path=shots / f"keys-{language}-{scheme}.png")
    assert not found, "\n".join(found)
