"""The case beside the queue: an address that holds both, and never more than one may see."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from tests.desk.world import World

As = Callable[..., Client]


def test_an_address_opens_the_case_beside_the_list(world: World, as_: As) -> None:
    case, other = world.held_by_town(world.reported()), world.held_by_town(world.reported())
    page = as_("dispatcher").get(f"/desk/?tab=held&case={case.number}").content.decode()
    assert 'class="split split-on"' in page
    assert f'data-number="{case.number}"' in page
    assert f'data-row="{other.number}"' in page
    assert f"/desk/cases/{case.number}/accept" in page
    # Its way back is the list that it was opened from.
    assert 'href="/desk/?tab=held" data-pane-close' in page


def test_a_case_that_is_not_ones_own_opens_nothing(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    asked = [("far_dispatcher", case.number), ("dispatcher", "１２"), ("dispatcher", "0")]
    for who, number in asked:
        answer = as_(who).get("/desk/", {"tab": "area", "case": number})
        assert answer.status_code == 200
        assert 'class="split"' in answer.content.decode()


def test_the_list_that_is_remembered_has_no_case_in_it(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    client = as_("dispatcher")
    client.get(f"/desk/?tab=held&case={case.number}")
    assert client.get("/desk/").headers["Location"] == "/desk/?tab=held"


def test_beside_the_queue_comes_without_the_page_around_it(world: World, as_: As) -> None:
    case = world.dispatched()
    alone = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    pane = as_("dispatcher").get(f"/desk/cases/{case.number}?pane=1").content.decode()
    assert "<html" in alone
    assert "<html" not in pane
    assert "data-pane-close" in pane
    assert "data-pane-close" not in alone
    assert as_("far_dispatcher").get(f"/desk/cases/{case.number}?pane=1").status_code == 404
