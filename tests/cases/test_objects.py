"""Rows become the objects, and the moments, that Django would have made of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection
from django.db.models.signals import post_init
from hypothesis import given
from hypothesis import strategies as st

from huying.cases.models import Case
from huying.people.models import Unit
from huying.postgres.objects import Moments, made_of
from huying.postgres.prepared import rows_of
from tests.cases.town import GRID_1, Town


@contextmanager
def listening(model: Any, heard: list[Any]) -> Iterator[None]:
    def hear(instance: Any, **_also: Any) -> None:
        heard.append(instance)

    post_init.connect(hear, sender=model)
    made_of.cache_clear()
    try:
        yield
    finally:
        post_init.disconnect(hear, sender=model)
        made_of.cache_clear()


def test_a_row_of_some_columns_leaves_the_others_to_be_asked_for(town: Town) -> None:
    case = town.report(area=GRID_1)
    made = made_of(Case, ("id", "number"))((case.pk, case.number))
    assert made == case
    assert made.get_deferred_fields() > {"state"}
    assert made.state == "reported"
    assert not made._state.adding


def test_who_listens_to_how_objects_are_made_still_hears_of_each() -> None:
    heard: list[Any] = []
    with listening(Unit, heard):
        unit = made_of(Unit, ("id", "name"))((7, "环卫所"))
    assert heard == [unit]
    made_of(Unit, ("id", "name"))((8, "城管队"))
    assert heard == [unit]


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_read_to_the_microsecond(at: datetime) -> None:
    text = at.isoformat(" ").removesuffix(":00").encode()
    assert Moments(0).load(text) == at
    # The server leaves noughts at the end of a second out.
    if at.microsecond:
        short = at.isoformat(" ").removesuffix("+00:00").rstrip("0") + "+00"
        assert Moments(0).load(short.encode()) == at


@pytest.mark.django_db
def test_moments_come_in_utc_whatever_zone_the_session_has() -> None:
    asked = "SELECT %(at)s::timestamptz"
    at = datetime(2026, 7, 1, 8, 30, 0, 500_000, UTC)
    assert rows_of(asked, {"at": at}) == [(at,)]
    ((found,),) = rows_of(asked, {"at": at})
    assert found.tzinfo is UTC
    with connection.cursor() as cursor:
        cursor.execute(asked, {"at": at})
        assert cursor.fetchone()[0].tzinfo is UTC
        cursor.execute("SELECT 'infinity'::timestamptz")
        with pytest.raises(DataError):
            cursor.fetchone()
    assert Moments(0).load(b"2026-07-01 16:30:00.5+08").utcoffset() == timedelta(0)
