"""Queue and case side by side: a shift's worth of keys without leaving the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from huying.cases import flow
from huying.cases.models import Case
from tests.desk.world import World

SignIn = Callable[..., Page]


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]")


def word(verb: str) -> str:
    with translation.override("zh-hans"):
        return str(flow.ROWS[verb].label)


def shown(page: Page, case: Case) -> None:
    """The case stands beside the list, its line is the marked one, and the address names it."""
    expect(page.locator("#pane .case-head .num")).to_have_text(re.compile(case.number[-4:] + "$"))
    expect(page.locator("tr.here")).to_have_attribute("data-row", case.number)
    expect(page).to_have_url(re.compile(f"[?&]case={case.number}"))


def focused_row(page: Page) -> str | None:
    number: str | None = page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row")
    return number


@pytest.fixture
def four(world: World) -> list[Case]:
    cases = [world.held_by_town(world.reported(f"第{n}处井盖松动")) for n in range(4)]
    return list(Case.objects.filter(pk__in=[case.pk for case in cases]).by_time_left())


def test_a_list_is_worked_off_without_leaving_it(
    sign_in: SignIn, world: World, four: list[Case], shots: Path
) -> None:
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=mine")
    ready(page)
    page.evaluate("window.stayed = true")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    shown(page, four[0])
    # However long the page, its head stays.
    page.evaluate("document.querySelector('.queue').style.marginBottom = '3000px'")
    page.evaluate("scrollTo(0, 2000)")
    assert page.evaluate("document.querySelector('.top').getBoundingClientRect().top") == 0
    page.evaluate("document.querySelector('.queue').style.marginBottom = ''")
    expect(page.locator("#pane .case-title")).to_be_focused()
    page.screenshot(path=shots / "beside.png")
    # From within the case the next one is one key away; the list has the focus again.
    page.keyboard.press("j")
    shown(page, four[1])
    assert focused_row(page) == four[1].number

    # Accepted, the case is still this desk's to dispatch, and stays in view with its next step.
    page.keyboard.press("a")
    page.locator("#sheet select[name=item]").select_option("0211")
    page.locator("#sheet button.btn-primary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pane .case-head .badge-s").first).to_have_text("待派遣")
    expect(page.locator(".undo-bar")).to_contain_text(four[1].number)
    shown(page, four[1])
    assert focused_row(page) == four[1].number

    # Dispatched, it is the unit's: the next in the list takes its place.
    listed = page.locator("[data-row]").evaluate_all("all => all.map((row) => row.dataset.row)")
    after = [*listed[listed.index(four[1].number) + 1 :], listed[-2]]
    follower = next(case for case in four if case.number == after[0])
    page.keyboard.press("d")
    expect(page.locator("#sheet .suggested input")).to_be_checked()
    page.keyboard.press("Enter")
    shown(page, follower)
    assert focused_row(page) == follower.number
    expect(page.locator(f"[data-row='{four[1].number}']")).to_have_count(0)
    expect(page.locator(".tabs [aria-current] .count")).to_have_text("3")
    assert page.evaluate("window.stayed")  # all of it on one page

    # Undone, it is back where it was.
    page.keyboard.press("z")
    expect(page.locator(f"[data-row='{four[1].number}']")).to_have_count(1)
    four[1].refresh_from_db()
    assert four[1].state == "accepted"

    # Esc: to the line, then to the list alone.
    ready(page)
    page.locator("#pane .case-title").focus()
    page.keyboard.press("Escape")
    assert focused_row(page) == page.locator("#pane").get_attribute("data-number")
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    assert "case=" not in page.url


def test_a_case_that_leaves_the_list_stays_while_the_next_step_is_ones_own(
    sign_in: SignIn, world: World, four: list[Case]
) -> None:
    page = sign_in("dispatcher")
    page.goto(f"/desk/?tab=held&state=reported&case={four[1].number}")
    ready(page)
    page.locator("tr.here [data-open]").focus()
    page.keyboard.press("a")
    expect(page.locator("#sheet button.btn-primary")).to_be_focused()  # its item is known
    page.keyboard.press("Enter")
    expect(page.locator("#pane .case-head .badge-s").first).to_have_text("待派遣")
    expect(page.locator("[data-row]")).to_have_count(3)
    expect(page.locator("#pane .case-title")).to_be_focused()
    page.keyboard.press("d")
    page.locator("#sheet textarea").fill("今天内到场")
    page.keyboard.press("Control+Enter")
    # The list goes on where it was left.
    shown(page, four[2])
    four[1].refresh_from_db()
    assert four[1].state == "dispatched"


def test_back_and_forth_in_the_browser(sign_in: SignIn, four: list[Case]) -> None:
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=mine")
    ready(page)
    page.locator("[data-row] [data-open]").first.click()
    shown(page, four[0])
    page.go_back()
    expect(page.locator("#pane")).to_be_hidden()
    page.go_forward()
    shown(page, four[0])
    page.reload()
    ready(page)
    shown(page, four[0])


def test_no_key_acts_on_the_case_that_one_has_just_left(
    sign_in: SignIn, world: World, four: list[Case]
) -> None:
    page = sign_in("dispatcher")
    held: list[Route] = []
    # Before the page is there: one that stands already may send its next request past a new route.
    page.route(f"**/desk/cases/{four[1].number}?pane=1", lambda route: held.append(route), times=1)
    page.goto(f"/desk/?tab=mine&case={four[0].number}")
    ready(page)
    page.locator("tr.here [data-open]").focus()
    page.keyboard.press("j")
    page.keyboard.press("m")  # a comment: a button of the case in the pane, which is not there yet
    page.wait_for_timeout(300)
    expect(page.locator("#sheet")).not_to_be_visible()
    for route in held:
        route.continue_()
    shown(page, four[1])
    page.keyboard.press("m")
    expect(page.locator("#sheet form")).to_have_attribute("action", re.compile(four[1].number))


def test_what_another_does_to_the_case_shown_is_seen(
    sign_in: SignIn, world: World, four: list[Case]
) -> None:
    page = sign_in("dispatcher")
    page.goto(f"/desk/?tab=held&case={four[2].number}")
    ready(page)
    page.wait_for_timeout(1200)
    world.do(four[2], "comment", "checker", text="我在现场，井盖已移位")
    expect(page.locator("#pane .p-line")).to_contain_text("井盖已移位")
    # Whoever reads or works in it is told instead: nothing moves under the hands.
    page.locator("#pane .case-title").focus()
    world.do(four[2], "comment", "checker", text="还有一处")
    expect(page.locator("#pane [data-pulse]")).to_be_visible(timeout=4000)
    page.locator("#pane [data-pulse] a").press("Enter")
    expect(page.locator("#pane .p-line")).to_contain_text("还有一处")


def test_a_step_without_a_form_stays_beside_the_list(
    sign_in: SignIn, world: World, shots: Path
) -> None:
    case = world.dispatched()
    page = sign_in("handler")
    # What others do is not told: the refusal below is met, not seen coming.
    page.route("**/pulse*", lambda route: route.fulfill(status=204))
    page.goto("/desk/?tab=mine")
    ready(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    shown(page, case)
    page.keyboard.press("s")
    expect(page.locator("#pane .case-head .badge-s").first).to_have_text("处置中")
    assert "/desk/?" in page.url
    # Refused: somebody else was faster. The dialog says who.
    case.refresh_from_db()
    page.evaluate("window.stayed = true")
    world.do(case, "arrive", "handler")
    page.get_by_role("button", name=word("arrive")).click()
    expect(page.locator("#sheet .notice-warn")).to_be_visible()
    assert page.evaluate("window.stayed")


def test_on_a_small_screen_a_case_has_the_page(
    sign_in: SignIn, world: World, four: list[Case]
) -> None:
    page = sign_in("dispatcher", width=390, height=844)
    page.goto("/desk/?tab=mine")
    ready(page)
    page.locator("[data-open]").first.click()
    page.wait_for_url(f"**/desk/cases/{four[0].number}")
    # A colleague's address from a wide screen shows the case, with the way to the list.
    page.goto(f"/desk/?tab=mine&case={four[1].number}")
    expect(page.locator(".queue-list")).to_be_hidden()
    page.locator("[data-pane-close]").click()
    expect(page.locator(".queue-list")).to_be_visible()
