"""The browser's position as the place of a check-in, and what is left where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from huying.response.whistles import Call
from tests.desk.world import LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World


@pytest.mark.parametrize("given", [True, False])
def test_a_called_unit_checks_in_from_where_it_is(
    sign_in: Callable[..., Page], world: World, *, given: bool
) -> None:
    case = world.do(
        world.handling(), "blow", "dispatcher",
        sort="emergency", units=[world.units["lead"].pk], text="到场",
    )  # fmt: skip
    world.do(case, "answer", "handler")
    how: dict[str, Any] = {}
    if given:
        spot = {"longitude": LON + 0.0005, "latitude": LAT, "accuracy": 17.4}
        how = {"geolocation": spot, "permissions": ["geolocation"]}
    page = sign_in("handler", width=390, height=844, **how)
    page.goto(f"/desk/cases/{case.number}/check_in")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.get_by_role("button", name="用我的位置").click()
    said = page.locator("[data-where-said]")
    if given:
        expect(said).to_contain_text("精度约 17 米")
        expect(page.locator("input[name=lon]")).to_have_value(f"{LON + 0.0005:.6f}")
    else:
        expect(said).to_contain_text("未提供位置")
    # The pin can be set by hand all the same.
    page.locator("input[name=lat]").fill(f"{LAT + 0.0001:.6f}")
    if not given:
        page.locator("input[name=lon]").fill(str(LON))
    page.locator(".sheet-foot button").click()
    page.wait_for_url(re.compile(r"/desk/"))
    expect(page.locator("[data-where-said]")).to_have_count(0)
    call = Call.objects.get()
    assert call.state == "present"
    assert call.arrived_m is not None
    assert (40 < call.arrived_m < 60) == given
