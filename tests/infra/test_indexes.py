"""Every foreign key has its index, and tables that hold the rates are swept before they swell.

Without one, each row that is removed or changed on the other side is looked for in the whole table;
elsewhere that took 37 lives a second down to 6.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

FOREIGN_KEYS = """
SELECT con.conrelid::regclass::text, keys.names,
       EXISTS (
           SELECT FROM pg_index ind
           WHERE ind.indrelid = con.conrelid AND ind.indisvalid AND ind.indisready
             AND (ind.indkey::int2[])[0:cardinality(con.conkey) - 1] @> con.conkey
             -- One for those rows alone that refer to anything serves as well.
             AND (ind.indpred IS NULL OR cardinality(con.conkey) = 1 AND pg_get_expr(ind.indpred,
                  ind.indrelid) = format('(%%I IS NOT NULL)', keys.names[1]))
       )
FROM pg_constraint con,
     LATERAL (
         SELECT array_agg(att.attname::text ORDER BY key.n) AS names
         FROM unnest(con.conkey) WITH ORDINALITY key (att, n)
         JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = key.att
     ) keys
WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace AND con.conparentid = 0
"""

UNINDEXED = {
    # Of the queue's own making. Workers end a few times a day, and a job that is done has none.
    ("procrastinate_jobs", "worker_id"),
}
"""Foreign keys for which no index is wanted, and why."""


def bare() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS, [])
        found = cursor.fetchall()
    assert len(found) > 300
    return {(table, ", ".join(names)) for table, names, indexed in found if not indexed}


def test_every_foreign_key_has_an_index_that_its_check_can_use() -> None:
    assert bare() == UNINDEXED


def test_a_foreign_key_without_an_index_would_be_found(owner_connection: Any) -> None:
    # Another session, rolled back; it looks at what it has changed itself.
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute("CREATE TABLE public.bare (unit_id bigint REFERENCES unit)")
        owner_connection.execute("CREATE INDEX ON bare (unit_id) WHERE unit_id > 7")
        found = owner_connection.execute(FOREIGN_KEYS.replace("%%", "%")).fetchall()
        assert ("bare", ["unit_id"], False) in found


SWEPT = {
    "procrastinate_jobs": 5_000, "procrastinate_periodic_defers": 1_000, "django_session": 2_000,
    "browser": 2_000, "idempotency_key": 10_000, "attachment": 10_000, "notice": 10_000,
    "outgoing": 10_000, "open_case": 5_000, "counted_case": 20_000, "rolled_tally": 5_000,
    "rolled_state": 5_000, "case": 25_000, "dispatch_order": 25_000,
}  # fmt: skip
"""Tables that hold the rates, and how many dead rows of a million they may have before they are
swept."""


def test_tables_that_hold_the_rates_are_swept_before_they_swell() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relname = ANY(%s)", [[*SWEPT]]
        )
        options = {name: dict(each.split("=") for each in found or ()) for name, found in cursor}
    most = {
        name: int(told.get("autovacuum_vacuum_threshold", 50))
        + int(float(told.get("autovacuum_vacuum_scale_factor", 0.2)) * 1_000_000)
        for name, told in options.items()
    }
    assert most == SWEPT
    assert not any("autovacuum_enabled" in told for told in options.values())
