"""The closed loop, walked in a browser by four people: report, accept, handle, check, close."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import override
from playwright.sync_api import Page, expect

from huying.cases import flow
from huying.cases.models import Case
from huying.cases.states import State

if TYPE_CHECKING:
    from tests.desk.world import World

LON, LAT = "113.421000", "22.955000"


def word(verb: str) -> str:
    """What the verb's button says."""
    with override("zh-hans"):
        return str(flow.ROWS[verb].label)


def in_words(state: str) -> str:
    with override("zh-hans"):
        return str(State(state).label)


def press(page: Page, key: str) -> None:
    """A single key, once the page listens."""
    page.locator("html[data-ready]").wait_for(state="attached")
    page.keyboard.press(key)


def photo(folder: Path, name: str, colour: str) -> str:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1280, 960), colour)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 560, 1200, 900), fill="#7a6a55")
    draw.ellipse((700, 120, 1000, 420), fill="#d9c27a")
    path = folder / name
    picture.save(path, "JPEG")
    return str(path)


def test_four_people_walk_the_loop(
    sign_in: Callable[..., Page], world: World, shots: Path, tmp_path: Path
) -> None:
    before, after = photo(tmp_path, "a.jpg", "#8a4b3b"), photo(tmp_path, "b.jpg", "#4c7d5a")

    # The dispatcher takes a call.
    desk = sign_in("dispatcher")
    desk.screenshot(path=shots / "queue-empty.png")
    press(desk, "n")
    desk.wait_for_url("**/desk/cases/new")
    desk.get_by_label("情况描述").fill("东街口商铺门前占道摆卖，堵住消防通道，群众意见大。")
    desk.locator("[data-choose]").first.wait_for()
    desk.get_by_label("详细地址").fill("小龙村东街 12 号")
    desk.get_by_label("经度").fill(LON)
    desk.get_by_label("纬度").fill(LAT)
    desk.get_by_label("姓名").fill("张阿姨")
    desk.get_by_label("联系电话").fill("13800001234")
    desk.locator("select[name=item]").select_option("0401")
    desk.wait_for_timeout(300)
    desk.screenshot(path=shots / "new-case.png", full_page=True)
    desk.get_by_role("button", name="上报").click()
    desk.wait_for_url(re.compile(r"/desk/(cases/\d+)?"))
    case = Case.objects.get()
    assert (case.lon, case.channel) == (float(LON), "hotline")

    # Accept and dispatch, by key.
    desk.goto(f"/desk/cases/{case.number}")
    desk.screenshot(path=shots / "case-reported.png", full_page=True)
    press(desk, "a")
    expect(desk.locator("#sheet")).to_be_visible()
    desk.screenshot(path=shots / "accept.png")
    desk.locator("#sheet").get_by_role("button", name=word("accept")).click()
    expect(desk.locator(".case-head .badge-s").first).to_have_text(in_words("accepted"))
    press(desk, "d")
    expect(desk.locator("#sheet .suggested")).to_be_visible()
    expect(desk.locator("#sheet .suggested input")).to_be_checked()
    desk.screenshot(path=shots / "dispatch.png")
    desk.keyboard.press("Enter")
    expect(desk.locator(".case-head .badge-s").first).to_have_text(in_words("dispatched"))

    # The unit signs for it, arrives, handles it with evidence.
    unit = sign_in("handler")
    unit.screenshot(path=shots / "queue-handler.png")
    press(unit, "j")
    unit.keyboard.press("Enter")
    unit.wait_for_url(f"**/desk/?*case={case.number}")
    press(unit, "s")
    expect(unit.locator(".case-head .badge-s").first).to_have_text(in_words("handling"))
    unit.get_by_role("button", name=word("arrive")).click()
    expect(unit.locator(".notice-good")).to_contain_text(word("arrive"))
    press(unit, "h")
    sheet = unit.locator("#sheet")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name=word("handle")).click()
    expect(sheet.locator(".notice-bad, .field-bad").first).to_be_visible()
    sheet.get_by_label("处置情况").fill("已劝离流动摊贩三户，清理占道物品，消防通道恢复畅通。")
    sheet.locator("#file-photos_before").set_input_files(before)
    sheet.locator("#file-photos_after").set_input_files(after)
    expect(sheet.locator(".shot")).to_have_count(2)
    expect(sheet.locator("input[name=photos_after][value]")).to_have_count(1)
    if sheet.get_by_label("登记表").count():
        sheet.get_by_label("登记表").fill("摊贩三户，口头警告。")
    if sheet.get_by_label("经度").count():
        sheet.get_by_label("经度").fill(LON)
        sheet.get_by_label("纬度").fill(LAT)
    expect(sheet.locator(".evidence .lack")).to_have_count(0)
    unit.screenshot(path=shots / "handle.png")
    sheet.get_by_role("button", name=word("handle")).click()
    expect(unit.locator(".empty")).to_be_visible()  # nothing else waits for the unit
    unit.goto(f"/desk/cases/{case.number}")
    expect(unit.locator(".case-head .badge-s").first).to_have_text(in_words("handled"))

    # Another looks at the spot and passes it.
    checker = sign_in("checker", width=390, height=844)
    checker.screenshot(path=shots / "queue-390.png")
    checker.locator("[data-open]").first.click()
    checker.wait_for_url(f"**/desk/cases/{case.number}")
    checker.screenshot(path=shots / "case-390.png", full_page=True)
    checker.locator("html[data-ready]").wait_for(state="attached")
    checker.get_by_role("button", name=word("check_pass")).click()
    checker.screenshot(path=shots / "check-390.png")
    checker.locator("#sheet").get_by_label("备注说明").fill("现场通道畅通，照片属实。")
    checker.locator("#sheet").get_by_role("button", name=word("check_pass")).click()
    expect(checker.locator(".case-head .badge-s").first).to_have_text(in_words("checked"))

    # The desk closes it.
    desk.goto("/desk/?tab=mine")
    desk.screenshot(path=shots / "queue.png")
    press(desk, "j")
    press(desk, "c")
    expect(desk.locator("#sheet")).to_be_visible()
    desk.screenshot(path=shots / "close.png")
    desk.locator("#sheet").get_by_role("button", name=word("close")).click()
    done = desk.locator(".notice-good").filter(has_text=word("close"))
    expect(done).to_contain_text(case.number)
    assert desk.url.endswith("/desk/?tab=mine")
    case.refresh_from_db()
    assert case.state == "closed"
    desk.goto(f"/desk/cases/{case.number}")
    desk.wait_for_timeout(500)
    desk.screenshot(path=shots / "case-closed.png", full_page=True)
    desk.locator("[data-theme-switch]").first.click()
    desk.wait_for_timeout(400)
    desk.screenshot(path=shots / "case-closed-dark.png", full_page=True)
