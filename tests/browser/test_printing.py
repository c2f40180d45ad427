"""A sheet comes out of a real browser's printer as A4, and fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.desk.world import World


def test_sheets_print_on_a4(sign_in: Callable[..., Page], world: World, shots: Path) -> None:
    case = world.closed(contact_name="张三", contact_phone="13800001111")
    page = sign_in("dispatcher")
    for kind, most in (("order", 1), ("closing", 2)):
        page.goto(f"/desk/cases/{case.number}/sheets/{kind}")
        expect(page.get_by_role("button", name="打印")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.get_by_role("button", name="打印")).to_be_hidden()
        page.screenshot(path=shots / f"print-{kind}.png", full_page=True)
        paper = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="screen")
        (shots / f"{kind}.pdf").write_bytes(paper)
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        assert 1 <= pages <= most
        assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45]\S* 84[12]", paper)
