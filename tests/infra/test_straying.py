"""A slash too many or too few leads on; everything else that is not there is not there."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/report/", "/report"),
        ("/desk/reports/?year=2026", "/desk/reports?year=2026"),
        ("/desk", "/desk/"),
        ("/desk/cases/440113202611300001/", "/desk/cases/440113202611300001"),
    ],
)
def test_a_wrong_last_slash_leads_to_the_page(client: Client, typed: str, meant: str) -> None:
    answer = client.get(typed)
    assert (answer.status_code, answer.headers.get("Location")) == (301, meant)


STRANGE = ["/nothing", "/nothing/", "//example.com/report/", "/report//x/", "//desk", "///report/"]


@pytest.mark.parametrize("typed", STRANGE)
def test_what_is_not_there_is_not_there(client: Client, typed: str) -> None:
    assert client.get("/", PATH_INFO=typed).status_code == 404


def test_what_is_sent_is_not_sent_on(client: Client) -> None:
    assert client.post("/report/", {"text": "路灯坏了"}).status_code == 404


def test_a_page_that_has_nothing_under_a_name_says_so(client: Client) -> None:
    assert client.get("/done/nothing").status_code == 404
