"""What one relies on at a desk: nothing typed is lost, nothing jumps, keys do as told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.desk.world import World


def ready(page: Page) -> None:
    page.locator("html[data-ready]").wait_for(state="attached")


def test_signing_in_by_hand(browser: object, live_server: object, world: World) -> None:
    from tests.desk.world import PASSWORD

    page = browser.new_page(base_url=live_server.url, locale="zh-CN")  # type: ignore[attr-defined]
    page.goto("/desk/")
    page.fill("input[name=login]", "t-dispatcher")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/")
    expect(page.locator(".tabs a[aria-current]")).to_be_visible()
    page.close()


def test_a_stale_dialog_says_who_acted_and_sends_again(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    page.goto(f"/desk/cases/{case.number}/decline")
    page.goto(f"/desk/cases/{case.number}")
    ready(page)
    page.locator("a[data-dialog][href$='/decline']").click()
    sheet = page.locator("#sheet")
    sheet.locator(".pick", has_text="其他").click()
    sheet.locator("textarea[name=reason]").fill("与前案重复，不再受理。")
    world.do(case, "comment", "checker", text="已到现场")
    sheet.locator("button.btn-danger").click()
    expect(sheet.locator(".notice-warn")).to_contain_text("梁永康")
    expect(sheet.locator("textarea[name=reason]")).to_have_value("与前案重复，不再受理。")
    sheet.locator("button.btn-danger").click()
    expect(page.locator(".notice-good")).to_contain_text(case.number)


def test_a_draft_survives_a_reload_and_goes_when_it_was_taken(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    address = f"/desk/cases/{case.number}/comment"
    page.goto(address)
    ready(page)
    page.fill("textarea[name=text]", "写到一半")
    page.reload()
    ready(page)
    expect(page.locator("textarea[name=text]")).to_have_value("写到一半")
    page.locator("section.panel button.btn-primary").click()
    expect(page.locator(".notice-good")).to_be_visible()
    ready(page)
    page.goto(address)
    ready(page)
    expect(page.locator("textarea[name=text]")).to_have_value("")


def test_a_draft_with_its_reason_outlives_signing_out_and_can_be_discarded(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    address = f"/desk/cases/{case.number}/decline"
    page.goto(address)
    ready(page)
    page.locator(".pick", has_text="其他").click()
    page.fill("textarea[name=reason]", "说到一半")
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.goto(address)
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.goto(address)
    ready(page)
    expect(page.locator("[data-draft-line]")).to_be_visible()
    expect(page.locator("textarea[name=reason]")).to_have_value("说到一半")
    expect(page.locator("input[name=reason_code][value=other]")).to_be_checked()
    page.locator("[data-draft-discard]").click()
    expect(page.locator("textarea[name=reason]")).to_have_value("")
    expect(page.locator("input[name=reason_code]:checked")).to_have_count(0)
    page.reload()
    ready(page)
    expect(page.locator("[data-draft-line]")).to_be_hidden()


def test_a_new_case_whose_answer_was_lost_is_the_same_when_its_draft_is_sent_again(
    sign_in: Callable[..., Page], world: World
) -> None:
    from huying.cases.models import Case

    page = sign_in("dispatcher")
    page.goto("/desk/cases/new")
    ready(page)
    page.fill("textarea[name=text]", "东街口垃圾堆了三天")
    page.route("**/desk/cases/new", lambda route: (route.fetch(max_redirects=0), route.abort()))
    page.locator(".p-send button.btn-primary").click()
    page.wait_for_url("chrome-error://**")
    page.unroute_all()
    page.context.clear_cookies(name="messages")  # they came with the answer
    assert Case.objects.count() == 1
    page.goto("/desk/cases/new")
    ready(page)
    expect(page.locator("[data-draft-line]")).to_be_visible()
    page.locator(".p-send button.btn-primary").click()
    expect(page.locator(".notice-good")).to_contain_text("只办理了一次")
    assert Case.objects.count() == 1
    page.goto("/desk/cases/new")
    ready(page)
    page.fill("textarea[name=text]", "另一件")
    page.locator(".p-send button.btn-primary").click()
    page.wait_for_url(re.compile(r"/desk/cases/\d+$"))
    assert Case.objects.count() == 2


def test_before_and_after_are_compared_by_keys_and_side_by_side(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.handled()
    page = sign_in("dispatcher")
    page.goto(f"/desk/cases/{case.number}")
    ready(page)
    page.locator("[data-compare]").first.click()
    cut = page.locator(".compare-range")
    expect(cut).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cut).to_have_value("51")
    expect(cut).to_have_attribute("aria-valuetext", "处置前照片 51%")
    page.locator(".compare-mode").click()
    expect(page.locator(".compare-sides img")).to_have_count(2)
    expect(page.locator(".compare-sides")).to_be_visible()
    expect(cut).to_be_hidden()


def test_new_cases_appear_and_focus_stays(sign_in: Callable[..., Page], world: World) -> None:
    first = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=mine")
    ready(page)
    page.keyboard.press("j")
    expect(page.locator(f"[data-row='{first.number}'] [data-open]")).to_be_focused()
    second = world.held_by_town(world.reported("南街路灯不亮"))
    expect(page.locator(f"[data-row='{second.number}']")).to_be_visible(timeout=15_000)
    expect(page.locator(f"[data-row='{first.number}'] [data-open]")).to_be_focused()


def test_single_keys_can_be_turned_off(sign_in: Callable[..., Page], world: World) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    page.goto(f"/desk/cases/{case.number}")
    ready(page)
    page.keyboard.press("?")
    page.locator("#keys [data-keys-switch]").uncheck()
    page.locator("#keys [data-close]").click()
    page.reload()
    ready(page)
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(page.locator("#sheet")).not_to_be_visible()


def test_a_lost_connection_is_said_and_the_words_stay(
    sign_in: Callable[..., Page], world: World
) -> None:
    case = world.held_by_town(world.reported())
    page = sign_in("dispatcher")
    page.goto(f"/desk/cases/{case.number}")
    ready(page)
    page.keyboard.press("m")
    text = page.locator("#sheet textarea[name=text]")
    text.fill("网络断了也不能丢")
    page.context.set_offline(True)
    page.locator("#sheet button.btn-primary").click()
    expect(page.locator("#sheet .notice-bad")).to_be_visible()
    expect(text).to_have_value("网络断了也不能丢")
    page.context.set_offline(False)
    page.faults.clear()  # type: ignore[attr-defined]  # the browser notes what it could not send
    page.locator("#sheet button.btn-primary").click()
    expect(page.locator(".notice-good")).to_contain_text(case.number)


def test_everything_works_without_scripts(sign_in: Callable[..., Page], world: World) -> None:
    case = world.accepted()
    page = sign_in("dispatcher", java_script_enabled=False)
    page.goto(f"/desk/cases/{case.number}")
    page.locator("a.btn-primary[href$='/dispatch']").click()
    page.locator("section.panel button.btn-primary").click()
    expect(page.locator(".case-head .badge-s").first).to_have_class("badge-s s-dispatched")
