"""Two roles: the owner migrates, the application can't touch what is written once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection

WRITTEN_ONCE = (
    "case_event",
    "seal",
    "access_log",
    "handover",
    "handover_matter",
    "handover_taking",
    "task_step",
    "register_change",
    "person_request_step",
    "care_step",
    "survey_step",
    "branch_change",
    "neighbour_step",
    "joint_step",
    "closed_period",
    "closed_figure",
    "score_month",
    "score_closed",
    "duty_step",
)


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("huying", False)


@pytest.mark.django_db
@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
def test_the_application_has_no_way_to_change_what_is_written_once(table: str, right: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT, INSERT')", [table])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_partitions_are_no_way_round() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT inhrelid::regclass::text FROM pg_inherits
            WHERE inhparent = 'case_event'::regclass
            AND has_table_privilege(inhrelid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
            """
        )
        assert cursor.fetchall() == []


def test_the_owner_is_another_role(owner_connection: Any) -> None:
    assert owner_connection.execute("SELECT current_user").fetchone() == ("huying_owner",)


@pytest.mark.django_db
def test_the_application_may_not_make_tables() -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("CREATE TABLE mine (id int)")


def test_a_password_is_needed(postgres: Any, database_name: str, django_db_setup: None) -> None:
    from huying import embedded

    right = postgres.url(embedded.APPLICATION, database_name)
    psycopg.connect(right).close()
    for role in (embedded.APPLICATION, embedded.OWNER, embedded.SUPERUSER):
        wrong = psycopg.conninfo.make_conninfo(postgres.url(role, database_name), password="guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
