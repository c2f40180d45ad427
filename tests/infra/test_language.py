"""Which language a page comes in."""

import pytest
from django.test import Client

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
