"""Visits on the phone without signal: one written down, and an emergency that becomes a case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from huying.care.models import CareCase, CarePerson, CareVisit
from huying.cases.models import Case
from tests.browser.everywhere import with_care
from tests.browser.test_field import CONTROLLED, PHONE, entry, only_cut_off, opened

if TYPE_CHECKING:
    from tests.desk.world import World


def test_visits_are_written_down_without_signal_and_an_emergency_says_whom_to_call(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    cared = with_care(world)
    before = Case.objects.count(), CareVisit.objects.count()
    page = opened(sign_in("worker", **PHONE))
    page.wait_for_function(CONTROLLED)
    tile = page.get_by_role("link", name="关爱走访")
    expect(tile).to_contain_text("2")
    page.context.set_offline(True)
    tile.click()
    expect(page.locator(".card").first).to_contain_text("欧***")
    page.screenshot(path=shots / "field-care.png", full_page=True)
    page.locator(".card").first.click()
    expect(page.locator(".spot-said")).to_contain_text("您已在住处附近")
    page.get_by_role("button", name="登记走访").click()
    expect(page.locator("#toast")).to_contain_text("请选择走访结果")
    page.get_by_role("button", name="有需要").click()
    page.get_by_role("button", name="登记走访").click()
    expect(page.locator("#toast")).to_contain_text("需要什么")
    page.get_by_role("button", name="就医买药").click()
    page.locator("#in-words").fill("药只够两天")
    page.screenshot(path=shots / "field-care-person.png", full_page=True)
    page.get_by_role("button", name="登记走访").click()

    # The other one is in danger: whom to call stands there before anything is written.
    page.get_by_role("link", name="陈**").click()
    expect(page.locator(".btn-call")).to_have_count(0)
    page.get_by_role("button", name="紧急情况").click()
    expect(page.locator(".btn-call")).to_have_count(3)
    expect(page.locator(".btn-call").last).to_have_attribute("href", "tel:120")
    page.get_by_role("button", name="登记走访").click()
    expect(page.locator("#toast")).to_contain_text("哪种紧急情况")
    page.get_by_role("button", name="晕倒、受伤或病重").click()
    page.screenshot(path=shots / "field-care-alarm.png", full_page=True)
    page.get_by_role("button", name="登记走访").click()
    expect(page.locator(".card-pending")).to_have_count(2)
    expect(page.get_by_text("到期的都已走访")).to_be_visible()
    assert (Case.objects.count(), CareVisit.objects.count()) == before

    page.context.set_offline(False)
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(2)
    assert (Case.objects.count(), CareVisit.objects.count()) == (before[0] + 1, before[1] + 2)
    seen = cared.care.visits.get(outcome="needs", needs=["doctor"])
    assert seen.words_enc is not None
    assert seen.distance_m is not None
    assert CarePerson.objects.get(pk=cared.care.pk).misses == 0
    assert CareCase.objects.filter(care=cared.child).count() == 2
    only_cut_off(page)
