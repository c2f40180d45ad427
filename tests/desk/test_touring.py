"""The tour of the queue: who is shown it, how often, and what it says to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from huying.desk.touring import steps
from huying.people.models import Account
from tests.desk.world import World


def newcomer(world: World, name: str) -> None:
    Account.objects.filter(pk=world.accounts[name].pk).update(tour_seen_at=None)


def shows(client: Client, address: str = "/desk/?tab=mine") -> bool:
    return '<dialog id="tour"' in client.get(address).content.decode()


def test_it_comes_until_it_was_ended_or_skipped_in_whichever_browser(
    world: World, as_: Callable[..., Client]
) -> None:
    newcomer(world, "dispatcher")
    desk = as_("dispatcher")
    assert shows(desk)
    assert shows(desk)
    assert desk.post("/desk/tour/seen").status_code == 204
    assert not shows(desk)
    assert not shows(as_("dispatcher"))
    first = Account.objects.get(pk=world.accounts["dispatcher"].pk).tour_seen_at
    desk.post("/desk/tour/seen")
    assert Account.objects.get(pk=world.accounts["dispatcher"].pk).tour_seen_at == first


def test_it_is_had_again_from_my_account(world: World, as_: Callable[..., Client]) -> None:
    desk = as_("handler")
    assert 'href="/desk/?tour=1"' in desk.get("/me").content.decode()
    assert shows(desk, "/desk/?tour=1")
    assert not shows(desk)
    assert "tour" not in desk.get("/desk/")["Location"]


def test_other_pages_are_without_it(world: World, as_: Callable[..., Client]) -> None:
    newcomer(world, "dispatcher")
    case = world.reported()
    desk = as_("dispatcher")
    for address in (f"/desk/cases/{case.number}", "/desk/map/", "/desk/today/", "/desk/cases/new"):
        assert not shows(desk, address), address


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("dispatcher", "立案", "签收"),
        ("handler", "签收", "立案"),
        ("checker", "核查通过", "立案"),
        ("worker", "当场办结", "立案"),
        ("leader", "不论由谁办理", "立案"),
    ],
)
def test_each_role_is_told_its_own(
    world: World, as_: Callable[..., Client], name: str, said: str, unsaid: str
) -> None:
    newcomer(world, name)
    body = as_(name).get("/desk/").content.decode()
    tour = body.partition('<dialog id="tour"')[2].partition("</dialog>")[0]
    assert said in tour
    assert unsaid not in tour


@pytest.mark.parametrize("name", ["dispatcher", "handler", "checker", "worker", "leader"])
def test_it_has_six_steps_at_most_in_any_window(world: World, name: str) -> None:
    found = steps(world.actor(name))
    for window in ("desk", "phone"):
        assert len([step for step in found if step.only in ("", window)]) <= 6
