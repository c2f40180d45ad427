"""Which post a request acts on, and when a session ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huying.people.acting import SYSTEM
from huying.people.granting import end_at_once
from huying.people.middleware import CHOSEN, LAST_SEEN, LAST_TICK
from huying.people.models import Account, Browser, Role

pytestmark = pytest.mark.django_db

TOWN = "440113120"


def actor(client: Client) -> Any:
    return client.get("/me").wsgi_request.actor


def idle_for(client: Client, minutes: float) -> None:
    session = client.session
    session[LAST_SEEN] = timezone.now().timestamp() - minutes * 60
    session.pop(LAST_TICK, None)  # this machine has not been idle so long
    session.save()


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_signs_nobody_out(
    person: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    client = signed_in(person("zhang", "checker", area=TOWN))
    assert client.get("/me").status_code == 200
    set_to = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr("django.utils.timezone.now", lambda: set_to)
    assert client.get("/me").status_code == 200
    # The click counts by the clock as it is now, so that the rest begins anew.
    assert client.session[LAST_SEEN] == set_to.timestamp()


def test_nobody_acts_without_signing_in(client: Client) -> None:
    request = client.get("/accounts/login/").wsgi_request
    assert (request.actor, request.posts) == (None, [])


def test_signed_in_without_a_post_nobody_acts(person: Any, signed_in: Any) -> None:
    request = signed_in(person("zhang")).get("/me").wsgi_request
    assert (request.actor, request.posts) == (None, [])


def test_the_first_post_is_acted_on_until_another_is_chosen(
    person: Any, post_of: Any, signed_in: Any
) -> None:
    account = person("zhang", "checker", area=TOWN)
    second = post_of(account, "town_leader", TOWN)
    client = signed_in(account)
    assert actor(client).role == Role.CHECKER
    response = client.post("/me/post", {"post": second.pk, "next": "/me"})
    assert response.headers["Location"] == "/me"
    assert actor(client).role == Role.TOWN_LEADER
    # The next session begins where this one ended.
    assert actor(signed_in(account)).role == Role.TOWN_LEADER


def test_only_own_posts_in_force_can_be_chosen(person: Any, post_of: Any, signed_in: Any) -> None:
    account, other = person("zhang", "checker"), person("li", "district_leader")
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = post_of(account, "town_leader", TOWN, ends_on=yesterday)
    client = signed_in(account)
    for wanted in (other.posts.get().pk, ended.pk, "", "x", "0"):
        client.post("/me/post", {"post": wanted})
        assert actor(client).role == Role.CHECKER
    away = {"post": account.posts.first().pk, "next": "//example.org/x"}
    assert client.post("/me/post", away).headers["Location"] == "/"
    assert client.get("/me/post").status_code == 405


def test_a_post_that_is_ended_stops_at_the_next_click(
    person: Any, post_of: Any, signed_in: Any
) -> None:
    account = person("zhang", "checker", area=TOWN)
    second = post_of(account, "town_leader", TOWN)
    client = signed_in(account)
    client.post("/me/post", {"post": second.pk})
    end_at_once(second, by=SYSTEM, now=timezone.now(), today=timezone.localdate())
    page = client.get("/me")
    assert page.wsgi_request.actor.role == Role.CHECKER
    assert "岗位已终止" in page.content.decode()
    end_at_once(account.posts.first(), by=SYSTEM, now=timezone.now(), today=timezone.localdate())
    assert actor(client) is None
    assert CHOSEN not in client.session


def test_idle_people_are_signed_out_kindly(person: Any, signed_in: Any) -> None:
    client = signed_in(person("zhang", "checker"))
    client.get("/me")
    idle_for(client, 29)
    assert client.get("/me").status_code == 200
    idle_for(client, 31)
    response = client.get("/me?x=1")
    assert response.headers["Location"] == "/accounts/login/?idle=1&next=%2Fme%3Fx%3D1"
    assert "长时间未操作" in client.get(response.headers["Location"]).content.decode()
    assert "_auth_user_id" not in client.session


def test_a_page_that_looks_for_news_keeps_nobody_signed_in(person: Any, signed_in: Any) -> None:
    client = signed_in(person("zhang", "checker"))
    client.get("/me")
    idle_for(client, 29)
    seen = client.session[LAST_SEEN]
    client.get("/me", headers={"X-Background": "1"})
    assert client.session[LAST_SEEN] == seen
    idle_for(client, 31)
    assert client.get("/me", headers={"X-Background": "1"}).status_code == 401
    assert client.get("/me").headers["Location"].startswith("/accounts/login/")


def test_a_part_of_a_page_sends_the_whole_window_to_the_sign_in(
    person: Any, signed_in: Any
) -> None:
    client = signed_in(person("zhang", "checker"))
    client.get("/me")
    idle_for(client, 31)
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk?tab=mine"}
    response = client.post("/me/post", {"post": "1"}, headers=asked)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"].endswith("next=%2Fdesk%3Ftab%3Dmine")
    later = client.get("/me", headers=asked)
    assert (later.status_code, later.headers["HX-Redirect"][:17]) == (204, "/accounts/login/?")


def test_the_limit_is_a_setting(person: Any, signed_in: Any, settings: Any) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"idle_minutes": 5})
    client = signed_in(person("zhang", "checker"))
    client.get("/me")
    idle_for(client, 6)
    assert client.get("/me").headers["Location"].startswith(reverse("account_login"))


def test_a_request_costs_one_question(
    person: Any, signed_in: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(person("zhang", "checker"))
    client.get("/accounts/inactive/")
    with django_assert_num_queries(1):  # session, account and posts
        client.get("/accounts/inactive/")
    with django_assert_num_queries(0):
        Client().get("/accounts/inactive/")


def test_whose_a_session_is_says_the_session_and_not_the_list_of_browsers(
    person: Any, signed_in: Any
) -> None:
    zhang, li = person("zhang", "checker", area=TOWN), person("li", "district_leader")
    client = signed_in(zhang)
    assert actor(client).role == Role.CHECKER
    Browser.objects.filter(account=zhang).update(account=li)
    request = client.get("/me").wsgi_request
    assert (request.user.pk, request.actor.role) == (zhang.pk, Role.CHECKER)
    Browser.objects.all().delete()
    request = client.get("/me").wsgi_request
    assert (request.user.pk, request.actor.role) == (zhang.pk, Role.CHECKER)


def test_who_is_blocked_or_has_a_new_password_is_out_at_the_next_click(
    person: Any, signed_in: Any
) -> None:
    zhang, li = person("zhang", "checker"), person("li", "checker")
    of_zhang, of_li = signed_in(zhang), signed_in(li)
    assert (actor(of_zhang).role, actor(of_li).role) == (Role.CHECKER, Role.CHECKER)
    Account.objects.filter(pk=zhang.pk).update(is_active=False)
    li.set_password("four-kites-over-shiqi")
    li.save()
    for client in (of_zhang, of_li):
        assert client.get("/me").headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("limit", "apart"), [(30, 120), (5, 20), (240, 120)])
def test_clicks_that_follow_each_other_are_written_down_once(
    person: Any, signed_in: Any, settings: Any, monkeypatch: Any, limit: int, apart: int
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"idle_minutes": limit})
    client = signed_in(person("zhang", "checker"))
    began = timezone.now()

    def click(after: float) -> tuple[float, float]:
        now = began + timedelta(seconds=after)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        assert client.get("/field/who").status_code == 200
        noted = Browser.objects.get().seen_at - began
        return client.session[LAST_SEEN] - began.timestamp(), noted.total_seconds()

    assert click(0) == (0, 0)
    assert click(apart - 1) == (0, 0)
    assert click(apart) == pytest.approx((apart, apart))
    assert click(apart + 10) == pytest.approx((apart, apart))


def test_keeping_a_click_and_its_session_is_one_question(
    person: Any, signed_in: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(person("zhang", "checker"))
    client.get("/accounts/inactive/")
    idle_for(client, 3)
    with django_assert_num_queries(2):
        client.get("/accounts/inactive/")
