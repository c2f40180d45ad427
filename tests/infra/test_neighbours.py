"""The version before runs on the tables of this one: that is what a restart in turn rests on.

What its models read and write is known from the migrations up to its last one. Nothing of that may
go, change its kind or become narrower, and what is new may not be asked of it (CONTRIBUTING.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from huying.faults import of_database
from huying.faults.finding import Grade
from huying.installation import config

BEFORE = "0088_jobs_in_trouble"
"""The last migration of the version before. Moved on when a version is given out, never between."""

BY_HAND = {("case_event", "case_id")}
"""What hand-written SQL of the first migration made; Django's own state does not know of it."""

COLUMNS = """
SELECT c.relname, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
       a.atthasdef OR a.attidentity <> ''
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND a.attnum > 0 AND NOT a.attisdropped
"""

Columns = dict[str, dict[str, tuple[int, int, bool, bool]]]


@pytest.fixture(scope="module")
def before() -> list[type[models.Model]]:
    """The models of the version before."""
    # It may be one that a squashed migration stands for.
    loader = MigrationLoader(None, ignore_no_migrations=True, replace_migrations=False)
    apps = loader.project_state(("huying", BEFORE)).apps
    return list(apps.get_app_config("huying").get_models(include_auto_created=True))


def present(owner: psycopg.Connection[Any]) -> Columns:
    found: Columns = {}
    for table, column, *told in owner.execute(COLUMNS).fetchall():
        found.setdefault(table, {})[column] = (told[0], told[1], told[2], told[3])
    return found


def types(before: list[type[models.Model]], owner: psycopg.Connection[Any]) -> dict[str, int]:
    """The database's own number of each type that the models name."""
    named = {_type(f) for model in before for f in model._meta.local_concrete_fields}
    rows = owner.execute("SELECT t, to_regtype(t)::oid FROM unnest(%s::text[]) AS t", [list(named)])
    return dict(rows.fetchall())


def _type(field: models.Field[Any, Any]) -> str:
    return re.sub(r"\([\d, ]*\)", "", field.db_type(connection) or "")


def trouble(before: list[type[models.Model]], owner: psycopg.Connection[Any]) -> Iterator[str]:
    """What the version before would fall over."""
    now, numbers = present(owner), types(before, owner)
    for model in before:
        table = model._meta.db_table
        if table not in now:
            yield f"{table} is gone"
            continue
        columns = dict(now[table])
        for field in model._meta.local_concrete_fields:
            if field.column not in columns:
                yield f"{table}.{field.column} is gone"
                continue
            kind, width, filled, given = columns.pop(field.column)
            if kind != numbers[_type(field)]:
                yield f"{table}.{field.column} is of another type"
            if field.max_length and 0 <= width < field.max_length + 4:
                yield f"{table}.{field.column} is narrower"
            if field.null and filled and not given:
                yield f"{table}.{field.column} must be filled"
        for name, (_kind, _width, filled, given) in columns.items():
            if filled and not given and (table, name) not in BY_HAND:
                yield f"{table}.{name} is new and must be filled"


def test_the_version_before_finds_all_that_it_reads_and_writes(
    before: list[type[models.Model]], owner_connection: psycopg.Connection[Any]
) -> None:
    assert len(before) > 100
    assert list(trouble(before, owner_connection)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE attachment DROP COLUMN seq CASCADE", "attachment.seq is gone"),
        ("ALTER TABLE attachment RENAME TO picture", "attachment is gone"),
        (
            "ALTER TABLE account ADD nickname text NOT NULL DEFAULT '';"
            "ALTER TABLE account ALTER nickname DROP DEFAULT",  # as Django's AddField leaves it
            "account.nickname is new and must be filled",
        ),
        (
            "ALTER TABLE account ALTER last_login SET NOT NULL",
            "account.last_login must be filled",
        ),
        ("ALTER TABLE account ALTER username TYPE varchar(20)", "account.username is narrower"),
        ("ALTER TABLE account ALTER username TYPE text", "account.username is of another type"),
        ("ALTER TABLE account ADD nickname text", None),
        ("ALTER TABLE account ADD nickname text NOT NULL DEFAULT ''", None),
        ("CREATE TABLE novelty (id bigint NOT NULL)", None),
    ],
    ids=str,
)
def test_a_change_that_it_does_not_bear_is_found(
    change: str,
    told: str | None,
    before: list[type[models.Model]],
    owner_connection: psycopg.Connection[Any],
) -> None:
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(change)
        assert list(trouble(before, owner_connection)) == ([told] if told else [])


def test_on_newer_tables_it_is_well_and_says_so(
    db: None, owner_connection: psycopg.Connection[Any], client: Client
) -> None:
    newer = ("huying", "9999_of_the_next_version")
    owner_connection.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", newer
    )
    try:
        assert client.get("/healthz").status_code == 200
        (found,) = of_database.migrations(config)
    finally:
        owner_connection.execute("DELETE FROM django_migrations WHERE name = %s", newer[1:])
    assert found.grade is Grade.WARNING
    assert newer[1] in found.what
