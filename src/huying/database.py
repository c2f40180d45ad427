"""Making a database ready: migrations as the owner, the application's grants, the base data."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from huying import embedded, readiness
from huying.installation import config

SQL = Path(__file__).parent / "sql"

BASE_DATA = (
    ("huying.places.loading", "load_divisions"),
    ("huying.catalogue.loading", "load_catalogue"),
    ("huying.clock.loading", "load_calendar"),
    ("huying.dispatch.loading", "load_rules"),
    ("huying.response.limits", "load_limits"),
    ("huying.care.loading", "load_care"),
    ("huying.surveys.loading", "load_registers"),
)
"""What every installation starts with; each function may be called again and then does nothing."""


class MissingOwner(embedded.EmbeddedError):
    """The tables must be migrated and nobody said how to become their owner."""


Say = Callable[[str], None]


def pending(alias: str = DEFAULT_DB_ALIAS) -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate(*, verbosity: int = 0) -> None:
    """Brings the tables up to date as the owner, then grants the application its rights."""
    connection = connections["owner"]
    with connection.cursor() as cursor:
        for extension in embedded.EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    grant()


def grant() -> None:
    """Applies sql/grants.sql, as the owner, to the application's role."""
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    text = (SQL / "grants.sql").read_text(encoding="utf-8")
    connection = connections["owner"]
    with connection.cursor() as cursor:
        statement = text.replace(":application_name", sql.Literal(role).as_string(None))
        statement = statement.replace(":application", sql.Identifier(role).as_string(None))
        cursor.execute(statement)


def load_base_data() -> None:
    """Divisions, catalogue, calendar, rules and the first registers; not the demo."""
    for module_name, function_name in BASE_DATA:
        getattr(importlib.import_module(module_name), function_name)()


def has_base_data() -> bool:
    """Whether divisions, catalogue, calendar, rules and the first registers were loaded."""
    from huying.catalogue.models import ItemVersion
    from huying.clock.models import CalendarYear
    from huying.dispatch.models import Rulebook
    from huying.places.models import Division
    from huying.surveys.models import Survey

    needed = (Division, ItemVersion, CalendarYear, Rulebook, Survey)
    return all(model.objects.exists() for model in needed)


def prepare(say: Say = lambda text: None) -> None:
    """Migrates what is missing and loads the base data; quick when there is nothing to do.

    Raises MissingOwner if an external database lacks migrations and its owner is not known.
    """
    if readiness.is_known(config):
        return
    owned = config.embedded or bool(config.database_owner_url)
    # As the owner: where a first start was broken off, the application may not read anything yet.
    if missing := pending("owner" if owned else DEFAULT_DB_ALIAS):
        if not owned:
            raise MissingOwner(
                f"The database lacks {missing} migrations, and only its owner may apply them: "
                "set DATABASE_OWNER_URL."
            )
        say(f"Applying {missing} migrations")
        migrate()
    if not has_base_data():
        say("Loading divisions, catalogue, calendar and rules")
        load_base_data()
    readiness.note(config)
