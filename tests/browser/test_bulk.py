"""Many cases at once, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.test_loop import press
from tests.browser.test_pages import faults, settle, wide

if TYPE_CHECKING:
    from tests.desk.world import World


def test_several_are_accepted_and_dispatched_without_a_mouse(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    cases = [world.held_by_town(world.reported(f"第{n}处垃圾堆放，请清运。")) for n in range(5)]
    page = sign_in("dispatcher")
    page.goto("/desk/?tab=held")
    bar, boxes = page.locator(".bulk-bar"), page.locator("td.c-pick input")
    expect(bar).to_be_hidden()
    press(page, "j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("已选 1 件")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(bar).to_contain_text("已选 3 件")
    page.keyboard.press("Shift+K")
    expect(bar).to_contain_text("已选 2 件")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(bar).to_contain_text("已选 4 件")
    expect(boxes.nth(4)).not_to_be_checked()

    # A new case comes in and the list is swapped; a reload; another list and back.
    fresh = world.held_by_town(world.reported("南街路灯不亮"))
    expect(page.locator(f"[data-row='{fresh.number}']")).to_be_visible(timeout=15_000)
    expect(bar).to_contain_text("已选 4 件")
    expect(page.locator("td.c-pick input:checked")).to_have_count(4)
    page.reload()
    settle(page)
    expect(page.locator("td.c-pick input:checked")).to_have_count(4)
    page.screenshot(path=shots / "bulk-queue.png")
    assert not faults(page)
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("Shift+A")
    expect(bar).to_contain_text("已选 6 件")
    page.goto("/desk/?tab=mine")
    expect(page.locator("td.c-pick input").first).to_be_visible()
    expect(bar).to_be_hidden()
    page.goto("/desk/?tab=held")
    settle(page)
    expect(bar).to_be_hidden()

    # One of them changes between the look ahead and the button.
    page.keyboard.press("Shift+A")
    page.keyboard.press("a")
    page.wait_for_url("**/desk/bulk/accept")
    settle(page)
    go = page.locator("[data-bulk-go]")
    expect(go).to_be_focused()
    expect(go).to_contain_text("6")
    page.screenshot(path=shots / "bulk-accept.png", full_page=True)
    assert not faults(page)
    world.do(cases[0], "comment", "checker", text="已到现场")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.locator(f"#row-{fresh.number}").focus()
    page.keyboard.press("x")
    expect(go).to_contain_text("5")
    go.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/bulk/results/*")
    settle(page)
    expect(page.locator(".undo-bar")).to_contain_text("成功 4 件")
    expect(page.locator("main")).to_contain_text("梁永康")
    page.screenshot(path=shots / "bulk-results.png", full_page=True)
    assert not faults(page)

    # What was accepted goes on to a unit; the refused are still selected in the queue.
    page.keyboard.press("d")
    page.wait_for_url("**/desk/bulk/dispatch")
    settle(page)
    expect(page.locator("[data-bulk-loads]")).to_contain_text("本次 +4 件")
    page.screenshot(path=shots / "bulk-dispatch.png", full_page=True)
    assert not faults(page)
    page.locator("[data-bulk-for-all]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-bulk-loads]")).to_contain_text("石碁镇环卫站：现有 0 件，本次 +4 件")
    page.locator("[data-bulk-go]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/bulk/results/*")
    settle(page)
    for case in cases[1:]:
        case.refresh_from_db()
        assert (case.state, case.lead_unit) == ("dispatched", world.units["second"])
    page.keyboard.press("z")
    expect(page.locator("main")).to_contain_text("已撤销 4 件")
    cases[1].refresh_from_db()
    assert (cases[1].state, cases[1].lead_unit) == ("accepted", None)
    page.goto("/desk/?tab=held")
    settle(page)
    expect(bar).to_contain_text("已选 2 件")


def test_a_range_by_the_mouse_on_a_phone_and_by_night(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    for n in range(4):
        world.held_by_town(world.reported(f"第{n}处垃圾堆放，请清运。"))
    gas = world.held_by_town(world.reported("闻到很浓的煤气味，怀疑泄漏", item=""))
    done = world.dispatched()
    page = sign_in("dispatcher", width=390, height=844, color_scheme="dark")
    page.goto("/desk/?tab=area")
    settle(page)
    boxes = page.locator("td.c-pick input")
    boxes.first.click()
    boxes.last.click(modifiers=["Shift"])
    bar = page.locator(".bulk-bar")
    expect(bar).to_contain_text("已选 6 件")
    page.screenshot(path=shots / "bulk-queue-phone.png")
    assert not faults(page)
    assert not wide(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll(".c-pick label, .bulk-bar button")]
          .filter((each) => each.getClientRects().length)
          .map((each) => each.getBoundingClientRect())
          .filter((box) => box.width < 24 || box.height < 24).length"""
    )
    assert small == 0
    bar.locator("[data-bulk-verb=a]").click()
    page.wait_for_url("**/desk/bulk/accept")
    settle(page)
    expect(page.locator("tr.out")).to_contain_text(done.number[17:])
    expect(page.locator(f"#row-{gas.number}")).to_be_visible()
    page.screenshot(path=shots / "bulk-accept-phone.png", full_page=True)
    assert not faults(page)
    assert not wide(page)
    # Choosing an item works the line out anew.
    page.locator(f"#item-{gas.number}").focus()
    page.locator(f"#item-{gas.number}").select_option("0401")
    expect(page.locator(f"tr[data-row='{gas.number}'] .then-words").first).to_contain_text("时限")
    expect(page.locator(f"#item-{gas.number}")).to_be_focused()
    page.locator("[data-bulk-go]").click()
    page.wait_for_url("**/desk/bulk/results/*")
    settle(page)
    expect(page.locator(".undo-bar")).to_contain_text("成功 5 件")
    page.screenshot(path=shots / "bulk-results-phone.png", full_page=True)
    assert not faults(page)
    assert not wide(page)


def test_a_broken_connection_is_gone_on_from_and_nothing_is_done_twice(
    sign_in: Callable[..., Page], world: World
) -> None:
    cases = [world.held_by_town(world.reported(f"第{n}处垃圾堆放。")) for n in range(12)]
    page = sign_in("dispatcher")
    sent = []

    def second_part_is_lost(route: object) -> None:
        sent.append(1)
        route.abort() if len(sent) == 2 else route.continue_()  # type: ignore[attr-defined]

    # Before the page is there: one that stands already may send its next request past a new route.
    page.route("**/desk/bulk/accept/run", second_part_is_lost)
    page.goto("/desk/?tab=held")
    press(page, "Shift+A")
    page.keyboard.press("a")
    page.wait_for_url("**/desk/bulk/accept")
    settle(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-bulk-trouble]")).to_contain_text("连接中断")
    page.faults.clear()  # type: ignore[attr-defined]  # the browser notes what it could not send
    page.locator("[data-bulk-go]").press("Enter")
    page.wait_for_url("**/desk/bulk/results/*")
    expect(page.locator(".undo-bar")).to_contain_text("成功 12 件")
    for case in cases:
        case.refresh_from_db()
        assert (case.state, case.events.filter(verb="accept").count()) == ("accepted", 1)


def test_boxes_and_bar_work_without_scripts(sign_in: Callable[..., Page], world: World) -> None:
    cases = [world.held_by_town(world.reported(f"第{n}处垃圾堆放。")) for n in range(2)]
    page = sign_in("dispatcher", java_script_enabled=False)
    page.goto("/desk/?tab=held")
    for box in page.locator("td.c-pick input").all():
        box.check()
    page.locator(".bulk-bar [data-bulk-verb=a]").click()
    page.locator("[data-bulk-go]").click()
    expect(page.locator(".undo-bar")).to_contain_text("成功 2 件")
    cases[0].refresh_from_db()
    assert cases[0].state == "accepted"
