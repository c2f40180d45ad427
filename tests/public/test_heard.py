"""What residents say is counted, and what was done is told, late and coarsely."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying import limiting
from huying.cases.models import Case
from huying.errors import HuyingError
from huying.response import calling_back, figures
from tests.desk.world import World
from tests.public.test_following import closed, reported


@pytest.fixture(autouse=True)
def fresh() -> None:
    limiting.forget()


def test_call_backs_are_listed_until_somebody_was_heard_and_only_valid_ones_count(
    world: World, as_: Any
) -> None:
    first, second = (closed(world, reported(world)[0]) for _n in range(2))
    closed(world, reported(world, contact_name="", contact_phone="")[0])
    dispatcher, now = world.actor("dispatcher"), timezone.now()
    assert set(calling_back.to_call(dispatcher, now)) == {first, second}
    page = as_("dispatcher").get("/desk/callbacks").content.decode()
    assert first.number[-8:] in page
    assert "13926187754" not in page
    assert "139****7754" not in page
    world.do(first, "call_back", "dispatcher", outcome="not_reached")
    with pytest.raises(HuyingError):
        world.do(first, "call_back", "dispatcher", outcome="reached", solved=True)
    three = {"responded": True, "solved": True, "satisfied": False, "fairly_satisfied": True}
    world.do(first, "call_back", "dispatcher", outcome="reached", **three)
    with pytest.raises(HuyingError):
        world.do(first, "call_back", "dispatcher", outcome="reached", **three)
    for _n in range(3):
        world.do(second, "call_back", "dispatcher", outcome="not_reached")
    assert not calling_back.to_call(dispatcher, timezone.now())
    since = now - timedelta(days=1)
    (town,) = calling_back.rates("440113", since, timezone.now() + timedelta(seconds=1))
    assert (town.tried, town.valid) == (5, 1)
    assert (town.response_rate, town.solution_rate, town.satisfaction_rate) == (1, 1, 0.9)
    assert calling_back.Rates("440113102", 0, 0, 0, 0, 0, 4).solution_rate is None


def test_a_month_is_published_once_and_read_as_open_data(world: World) -> None:
    case = closed(world, reported(world)[0])
    ended = datetime(2026, 3, 5, 12, tzinfo=timezone.get_default_timezone())
    later = ended + timedelta(days=60)
    Case.objects.filter(pk=case.pk).update(ended_at=ended)
    assert figures.publish(now=later) == 0  # one case would be found
    assert "还没有公布数据" in Client().get("/done").content.decode()
    figures.PublishedMonth.objects.create(
        month=ended.date().replace(day=1),
        district_code="440113",
        cells=[["440113120", "0211", 12], ["440113120", "rest", 7]],
        made_at=later,
    )
    assert figures.publish(now=later) == 0
    page = Client().get("/done").content.decode()
    assert "石碁镇" in page
    assert ">19<" in page
    body = Client().get("/done.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0][0].startswith("# CC BY 4.0")
    assert [row[-1] for row in rows[2:]] == ["12", "7"]
