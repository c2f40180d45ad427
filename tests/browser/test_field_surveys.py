"""A survey on the phone without signal: a target filled in, one found, what came back, all sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from huying.surveys import answers
from huying.surveys.models import SurveyEntry
from tests.browser.everywhere import with_survey
from tests.browser.test_field import CONTROLLED, PHONE, entry, only_cut_off, opened
from tests.browser.test_loop import photo

if TYPE_CHECKING:
    from tests.desk.world import World


def snap(page: Page, tmp_path: Path, name: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("[data-photos=shot]").get_by_role("button", name="拍照").click()
    chooser.value.set_files(photo(tmp_path, name, "#8a4b3b"))
    expect(page.locator("[data-photos=shot] img")).to_have_count(1)


def test_filled_in_without_signal_and_sent_once(
    sign_in: Callable[..., Page], world: World, tmp_path: Path, shots: Path
) -> None:
    made = with_survey(world)
    page = opened(sign_in("worker", **PHONE))
    page.wait_for_function(CONTROLLED)
    tile = page.get_by_role("link", name="专项台账")
    expect(tile).to_contain_text("2")  # the survey, and what came back
    page.context.set_offline(True)
    tile.click()
    page.get_by_role("link", name="窝棚菜棚专项排查").click()
    page.screenshot(path=shots / "field-survey.png", full_page=True)

    # A target: what is needed is demanded, what depends on an answer comes and goes.
    page.get_by_role("link", name=made.target.name).click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#toast")).to_contain_text("标红")
    page.get_by_text("居住窝棚").click()
    page.get_by_label("占地面积").fill("18")
    expect(page.get_by_label("住了几人")).to_be_hidden()
    page.locator("[data-question=lived_in]").get_by_text("是", exact=True).click()
    page.get_by_label("住了几人").fill("2")
    page.get_by_label("姓名").fill("李四光")
    snap(page, tmp_path, "target.jpg")
    # Left and come back to: nothing of it is lost.
    page.get_by_role("button", name="返回").click()
    page.get_by_role("link", name=made.target.name).click()
    expect(page.get_by_label("占地面积")).to_have_value("18")
    expect(page.locator("[data-photos=shot] img")).to_have_count(1)
    page.screenshot(path=shots / "field-survey-target.png", full_page=True)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("link", name=made.target.name)).to_have_count(0)

    # Something that was not on the list, where the phone is.
    page.locator("[data-at=new]").click()
    page.get_by_label("位置说明").fill("河边")
    page.get_by_text("菜地看护棚").click()
    page.get_by_label("占地面积").fill("9")
    page.locator("[data-question=lived_in]").get_by_text("否", exact=True).click()
    snap(page, tmp_path, "found.jpg")
    page.get_by_role("button", name="提交").click()

    # What came back: the photo from before stays where no other one is taken.
    page.get_by_role("link", name=made.back.name).click()
    expect(page.locator(".note").first).to_contain_text("照片看不清门口")
    page.get_by_label("占地面积").fill("30")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("[data-at=new]")).to_be_visible()
    page.screenshot(path=shots / "field-survey-waiting.png", full_page=True)
    expect(page.locator(".panel").first).to_contain_text("已走访 3 / 3")
    assert SurveyEntry.objects.count() == 2

    page.context.set_offline(False)
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(3)
    of_target = SurveyEntry.objects.get(target=made.target)
    found = SurveyEntry.objects.get(place="河边")
    made.back.refresh_from_db()
    assert answers.latest(of_target).plain["people"] == 2
    assert answers.opened(answers.latest(of_target)) == {"contact": "李四光"}
    assert (of_target.photos.count(), found.photos.count(), found.state) == (1, 1, "kept")
    assert (made.back.state, made.back.photos.count()) == ("kept", 1)
    assert answers.latest(made.back).plain["area"] == 30
    assert answers.opened(answers.latest(made.back))["contact"] == "张三丰"
    only_cut_off(page)
