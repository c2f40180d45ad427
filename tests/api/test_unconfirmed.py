"""A commit that no standby confirms is no acknowledgement, and the repeat of it is done once.

The server of the tests waits for a standby that does not exist; only connections that ask for
`synchronous_commit` notice, so all others go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
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
from huying.postgres import LostLeader, NotReplicated
from huying.postgres.care import look_after
from huying.postgres.watch import Patience, Watch, shut


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


class Unconfirmed:
    """Lets requests wait for a standby, and looks after them as the product's thread does."""

    def __init__(self, postgres: Any, database: str) -> None:
        self.postgres = postgres
        self.watch = Watch(
            lambda: psycopg.connect(postgres.url(embedded.APPLICATION, database), autocommit=True),
            8,
            elsewhere=False,
        )

    def set(self, names: str) -> None:
        with self.postgres.admin() as admin:
            admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            admin.execute("SELECT pg_reload_conf()")
            while admin.execute("SHOW synchronous_standby_names").fetchone() != (names,):
                pass

    def ask(self, do: Callable[[], Any], clock: float) -> Any:
        """Does something in a thread of its own; its commit, should it wait, is given up."""
        got: list[Any] = []

        def run() -> None:
            try:
                got.append(do())
            except Exception as error:
                got.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            self.watch.once(clock)
            clock += 1  # each look is a second later, without waiting for it
        thread.join()
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]


@pytest.fixture
def unconfirmed(
    transactional_db: None, postgres: Any, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Unconfirmed]:
    with monkeypatch.context() as patch:
        options = connections.databases["default"]["OPTIONS"]
        patch.setitem(options, "options", "-c synchronous_commit=on")
        connection.close()
        made = Unconfirmed(postgres, database_name)
        made.set("nobody")
        yield made
        made.set("")
    connection.close()


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
    lost = outage(LostLeader("words"))
    assert lost is not None
    assert lost.code == "unavailable"
