"""The command menu: what is offered opens, and one sees where one is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.desk.world import World

As = Callable[..., Client]


def offered(html: str) -> dict[str, bool]:
    """Where the menu leads, and which of its pages is marked as the present one."""
    (part,) = re.findall(r'<details class="menu command-menu">.*?</details>', html, re.DOTALL)
    found = re.findall(r'<a class="menu-item" href="([^"]+)"( aria-current="page")?', part)
    return {href: bool(here) for href, here in found}


@pytest.mark.parametrize(
    "person", ["dispatcher", "handler", "checker", "leader", "worker", "district_dispatcher"]
)
def test_what_is_offered_opens(world: World, as_: As, person: str) -> None:
    client = as_(person)
    links = offered(client.get("/desk/today/").content.decode())
    assert links
    for href in links:
        assert client.get(href).status_code == 200, href


def test_one_sees_where_one_is_also_below_a_page(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for path, expected in {
        "/desk/branches/together": "/desk/branches/",
        "/desk/branches/cadres": "/desk/branches/",
        "/desk/neighbours/": "/desk/neighbours/",
        "/desk/neighbours/suggestions/new": "/desk/neighbours/suggestions/",
        "/desk/platforms/online": "/desk/platforms/",
        "/desk/tasks/new": "/desk/tasks/",
    }.items():
        links = offered(client.get(path).content.decode())
        assert [href for href, here in links.items() if here] == [expected], path
    assert not any(offered(client.get("/desk/").content.decode()).values())


def test_a_member_has_no_menu_of_a_desk(world: World, as_: As) -> None:
    assert "command-menu" not in as_("member").get("/desk/mine").content.decode()


def test_groups_without_pages_are_left_out(world: World, as_: As) -> None:
    html = as_("checker").get("/desk/today/").content.decode()
    heads = re.findall(r'<h2 class="menu-head" id="menu-group-\d+">([^<]+)</h2>', html)
    assert heads == ["指挥调度", "网格工作", "文件和规则"]
