"""A task from above on the phone without signal: done with evidence, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from huying.cases.models import Case
from huying.tasks.models import State
from tests.browser.test_field import CONTROLLED, PHONE, entry, only_cut_off, opened
from tests.browser.test_loop import photo

if TYPE_CHECKING:
    from tests.desk.world import World


def test_done_and_found_without_signal(
    sign_in: Callable[..., Page], world: World, tmp_path: Path, shots: Path
) -> None:
    from tests.field.test_assigned import given

    part = given(world)
    page = opened(sign_in("worker", **PHONE))
    page.wait_for_function(CONTROLLED)
    tile = page.get_by_role("link", name="上级任务")
    expect(tile).to_contain_text("1")
    page.screenshot(path=shots / "field-home.png")
    page.context.set_offline(True)
    tile.click()
    page.screenshot(path=shots / "field-assigned.png")
    page.locator(f"[data-at='{part.pk}']").click()
    page.screenshot(path=shots / "field-assignment.png", full_page=True)

    # Two taps: found, and sent; the camera lies between them.
    with page.expect_file_chooser() as chooser:
        page.locator("[data-found]").click()
    chooser.value.set_files(photo(tmp_path, "found.jpg", "#8a4b3b"))
    expect(page.locator(".panel .text").first).to_contain_text("用电安全宣传")
    expect(page.locator(".spot-said")).to_contain_text("±12 米")
    page.locator("[data-onward='2']").click()
    expect(entry(page, "waiting")).to_have_count(2)

    opened(page, f"/field/assigned/{part.pk}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="拍照").click()
    chooser.value.set_files(photo(tmp_path, "done.jpg", "#5a7d4c"))
    expect(page.locator(".shots img")).to_have_count(1)
    page.locator("#in-words").fill("走访十二户，签承诺书十二份。")
    page.locator("[data-send=done]").click()
    expect(page.locator("#toast")).to_contain_text("标红")  # the question is not answered yet
    page.locator("[name='q.q1']").fill("12")
    page.screenshot(path=shots / "field-answered.png", full_page=True)
    page.locator("[data-send=done]").click()
    expect(page.locator(".card-pending")).to_contain_text("等待")
    part.refresh_from_db()
    assert (part.state, Case.objects.count()) == (State.OPEN, 0)

    page.context.set_offline(False)
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(3)
    part.refresh_from_db()
    assert (part.state, part.answers, part.files.count()) == (State.DONE, {"q1": 12}, 1)
    case = Case.objects.get()
    assert case.found_by_task.part == part
    assert case.attachments.count() == 1
    opened(page, "/field/assigned")
    expect(page.locator(".card")).to_contain_text("待抽查")
    only_cut_off(page)
