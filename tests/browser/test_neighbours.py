"""A resident suggests, the desk makes a project of it, a member does it, the resident rates it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from huying.neighbours.models import ClaimRating, NeighbourPhoto, Suggestion, Wish
from huying.public import guarding
from tests.browser.test_loop import photo
from tests.desk.world import COMMUNITY

if TYPE_CHECKING:
    from typing import Any

    from playwright.sync_api import Page

    from tests.desk.world import World


def test_from_a_suggestion_to_a_rating(
    world: World,
    browser: Browser,
    live_server: Any,
    shots: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sign_in: Callable[..., Page],
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    before, after = photo(tmp_path, "a.jpg", "#8a4b3b"), photo(tmp_path, "b.jpg", "#4c7d5a")

    # A resident with a phone, without an account.
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=live_server.url
    )
    resident = context.new_page()
    faults: list[str] = []
    resident.on("pageerror", lambda error: faults.append(str(error)))
    resident.goto(f"/n/{COMMUNITY}")
    resident.get_by_role("link", name="提建议").click()
    resident.locator("#id_words").fill("凉亭的凳子断了，老人没有地方坐。电话13926187754")
    resident.locator("#id_phone").fill("13926187754")
    resident.locator("#photos").set_input_files(before)
    resident.locator("[name=consent]").check()
    resident.wait_for_function("() => document.querySelector('[name=proof]').value !== ''")
    resident.locator("[data-send]").click()
    resident.wait_for_url("**/n/f/*")
    followed = resident.url
    expect(resident.locator(".follow-letters")).to_be_visible()
    expect(resident.locator("main")).not_to_contain_text("凉亭")
    if shots:
        resident.screenshot(path=shots / "n-story-follow.png", full_page=True)

    # The desk makes a project of it and publishes that.
    desk = sign_in("dispatcher")
    desk.goto("/desk/neighbours/suggestions/")
    desk.get_by_role("link", name="凉亭的凳子断了").click()
    expect(desk.locator("main")).to_contain_text("139****7754")
    expect(desk.locator("main")).not_to_contain_text("13926187754")
    desk.get_by_text("转为项目或心愿").click()
    desk.locator("#id_title").fill("修好凉亭的凳子")
    desk.locator("#id_words").fill("换两条凳腿，上漆。")
    desk.get_by_role("button", name="登记", exact=True).click()
    desk.wait_for_url("**/wishes/*")
    desk.get_by_role("button", name="发布", exact=True).click()
    expect(desk.locator(".page-head")).to_contain_text("已发布")
    project = desk.url

    # A member claims it on the phone, and tells the result with a photo.
    member = sign_in("member", width=390, height=844, has_touch=True)
    member.goto("/desk/neighbours/mine")
    member.get_by_role("link", name="修好凉亭的凳子").click()
    member.get_by_role("button", name="我来认领").click()
    expect(member.locator("main")).to_contain_text("办理中")
    member.locator("#result-words").fill("换了凳腿，漆干了可以坐。")
    member.get_by_role("button", name="提交结果").click()
    expect(member.get_by_role("alert").first).to_contain_text("照片")
    expect(member.locator("#result-words")).to_have_value("换了凳腿，漆干了可以坐。")
    member.locator("#pick-after").set_input_files(after)
    member.get_by_role("button", name="提交结果").click()
    expect(member.locator("main")).to_contain_text("社区正在确认")

    # The desk lets the photo be seen and approves.
    desk.goto(project)
    desk.get_by_role("button", name="认不出人，公开").click()
    desk.get_by_role("button", name="确认结果").click()
    expect(desk.locator(".page-head")).to_contain_text("已完成")
    assert Suggestion.objects.get().state == "done"

    # Both sides rate.
    resident.goto(followed)
    resident.locator(".n-rate .pick").first.click()
    resident.locator("textarea[name=words]").fill("坐得很稳")
    resident.get_by_role("button", name="提交", exact=True).or_(
        resident.get_by_role("button", name="发送", exact=True)
    ).click()
    expect(resident.locator("main")).to_contain_text("谢谢")
    member.reload()
    member.locator(".n-rate .pick").nth(1).click()
    member.locator(".n-mine form[action$='/rate'] button").click()
    expect(member.locator("main")).to_contain_text("坐得很稳")
    assert {each.side: each.stars for each in ClaimRating.objects.all()} == {
        "resident": 5,
        "claimant": 4,
    }

    # Everybody sees what was done; nobody's name, phone or words.
    assert Wish.objects.get().state == "done"
    assert NeighbourPhoto.objects.filter(shown=True).count() == 1
    resident.goto(f"/n/{COMMUNITY}")
    expect(resident.locator("main")).to_contain_text("修好凉亭的凳子")
    expect(resident.locator(".n-pairs img")).to_have_count(1)
    resident.wait_for_function("() => document.querySelector('.n-pairs img').complete")
    for secret in ("何党员", "13926187754", "7754", "没有地方坐"):
        expect(resident.locator("main")).not_to_contain_text(secret)
    assert not faults
    context.close()
