"""A database made ready, and whether it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from huying import database, recurring


@pytest.mark.django_db
def test_health_tells_that_all_is_well(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert json.loads(response.content) | {"version": ""} == {
        "ok": True, "version": "", "database": True, "migrations_missing": 0,
    }  # fmt: skip


@pytest.mark.django_db
def test_health_tells_of_a_missing_migration(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "huying.health.MigrationExecutor.migration_plan", lambda *_: [("huying", "9999")]
    )
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["migrations_missing"] == 1


def test_health_tells_of_a_lost_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> None:
        raise ConnectionError("with a password in its text")

    monkeypatch.setattr("huying.health.MigrationExecutor", lost)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] is False
    assert "password" not in response.content.decode()


def test_every_page_carries_the_policy(client: Client, db: None) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_a_job_is_inserted_without_notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = 'procrastinate_jobs'::regclass AND prosrc ILIKE '%pg_notify%' "
            "AND tgenabled <> 'D' AND tgtype & 4 > 0"  # 4: on insert
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_nothing_is_pending_and_preparing_again_says_nothing() -> None:
    told: list[str] = []
    assert database.pending() == 0
    database.prepare(told.append)
    assert told == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_grants_may_be_applied_again(owner_connection: Any) -> None:
    database.grant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('case_event', 'UPDATE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_first_start_that_was_broken_off_before_its_grants_goes_on(
    owner_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.readiness.is_known", lambda _config: False)
    monkeypatch.setattr("huying.readiness.note", lambda _config: None)
    owner_connection.execute("REVOKE ALL ON django_migrations FROM huying")
    try:
        database.prepare()
    finally:
        database.grant()
    assert database.pending() == 0


def test_all_periodic_work_exists() -> None:
    assert recurring.RECURRING
    names = [work.name for work in recurring.RECURRING]
    assert len(set(names)) == len(names)
    for work in recurring.RECURRING:
        module = __import__(work.module, fromlist=[work.function])
        assert callable(getattr(module, work.function)), work
