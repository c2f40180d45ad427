"""An outside party's link on a phone whose browser runs no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huying.response.models import OutsideAsk
from tests.desk.world import picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.desk.world import World


def test_an_answer_goes_in_without_scripts(
    browser: Browser, live_server: Any, world: World
) -> None:
    case = world.handling()
    case = world.do(case, "ask_outside", "handler", to="物业", question="电表箱由谁管理？")
    context = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
    )
    page = context.new_page()
    page.goto(f"/a/{case.shown_once}")
    page.get_by_label("您的答复").fill("由我司管理，明天检修。")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture().getvalue()}
    page.set_input_files("#photos", [photo])  # type: ignore[list-item]
    page.get_by_role("button", name="提交答复").click()
    page.wait_for_url("**/a/thanks")
    assert OutsideAsk.objects.get(case=case).answered_at is not None
    assert case.attachments.count() == 1
    page.goto(f"/a/{case.shown_once}")
    assert "链接无效" in page.inner_text("main")
    context.close()
