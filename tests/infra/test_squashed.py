"""A new installation begins with one migration in the place of 88, and has the same tables.

The models of both ways are compared each time. Where HUYING_TEST_SQUASHED is set, two databases are
made, one by the replaced migrations one after the other, and all that their catalogues say of them
is compared, with every row: that takes a minute or two of a core.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState

from tests.conftest import Server
from tests.infra.catalogue import catalogue, rows

ASKED = "HUYING_TEST_SQUASHED"
SQUASHED = ("huying", "0002_squashed_0089")
LAST = ("huying", "0089_swept_early")

LEFT_OUT = {"0009", "0011", "0014", "0017", "0026", "0033", "0050", "0056", "0068", "0071"}
"""Migrations of which one operation only changed rows that were there."""

ANOTHER = "handover_to_another"
"""The one check that Django would write otherwise for the tables as they are now."""

AS_BEFORE = f"""
import django
django.setup()
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from huying import embedded
owner = connections["owner"]
with owner.cursor() as cursor:
    for extension in embedded.EXTENSIONS:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {{extension}}")
executor = MigrationExecutor(owner)
executor.loader = MigrationLoader(owner, replace_migrations=False)
others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "huying"]
executor.migrate([{LAST}, *others])
"""

AS_NOW = """
import django
django.setup()
from huying import database
database.migrate()
"""


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    """All migrations, none in the place of another."""
    return MigrationLoader(None, ignore_no_migrations=True, replace_migrations=False)


def replaced(loader: MigrationLoader) -> list[Migration]:
    """Those that the squashed one stands for, by their numbers."""
    found = sorted(key for key in loader.disk_migrations if key[0] == "huying")
    names = [key for key in found if "0002" <= key[1][:4] <= "0089" and key != SQUASHED]
    return [loader.disk_migrations[key] for key in names]


def told(state: ProjectState) -> dict[str, Any]:
    """Each model of ours with all that its table follows from, in no order but that of names."""

    detector = MigrationAutodetector(state, state)

    def model(of: ModelState) -> dict[str, Any]:
        options = dict(of.options)
        parts = {
            kind: {part.name: detector.deep_deconstruct(part) for part in options.pop(kind, ())}
            for kind in ("constraints", "indexes")
        }
        fields = {name: detector.deep_deconstruct(field) for name, field in of.fields.items()}
        return {"fields": fields, "options": options, "bases": of.bases, **parts}

    return {of.name: model(of) for (app, _), of in state.models.items() if app == "huying"}


def sql(migration: Migration) -> list[str]:
    return [str(each.sql) for each in migration.operations if isinstance(each, RunSQL)]


def test_it_stands_for_all_of_them(loader: MigrationLoader) -> None:
    old = [(each.app_label, each.name) for each in replaced(loader)]
    assert loader.disk_migrations[SQUASHED].replaces == old
    assert (len(old), old[-1]) == (88, LAST)


def test_what_they_ask_of_other_packages_it_asks(loader: MigrationLoader) -> None:
    asked = {key for each in replaced(loader) for key in each.dependencies}
    outside = {key for key in asked if key[0] != "huying" or key[1] == "0001_initial"}
    assert outside <= set(loader.disk_migrations[SQUASHED].dependencies)


def test_the_models_are_the_same(loader: MigrationLoader) -> None:
    before, now = told(loader.project_state(LAST)), told(loader.project_state(SQUASHED))
    assert now.keys() == before.keys()
    assert {name: now[name] for name in now if now[name] != before[name]} == {}
    assert len(now) > 200


def test_statements_are_taken_over_but_for_those_that_change_rows(loader: MigrationLoader) -> None:
    mine = [each for each in sql(loader.disk_migrations[SQUASHED]) if ANOTHER not in each]
    taken, left = [], []
    for migration in replaced(loader):
        taken += [each for each in sql(migration) if each in mine]
        left += [migration.name[:4] for each in sql(migration) if each not in mine]
        left += [migration.name[:4] for each in migration.operations if isinstance(each, RunPython)]
    assert taken == mine  # in the same order
    assert sorted(left) == sorted(LEFT_OUT)


def plan(applied: list[Migration]) -> list[str]:
    """What of ours is yet to run where these have run; all of other packages has."""
    all_ = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {key: one for key, one in all_.items() if key[0] != "huying"}
    known |= {(one.app_label, one.name): one for one in applied}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MigrationRecorder, "applied_migrations", lambda _: dict(known))
        executor = MigrationExecutor(connections["default"])
        steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [each.name for each, _back in steps if each.name <= LAST[1]]


def test_who_went_through_them_has_nothing_to_do_and_who_began_goes_on(
    loader: MigrationLoader,
) -> None:
    first, old = loader.disk_migrations["huying", "0001_initial"], replaced(loader)
    names = [each.name for each in old]
    assert plan([]) == [first.name, SQUASHED[1]]
    assert plan([first]) == [SQUASHED[1]]
    for done in (1, 49, 87):  # 49: up to 0050
        assert plan([first, *old[:done]]) == names[done:]
    assert plan([first, *old]) == []
    assert plan([first, *old, loader.disk_migrations[SQUASHED]]) == []


def test_it_is_not_taken_back(loader: MigrationLoader) -> None:
    with pytest.raises(IrreversibleError, match=r"huying\.0002_squashed_0089 can't be taken back"):
        loader.disk_migrations[SQUASHED].unapply(ProjectState(), None)


def run(urls: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **urls},
        capture_output=True, text=True, timeout=900, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(ASKED not in os.environ, reason=f"takes minutes; {ASKED}=1 asks for it")
def test_the_tables_are_the_same(postgres: Server) -> None:
    with postgres.empty("squashed_before") as before, postgres.empty("squashed_now") as now:
        run(before, "-c", AS_BEFORE)
        for urls in (before, now):
            run(urls, "-c", AS_NOW)
        with (
            psycopg.connect(before["DATABASE_OWNER_URL"]) as one,
            psycopg.connect(now["DATABASE_OWNER_URL"]) as other,
        ):
            expected, found = catalogue(one), catalogue(other)
            for kind, lines in expected.items():
                assert found[kind] == lines, kind
            kept, put = rows(one), rows(other)
            applied = [without_time(each.pop("django_migrations")) for each in (kept, put)]
            sequences = [each.pop("django_migrations_id_seq") for each in (kept, put)]
        assert applied[0] == applied[1]
        assert len(sequences[0]) == len(sequences[1]) == 1
        assert put == kept
        written = run(now, "-m", "huying", "manage", "sqlmigrate", *SQUASHED)
        assert written.count("CREATE TABLE") > 190


def without_time(applied: list[str]) -> list[str]:
    """Names of migrations, whenever and in whatever order they ran."""
    return sorted(re.sub(r"\('(applied|id)', [^)]*\)", "", each) for each in applied)
