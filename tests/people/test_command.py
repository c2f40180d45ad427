"""`huying account` at the terminal."""

from __future__ import annotations

import argparse
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from huying import installation
from huying.cli import CommandError, account
from huying.errors import BadInput, NotFound
from huying.people.models import Account, Post, Unit

pytestmark = pytest.mark.django_db

TOWN = "440113120"


def huying(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    account.arguments(parser)
    result = account.run(parser.parse_args(list(words)))
    return json.loads(json.dumps(result, default=str)) | {"text": account.text(result)}


def test_create_gives_a_post_and_a_link_that_works(desk: Unit) -> None:
    made = huying("create", "Zhang", "--name", "张三", "--role", "dispatcher", "--area", TOWN)
    assert Post.objects.get(account__username="zhang").unit == desk
    path = made["link"].removeprefix("http://127.0.0.1:8000")
    assert Client().get(path).status_code == 200
    newer = huying("invite", "zhang")
    assert Client().get(path).status_code == 404
    assert newer["link"] in newer["text"]


def test_a_link_leads_to_where_people_reach_the_pages(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("zhang", "checker")
    told = installation.config.model_copy(update={"site_url": "https://call.example.cn"})
    monkeypatch.setattr(installation, "config", told)
    link = huying("reset", "zhang")["link"]
    assert link.startswith("https://call.example.cn/accounts/invitation/")


def test_create_is_all_or_nothing(team: Unit) -> None:
    with pytest.raises(BadInput):
        huying("create", "zhang", "--name", "张三", "--role", "handler", "--area", TOWN)
    with pytest.raises(CommandError, match="no unit"):
        huying("create", "zhang", "--name", "张三", "--role", "handler", "--unit", "x")
    with pytest.raises(CommandError, match="dispatcher"):
        huying("create", "zhang", "--name", "张三", "--role", "boss", "--area", TOWN)
    assert not Account.objects.exists()
    huying("create", "zhang", "--name", "张三", "--role", "handler", "--unit", team.code)
    assert Account.objects.count() == 1


def test_reset_prints_a_link_by_which_the_holder_sets_a_new_password(person: Any) -> None:
    person("zhang", "checker")
    link = huying("reset", "zhang")["link"]
    assert not Account.objects.get().has_usable_password()
    assert Client().get(urlsplit(link).path).status_code == 200
    with pytest.raises(NotFound):
        huying("reset", "nobody")


def test_list_shows_who_holds_what(person: Any) -> None:
    person("zhang", "checker", area=TOWN)
    person("li", "auditor")
    assert [each["username"] for each in huying("list")["accounts"]] == ["li", "zhang"]
    found = huying("list", "--role", "checker", "--area", "440113")
    assert found["accounts"][0]["posts"][0]["area"] == TOWN
    assert len(found["accounts"]) == 1
    assert huying("list", "--limit", "1")["more"] == 1
    assert "checker 440113120" in found["text"]
