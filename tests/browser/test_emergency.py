"""An emergency that nobody has taken is seen and heard on whatever page of its desk is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.patience import SOON_MS
from tests.desk.world import World

SignIn = Callable[..., Any]
BEEPED = "Number(document.documentElement.dataset.beeped ?? 0)"


def test_it_is_seen_and_heard_within_two_seconds_until_a_team_is_called(
    sign_in: SignIn, world: World
) -> None:
    team = world.team()
    page = sign_in("dispatcher")
    queue = page.context.new_page()
    troubles: list[str] = []
    for each, address in ((queue, "/desk/?tab=held"), (page, "/desk/teams/")):
        each.on("pageerror", lambda error: troubles.append(str(error)))
        each.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        each.goto(address)
    page.bring_to_front()
    page.locator("h1").click()  # browsers let a page sound once somebody has touched it
    case = world.held_by_town(world.reported("煤气味很浓，怀疑泄漏", item="0203"))
    link = f".alarm-banner a[href$='{case.number}']"
    page.wait_for_selector(link, timeout=SOON_MS)
    page.wait_for_selector("html[data-beeped]", state="attached", timeout=SOON_MS)
    queue.wait_for_selector(link, timeout=SOON_MS)
    assert queue.evaluate(BEEPED) == 0, "nobody has touched this page"

    page.locator("[data-mute]").click()
    beeped = page.evaluate(BEEPED)
    page.goto(f"/desk/cases/{case.number}")
    page.locator("h1").click()
    assert page.get_by_role("button", name="打开声音").is_visible()
    assert page.evaluate(BEEPED) == 0
    assert beeped >= 1

    page.keyboard.press("l")
    page.get_by_text("须在").first.wait_for()
    assert team.name in page.locator(".called").inner_text()
    page.wait_for_selector(".alarm-banner", state="detached", timeout=SOON_MS)
    queue.wait_for_selector(".alarm-banner", state="detached", timeout=SOON_MS)
    queue.close()
    page.close()
    assert not troubles
