"""Alarms of devices are decided on with single keys, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from huying.intake.models import DeviceAlarm

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.desk.world import World


def test_one_key_each(sign_in: Callable[..., Page], world: World, shots: Path) -> None:
    from tests.browser.everywhere import with_alarms

    first = DeviceAlarm.objects.get(pk=with_alarms(world))
    second = DeviceAlarm.objects.get(pk=first.pk)
    second.pk, second.device, second.has_picture = None, "cam-2", False
    second.id = DeviceAlarm._meta.pk.get_default()
    second.save(force_insert=True)
    page = sign_in("dispatcher")
    page.goto("/desk/device-alarms/")
    page.screenshot(path=shots / "alarms.png")
    # What comes meanwhile is there by itself.
    expect(page.locator("tbody tr")).to_have_count(2)
    third = DeviceAlarm.objects.get(pk=second.pk)
    third.id, third.device = DeviceAlarm._meta.pk.get_default(), "cam-3"
    third.save(force_insert=True)
    expect(page.locator("tbody tr")).to_have_count(3, timeout=10_000)
    third.delete()
    page.keyboard.press("o")
    page.wait_for_url("**/device-alarms/*-*")
    page.goto(f"/desk/device-alarms/{first.pk}")
    page.screenshot(path=shots / "alarm.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=shots / "alarm-phone.png", full_page=True)
    page.keyboard.press("a")
    page.wait_for_url(f"**/device-alarms/{second.pk}")
    page.keyboard.press("1")
    page.wait_for_url("**/device-alarms/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == "confirmed"
    assert first.case is not None
    assert (second.state, second.reason, second.case) == ("dismissed", "false", None)
