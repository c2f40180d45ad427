"""Signing in, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.test_pages import faults, settle, wide

if TYPE_CHECKING:
    from tests.desk.world import World


def look(page: Page, shots: Path, name: str) -> list[str]:
    """A picture by day and by night, wide and narrow, and what is wrong with the page."""
    found = []
    for scheme, width, height in (("light", 1440, 900), ("dark", 390, 844)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        settle(page)
        page.screenshot(path=shots / f"{name}-{scheme}.png", full_page=True)
        found += faults(page)
        if wide(page):
            found.append(f"{name} is wider than {width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def test_the_others_are_signed_out_from_here(
    sign_in: Callable[..., Page], world: World, shots: Path
) -> None:
    desk = sign_in("dispatcher")
    phone = sign_in("dispatcher", user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17) Safari/604")
    third = sign_in("dispatcher")
    desk.goto("/me")
    rows = desk.locator(".browsers li")
    assert rows.count() == 3
    assert "本机" in rows.first.inner_text()
    assert not look(desk, shots, "browsers")
    rows.filter(has_text="iPhone").get_by_role("button").click()
    desk.get_by_text("已退出该处登录").wait_for()
    phone.goto("/me")
    phone.wait_for_url("**/accounts/login/**")
    desk.get_by_role("button", name="退出其他全部登录").click()
    desk.get_by_text("已退出其他 1 处登录").wait_for()
    assert rows.count() == 1
    third.goto("/desk/")
    third.wait_for_url("**/accounts/login/**")


PASSWORD = "three-kites-over-shiqi"


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A browser in which nobody is signed in."""
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 1440, "height": 900}
    )
    yield context
    context.close()


@pytest.fixture
def account(world: World) -> Callable[..., Any]:
    """Gives somebody of the town the known password, and a guardian's post where one is named."""
    from huying.people.models import Post

    def prepare(name: str, role: str = "") -> Any:
        found = world.accounts[name]
        found.set_password(PASSWORD)
        found.save()
        if role:
            post = world.posts[name]
            Post.objects.create(
                account=found,
                role=role,
                area_code="440113",
                district_code="440113",
                starts_on=post.starts_on,
            )
        return found

    return prepare


class Device:
    """A device with a fingerprint reader, as the browser sees it."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self.id = made["authenticatorId"]

    def keys(self) -> list[Any]:
        """The passkeys that the device keeps."""
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def finger(self, *, right: bool) -> None:
        """Whose finger lies on the reader from now on."""
        self.devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": right}
        )


def type_password(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="退出登录").last.click()
    page.wait_for_url("**/accounts/login/**")


def test_a_passkey_is_added_used_renamed_and_removed(
    window: BrowserContext, account: Callable[..., Any], shots: Path
) -> None:
    from huying.audit.models import AccessLog

    who = account("dispatcher")
    page = window.new_page()
    device = Device(page)
    type_password(page, who.username)
    page.wait_for_url("**/desk/**")
    page.goto("/me")
    page.get_by_role("link", name="添加通行密钥").click()
    assert not look(page, shots, "passkey-add")
    page.get_by_label("通行密钥名称").fill("办公室电脑")
    page.get_by_role("button", name="在此设备上创建").click()
    page.get_by_text("通行密钥已添加").wait_for()
    assert page.url.endswith("/me")
    assert len(device.keys()) == 1
    assert not look(page, shots, "passkeys")

    # The same device is not asked to keep a second one.
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="在此设备上创建").click()
    page.get_by_text("此设备上已有该账号的通行密钥").wait_for()

    page.goto("/me")
    sign_out(page)
    page.goto("/accounts/login/?next=/desk/today/")
    assert not look(page, shots, "passkey-sign-in")
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.wait_for_url(re.compile(r":\d+/desk/today/$"))

    # It takes no other way in away: the password alone still suffices who is no guardian.
    page.goto("/me")
    sign_out(page)
    type_password(page, who.username)
    page.wait_for_url("**/desk/**")

    page.goto("/me")
    page.get_by_role("link", name="重命名 办公室电脑").click()
    assert not look(page, shots, "passkey-rename")
    page.get_by_label("通行密钥名称").fill("一楼窗口")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="删除 一楼窗口").click()
    assert not look(page, shots, "passkey-delete")
    page.get_by_role("button", name="删除").click()
    page.get_by_text("通行密钥已删除").wait_for()
    sign_out(page)
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.get_by_text("未识别该通行密钥").wait_for()
    done = AccessLog.objects.filter(account_id=who.pk).order_by("pk")
    assert list(done.values_list("action", flat=True)) == ["add_passkey", "remove_passkey"]


def test_a_strange_finger_signs_nobody_in(
    window: BrowserContext, account: Callable[..., Any]
) -> None:
    page = window.new_page()
    device = Device(page)
    type_password(page, account("dispatcher").username)
    page.wait_for_url("**/desk/**")
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="在此设备上创建").click()
    page.get_by_text("通行密钥已添加").wait_for()
    sign_out(page)
    device.finger(right=False)
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.get_by_text("设备未完成验证").wait_for()
    assert page.url.endswith("/accounts/login/")
    device.finger(right=True)
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.wait_for_url("**/desk/**")


def test_a_blocked_account_has_no_way_in_by_passkey(
    window: BrowserContext, account: Callable[..., Any]
) -> None:
    who = account("dispatcher")
    page = window.new_page()
    Device(page)
    type_password(page, who.username)
    page.wait_for_url("**/desk/**")
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="在此设备上创建").click()
    page.get_by_text("通行密钥已添加").wait_for()
    sign_out(page)
    who.is_active = False
    who.save()
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.wait_for_url("**/accounts/inactive/")


def test_a_guardian_may_have_a_passkey_for_the_second_factor(
    window: BrowserContext, account: Callable[..., Any], shots: Path
) -> None:
    who = account("dispatcher", "auditor")
    page = window.new_page()
    device = Device(page)
    type_password(page, who.username)
    page.wait_for_url("**/2fa/totp/activate/")
    page.get_by_role("link", name="改用通行密钥").click()
    page.get_by_role("button", name="在此设备上创建").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto("/desk/")
    assert page.url.endswith("/desk/") or "tab=" in page.url
    page.goto("/me")
    sign_out(page)

    # With the password alone, the passkey is the second step.
    type_password(page, who.username)
    page.wait_for_url("**/2fa/authenticate/")
    assert not look(page, shots, "passkey-second-step")
    device.finger(right=False)
    page.get_by_role("button", name="使用通行密钥").click()
    page.get_by_text("设备未完成验证").wait_for()
    page.goto("/me")
    page.wait_for_url("**/2fa/authenticate/")
    device.finger(right=True)
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url("**/desk/**")

    # Alone it is both steps.
    page.goto("/me")
    sign_out(page)
    page.get_by_role("button", name="使用通行密钥登录").click()
    page.wait_for_url("**/desk/**")

    # The last one stays.
    page.goto("/me")
    page.get_by_role("link", name="删除").click()
    page.get_by_role("button", name="删除").click()
    page.get_by_text("不能停用").or_(page.get_by_text("必须")).first.wait_for()
    assert len(who.authenticator_set.filter(type="webauthn")) == 1


def test_where_browsers_have_no_passkeys_the_pages_say_so(
    browser: Browser, live_server: Any, account: Callable[..., Any], shots: Path
) -> None:
    who = account("dispatcher")
    by_number = live_server.url.replace("localhost", "127.0.0.1")
    context = browser.new_context(base_url=by_number, locale="zh-CN")
    page = context.new_page()
    page.goto("/accounts/login/")
    assert page.get_by_role("button", name="使用通行密钥登录").count() == 0
    assert page.get_by_text("通行密钥须以 https").is_visible()
    assert not look(page, shots, "passkey-none")
    type_password(page, who.username)
    page.goto("/me")
    assert page.get_by_role("link", name="添加通行密钥").count() == 0
    page.goto("/accounts/2fa/webauthn/add/")
    assert page.get_by_role("button", name="在此设备上创建").count() == 0
    assert page.get_by_text("通行密钥须以 https").is_visible()
    context.close()

    without = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = without.new_page()
    page.goto("/accounts/login/")
    assert not page.get_by_role("button", name="使用通行密钥登录").is_visible()
    assert page.get_by_text("当前浏览器不支持通行密钥").is_visible()
    without.close()


def test_through_the_outside_provider_and_out_again(
    window: BrowserContext, account: Callable[..., Any], shots: Path, settings: Any
) -> None:
    """Over two origins, with the real policy: the way there, back, and the sign-out."""
    from huying.people import accounts
    from huying.people.acting import SYSTEM
    from tests.people.provider import CLIENT, SECRET, Provider

    provider = Provider()
    values = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_name": "区统一认证",
    }
    settings.HUYING = settings.HUYING.model_copy(update=values)
    settings.HUYING.__dict__.pop("oidc_secret", None)
    page = window.new_page()
    faulty: list[str] = []
    page.on(
        "console", lambda said: faulty.append(said.text) if "Security Policy" in said.text else None
    )
    page.goto("/me")
    page.wait_for_url("**/accounts/login/?next=/me")
    assert not look(page, shots, "outside-sign-in")
    page.get_by_role("link", name="用 区统一认证 登录").click()
    page.get_by_text("没有账号与").wait_for()
    assert not look(page, shots, "outside-unknown")

    accounts.link(account("dispatcher"), "u-1001", by=SYSTEM, now=timezone.now())
    page.goto("/accounts/login/?next=/me")
    page.get_by_role("link", name="用 区统一认证 登录").click()
    page.wait_for_url(re.compile(r":\d+/me$"))
    page.get_by_role("button", name="退出登录").last.click()
    page.wait_for_url("**/accounts/outside/signed-out/")
    assert not look(page, shots, "outside-signed-out")
    page.get_by_role("link", name="同时退出").click()
    page.wait_for_url(re.compile(r"/accounts/login/"))
    assert "logout" in provider.asked
    provider.close()
    assert not faulty
