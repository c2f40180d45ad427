"""A patrol on the phone without signal: on duty, checked in, something found, and a track."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from huying.cases.models import Case
from huying.patrol.models import DutySpan, PatrolVisit, TrackPoint
from tests.browser.everywhere import with_patrol
from tests.browser.test_field import CONTROLLED, PHONE, entry, only_cut_off, opened
from tests.browser.test_loop import photo

if TYPE_CHECKING:
    from tests.desk.world import World


def test_checked_in_found_and_tracked_without_signal(
    sign_in: Callable[..., Page], world: World, tmp_path: Path, shots: Path
) -> None:
    with_patrol(world)
    PatrolVisit.objects.all().delete()
    TrackPoint.objects.all().delete()
    DutySpan.objects.all().delete()
    page = opened(sign_in("worker", **PHONE))
    page.wait_for_function(CONTROLLED)
    tile = page.get_by_role("link", name="巡查")
    expect(tile).to_contain_text("2")
    page.screenshot(path=shots / "field-home-patrol.png")
    page.context.set_offline(True)
    tile.click()
    page.get_by_role("button", name="上岗").click()
    expect(page.locator("[data-duty=on]")).to_be_visible()
    page.screenshot(path=shots / "field-patrol.png", full_page=True)
    page.get_by_role("link", name="东街仓库").click()
    expect(page.locator(".spot-said")).to_contain_text("您已在点位")
    page.get_by_role("button", name="消防通道畅通 异常").click()
    page.get_by_role("button", name="到位打卡").click()
    expect(page.locator("#toast")).to_contain_text("逐条")
    page.get_by_role("button", name="灭火器有效 正常").click()
    page.screenshot(path=shots / "field-patrol-place.png", full_page=True)
    page.get_by_role("button", name="到位打卡").click()
    expect(page.locator(".note-good")).to_contain_text("今天已打卡")

    # Two taps: found, and sent; the camera lies between them.
    with page.expect_file_chooser() as chooser:
        page.locator("[data-found]").click()
    chooser.value.set_files(photo(tmp_path, "found.jpg", "#8a4b3b"))
    expect(page.locator(".panel .text").first).to_contain_text("巡查东街仓库发现")
    page.locator("[data-onward='2']").click()
    expect(entry(page, "waiting")).to_have_count(4)
    page.evaluate("window.huyingField.trackNow()")
    assert (PatrolVisit.objects.count(), Case.objects.count()) == (0, 0)

    page.context.set_offline(False)
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(4)
    case, visit = Case.objects.get(), PatrolVisit.objects.get()
    assert visit.answers == [False, True]
    assert case.found_on_patrol.place_id == visit.place_id
    assert case.found_on_patrol.visit_id == visit.pk
    page.evaluate("window.huyingField.trackNow()")
    expect(page.locator("h1")).to_be_visible()
    assert TrackPoint.objects.filter(span=DutySpan.objects.get()).exists()
    only_cut_off(page)
