"""Where no standby confirms anything, whoever sends a form is told so in time and loses no word.

A real server is told to wait for a standby, and there is none; the thread that gives such commits
up runs as in the product. It takes as long as somebody waits there: some 8 seconds a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from time import monotonic
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from huying.cases.models import Case
from huying.postgres import budget
from huying.postgres.watch import SHORT_S
from huying.public import guarding
from tests.desk.world import COMMUNITY, World
from tests.public.test_reporting import filled
from tests.unconfirmed import Unconfirmed, unconfirmed_commits

As = Callable[[str], Client]

IN_TIME_S = 10.0
"""Nobody waits longer for an answer."""


@pytest.fixture
def alone(
    transactional_db: None, world: World, postgres: Any, database_name: str
) -> Iterator[Unconfirmed]:
    with unconfirmed_commits(postgres, database_name) as made:
        made.set("")
        made.watch.start()
        try:
            yield made
        finally:
            made.watch.stop()


def hidden(page: str) -> dict[str, str]:
    """What a page gives back, to be sent again with one click."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in fields}


def send(client: Client, path: str, form: dict[str, Any]) -> tuple[Any, float]:
    """Sends a form; the answer, and the seconds that it took."""
    begun = monotonic()
    with budget.within(settings.HUYING.database_patience_seconds - SHORT_S):  # as `in_time` does
        return client.post(path, form), monotonic() - begun


def refused(client: Client, path: str, form: dict[str, Any]) -> dict[str, str]:
    """Sends it where nothing confirms; what the page gave back."""
    answer, took = send(client, path, form)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert took < IN_TIME_S
    assert "您提交的内容尚未确认保存，也可能已经保存。" in page
    assert int(answer.headers["Retry-After"]) > 0
    given_back = hidden(page)
    for name, value in form.items():
        assert given_back[name] == str(value)
    return given_back


@pytest.mark.slow
def test_a_case_told_at_the_desk_is_one_once_a_standby_is_not_asked_for(
    alone: Unconfirmed, as_: As
) -> None:
    client, path = as_("dispatcher"), "/desk/cases/new"
    client.raise_request_exception = False
    number = hidden(client.get(path).content.decode())["form_number"]
    form = {"channel": "hotline", "text": "东街口垃圾堆了三天 <b>", "area": COMMUNITY}
    alone.set("nobody")
    again = refused(client, path, form | {"form_number": number})
    again = refused(client, path, again)
    alone.set("")
    answer, _took = send(client, path, again)
    case = Case.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/desk/cases/{case.number}")


@pytest.mark.slow
def test_a_residents_report_is_one_once_a_standby_is_not_asked_for(
    alone: Unconfirmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)
    client, form = Client(raise_request_exception=False), filled()
    alone.set("nobody")
    again = refused(client, "/report", form)
    alone.set("")
    answer, _took = send(client, "/report", again)
    assert answer.status_code == 302
    assert Case.objects.count() == 1
