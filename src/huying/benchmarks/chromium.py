"""A Chromium to look at the pages with, and a session in it without typing a password."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from huying.cli import CommandError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from huying.people.models import Post

CHINESE = {"LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"}
"""For what the browser itself says in a form: dates, files."""


def program() -> str:
    """Where Chromium is.

    Raises:
        CommandError: there is none, or nothing to drive it with.
    """
    try:
        import playwright  # noqa: F401
    except ModuleNotFoundError:
        raise CommandError("This needs playwright: pip install playwright") from None
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        raise CommandError("This needs Chromium: apt-get install chromium, or set CHROMIUM")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with an empty cache. Raises as `program`."""
    path = program()
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which also speaks to the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
            env={**os.environ, **CHINESE},
        )
        yield browser
        browser.close()


def sign_in(context: BrowserContext, url: str, post: Post) -> None:
    """Gives the browser the session of whoever holds the post, acting on it."""
    name, key = session_of(post)
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": key, "url": url}])


def session_of(post: Post) -> tuple[str, str]:
    """A session of whoever holds the post, acting on it: its cookie's name and value."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from huying.people.middleware import CHOSEN

    account: Any = post.account
    account.last_post, account.tour_seen_at = post.pk, timezone.now()
    account.save(update_fields=["last_post", "tour_seen_at"])
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[CHOSEN] = post.pk
    session.save()
    return settings.SESSION_COOKIE_NAME, str(session.session_key)
