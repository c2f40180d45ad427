"""How one is told: kept for oneself alone, shown masked, and refused as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huying.notices import addresses
from huying.notices.models import NoticeAddress, NoticeChoice, QuietHours
from tests.desk.world import World

PHONE = "13926187753"
QUIET = {"quiet-from": "23:00", "quiet-to": "06:30"}


@pytest.fixture
def outside(settings: Any) -> None:
    chosen = {"sms_url": "https://sms.example", "wecom_corp_id": "c", "wecom_secret": "s"}
    settings.HUYING = settings.HUYING.model_copy(update=chosen)


def test_what_one_chooses_is_kept_and_shown_masked(
    world: World, as_: Callable[[str], Client], outside: None
) -> None:
    desk = as_("handler")
    sent = QUIET | {"address-sms": PHONE, "sms-tasks": "daily", "wecom-desk": "off"}
    assert desk.post("/me/notices", sent).status_code == 302
    row = NoticeAddress.objects.get()
    assert (row.account, addresses.clear(row)) == (world.accounts["handler"], PHONE)
    page = desk.get("/me/notices").content.decode()
    assert "139****7753" in page
    assert PHONE not in page
    kept = {(c.channel, c.group): c.how for c in NoticeChoice.objects.all()}
    assert (kept["sms", "tasks"], kept["wecom", "desk"]) == ("daily", "off")
    assert f"{QuietHours.objects.get().starts:%H:%M}" == "23:00"
    assert "139****7753" not in as_("checker").get("/me/notices").content.decode()
    desk.post("/me/notices", QUIET | {"remove-sms": "on"})
    assert not NoticeAddress.objects.exists()


def test_what_is_wrong_is_said_and_nothing_is_kept(
    world: World, as_: Callable[[str], Client], outside: None
) -> None:
    answer = as_("handler").post(
        "/me/notices", QUIET | {"address-wecom": "ok", "address-sms": "打电话"}
    )
    assert answer.status_code == 422
    assert "这不是该渠道的有效地址" in answer.content.decode()
    assert not NoticeAddress.objects.exists()
    assert not QuietHours.objects.exists()
