"""Public pages are for everybody alike: signed in or not, on whatever post."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from huying import limiting
from huying.public import guarding
from huying.public.urls import urlpatterns
from tests.browser.everywhere import with_branches, with_platforms
from tests.desk import methods
from tests.desk.also import LIKE
from tests.desk.sealed import Looked, Sealed
from tests.desk.test_permissions import (
    PEOPLE,
    SHOWN_ANYHOW,
    STOOD,
    TOLD,
    postless,
    with_neighbours,
)
from tests.desk.world import COMMUNITY, World
from tests.public.test_following import closed, reported

__all__ = ["postless"]

OK, MOVED, GONE, WRONG = 200, 302, 404, 422

TABLE: dict[tuple[str, str], int] = {
    ("outside_thanks", "GET"): OK,
    ("outside_ask", "GET"): GONE,
    ("outside_ask", "POST"): GONE,
    ("outside_photo", "GET"): GONE,
    ("public_report", "GET"): OK,
    ("public_report", "POST"): WRONG,
    ("public_hints", "GET"): OK,
    ("public_items", "POST"): OK,
    ("public_questions", "GET"): OK,
    ("public_grids", "GET"): OK,
    ("public_sum", "GET"): OK,
    ("public_privacy", "GET"): OK,
    ("public_done", "GET"): OK,
    ("public_done_csv", "GET"): OK,
    ("public_branch", "GET"): OK,
    ("n_start", "GET"): OK,
    ("n_enter", "GET"): OK,
    ("n_enter", "POST"): GONE,
    ("n_follow", "GET"): OK,
    ("n_rate", "POST"): WRONG,
    ("n_forget", "POST"): WRONG,
    ("n_certificate", "GET"): OK,
    ("n_photo", "GET"): GONE,
    ("n_community", "GET"): OK,
    ("n_suggest", "GET"): OK,
    ("n_suggest", "POST"): WRONG,
    ("n_booked_enter", "GET"): OK,
    ("n_booked_enter", "POST"): GONE,
    ("n_booked", "GET"): OK,
    ("n_booked_act", "POST"): WRONG,
    ("n_services", "GET"): OK,
    ("n_point", "GET"): OK,
    ("n_book", "GET"): OK,
    ("n_book", "POST"): WRONG,
    ("n_activity", "GET"): OK,
    ("n_activity", "POST"): WRONG,
    ("n_meal", "GET"): OK,
    ("n_meal", "POST"): WRONG,
    ("follow_code", "GET"): OK,
    ("follow_code", "POST"): GONE,
    ("follow", "GET"): OK,
    ("follow_picture", "GET"): OK,
    ("follow_photo", "GET"): GONE,
    ("follow_act", "POST"): WRONG,
}


def test_every_address_has_its_row() -> None:
    assert set(TABLE) == methods.of(urlpatterns)


def test_every_address_for_everyone(
    world: World,
    postless: None,
    as_: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    sealed: Sealed,
) -> None:
    """What was sealed is shown to nobody, and of a case nothing but to who follows it."""
    limiting.forget()
    for name in ("REPORTS", "LOOKS"):
        monkeypatch.setattr(guarding, name, 10_000)
    # Of the auditor's second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    who = {"contact_name": "张三", "contact_phone": "13800001111"}
    other = world.dispatched(text=TOLD, address=STOOD, **who)
    case, link = reported(world)
    closed(world, case)
    code = link.removeprefix("/f/")
    party = with_branches(world)
    helped = with_neighbours(world)
    served = with_platforms(world)
    arguments = {
        "public_branch": [party.branch.code],
        "outside_ask": ["x" * 32],
        "outside_photo": ["x" * 32, 0],
        "public_sum": [guarding.new_ticket()],
        "n_follow": [helped.code],
        "n_rate": [helped.code],
        "n_forget": [helped.code],
        "n_certificate": [helped.certificate],
        "n_photo": [helped.photo],
        "n_community": [COMMUNITY],
        "n_suggest": [COMMUNITY],
        "n_booked": [served.code],
        "n_booked_act": [served.code, "cancel"],
        "n_services": [COMMUNITY],
        "n_point": [COMMUNITY, served.point.pk],
        "n_book": [COMMUNITY, served.point.pk],
        "n_activity": [COMMUNITY, served.activity.pk],
        "n_meal": [COMMUNITY, served.meals.pk],
        "follow": [code],
        "follow_picture": [code],
        "follow_photo": [code, 0],
        "follow_act": [code, "rate"],
    }
    queries = {"public_grids": "?box=113.4,22.9,113.5,23.0"}
    hidden = sealed.hidden(but=SHOWN_ANYHOW)
    assert {"张三", "13800001111"} < {*hidden.forms.values()}
    of_case = Looked([other.number, TOLD, STOOD])
    wrong, shown = [], []
    for person in (*PEOPLE, *LIKE):
        client = Client() if person == "nobody" else as_(person)
        for (name, method), status in TABLE.items():
            url = reverse(name, args=arguments.get(name, [])) + queries.get(name, "")
            answer = client.get(url) if method == "GET" else client.post(url)
            if answer.status_code != status:
                wrong.append((person, method, name, answer.status_code, status))
            found = hidden.found(answer) + of_case.found(answer)
            shown += [(person, method, name, each) for each in found]
    assert not wrong
    assert not shown
