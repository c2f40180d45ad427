"""A commit that no standby confirms, or whose answer is lost with the line, is no acknowledgement,
and the repeat of it is done once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import (
    InternalError,
    OperationalError,
    connection,
    connections,
    transaction,
)

from huying import embedded
from huying.cases.gathering import Gathering
from huying.cases.models import Case
from huying.outages import outage
from huying.postgres import LostLeader, NotAnswered, NotReplicated
from huying.postgres.care import look_after
from huying.postgres.watch import Patience, shut
from tests.unconfirmed import Unconfirmed, unconfirmed_commits


def test_a_commit_is_given_up_after_its_time_and_those_after_it_sooner() -> None:
    patience = Patience(8)
    assert patience.given_up([(1, "noon")], 100) == []
    assert patience.given_up([(1, "noon"), (2, "noon")], 107.9) == []
    assert patience.given_up([(1, "noon"), (2, "noon")], 108) == [(1, "noon")]
    assert patience.given_up([(2, "noon"), (3, "later")], 109) == [], "the second began at 107.9"
    assert patience.given_up([(2, "noon"), (3, "later")], 109.9) == [(2, "noon")]
    assert patience.given_up([], 111) == [], "commits pass again"
    assert patience.given_up([(4, "evening")], 112) == []
    assert patience.given_up([(4, "evening")], 119) == []


def test_the_same_backend_with_another_statement_has_not_waited() -> None:
    patience = Patience(8)
    assert patience.given_up([(1, "noon")], 100) == []
    assert patience.given_up([(1, "one past noon")], 109) == []


def test_who_waits_for_the_writer_fails_with_it_when_the_database_is_away() -> None:
    entered, broken = threading.Event(), threading.Event()

    def write(given: Any) -> Any:
        entered.set()
        assert broken.wait(20)
        raise OperationalError("gone")

    gathering: Gathering[int, int] = Gathering(write)
    told: list[Any] = []

    def enter(one: int) -> None:
        try:
            gathering.enter(one)
        except OperationalError as error:
            told.append(str(error))

    first, second = (threading.Thread(target=enter, args=(one,)) for one in (1, 2))
    first.start()
    assert entered.wait(20)
    second.start()
    while not gathering._waiting:
        pass
    broken.set()
    first.join()
    second.join()
    assert told == ["gone", "gone"], "the second was not written, and is not kept waiting for it"


@pytest.fixture
def unconfirmed(transactional_db: None, postgres: Any, database_name: str) -> Iterator[Unconfirmed]:
    with unconfirmed_commits(postgres, database_name) as made:
        yield made


def test_a_report_that_no_standby_confirms_is_refused_and_its_repeat_makes_one_case(
    district: Any, unconfirmed: Unconfirmed
) -> None:
    body = {"text": "路面有坑，车辆难行"}
    unconfirmed.set("")
    # Where numbers are drawn from the sequence anew, that is the commit that waits first.
    assert district.post("/cases", body).status_code == 201
    unconfirmed.set("nobody")

    first = unconfirmed.ask(lambda: district.post("/cases", body, key="once"), 0)
    assert first.status_code == 503
    assert first.headers["Retry-After"] == "5"
    assert first.json()["code"] == "unconfirmed"
    assert first.json()["detail_zh"].startswith("您提交的内容尚未确认保存")

    second = unconfirmed.ask(lambda: district.post("/cases", body, key="once"), 100)
    assert second.status_code == 503, "what is there to see is not confirmed by being seen"

    unconfirmed.set("")
    third = district.post("/cases", body, key="once")
    assert third.status_code == 201
    assert third.headers["Idempotency-Replayed"] == "true"
    assert Case.objects.filter(number=third.json()["number"]).count() == 1
    assert Case.objects.count() == 2


def test_a_report_whose_line_is_lost_in_the_commit_may_be_kept_and_its_repeat_makes_one_case(
    district: Any, unconfirmed: Unconfirmed
) -> None:
    body = {"text": "路面有坑，车辆难行"}
    unconfirmed.set("")
    assert district.post("/cases", body).status_code == 201
    unconfirmed.set("nobody")
    first = unconfirmed.cut_off(lambda: district.post("/cases", body, key="once"))
    assert first.status_code == 503
    assert first.json()["code"] == "unconfirmed"
    assert "也可能已经保存" in first.json()["detail_zh"]
    assert "没有保存" not in first.json()["detail_zh"]
    assert Case.objects.count() == 2, "it was kept, and its answer was lost"
    unconfirmed.set("")
    assert district.post("/cases", body, key="once").status_code == 201
    assert Case.objects.count() == 2


def test_a_report_whose_line_is_lost_behind_its_write_may_be_kept(
    district: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside it one was known before, whose answer is looked up: what was written stays."""
    before = {"text": "路灯不亮"}
    assert district.post("/cases", before, key="known").status_code == 201

    def lost() -> None:
        raise OperationalError("the server is gone")

    monkeypatch.setattr("huying.cases.entering.settle", lost)
    answer = district.post("/cases", before, key="known")
    assert answer.status_code == 503
    assert answer.json()["code"] == "unconfirmed"
    monkeypatch.undo()
    assert district.post("/cases", before, key="known").headers["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_a_transaction_whose_line_is_lost_in_the_commit_raises_and_calls_no_hook(
    unconfirmed: Unconfirmed,
) -> None:
    called: list[int] = []

    def write() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: called.append(1))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_logical_emit_message(true, 'test', '')")

    with pytest.raises(NotAnswered):
        unconfirmed.cut_off(write)
    assert not called


@pytest.mark.parametrize(
    ("asked", "doubted"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", False),
        ("DELETE FROM idempotency_key WHERE pg_terminate_backend(pg_backend_pid())", True),
    ],
)
def test_a_line_that_is_lost_before_the_commit_leaves_no_doubt(
    transactional_db: None, asked: str, doubted: bool
) -> None:
    """A statement outside a transaction is its own commit; one that reads, or is in one, is not."""
    with connection.cursor() as cursor:
        # A row to look at, or the condition would not be asked.
        cursor.execute(
            "INSERT INTO idempotency_key (caller, verb, key, body_digest, created_at)"
            " VALUES ('test', 'test', 'test', '', now())"
        )

    def ask() -> type[Exception]:
        with pytest.raises(OperationalError) as told, connection.cursor() as cursor:
            cursor.execute(asked)
        return told.type

    assert (ask() is NotAnswered) == doubted
    connection.close()
    with pytest.raises(OperationalError) as told, transaction.atomic():
        ask_again(asked)
    assert told.type is not NotAnswered
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM idempotency_key")


def ask_again(asked: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(asked)


def test_a_transaction_that_no_standby_confirms_raises_and_calls_no_hook(
    unconfirmed: Unconfirmed,
) -> None:
    called: list[int] = []

    def write() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: called.append(1))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_logical_emit_message(true, 'test', '')")

    with pytest.raises(NotReplicated):
        unconfirmed.ask(write, 0)
    assert not called
    unconfirmed.set("")
    write()
    assert called == [1]


def test_a_write_on_a_server_that_only_reads_gives_the_connection_up(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = connections.databases["default"]["OPTIONS"]
    with monkeypatch.context() as patch:
        patch.setitem(options, "options", "-c default_transaction_read_only=on")
        connection.close()
        with pytest.raises(LostLeader), connection.cursor() as cursor:
            cursor.execute("DELETE FROM idempotency_key")
        assert connection.connection is None or connection.connection.closed
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM idempotency_key")


def test_a_transaction_of_ours_that_may_only_read_is_no_lost_leader(transactional_db: None) -> None:
    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("DELETE FROM idempotency_key")

    with pytest.raises(InternalError, match="read-only") as raised:
        write()
    assert not isinstance(raised.value, LostLeader)


def test_a_connection_that_another_thread_waits_on_can_be_shut(
    postgres: Any, database_name: str, db: None
) -> None:
    url = postgres.url(embedded.APPLICATION, database_name)
    with psycopg.connect(url, autocommit=True) as waiting, postgres.admin() as admin:
        look_after(waiting)
        pid = waiting.info.backend_pid
        failed: list[type[Exception]] = []

        def wait() -> None:
            try:
                waiting.execute("SELECT pg_sleep(60)")
            except psycopg.Error as error:
                failed.append(type(error))

        thread = threading.Thread(target=wait)
        thread.start()
        asleep = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        while not admin.execute(asleep, [pid]).fetchone():
            pass
        shut(waiting)
        thread.join(20)
        assert failed == [psycopg.OperationalError]
        admin.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_what_was_not_confirmed_is_told_so_and_a_lost_leader_is_an_outage() -> None:
    told = outage(NotReplicated("words"))
    assert told is not None
    assert told.status == 503
    assert told.problem()["detail_zh"].startswith("您提交的内容尚未确认保存")
    assert outage(NotAnswered("words")).code == told.code == "unconfirmed"  # type: ignore[union-attr]
    lost = outage(LostLeader("words"))
    assert lost is not None
    assert lost.code == "unavailable"
