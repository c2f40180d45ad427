"""The map page: what is chosen on the map is chosen in the list, and the list alone is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from huying.cases.models import Case
from huying.desk import charting, mapping
from tests.desk.world import COMMUNITY, LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World


def opened(page: Page, query: str = "tab=area") -> None:
    page.goto(f"/desk/map/?{query}")
    settled(page)


def settled(page: Page) -> None:
    """The map has its answer and nothing is on its way any more."""
    page.locator("[data-case-map][data-looked]").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)


def row(page: Page, case: Case) -> str:
    return f".map-rows [data-row='{case.number}']"


def shown(page: Page, case: Case) -> None:
    """The case lies in the middle of the map."""
    page.locator(f"{row(page, case)} [data-show]").click()
    settled(page)


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".casemap-canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def picture(page: Page) -> bytes:
    """What stands in the middle of the map."""
    page.wait_for_timeout(200)
    x, y = middle(page)
    return page.screenshot(clip={"x": x - 24, "y": y - 24, "width": 48, "height": 48})


def two(world: World) -> tuple[Case, Case]:
    return (
        world.held_by_town(world.reported("东街口垃圾堆了三天")),
        world.held_by_town(world.reported("南街路灯不亮", lon=LON + 0.002, lat=LAT + 0.001)),
    )


def test_a_click_on_a_point_selects_its_line_and_enter_opens_the_case(
    sign_in: Callable[..., Page], world: World
) -> None:
    first, second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    shown(page, first)
    page.locator(f"{row(page, second)} [data-open]").focus()
    expect(page.locator(row(page, first))).not_to_have_attribute("aria-current", "true")
    page.mouse.click(*middle(page))
    expect(page.locator(row(page, first))).to_have_attribute("aria-current", "true")
    expect(page.locator(row(page, second))).not_to_have_attribute("aria-current", "true")
    expect(page.locator(f"{row(page, first)} [data-open]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{first.number}")


def test_a_line_in_focus_or_under_the_pointer_marks_its_point(
    sign_in: Callable[..., Page], world: World
) -> None:
    first, second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    shown(page, first)
    page.mouse.move(5, 5)
    marked = picture(page)
    page.locator(f"{row(page, second)} [data-open]").focus()
    page.mouse.move(5, 5)
    plain = picture(page)
    assert plain != marked
    page.locator(f"{row(page, first)} [data-open]").focus()
    assert picture(page) == marked
    page.locator(f"{row(page, second)} [data-open]").focus()
    assert picture(page) == plain
    page.locator(row(page, first)).hover()
    assert picture(page) != plain


def test_points_upon_each_other_are_reached_by_further_clicks(
    sign_in: Callable[..., Page], world: World
) -> None:
    cases = [world.held_by_town(world.reported()) for _ in range(3)]
    page = sign_in("dispatcher")
    opened(page)
    shown(page, cases[0])
    reached = set()
    for _ in range(3):
        page.mouse.click(*middle(page))
        page.wait_for_timeout(150)
        chosen = page.locator(".map-rows [aria-current]").get_attribute("data-row")
        reached.add(chosen)
    assert reached == {case.number for case in cases}


def test_a_point_whose_line_is_not_loaded_brings_it(
    sign_in: Callable[..., Page], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    shown(page, second)
    monkeypatch.setattr(charting, "LONGEST", 1)
    page.reload()
    settled(page)
    monkeypatch.setattr(charting, "STEP", 1)
    page.mouse.click(*middle(page))
    expect(page.locator(row(page, second))).to_have_attribute("aria-current", "true")
    expect(page.locator(f"{row(page, second)} [data-open]")).to_be_focused()
    assert first.number != second.number


def test_all_of_it_with_the_keyboard(sign_in: Callable[..., Page], world: World) -> None:
    first, second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".map-rows [aria-current]")).to_have_count(1)
    number = page.locator(".map-rows [aria-current]").get_attribute("data-row")
    assert number == sorted((first.number, second.number))[1]
    expect(page.locator(f".map-rows [data-row='{number}'] [data-open]")).to_be_focused()
    page.keyboard.press("Tab")  # to "show on the map", which works by Enter too
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator(f".map-rows [data-row='{number}'] [data-show]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{number}")


def test_numbers_of_areas_are_in_the_list_too_and_lead_to_the_cases(
    sign_in: Callable[..., Page], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charting, "FEW", 0)
    first, second = two(world)
    Case.objects.filter(pk=second.pk).update(emergency=True)
    page = sign_in("district_dispatcher")
    opened(page)
    page.locator(".casemap-canvas").focus()
    for _ in range(7):
        page.keyboard.press("-")
        settled(page)
    town = page.locator("[data-areas] [data-code]")
    expect(town).to_have_count(1)
    expect(town).to_contain_text("石碁镇")
    expect(town.locator("[data-emergencies]")).to_have_text("紧急 1")
    town.focus()
    page.keyboard.press("Enter")
    settled(page)
    expect(town.filter(has_text="石碁镇")).to_have_count(0)
    if town.count():  # from the town to its communities, if those are not small enough already
        expect(town).to_contain_text("小龙村")
        town.press("Enter")
        settled(page)
    expect(page.locator("[data-areas]")).to_be_hidden()
    expect(page.locator("[data-note]")).to_contain_text("图中 2 件")
    expect(page.locator("[data-list-head]")).to_be_focused()
    assert first.number in page.locator(".map-rows").inner_html()


def test_new_cases_come_by_themselves_and_the_map_stays_where_it_is(
    sign_in: Callable[..., Page], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "REFRESH_S", 1)
    first, second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    shown(page, first)
    page.locator(f"{row(page, second)} [data-open]").focus()
    page.mouse.move(5, 5)
    before = picture(page)
    third = world.held_by_town(world.reported("西街积水", lat=LAT - 0.001))
    expect(page.locator(row(page, third))).to_be_visible(timeout=10_000)
    expect(page.locator(f"{row(page, second)} [data-open]")).to_be_focused()
    expect(page.locator(row(page, second))).to_have_attribute("aria-current", "true")
    assert picture(page) == before


def test_where_one_looked_outlasts_a_filter_and_a_look_at_the_case(
    sign_in: Callable[..., Page], world: World
) -> None:
    first, _second = two(world)
    page = sign_in("dispatcher")
    opened(page)
    shown(page, first)
    page.locator("#f-state").select_option("reported")
    page.wait_for_url("**state=reported**")
    settled(page)
    page.mouse.click(*middle(page))
    expect(page.locator(row(page, first))).to_have_attribute("aria-current", "true")
    page.locator(".page-head a[href*='/desk/?']").click()
    page.wait_for_url("**/desk/?**state=reported**")
    page.locator(".panel-head a[href*='/desk/map/?']").click()
    page.wait_for_url("**/desk/map/?**state=reported**")
    settled(page)
    page.locator("[data-whole]").first.click()
    settled(page)
    page.mouse.click(*middle(page))
    expect(page.locator(".map-rows [aria-current]")).to_have_count(0)


def test_what_has_no_point_is_in_the_list_with_a_word(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    Case.objects.filter(pk=case.pk).update(lon=None, lat=None, area_code=COMMUNITY)
    page = sign_in("dispatcher")
    opened(page)
    expect(page.locator(row(page, case))).to_contain_text("未定位")
    expect(page.locator(f"{row(page, case)} [data-show]")).to_have_count(0)
    expect(page.locator("[data-note]")).to_contain_text("另有 1 件只知道大致区域")


def test_on_a_phone_nothing_is_scrolled_sideways_and_the_map_makes_room(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher", width=390, height=844)
    opened(page)
    nav = page.locator(".top-nav")
    assert nav.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
    for link in nav.locator("> a, > details > summary").all():
        box = link.bounding_box()
        assert box is not None
        assert box["width"] >= 24
        assert box["height"] >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.locator("[data-map-away]").click()
    expect(page.locator(".casemap-canvas")).to_be_hidden()
    page.reload()
    settled(page)
    expect(page.locator(".casemap-canvas")).to_be_hidden()
    page.locator(f"{row(page, case)} [data-show]").click()
    expect(page.locator(".casemap-canvas")).to_be_visible()


def test_without_scripts_the_list_is_there(sign_in: Callable[..., Page], world: World) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher", java_script_enabled=False)
    page.goto("/desk/map/?tab=area")
    page.locator(f"{row(page, case)} [data-open]").click()
    page.wait_for_url(f"**/desk/cases/{case.number}")


def test_nothing_comes_from_outside(
    sign_in: Callable[..., Page], world: World, live_server: object
) -> None:
    two(world)
    page = sign_in("dispatcher")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    assert asked
    strange = [url for url in asked if not url.startswith((live_server.url, "data:"))]  # type: ignore[attr-defined]
    assert not strange
    assert "Leaflet" not in page.inner_text(".casemap-map")
