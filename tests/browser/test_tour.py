"""The tour of the queue in a browser: by keyboard, on a phone, and out of the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import faults, settle

if TYPE_CHECKING:
    from tests.desk.world import World


@pytest.fixture
def newcomer(sign_in: Callable[..., Page], world: World) -> Callable[..., Page]:
    """Somebody who opens the desk for the first time."""
    from huying.people.models import Account

    def come(name: str, **more: object) -> Page:
        Account.objects.filter(pk=world.accounts[name].pk).update(tour_seen_at=None)
        page = sign_in(name, **more)
        settle(page)
        return page

    return come


def seen(world: World, name: str) -> bool:
    from huying.people.models import Account

    return Account.objects.get(pk=world.accounts[name].pk).tour_seen_at is not None


def ended(page: Page, key: str) -> None:
    """The key ends the tour, and the server is told."""
    with page.expect_response("**/desk/tour/seen") as told:
        page.keyboard.press(key)
    assert told.value.status == 204
    expect(page.locator("#tour")).to_be_hidden()


def inside(page: Page) -> bool:
    """Whether the ring lies in the window, and the card beside it, not upon it."""
    return bool(
        page.evaluate(
            """() => {
              const [ring, card] = ['ring', 'card'].map((name) =>
                document.querySelector(`[data-tour-${name}]`).getBoundingClientRect());
              const within = (box) => box.left >= 0 && box.right <= innerWidth + 1
                && box.top >= -8 && box.bottom <= innerHeight + 1;
              const apart = ring.bottom <= card.top || card.bottom <= ring.top;
              return ring.width > 0 && within(ring) && within(card) && apart;
            }"""
        )
    )


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_points_at_each_thing_by_keyboard_and_does_not_come_again(
    newcomer: Callable[..., Page],
    world: World,
    shots: Path,
    width: int,
    height: int,
    scheme: str,
) -> None:
    for text in ("东街口垃圾堆了三天，臭味很大。", "南街路灯不亮。", "北街井盖破损。"):
        world.held_by_town(world.reported(text))
    page = newcomer("dispatcher", width=width, height=height, color_scheme=scheme)
    tour, place = page.locator("#tour"), page.evaluate("[scrollX, scrollY]")
    titles, found = [], []
    for number in range(1, 7):
        expect(tour.locator("[data-tour-count]")).to_have_text(f"{number} / 6")
        expect(page.locator("[data-tour-next]")).to_be_focused()
        page.wait_for_timeout(250)
        assert inside(page), number
        page.screenshot(path=shots / f"tour-{number}-{width}-{scheme}.png")
        titles.append(tour.locator("h2").inner_text())
        if number == 1:
            found = faults(page)
        if number < 6:
            page.keyboard.press("ArrowRight" if number % 2 else "Enter")
    ended(page, "Enter")
    assert len(set(titles)) == 6
    assert not found, found
    assert page.evaluate("[scrollX, scrollY]") == place
    assert seen(world, "dispatcher")
    page.reload()
    settle(page)
    expect(page.locator("#tour")).to_have_count(0)


def test_back_and_skip_and_then_the_keys_of_the_desk_act(
    newcomer: Callable[..., Page], world: World
) -> None:
    world.held_by_town(world.reported())
    page = newcomer("dispatcher")
    count = page.locator("[data-tour-count]")
    page.keyboard.press("ArrowLeft")
    expect(count).to_have_text("1 / 6")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(count).to_have_text("2 / 6")
    for _step in range(5):
        page.keyboard.press("ArrowRight")
    expect(count).to_have_text("6 / 6")
    for _press in range(5):  # from the last button the browser itself has its turn, never the page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('body, #tour, #tour *')")
    ended(page, "Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-open]").first).to_be_focused()
    assert seen(world, "dispatcher")


def test_a_click_beside_it_skips_it_and_an_empty_list_has_its_steps_too(
    newcomer: Callable[..., Page], world: World
) -> None:
    page = newcomer("handler")
    expect(page.locator("[data-tour-count]")).to_have_text("1 / 6")
    page.mouse.click(700, 850)
    expect(page.locator("#tour")).to_be_hidden()
    page.goto("/me")
    settle(page)
    page.get_by_role("link", name="重新看导览").click()
    page.wait_for_url(lambda url: url.endswith("/desk/"))
    expect(page.locator("#tour")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.locator("#tour")).to_have_count(0)
