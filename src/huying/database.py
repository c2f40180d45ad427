"""Making a database ready: migrations as the owner, the application's grants, the base data."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from huying import embedded
from huying.settings import config

log = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"

BASE_DATA = (
    ("huying.places.loading", "load_divisions"),
    ("huying.catalogue.loading", "load_catalogue"),
    ("huying.clock.loading", "load_calendar"),
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
    """Divisions, catalogue and calendar; not the demo."""
    for module_name, function_name in BASE_DATA:
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name and module_name.startswith(error.name):
                log.debug("%s is not there yet", module_name)
                continue
            raise
        getattr(module, function_name)()


def prepare(say: Say = lambda text: None) -> None:
    """Migrates what is missing and loads the base data; quick when there is nothing to do."""
    missing = pending()
    if missing:
        if not (config.embedded or config.database_owner_url):
            raise MissingOwner(
                f"The database lacks {missing} migrations, and only its owner may apply them: "
                "set DATABASE_OWNER_URL."
            )
        say(f"Applying {missing} migrations")
        migrate()
        say("Loading divisions, catalogue and calendar")
        load_base_data()
