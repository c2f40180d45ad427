"""A bench database as full as a district's after years: a million cases and what hangs on them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from huying.benchmarks.bed import Bed
from huying.cli import say

SQL = Path(__file__).resolve().parent.parent / "sql"


def people(bed: Bed) -> None:
    """The demo's units and people, once, in the database that the copies are made of."""
    from huying.people.demo import load_demo_people

    if not bed.peopled:
        load_demo_people(datetime.now(UTC))
        bed.peopled = True


def fill(bed: Bed, rows: int, *, open_per_mille: int, due: int = 0) -> None:
    """Fills the present database with ``rows`` cases, and brings its statistics up to date.

    As the superuser with foreign keys unchecked, for speed; the rows keep to them. The indexes of
    words are made afterwards, as a restore would.
    """
    started = perf_counter()
    say(f"Filling in {rows:,} cases …")
    statement = (SQL / "bench_fill.sql").read_text("utf-8")
    with bed.admin() as connection:
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE '%bigrams'"
        ).fetchall()
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
            for name, _definition in indexes:
                connection.execute(f"DROP INDEX {name}")
            values = {"rows": rows, "open": open_per_mille, "due": due}
            for part in statement.split(";\n"):
                if part.strip():
                    connection.execute(part % values)
            for _name, definition in indexes:
                connection.execute(definition)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    say(f"… in {perf_counter() - started:,.0f} s")
