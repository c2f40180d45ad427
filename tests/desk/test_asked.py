"""How often the desk's pages ask the database: hundreds of people open them all day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.desk import changes
from huying.desk.having import Having, having
from huying.postgres.prepared import statement
from tests.desk.world import World

As = Callable[..., Client]


@pytest.fixture(autouse=True)
def lately_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has changed is looked at for all pages at once: here, while none is asked."""
    monkeypatch.setattr(changes, "EVERY_S", 3600.0)
    monkeypatch.setattr(changes, "STALE_S", 3600.0)


def asked(client: Client, url: str) -> list[str]:
    """What a page asks for itself: at its best of some times.

    What a process keeps for all its pages it looks at anew once a second.
    """
    times = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        times.append([each["sql"] for each in caught.captured_queries])
    return min(times, key=len)


def test_a_case_is_asked_only_for_the_parts_it_has(world: World, as_: As) -> None:
    case = world.dispatched()
    found = asked(as_("dispatcher"), f"/desk/cases/{case.number}")
    assert len(found) <= 21, "\n".join(found)
    twice = [sql for sql, times in Counter(found).items() if times > 1]
    assert not twice, "\n".join(twice)


def test_parts_are_named_in_the_order_in_which_they_are_asked_for() -> None:
    assert tuple(re.findall(r"\) AS (\w+)", statement("case_having"))) == Having._fields


def test_a_new_case_has_hardly_any_parts_and_keeps_those_it_gets(world: World) -> None:
    desk, case = world.actor("dispatcher"), world.accepted()
    assert not any(having(case, desk))
    until = timezone.now() + timedelta(days=2)
    world.do(case, "suspend", "dispatcher", until=until, reason="等材料")
    assert having(case, desk).pauses


@pytest.mark.parametrize(("query", "most"), [("tab=area", 6), ("tab=held&rows=1", 2)])
def test_a_queue_asks_as_often_however_long_it_is(
    world: World, as_: As, query: str, most: int
) -> None:
    desk = as_("dispatcher")
    for _ in range(8):
        world.held_by_town(world.reported())
    found = asked(desk, f"/desk/?{query}")
    # Where a page takes longer than a second, each finds something of the process due.
    assert len(found) <= most + 3, "\n".join(found)
