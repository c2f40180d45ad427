"""A member is called, comes and checks in with the phone in hand; branches lie on the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from huying.branches.models import Coming
from tests.browser.everywhere import with_branches
from tests.desk.world import LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World


@pytest.mark.parametrize("given", [True, False])
def test_a_member_is_called_comes_and_checks_in_on_the_spot(
    sign_in: Callable[..., Page], world: World, *, given: bool
) -> None:
    with_branches(world)
    Coming.objects.all().delete()
    how: dict[str, object] = {"has_touch": True, "is_mobile": True}
    if given:
        spot = {"longitude": LON + 0.0005, "latitude": LAT, "accuracy": 12.0}
        how |= {"geolocation": spot, "permissions": ["geolocation"]}
    page = sign_in("member", width=390, height=844, **how)
    page.wait_for_url("**/desk/mine")
    page.locator("html[data-ready]").wait_for(state="attached")
    call = page.locator(".mine-call")
    expect(call).to_contain_text("台风转移群众")
    call.get_by_role("button", name="我能到").click()
    expect(page.locator(".mine-call")).to_contain_text("到了请签到")
    assert Coming.objects.get().arrived_at is None
    page.locator("html[data-ready]").wait_for(state="attached")
    # Whoever comes finds the check-in open.
    page.get_by_role("button", name="用我的位置").click()
    said = page.locator("[data-where-said]")
    if given:
        expect(said).to_contain_text("误差约 12 米")
        expect(page.locator("input[name=lon]")).to_have_value(f"{LON + 0.0005:.6f}")
    else:
        expect(said).to_contain_text("没有提供位置")
        page.locator("input[name=lon]").fill(f"{LON + 0.0005:.6f}")
        page.locator("input[name=lat]").fill(str(LAT))
    page.get_by_role("button", name="我到了").click()
    expect(page.locator(".mine-call")).to_contain_text("已签到")
    expect(page.locator("[data-where-said]")).to_have_count(0)
    row = Coming.objects.get()
    assert row.comes
    assert row.arrived_m is not None
    assert 40 < row.arrived_m < 60
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_branches_are_laid_over_the_map_when_they_are_wanted(
    sign_in: Callable[..., Page], world: World
) -> None:
    with_branches(world)
    page = sign_in("dispatcher")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/desk/map/?tab=area")
    page.locator("[data-case-map][data-looked]").wait_for()
    side = page.locator("[data-branch-list]")
    expect(side).to_be_hidden()
    assert not [url for url in asked if "branches.json" in url]
    chip = page.locator('[data-layer="branches"]')
    with page.expect_response("**/map/branches.json") as answer:
        chip.click()
    found = answer.value.json()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(side).to_be_visible()
    expect(side).to_contain_text(str(found["covered"]))
    expect(side).to_contain_text(str(found["grids"]))
    chip.click()
    expect(side).to_be_hidden()
    chip.click()
    page.wait_for_load_state("networkidle")
    assert len([url for url in asked if "branches.json" in url]) == 1  # asked for once


def test_a_worker_is_offered_no_branches_on_the_map(
    sign_in: Callable[..., Page], world: World
) -> None:
    with_branches(world)
    page = sign_in("worker")
    page.goto("/desk/map/?tab=area")
    page.locator("[data-case-map][data-looked]").wait_for()
    expect(page.locator('[data-layer="branches"]')).to_have_count(0)
