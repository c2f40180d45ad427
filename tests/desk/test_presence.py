"""正在处理: who else has a case open, as long as they have, and at no cost to anybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.cases.models import CaseEvent
from huying.desk import presence
from huying.desk.models import Presence
from tests.desk.world import World


@pytest.fixture
def told(as_: Callable[..., Client]) -> Callable[..., str]:
    """What a person's page is told when it says which form is open."""

    def ask(who: str, number: str, tab: str, doing: str = "") -> str:
        presence.forget()
        url = f"/desk/cases/{number}/pulse?seq=1&tab={tab}&doing={doing}"
        answer = as_(who).get(url)
        assert answer.status_code in (200, 204, 404)
        return unquote(answer.headers.get(presence.HEADER, "").partition(":")[2])

    return ask


def test_two_people_on_one_case_see_each_other(world: World, told: Callable[..., str]) -> None:
    world.colleague()
    case, other = world.accepted(), world.accepted()
    mine, hers, events = uuid4().hex, uuid4().hex, CaseEvent.objects.count()
    assert told("dispatcher", case.number, mine) == ""
    opened = f"{timezone.localtime(Presence.objects.get().opened_at):%H:%M}"
    line = f"正在处理：李建华（打开于 {opened}），正在查看"
    assert told("second_dispatcher", case.number, hers, "dispatch") == line
    assert "李梅" in told("dispatcher", case.number, mine)
    assert "正在填写“派遣”" in told("dispatcher", case.number, mine)
    # Another page of one's own is nobody else; a case that one may not see tells nothing.
    assert "李建华" not in told("dispatcher", case.number, uuid4().hex)
    assert told("far_dispatcher", case.number, uuid4().hex) == ""
    assert Presence.objects.count() == 3
    # Someone else's page cannot be taken for one's own.
    told("dispatcher", other.number, hers)
    assert "李梅" in told("dispatcher", case.number, mine)
    # Gone on to another case, she has left this one.
    told("second_dispatcher", other.number, hers)
    assert told("dispatcher", case.number, mine) == ""
    assert CaseEvent.objects.count() == events


def test_who_is_not_heard_of_any_more_is_gone(world: World, told: Callable[..., str]) -> None:
    world.colleague()
    case = world.accepted()
    told("second_dispatcher", case.number, uuid4().hex)
    ago = timezone.now() - presence.GONE_AFTER - timedelta(seconds=1)
    Presence.objects.update(seen_at=ago)
    assert told("dispatcher", case.number, uuid4().hex) == ""
    assert presence.sweep(now=timezone.now() + presence.KEPT) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'presence'")
        assert cursor.fetchone() in (("u",), (b"u",))


def test_it_costs_a_queue_nothing_and_a_case_next_to_nothing(
    world: World, as_: Callable[..., Client]
) -> None:
    case, page = world.accepted(), as_("dispatcher")

    def queries(url: str) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page.get(url)
        return [each["sql"] for each in caught.captured_queries]

    assert not [each for each in queries("/desk/?tab=held&rows=1") if "presence" in each]
    alone = f"/desk/cases/{case.number}/pulse?seq=1"
    without = len(queries(alone))
    first = queries(f"{alone}&tab={uuid4().hex}")
    assert len([each for each in first if "presence" in each]) == 2  # looked up, and written
    tab = uuid4().hex
    queries(f"{alone}&tab={tab}")
    presence.forget()
    queries(f"{alone}&tab={tab}")
    # From memory, as most of a page's questions are: neither looked up nor written again.
    assert len(queries(f"{alone}&tab={tab}")) == without
