"""Which language a page comes in."""

import pytest
from django.test import Client
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

pytestmark = pytest.mark.django_db


def page(client: Client, **headers: str) -> str:
    return client.get("/accounts/login/", headers=headers).content.decode()


def test_a_page_is_chinese_though_the_browser_is_english(client: Client) -> None:
    assert '<html lang="zh-hans"' in page(client, **{"accept-language": "en-US,en"}).lower()


def test_the_switch_is_remembered(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert '<html lang="en"' in page(client)


def test_a_language_that_we_do_not_have_is_ignored(client: Client) -> None:
    client.cookies["django_language"] = "tlh"
    assert '<html lang="zh-hans"' in page(client).lower()


def test_a_word_is_kept_for_its_own_language() -> None:
    said = []
    for language in ("zh-hans", "en", "zh-hans", "en"):
        with translation.override(language):
            said.append(gettext("Queue"))
    assert said[0] != said[1]
    assert said == said[:2] * 2


def test_what_is_safe_stays_safe_and_what_is_not_does_not_become_it() -> None:
    with translation.override("en"):
        for _time in range(2):
            assert type(gettext("<b>")) is str
            assert type(gettext(mark_safe("<b>"))) is SafeString
            assert gettext("a\r\nb") == "a\nb"
            assert gettext("") == ""
