"""What the database tells: whether it is the right one, with the right rights, and at work."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from huying import database, embedded, personal
from huying.audit import crypto, months
from huying.audit.keys import KeyPurpose
from huying.audit.models import Seal
from huying.faults.finding import Findings, fault, warning, well
from huying.faults.here import age
from huying.installation import Settings
from huying.telemetry.standing import Standing, standing

OLDEST: Final = 15
DRIFT_WARNING_S, DRIFT_FAULT_S = 2.0, 30.0
SEAL_WITHIN: Final = timedelta(hours=26)
COPIED_WITHIN: Final = timedelta(days=2)
"""So many nights the worker has to copy a month that is over."""
JOB_WAITS_S: Final = 600

LOG: Final = ("case_event", "seal", "access_log")
"""Tables in which the application may write and never change."""


def reachable(config: Settings) -> Findings:
    """One finding: whether it answers. If it is a fault, nothing else can be asked."""
    mend = _("Is the server running, and is DATABASE_URL right? See docs/operate.md.")
    if config.embedded and not embedded.serves(config.home):
        yield fault(
            "database", _("The embedded database does not run."), _("Start it: huying serve.")
        )
        return
    try:
        with psycopg.connect(config.url(), connect_timeout=5) as server:
            version = server.info.server_version // 10000
    except (psycopg.Error, embedded.EmbeddedError) as error:
        first = str(error).strip().partition("\n")[0]
        yield fault("database", _("It does not answer: %(error)s") % {"error": first}, mend)
        return
    if version < OLDEST:
        yield fault(
            "database",
            _("PostgreSQL %(version)d is too old.") % {"version": version},
            _("Move to PostgreSQL %(oldest)d or later.") % {"oldest": OLDEST},
        )
    else:
        yield well("database", f"PostgreSQL {version}")


def _ask(question: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        row = cursor.fetchone()
        return row[0] if row else None


def rights(config: Settings) -> Findings:
    """Whether the application is no more than it must be, and no less."""
    wrong = False
    powers = _ask(
        "SELECT concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END,"
        " CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,"
        " CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,"
        " CASE WHEN rolreplication THEN 'REPLICATION' END)"
        " FROM pg_roles WHERE rolname = current_user"
    )
    if powers:
        wrong = True
        yield fault(
            "rights",
            _("The application's role may do too much: %(powers)s.") % {"powers": powers},
            f"ALTER ROLE {_ask('SELECT quote_ident(current_user)')} NOSUPERUSER NOCREATEROLE"
            " NOCREATEDB NOBYPASSRLS NOREPLICATION;",
        )
    member = _ask(
        "SELECT string_agg(tableowner, ', ') FROM (SELECT DISTINCT tableowner FROM pg_tables"
        " WHERE schemaname = 'public') AS o WHERE pg_has_role(current_user, tableowner, 'USAGE')"
    )
    if member:
        wrong = True
        yield fault(
            "rights",
            _("The application's role owns tables, and could change the event log."),
            _("Name two roles in DATABASE_URL and DATABASE_OWNER_URL (docs/operate.md)."),
        )
    grants = _("Run huying migrate as the owner: it grants what is needed.")
    for table in LOG:
        if _ask("SELECT to_regclass(%s) IS NULL", f"public.{table}"):
            continue
        can = {
            verb: _ask("SELECT has_table_privilege(%s, %s)", f"public.{table}", verb)
            for verb in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
        if can["UPDATE"] or can["DELETE"] or can["TRUNCATE"]:
            wrong = True
            yield fault(
                "rights",
                _("The application may change the table %(name)s.") % {"name": table},
                grants,
            )
        if not (can["SELECT"] and can["INSERT"]):
            wrong = True
            yield fault(
                "rights", _("The application may not write the table %(name)s.") % {"name": table},
                grants,
            )  # fmt: skip
    lacking = _ask(
        "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_catalog.pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND NOT has_table_privilege(oid, 'SELECT')"
    )
    if lacking:
        wrong = True
        yield fault(
            "rights", _("The application may not read: %(names)s.") % {"names": lacking}, grants
        )
    if not wrong:
        yield well("rights", _("enough, and no more"))


def clock(config: Settings) -> Findings:
    """Whether this machine's clock and the database's say the same."""
    before = time.time()
    told: datetime = _ask("SELECT clock_timestamp()")
    after = time.time()
    drift = abs(told.timestamp() - (before + after) / 2)
    drift = max(0.0, drift - (after - before) / 2)
    words = _("%(seconds).1f s apart from the database's") % {"seconds": drift}
    mend = _("Let both machines keep their time by NTP (chrony, systemd-timesyncd).")
    if drift >= DRIFT_FAULT_S:
        yield fault("clock", words, mend)
    elif drift >= DRIFT_WARNING_S:
        yield warning("clock", words, mend)
    else:
        yield well("clock", words)


def migrations(config: Settings) -> Findings:
    """Whether the tables are those of this version."""
    if missing := database.pending():
        yield fault(
            "migrations",
            _("Migrations that the tables lack: %(n)d.") % {"n": missing},
            _("Run huying migrate as the owner."),
        )
        return
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    newer = [f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in known]
    newer = [name for name in newer if name.startswith("huying.")]
    if newer:
        yield warning(
            "migrations",
            _("The tables are those of a newer version (%(name)s).") % {"name": max(newer)},
            _("Right in the middle of an upgrade; else install that version."),
        )
    else:
        yield well("migrations", _("all applied"))
    if not database.has_base_data():
        yield fault(
            "migrations",
            _("Divisions, catalogue, calendar or rules are missing."),
            _("Run huying migrate as the owner: it loads them."),
        )


def keys_of_rows(config: Settings) -> Findings:
    """Whether each key is there under which a row was sealed or a seal was signed."""
    lacking: dict[str, list[str]] = {}
    known = set(crypto.provider().key_ids(KeyPurpose.DATA))
    signing = set(crypto.provider().key_ids(KeyPurpose.SEAL))
    for held in personal.tables():
        for column in held.sealed:
            for key in _sealed_under(held.table, column) - known:
                lacking.setdefault(key, []).append(held.table)
    for key in set(Seal.objects.values_list("key_id", flat=True).distinct()) - signing:
        lacking.setdefault(key, []).append("seal")
    mend = _("Put the copy of the folder keys/ back: without it these rows stay unreadable.")
    for key, tables in sorted(lacking.items()):
        names = ", ".join(sorted(set(tables)))
        yield fault(
            "keys",
            _("Rows of %(tables)s need the key %(key)s, and it is not here.")
            % {"tables": names, "key": key},
            mend,
        )
    if not lacking:
        yield well("keys", _("all that rows need are here"))


def _sealed_under(table: str, column: str) -> set[str]:
    """The ids of the keys in the heads of a column; nothing else of it is read out."""
    head = sql.SQL(
        "SELECT DISTINCT substring({column} FOR 2 + get_byte({column}, 1)) FROM {table}"
        " WHERE octet_length({column}) > 2"
    ).format(column=sql.Identifier(column), table=sql.Identifier(table))
    with connection.cursor() as cursor:
        cursor.execute(head)
        return {crypto.provider().sealed_under(bytes(row[0])) for row in cursor.fetchall()}


def work(config: Settings) -> Findings:
    """Whether the worker lives and keeps up, and whether the log is sealed each day."""
    found, now = standing(), timezone.now()
    yield from worker(found)
    if found.sealed_at is None:
        yield warning(
            "seal",
            _("The event log was never sealed."),
            _("The worker does it after midnight; huying seal does it now."),
        )
    elif now - found.sealed_at > SEAL_WITHIN:
        yield fault(
            "seal",
            _("The last seal is %(age)s old.") % {"age": age(now - found.sealed_at)},
            _("Look into the worker's log, then run huying seal."),
        )
    else:
        yield well("seal", _("The last seal is %(age)s old.") % {"age": age(now - found.sealed_at)})
    if found.dead_letters:
        yield warning(
            "outgoing",
            _("%(n)d outgoing messages were given up.") % {"n": sum(found.dead_letters.values())},
            _("See why under /admin/ (outgoing messages); mend the channel and send them again."),
        )


def months_copied(config: Settings) -> Findings:
    """Whether each month of the log that was over some days ago was copied."""
    late = months.due(timezone.now() - COPIED_WITHIN)
    if late:
        yield warning(
            "months",
            _("%(n)d months of the event log were not copied, since %(month)s.")
            % {"n": len(late), "month": f"{late[0]:%Y-%m}"},
            _("The worker does it in the night; huying archive does it now."),
        )
    else:
        yield well("months", _("each month that is over was copied"))


def worker(found: Standing) -> Findings:
    """Whether somebody runs the jobs."""
    slow = [each for each in found.waiting if (each.seconds or 0) > JOB_WAITS_S]
    if not found.workers:
        yield fault(
            "worker",
            _("No worker is alive: deadlines, notices and seals stand still."),
            _("Start huying worker, or huying serve."),
        )
    elif slow:
        longest = max(slow, key=lambda each: each.seconds)
        yield warning(
            "worker",
            _("Jobs of the kind %(kind)s wait for %(minutes)d minutes.")
            % {"kind": longest.kind, "minutes": longest.seconds // 60},
            _("Look into the worker's log; start another, or raise HUYING_WORKER_CONCURRENCY."),
        )
    else:
        yield well("worker", str(found.workers))


ASKED: Final = {
    "migrations": migrations,
    "rights": rights,
    "clock": clock,
    "keys": keys_of_rows,
    "worker": work,
    "months": months_copied,
}
"""What is asked of a database that answers, by name."""


def all_of(config: Settings, only: set[str]) -> Findings:
    """Every finding on the database; what cannot be found out is a fault of its own."""
    answers = list(reachable(config))
    if not only or "database" in only:
        yield from answers
    if any(each.grade == "fault" for each in answers):
        if only and "database" not in only:
            yield from answers
        return
    for name, look in ASKED.items():
        if only and name not in only:
            continue
        try:
            yield from look(config)
        except (DatabaseError, crypto.CryptoError) as error:
            connections.close_all()
            first = str(error).strip().partition("\n")[0]
            yield fault(
                name,
                _("It could not be found out: %(error)s") % {"error": first},
                _("Mend what is named above first, then check again."),
            )
