"""The phone's app in a browser: without signal, across closed apps and versions, in conflict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from huying.cases.attaching import file_of
from huying.cases.models import Case, CaseText
from huying.cases.states import State
from tests.browser.conftest import session_of
from tests.browser.test_loop import photo
from tests.desk.world import LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World

PHONE: dict[str, Any] = {
    "width": 390,
    "height": 844,
    "has_touch": True,
    "is_mobile": True,
    "geolocation": {"longitude": LON, "latitude": LAT, "accuracy": 12},
    "permissions": ["geolocation"],
}
CONTROLLED = "() => navigator.serviceWorker.controller"
OURS = "() => window.huyingField?.state.data && document.documentElement.dataset.ready"
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const kept = await (await caches.open(name)).keys();
    found.push(...kept.map((each) => new URL(each.url).pathname));
  }
  return found;
}"""


def opened(page: Page, path: str = "/field/") -> Page:
    page.goto(path)
    page.wait_for_function(OURS)
    return page


def window(context: BrowserContext) -> Page:
    """The app opened again on the same phone."""
    page = context.new_page()
    page.faults = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(f"page: {error}"))  # type: ignore[attr-defined]
    return page


def only_cut_off(page: Page) -> None:
    """Nothing went wrong but that there was no signal."""
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in page.faults)  # type: ignore[attr-defined]
    page.faults.clear()  # type: ignore[attr-defined]


def entry(page: Page, state: str) -> Any:
    return page.locator(f".entry[data-state={state}]")


def test_a_report_without_signal_outlives_the_closed_app_and_a_new_version(
    sign_in: Callable[..., Page],
    world: World,
    tmp_path: Path,
    shots: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = opened(sign_in("worker", **PHONE))
    page.wait_for_function(CONTROLLED)
    assert [path for path in page.evaluate(CACHED) if "/static/" not in path] == ["/field/"]

    # The tunnel: no signal, and the app is opened anew.
    context = page.context
    context.set_offline(True)
    page.close()
    page = opened(window(context))
    expect(page.locator("#connection")).to_have_attribute("data-is", "offline")
    with page.expect_file_chooser() as chooser:
        page.locator(".tile-main").click()
    chooser.value.set_files(photo(tmp_path, "seen.jpg", "#8a4b3b"))
    expect(page.locator(".shots img")).to_have_count(1)
    page.locator("[data-onward]").click()
    # Whom to call is told without a signal too, and again before one sends.
    page.locator("#words").fill("东街口垃圾堆冒烟，汽油味很大。")
    expect(page.locator(".danger")).to_contain_text("冒烟、汽油味")
    assert page.locator("a[href='tel:119']").is_visible()
    page.locator("#words").fill("东街口垃圾堆了三天，臭味很大。")
    expect(page.locator(".danger")).to_be_empty()
    page.locator("[data-onward]").click()
    expect(page.locator(".spot-said")).to_contain_text("±12 米 · 小龙村第1网格")
    page.screenshot(path=shots / "field-send.png")
    page.locator("[data-onward]").click()
    expect(entry(page, "waiting")).to_have_count(1)
    assert not Case.objects.exists()

    # The app is killed, and there is a newer one when the signal is back.
    page.close()
    monkeypatch.setattr("huying.field.app.version", lambda: "newer")
    context.set_offline(False)
    page = opened(window(context), "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(1)
    with page.expect_navigation():
        page.locator("#update button").click()
    page.wait_for_function(OURS)
    # A predicate that gives a promise would hold whatever the promise says.
    assert page.evaluate("() => caches.keys()") == ["huying-field-newer"]
    expect(entry(page, "delivered")).to_have_count(1)

    case = Case.objects.get()
    kept = case.attachments.get()
    assert (case.area_code, case.channel, case.accuracy_m) == (
        world.posts["worker"].area_code,
        "patrol",
        12,
    )
    assert kept.taken_at is not None
    assert (kept.lon, kept.lat) == (LON, LAT)
    # The band with time and place lies below the picture.
    assert (kept.width, kept.height > 960) == (1280, True)
    assert file_of(kept.pk).is_file()

    # Signed out, nothing of the person stays.
    opened(page, "/field/me").get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/accounts/login/**")
    page.goto("/field/")
    page.wait_for_url("**/accounts/login/**")


def test_others_acted_meanwhile_and_the_server_refuses(
    sign_in: Callable[..., Page], world: World, tmp_path: Path
) -> None:
    case = world.dispatched()
    page = opened(sign_in("handler", **PHONE))
    page.wait_for_function(CONTROLLED)
    page.context.set_offline(True)
    opened(page, f"/field/cases/{case.number}/sign_for").locator("[data-send]").click()
    expect(entry(page, "waiting")).to_have_count(1)
    # What follows by the flow table can be done before it has arrived.
    opened(page, f"/field/cases/{case.number}/arrive").locator("[data-send]").click()
    expect(entry(page, "waiting")).to_have_count(2)
    world.do(case, "comment", "dispatcher", text="对方已自行清理，请先电话核实。")
    page.context.set_offline(False)
    expect(entry(page, "conflict")).to_contain_text("对方已自行清理")
    expect(entry(page, "waiting")).to_have_count(1)
    case.refresh_from_db()
    assert case.state == State.DISPATCHED
    page.get_by_role("button", name="仍按我的发送").click()
    expect(page.locator(".entry")).to_have_count(0)
    case.refresh_from_db()
    assert (case.state, case.arrived_at is not None) == (State.HANDLING, True)

    # What it refuses can be mended, under the same key.
    page.evaluate(
        """() => window.huyingField.add({ verb: "report", title: "报事", words: "路灯不亮",
          form: { text: "路灯不亮", item: "" }, body: { text: "路灯不亮", item: "9999" } })"""
    )
    opened(page, "/field/outbox")
    refused = entry(page, "refused")
    expect(refused).to_contain_text("没有")
    key = refused.get_attribute("data-key")
    refused.get_by_role("link", name="修改后重发").click()
    for _step in range(3):
        page.locator("[data-onward]").click()
    expect(page.locator(f".entry[data-key='{key}']")).to_have_attribute("data-state", "delivered")
    assert CaseText.objects.filter(body="路灯不亮").count() == 1
    only_cut_off(page)


def test_no_room_is_said_before_anything_is_lost(
    sign_in: Callable[..., Page], world: World, tmp_path: Path, live_server: Any
) -> None:
    page = sign_in("worker", **PHONE)
    # Before the app is opened: the browser remembers for half a minute how much room there was.
    speak = page.context.new_cdp_session(page)
    origin = {"origin": live_server.url}
    speak.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": 1})
    opened(page)
    with page.expect_file_chooser() as chooser:
        page.locator(".tile-main").click()
    chooser.value.set_files(photo(tmp_path, "seen.jpg", "#8a4b3b"))
    expect(page.locator(".shots img")).to_have_count(1)
    page.locator("[data-onward]").click()
    page.locator("#words").fill("东街口垃圾堆了三天。")
    page.locator("[data-onward]").click()
    expect(page.locator(".spot-said")).to_contain_text("小龙村第1网格")
    page.locator("[data-onward]").click()
    expect(page.locator(".note-bad").first).to_contain_text("手机空间不足")
    assert not Case.objects.exists()
    # What was taken and typed is still in the form.
    page.get_by_role("button", name="返回").click()
    expect(page.locator("#words")).to_have_value("东街口垃圾堆了三天。")
    page.locator("[data-onward]").click()
    speak.send("Storage.overrideQuotaForOrigin", origin)
    page.locator("[data-onward]").click()
    expect(entry(page, "delivered")).to_have_count(1)
    assert Case.objects.get().attachments.count() == 1


def test_an_entry_waits_for_its_own_account_while_another_is_signed_in(
    sign_in: Callable[..., Page], world: World, live_server: Any
) -> None:
    page = opened(sign_in("handler", **PHONE))
    page.wait_for_function(CONTROLLED)
    context = page.context
    context.set_offline(True)
    page.evaluate(
        """() => window.huyingField.add({ verb: "report", title: "报事", words: "路灯不亮",
          form: {}, body: { text: "路灯不亮" } })"""
    )

    def as_(name: str) -> None:
        context.clear_cookies()
        context.add_cookies([session_of(world.accounts[name], live_server.url)])

    # Before the line is back: then what waits is sent at once, as whoever is signed in.
    as_("worker")
    context.set_offline(False)
    opened(page, "/field/outbox")
    expect(page.locator(".as-of")).to_contain_text("1")
    expect(page.locator(".entry")).to_have_count(0)
    assert not Case.objects.exists()
    as_("handler")
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(1)
    first = Case.objects.get().events.get(seq=1)
    assert first.actor_id == world.accounts["handler"].pk
    only_cut_off(page)


def test_nothing_goes_in_the_name_of_whoever_signs_in_while_it_is_sent(
    sign_in: Callable[..., Page], world: World, live_server: Any
) -> None:
    page = opened(sign_in("handler", **PHONE))
    page.wait_for_function(CONTROLLED)
    context, worker = page.context, world.accounts["worker"]

    answered = iter([json.dumps(context.request.get("/field/who").json())])

    def swap(route: Route) -> None:
        """Answers who it was, once; from then on it is somebody else."""
        if (answer := next(answered, None)) is None:
            route.continue_()
        else:
            route.fulfill(body=answer, content_type="application/json")

    page.route("**/field/who", swap)
    context.clear_cookies()
    context.add_cookies([session_of(worker, live_server.url)])
    with page.expect_response("**/api/v1/cases") as refused:
        page.evaluate(
            """() => window.huyingField.add({ verb: "report", title: "报事", words: "路灯不亮",
              form: {}, body: { text: "路灯不亮" } })"""
        )
    assert refused.value.json()["code"] in ("another_account", "csrf_failed")
    opened(page, "/field/outbox")
    expect(page.locator(".as-of")).to_contain_text("1")
    expect(page.locator(".entry")).to_have_count(0)
    assert not Case.objects.exists()
    context.clear_cookies()
    context.add_cookies([session_of(world.accounts["handler"], live_server.url)])
    opened(page, "/field/outbox")
    expect(entry(page, "delivered")).to_have_count(1)
    assert Case.objects.get().events.get(seq=1).actor_id == world.accounts["handler"].pk
    page.faults.clear()  # type: ignore[attr-defined]
