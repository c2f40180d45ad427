"""The roles and databases of the embedded server, as its superuser makes them."""

from __future__ import annotations

import psycopg
from psycopg import sql

OWNER = "huying_owner"
APPLICATION = "huying"


def set_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    """Makes a role that may log in and nothing more, or gives it this password."""
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if found.fetchone() else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.Literal(password)
        )
    )


def create_database(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Makes a database of the owner's that only the two roles may enter (superuser needed)."""
    database, owner = sql.Identifier(name), sql.Identifier(OWNER)
    # Trigrams of Chinese need a locale that knows its letters. PostgreSQL brings its own from
    # 17 on; before that it is the operating system's.
    builtin = connection.info.server_version >= 170000
    provider = "builtin BUILTIN_LOCALE 'C.UTF-8'" if builtin else "libc"
    connection.execute(
        sql.SQL(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER {} LOCALE 'C.UTF-8'"
        ).format(database, owner, sql.SQL(provider))
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            database, sql.Identifier(APPLICATION)
        )
    )
