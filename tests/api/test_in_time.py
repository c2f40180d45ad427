"""Whoever asks is answered within ten seconds, however many waits lie on the way; pure parts.

What it comes to with a leader that is frozen, cut off or killed, `huying bench failover` measures.
"""

from __future__ import annotations

import threading
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from huying.cases.gathering import Gathering
from huying.postgres import NotReplicated, budget, places
from huying.postgres.watch import Patience, in_time

THREE = {"host": "a,b,c", "port": "5432", "dbname": "huying"}


@pytest.fixture(autouse=True)
def knows_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_found", None)
    monkeypatch.setattr(places, "_silent", None)


def at(host: str) -> psycopg.Connection[Any]:
    told = SimpleNamespace(info=SimpleNamespace(host=host, port=5432))
    return cast("psycopg.Connection[Any]", told)


def order(params: dict[str, Any]) -> str:
    return ",".join(each["host"] for each in places.in_order(params))


def test_a_commit_of_a_request_that_is_late_waits_no_longer_than_after_others_were_given_up() -> (
    None
):
    patience = Patience(8)
    both = [(1, "noon"), (2, "noon")]
    assert patience.given_up(both, 100, late={2}) == []
    assert patience.given_up(both, 101.9, late={2}) == []
    assert patience.given_up(both, 102, late={2}) == [(2, "noon")]


def test_a_request_is_late_from_its_beginning_on_and_what_is_none_never() -> None:
    seen: list[float | None] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(budget.until())
        return [b""]

    before = monotonic()
    assert list(in_time(application, 8)({}, lambda *_: None)) == [b""]
    assert seen[0] is not None
    assert before + 6 <= seen[0] <= monotonic() + 6
    assert budget.until() is None


def test_the_server_that_led_last_is_asked_first_and_a_silent_one_last() -> None:
    assert order(THREE) == "a,b,c"
    places.found(at("b"))
    assert order(THREE) == "b,a,c"
    places.silent(at("b"))
    assert order(THREE) == "a,c,b"
    places.found(at("c"))
    assert order(THREE) == "c,a,b"
    places.found(at("b"))
    assert order(THREE) == "b,a,c", "it speaks again"
    assert places.in_order(THREE)[2] == {"host": "c", "port": "5432", "dbname": "huying"}


def test_each_server_keeps_its_port() -> None:
    places.silent(at("a"))
    found = places.in_order({"host": "a,b", "port": "5432,6432"})
    assert found == [{"host": "b", "port": "6432"}, {"host": "a", "port": "5432"}]


def test_who_is_late_asks_no_second_server_and_others_are_told_what_each_has_said() -> None:
    asked: list[str] = []

    def refuse(one: dict[str, Any]) -> psycopg.Connection[Any]:
        asked.append(one["host"])
        raise psycopg.OperationalError(f"{one['host']} does not answer")

    with budget.within(0), pytest.raises(psycopg.OperationalError, match="a does not answer"):
        places.first(THREE, refuse)
    assert asked == ["a"]
    with pytest.raises(psycopg.OperationalError, match=r"(?s)a does not.*c does not answer"):
        places.first(THREE, refuse)


@pytest.mark.parametrize(
    "params",
    [
        {"host": "a", "port": "5432"},
        {"dbname": "huying"},
        {"host": "a,b,c", "port": "1,2"},
        {"host": "a,b", "hostaddr": "10.0.0.1,10.0.0.2"},
    ],
)
def test_one_server_or_an_address_that_the_driver_must_refuse_is_left_as_it_is(
    params: dict[str, Any],
) -> None:
    places.found(at("b"))
    assert places.in_order(params) == [params]


def test_who_is_late_does_not_wait_for_the_one_that_writes_and_the_next_is_still_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huying.cases.gathering.LONGER_S", 0.0)
    entered, go_on = threading.Event(), threading.Event()

    def write(given: Any) -> Any:
        entered.set()
        assert go_on.wait(20)
        return given

    gathering: Gathering[int, int] = Gathering(write)
    told: list[int] = []
    first = threading.Thread(target=lambda: told.append(gathering.enter(1)))
    first.start()
    assert entered.wait(20)
    with budget.within(0), pytest.raises(NotReplicated):
        gathering.enter(2)
    go_on.set()
    first.join()
    assert gathering.enter(3) == 3
    assert told == [1]


def test_a_connection_that_nobody_asks_on_is_late_for_nothing(transactional_db: None) -> None:
    """Behind a pooler one that is late makes all commits of the process late."""
    from django.db import connection, transaction

    from huying.cases.models import Case

    with budget.within(5):
        assert not Case.objects.exists()
        assert connection.care.until is None
        with transaction.atomic():
            assert not Case.objects.exists()
        assert connection.care.until is None
