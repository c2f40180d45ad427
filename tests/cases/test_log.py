"""The event log under the application's hands, and its months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from huying.audit import access
from huying.audit.verifying import verify
from huying.cases.models import Case, CaseEvent
from huying.cases.partitions import AHEAD, make_partitions
from huying.people.acting import SYSTEM
from tests.cases.town import NOW, Town


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())


INSUFFICIENT_PRIVILEGE = "42501"


def sqlstate_of(statement: str) -> str:
    """What the server says to a statement of the application; empty where it does it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as refusal:
        return str(getattr(refusal.__cause__, "sqlstate", "none"))
    return ""


def partitions() -> set[str]:
    return {
        name
        for (name,) in rows(
            "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid"
            " WHERE inhparent = 'case_event'::regclass"
        )
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET verb = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} ADD COLUMN x int",
        "DROP TABLE {}",
        "CREATE RULE no AS ON INSERT TO {} DO INSTEAD NOTHING",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "GRANT ALL ON {} TO CURRENT_USER",
    ],
)
def test_the_application_cannot_change_the_log_nor_any_part_of_it(
    town: Town, statement: str
) -> None:
    town.report()
    before = rows("SELECT relacl::text FROM pg_class WHERE relname LIKE 'case_event%%'")
    for table in sorted({"case_event", *partitions()}):
        # A grant by who may grant nothing is a warning at times, and grants nothing.
        assert sqlstate_of(statement.format(table)) in (
            {INSUFFICIENT_PRIVILEGE, ""}
            if statement.startswith("GRANT")
            else {INSUFFICIENT_PRIVILEGE}
        )
    assert rows("SELECT relacl::text FROM pg_class WHERE relname LIKE 'case_event%%'") == before
    assert CaseEvent.objects.count() == 1


@pytest.mark.parametrize("table", ["seal", "access_log"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_nor_seals_nor_who_looked_at_what(town: Town, table: str, statement: str) -> None:
    access.record(action="reveal_contact", subject_type="case", subject_id=1, now=NOW, by=SYSTEM)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_the_application_adds_to_the_log_by_its_name_only(town: Town) -> None:
    """Past the log's name there is no way in, so that no partition is written behind its back."""
    case = town.report()
    assert town.verbs(case) == ["report"]
    for name in partitions():
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"INSERT INTO {name} SELECT * FROM case_event")


# --- months


def month(ahead: int) -> datetime:
    """The first moment of a month after this one, in UTC."""
    today = datetime.now(UTC)
    years, months = divmod(today.month - 1 + ahead, 12)
    return datetime(today.year + years, months + 1, 1, tzinfo=UTC)


def test_the_months_ahead_are_ready(db: None) -> None:
    for ahead in range(AHEAD + 1):
        assert f"case_event_{month(ahead):%Y_%m}" in partitions()
    assert make_partitions(now=NOW) == 0


RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rights_on(tables: set[str]) -> set[tuple[str, str]]:
    """What the application may do with each of `tables` itself."""
    return {
        (name, right)
        for name in tables
        for right in RIGHTS
        if rows("SELECT has_table_privilege(%s, %s)", name, right) == [(True,)]
    }


def test_months_are_made_ahead_and_give_the_application_nothing(db: None) -> None:
    before = partitions()
    assert rows("SELECT case_event_partitions(%s)", AHEAD + 2) == [(2,)]
    new = partitions() - before
    assert new == {f"case_event_{month(ahead):%Y_%m}" for ahead in (AHEAD + 1, AHEAD + 2)}
    assert rights_on(new) == set()
    assert rows("SELECT case_event_partitions(%s)", AHEAD + 2) == [(0,)]


def test_a_catalogue_of_the_callers_own_does_not_keep_rights_on_new_months(db: None) -> None:
    """The months are made with the owner's rights: a temporary pg_class must not mislead it."""
    before = partitions()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE pg_class"
            " (oid oid, relacl aclitem[], relowner oid, relname name)"
        )
    assert rows("SELECT case_event_partitions(%s)", AHEAD + 2) == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.pg_class")
    assert rights_on(partitions() - before) == set()


def test_what_runs_as_the_owner_looks_at_temporary_tables_last(db: None) -> None:
    """Of every function that has the owner's rights, also those which come later."""
    paths = rows(
        "SELECT proname, proconfig FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert "case_event_partitions" in {name for name, _config in paths}
    for _name, config in paths:
        assert config is not None
        assert any(
            setting.startswith("search_path=") and setting.endswith("pg_temp") for setting in config
        )


def test_nobody_makes_a_hundred_years(db: None) -> None:
    for ahead in (-1, 25, 1200):
        with pytest.raises(DatabaseError, match="ahead must lie"), transaction.atomic():
            rows("SELECT case_event_partitions(%s)", ahead)


def test_events_that_waited_move_into_their_month_and_stay_whole(town: Town) -> None:
    """Nobody made partitions for long: the default one took the events and gives them back."""
    case = town.report()
    far = month(AHEAD + 2) + timedelta(days=3)
    event = town.last(case)
    columns = ", ".join(
        field.column for field in CaseEvent._meta.concrete_fields if field.name != "written_at"
    )
    assert "hash" in columns
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO case_event ({columns}, written_at)"
            f" SELECT {columns.replace('seq', 'seq + 1')}, %s FROM case_event",
            [far],
        )
    assert where(case, 2) == "case_event_default"
    assert rows("SELECT case_event_partitions(%s)", AHEAD + 2) == [(2,)]
    assert where(case, 2) == f"case_event_{far:%Y_%m}"
    assert where(case, 1) == f"case_event_{event.written_at:%Y_%m}"
    moved = CaseEvent.objects.get(case=case, seq=2)
    assert (moved.written_at, bytes(moved.hash), moved.data) == (
        far,
        bytes(event.hash),
        event.data,
    )


def where(case: Case, seq: int) -> str:
    ((found,),) = rows(
        "SELECT tableoid::regclass::text FROM case_event WHERE case_id = %s AND seq = %s",
        case.pk,
        seq,
    )
    return str(found)


# --- tampering by who may


@pytest.mark.slow
def test_what_the_owner_does_to_a_walked_case_is_found(
    transactional_db: None, owner_connection: psycopg.Connection[Any]
) -> None:
    """Each change is undone before the next: one walked log serves for all."""
    town = Town()
    case = town.bring_to("closed")
    town.bring_to("handling")
    texts = "SELECT id FROM case_text WHERE case_id = %(case)s LIMIT 1"
    changes = {
        "who did it": "UPDATE case_event SET actor_id = actor_id + 1 WHERE seq = 4",
        "when": "UPDATE case_event SET at = at - interval '1 minute' WHERE seq = 4",
        "when it was written": "UPDATE case_event SET written_at = written_at + interval '1 ms'"
        " WHERE seq = 4",
        "what": "UPDATE case_event SET verb = 'comment' WHERE seq = 4",
        "to where": "UPDATE case_event SET to_state = 'checked' WHERE seq = 4",
        "the facts": "UPDATE case_event SET data = jsonb_set(data, '{unit}', '1')"
        " WHERE verb = 'dispatch'",
        "an event gone": "DELETE FROM case_event WHERE seq = 5",
        "the last one gone": "DELETE FROM case_event WHERE verb = 'close'",
        "all gone": "DELETE FROM case_event WHERE case_id = %(case)s",
        "the case's head": 'UPDATE "case" SET last_seq = last_seq - 1 WHERE id = %(case)s',
        "the case's hash": 'UPDATE "case" SET last_hash = sha256(last_hash) WHERE id = %(case)s',
        "words": f"UPDATE case_text SET body = body || '改' WHERE id IN ({texts})",
        "words gone": f"DELETE FROM case_text WHERE id IN ({texts})",
    }
    assert verify().ok
    for name, statement in changes.items():
        scoped = statement
        if "%(case)s" not in statement:
            scoped = f"{statement} AND case_id = %(case)s"
        kept = {table: taken(owner_connection, table, case) for table in KEPT}
        changed = owner_connection.execute(scoped, {"case": case.pk})  # type: ignore[arg-type]
        assert changed.rowcount, name
        found = verify()
        assert not found.ok, name
        assert {one.case_id for one in found.breaks} == {case.pk}, name
        assert not verify(number=case.number).ok, name
        for table, before in kept.items():
            put_back(owner_connection, table, case, before)
    assert verify().ok


KEPT = {"case_event": "case_id", "case_text": "case_id", '"case"': "id"}


def taken(owner: psycopg.Connection[Any], table: str, case: Case) -> list[str]:
    found = owner.execute(
        f"SELECT row_to_json(t)::text FROM {table} t WHERE {KEPT[table]} = %s",  # type: ignore[arg-type]
        [case.pk],
    )
    return [row[0] for row in found.fetchall()]


def put_back(owner: psycopg.Connection[Any], table: str, case: Case, before: list[str]) -> None:
    """As if nothing had been. The case's own row is mended where it stands: others point to it."""
    if table == '"case"':
        owner.execute(
            'UPDATE "case" SET (last_seq, last_hash) = (SELECT last_seq, last_hash FROM'
            ' json_populate_record(NULL::"case", %s)) WHERE id = %s',
            [before[0], case.pk],
        )
        return
    owner.execute(f"DELETE FROM {table} WHERE case_id = %s", [case.pk])  # type: ignore[arg-type]
    for row in before:
        owner.execute(
            f"INSERT INTO {table} SELECT * FROM json_populate_record(NULL::{table}, %s)",  # type: ignore[arg-type]
            [row],
        )
