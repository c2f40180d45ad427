"""The outbox of the phone, by random histories: every report ends on the server exactly once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from huying.benchmarks.line import Fate, line_to
from huying.benchmarks.offline import Phone, judge
from tests.browser.conftest import session_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.desk.world import World


@pytest.mark.slow
def test_twenty_histories_lose_and_double_nothing(
    browser: Browser, live_server: Any, world: World
) -> None:
    with line_to(live_server.thread.port) as line:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies([session_of(world.accounts["worker"], line.url)])
        phone = Phone(context, line)
        histories = [phone.play(seed) for seed in range(20)]
        context.close()
        met = dict(line.met)
    assert [(each.seed, each.left) for each in histories if each.left] == []
    verdict = judge(histories)
    assert (verdict.lost, verdict.doubled) == ([], [])
    # It was about something: everything that can go wrong did, and reports were written through it.
    assert verdict.tried > 50
    assert all(met[fate] for fate in Fate), met
    happened = Counter(each for history in histories for each in history.happened)
    assert min(happened.values()) > 3, happened
