"""The outbox of the phone, by random histories: every report ends on the server exactly once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from huying.benchmarks.line import Fate, line_to
from huying.benchmarks.offline import LARGE_BYTES, READY, WRITE, Phone, judge, picture
from huying.cases.models import Attachment, Case
from tests.browser.conftest import session_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.desk.world import World


@pytest.mark.slow
def test_twenty_histories_lose_and_double_nothing(
    browser: Browser, live_server: Any, world: World
) -> None:
    with line_to(live_server.thread.port) as line:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies([session_of(world.accounts["worker"], line.url)])
        phone = Phone(context, line)
        histories = [phone.first, *(phone.play(seed) for seed in range(20))]
        context.close()
        met = dict(line.met)
    assert [(each.seed, each.left) for each in histories if each.left] == []
    verdict = judge(histories)
    assert (verdict.lost, verdict.doubled) == ([], [])
    # It was about something: nearly all that can go wrong did, and reports were written through it.
    assert verdict.tried > 50
    # Which of them the last few requests meet depends on how fast the machine is.
    assert sum(met[fate] > 0 for fate in Fate) >= 6, " ".join(f"{f}:{n}" for f, n in met.items())
    happened = Counter(each for history in histories for each in history.happened)
    assert min(happened.values()) > 3, happened
    # With a full disk nothing was taken; with room, the same was.
    assert phone.first.refused == len(phone.first.taken) > 0


def test_a_photo_goes_on_where_the_line_was_cut_also_after_the_app_was_closed(
    browser: Browser, live_server: Any, world: World
) -> None:
    with line_to(live_server.thread.port) as line:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies([session_of(world.accounts["worker"], line.url)])

        def opened() -> Page:
            page = context.new_page()
            page.goto(f"{line.url}/field/outbox")
            page.wait_for_function(READY)
            return page

        page = opened()
        pieces = "/api/v1/attachments/pieces"
        asked: list[str] = []

        def cut(path: str) -> Fate:
            asked.append(path)
            before = asked.count(f"{pieces}?offset=131072")
            if path == f"{pieces}?offset=131072" and before == 1:
                return Fate.SEVERED
            if before and path.startswith(("/api/", "/field/who")):
                return Fate.CUT
            return Fate.FINE

        whole, line.fate = line.fate, cut  # type: ignore[method-assign]
        report = {"text": "路灯不亮", "lon": 113.421, "lat": 22.955, "settles": False,
                  "size": LARGE_BYTES}  # fmt: skip
        assert page.evaluate(WRITE, [[report], picture()]) == ["taken"]
        expect(page.locator(".entry[data-state=waiting]")).to_contain_text("1 次")
        assert not Attachment.objects.exists()
        page.close()
        line.fate = whole  # type: ignore[method-assign]
        expect(opened().locator(".entry[data-state=delivered]")).to_have_count(1)
        context.close()
        carried = line.carried[pieces]
    assert Case.objects.get().attachments.count() == 1
    # Not a byte went twice, though the second piece was cut in its middle.
    assert carried == LARGE_BYTES
