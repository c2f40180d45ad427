"""Questions of an item in a real browser: they come with the item, and go with an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import everywhere

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.desk.world import World


def test_questions_are_written_asked_and_answered(
    world: World, sign_in: Callable[..., Page], shots: Path
) -> None:
    everywhere.with_questions(world)
    everywhere.administrator(world)

    admin = sign_in("administrator")
    admin.goto("/desk/questions/0203")
    preview = admin.locator("#preview")
    expect(preview).to_contain_text("还有错误")
    expect(preview.get_by_label("楼上有人住")).to_be_hidden()
    preview.get_by_label("约多少升").fill("300")
    expect(preview.get_by_role("group", name="楼上有人住")).to_be_visible()
    card = admin.locator("#card-5")
    expect(card.get_by_label("选项，每行一个")).to_be_hidden()
    card.get_by_label("回答方式").select_option("one_of")
    card.get_by_label("选项，每行一个").fill("刚发现\n已有一周")
    card.get_by_label("问题", exact=True).fill("多久了")
    expect(preview.get_by_role("group", name="多久了")).to_contain_text("已有一周")
    expect(preview).not_to_contain_text("还有错误")
    admin.screenshot(path=shots / "questions-edit-1440.png", full_page=True)
    admin.get_by_role("button", name="发布").click()
    expect(admin.get_by_text("第 2 版已生效。")).to_be_visible()

    desk = sign_in("dispatcher")
    desk.goto("/desk/cases/new")
    desk.locator("#id_text").fill("一楼仓库存放汽油")
    desk.locator("#id_item").select_option("0203")
    desk.get_by_role("group", name="油品").get_by_role("radio", name="汽油").check()
    lives = desk.get_by_role("group", name="楼上有人住")
    expect(lives).to_be_hidden()
    desk.get_by_label("约多少升").fill("99")
    expect(lives).to_be_hidden()
    desk.get_by_label("约多少升").fill("1500")
    desk.get_by_role("button", name="上报").click()
    expect(lives.get_by_text("请回答此问题。")).to_be_visible()
    desk.screenshot(path=shots / "questions-new-1440.png", full_page=True)
    lives.get_by_role("radio", name="是").check()
    desk.get_by_role("button", name="上报").click()
    expect(desk.get_by_role("heading", name="事项填报内容")).to_be_visible()
    expect(desk.locator(".p-answers")).to_contain_text("1500 升")
    desk.screenshot(path=shots / "questions-case-1440.png", full_page=True)
