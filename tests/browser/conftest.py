"""A real Chromium against a real server, with the small town of tests/desk/world.py in it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from tests.browser.patience import WAIT_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.desk.world import World

# Playwright's loop runs in the test's own thread, where the test also speaks to the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The one without windows shows the same pages for a third less of the processor.
PROGRAMS = ("chromium-headless-shell", "chromium")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), "")
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
HOW = "no Chromium: apt-get install chromium, or set CHROMIUM=/path/to/it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session", autouse=True)
def chromium() -> None:
    if CHROMIUM:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(HOW)
    pytest.skip(HOW)


@pytest.fixture(scope="session", autouse=True)
def patient(chromium: None) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
    }


@pytest.fixture
def world(transactional_db: None) -> World:
    from tests.desk.world import build

    return build()


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go: a passing folder, or the one that SCREENSHOTS names."""
    folder = Path(SCREENSHOTS or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


TELLS = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9]\d{9}|[1-9]\d{5}(?:19|20)\d{9}[\dXx])(?![0-9A-Za-z])")
"""A mobile's number, or that of an identity card; not eleven digits in a row of random letters."""


def told_of_nobody(page: Page) -> None:
    """Addresses stay in histories and logs: none that a page asks for or takes tells a number."""

    def look(address: str) -> None:
        if TELLS.search(unquote(address)):
            page.faults.append(f"address: {address}")  # type: ignore[attr-defined]

    page.on("request", lambda request: look(request.url))
    page.on("framenavigated", lambda frame: look(frame.url))


def photographed(page: Page) -> None:
    """Pictures for people to look at are drawn when somebody asks for them: they take a third of
    the time of a page. One that a test looks at itself has no path."""
    take = page.screenshot

    def screenshot(*, path: Path | None = None, **how: Any) -> bytes:
        return take(path=path, **how) if SCREENSHOTS or path is None else b""

    page.screenshot = screenshot  # type: ignore[method-assign]


def session_of(account: Any, url: str) -> Any:
    """The cookie of a session signed in; signing in by hand has its own test."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from huying.people.second_factor import SET_UP_HERE

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[SET_UP_HERE] = True
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}


@pytest.fixture
def sign_in(browser: Browser, live_server: Any, world: World) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for one person, signed in."""
    contexts: list[BrowserContext] = []

    def signed_in(name: str, *, width: int = 1440, height: int = 900, **more: Any) -> Page:
        settings: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "base_url": live_server.url,
        }
        context = browser.new_context(**(settings | more))
        contexts.append(context)
        page = context.new_page()
        photographed(page)
        page.on("pageerror", lambda error: page.faults.append(f"page: {error}"))  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda message: (
                page.faults.append(f"console: {message.text}")  # type: ignore[attr-defined]
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        page.faults = []  # type: ignore[attr-defined]
        told_of_nobody(page)
        context.add_cookies([session_of(world.accounts[name], live_server.url)])
        page.goto("/")
        page.wait_for_url(lambda url: "/desk/" in url or url.endswith("/me"))
        return page

    yield signed_in
    faults = [fault for context in contexts for page in context.pages for fault in page.faults]  # type: ignore[attr-defined]
    for context in contexts:
        context.close()
    assert not faults, faults
