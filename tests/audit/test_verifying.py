"""The whole log, as it lies in the database, tampered with by its owner and found out."""

from __future__ import annotations

import json

import pytest
from django.db import ProgrammingError, connection, transaction

from huying.audit.chain import BreakKind
from huying.audit.heads import Head, head_line
from huying.audit.verifying import MOST_BREAKS, CaseNotFoundError


def kinds(result):
    return {one.kind for one in result.breaks}


def test_a_whole_log_is_ok(log):
    result = log.verify()
    assert result.ok
    assert (result.cases, result.events, result.erased) == (4, 24, 0)
    said = result.as_json()
    assert (said["ok"], said["cases"], said["first_broken"]) == (True, 4, None)
    json.dumps(said)


def test_an_empty_log_is_ok(db, tmp_path):
    from .conftest import Log

    log = Log(tmp_path, 0)
    assert log.verify().ok
    assert log.seal().cases == 0
    assert log.verify().ok


def test_one_case_alone(log):
    result = log.verify(number=log.number(2))
    assert result.ok
    assert (result.cases, result.events) == (1, 6)
    with pytest.raises(CaseNotFoundError):
        log.verify(number="0")


def test_erasing_is_reported_and_breaks_nothing(log):
    from huying.cases.models import Case, CaseContact, CaseEvent, CaseText

    chain = log.chains[1]
    for row, model in (
        (next(iter(chain.rows)), CaseText),
        (next(iter(chain.contacts)), CaseContact),
    ):
        model.objects.get(pk=row).delete()
        assert kinds(log.verify()) == {BreakKind.TEXT_MISSING}
        chain.erase(row)
        event = chain.events[-1]
        CaseEvent(**event.fields._asdict(), prev=event.prev, hash=event.hash).save(
            force_insert=True
        )
        Case.objects.filter(pk=chain.case_id).update(
            last_seq=chain.head_seq, last_hash=chain.head_hash
        )
        assert log.verify().ok
    assert log.verify().erased == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_event SET verb = 'x'",
        "DELETE FROM case_event",
        "TRUNCATE case_event",
        "UPDATE seal SET cases = 0",
        "DELETE FROM seal",
        "UPDATE access_log SET purpose = ''",
        "DELETE FROM access_log",
        "ALTER TABLE case_event DISABLE TRIGGER ALL",
        "DROP TABLE seal",
    ],
)
def test_the_application_has_no_way_to_change_what_is_written(log, statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_application_cannot_go_round_by_a_partition(log):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'case_event'::regclass"
        )
        partitions = [row[0] for row in cursor.fetchall()]
    assert partitions
    for partition in partitions:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {partition}")


TAMPERINGS = {
    "an event's actor": (
        "UPDATE case_event SET actor_id = 1 WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.HASH},
    ),
    "an event's time": (
        "UPDATE case_event SET at = at - interval '1 hour' WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.HASH},
    ),
    "an event's data": (
        "UPDATE case_event SET data = data || '{\"n\": 4}' WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.HASH},
    ),
    "data turned into nonsense": (
        "UPDATE case_event SET data = '{\"texts\": 1.5}' WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.HASH, BreakKind.TEXT, BreakKind.TEXT_UNKNOWN},
    ),
    "data turned into a list": (
        "UPDATE case_event SET data = '[1]' WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.HASH, BreakKind.TEXT_UNKNOWN},
    ),
    "an event removed": (
        "DELETE FROM case_event WHERE case_id = %(case)s AND seq = 3",
        {BreakKind.GAP, BreakKind.LINK, BreakKind.STATE, BreakKind.TEXT_UNKNOWN},
    ),
    "the tail cut": (
        "DELETE FROM case_event WHERE case_id = %(case)s AND seq > 4",
        {BreakKind.CUT, BreakKind.TEXT_UNKNOWN},
    ),
    "an event moved to another case": (
        "UPDATE case_event SET case_id = %(other)s, seq = 7 WHERE case_id = %(case)s AND seq = 6",
        {BreakKind.CUT, BreakKind.LINK, BreakKind.HASH, BreakKind.HEAD}
        | {BreakKind.TEXT_UNKNOWN, BreakKind.TEXT_MISSING},
    ),
    "an event doubled": (
        "INSERT INTO case_event SELECT case_id, seq, written_at + interval '1 s', at,"
        " district_code, verb, actor_kind, actor_id, post_id, role, from_state, to_state, data,"
        " prev, hash FROM case_event WHERE case_id = %(case)s AND seq = 2",
        {BreakKind.ORDER, BreakKind.LINK, BreakKind.HASH, BreakKind.STATE},
    ),
    "the case row's head": (
        'UPDATE "case" SET last_seq = 5 WHERE id = %(case)s',
        {BreakKind.HEAD},
    ),
    "a text": (
        "UPDATE case_text SET body = body || '。' WHERE id = %(text)s",
        {BreakKind.TEXT},
    ),
    "a text with its digest forgotten": (
        "UPDATE case_text SET salt = '\\x00' WHERE id = %(text)s",
        {BreakKind.TEXT},
    ),
    "a text removed": ("DELETE FROM case_text WHERE id = %(text)s", {BreakKind.TEXT_MISSING}),
    "a contact's phone": (
        "UPDATE case_contact SET phone_enc = 'x' WHERE case_id = %(case)s",
        {BreakKind.TEXT},
    ),
    "a case without its row": (
        "SET session_replication_role = replica;"
        'DELETE FROM "case" WHERE id = %(case)s; SET session_replication_role = origin',
        {BreakKind.CASE_MISSING},
    ),
}


def test_what_the_owner_does_is_found(committed_log, postgres, database_name):
    """One log for all, since committing a new one for each takes long: each case is for one."""
    log = committed_log
    while len(log.chains) < 2 * len(TAMPERINGS):
        log.add()
    assert log.verify().ok
    with postgres.admin(database_name) as database:
        for index, (name, (statement, expected)) in enumerate(TAMPERINGS.items()):
            chain = log.chains[2 * index]
            values = {
                "case": chain.case_id,
                "other": log.chains[2 * index + 1].case_id,
                "text": next(iter(chain.rows)),
            }
            for part in statement.split(";"):
                used = {key: value for key, value in values.items() if f"%({key})s" in part}
                assert database.execute(part, used).rowcount, name
            result = log.verify()
            assert not result.ok, name
            touched = {chain.case_id, values["other"]}
            found = {one.kind for one in result.breaks if one.case_id in touched}
            assert found == expected, name
    said = log.verify().as_json()
    assert said["first_broken"]["case"] == log.number(0)
    assert said["first_broken"]["seq"] == 2
    assert said["broken"] == len(said["breaks"]) < MOST_BREAKS


def test_a_head_held_elsewhere_finds_a_removed_case_and_a_cut_tail(
    committed_log, postgres, database_name, tmp_path
):
    log = committed_log
    log.seal()
    held = tmp_path / "elsewhere.jsonl"
    (log.folder / "heads-2019-07-13.jsonl").rename(held)
    later = log.add()
    result = log.verify(head_file=held)
    assert result.ok
    assert (result.held, result.held_sealed) == (4, True)
    gone, cut = log.chains[0], log.chains[2]
    with postgres.admin(database_name) as database:
        database.execute("SET session_replication_role = replica")
        for table, column in (
            ("case_event", "case_id"),
            ("case_text", "case_id"),
            ("case_contact", "case_id"),
            ('"case"', "id"),
        ):
            database.execute(f"DELETE FROM {table} WHERE {column} = %s", [gone.case_id])
        database.execute("DELETE FROM case_event WHERE case_id = %s AND seq = 6", [cut.case_id])
        database.execute("DELETE FROM case_contact WHERE case_id = %s", [cut.case_id])
        database.execute(
            'UPDATE "case" SET last_seq = 5, last_hash = %s WHERE id = %s',
            [cut.events[4].hash, cut.case_id],
        )
    # Everything here fits together again, and nothing but the head tells.
    assert log.verify().ok
    result = log.verify(head_file=held)
    assert [(one.kind, one.case_id) for one in result.breaks] == [
        (BreakKind.CASE_MISSING, gone.case_id),
        (BreakKind.HELD_HEAD, cut.case_id),
    ]
    assert later.case_id not in {one.case_id for one in result.breaks}
    assert kinds(log.verify(head_file=held, number=log.number(2))) == {BreakKind.HELD_HEAD}


def test_the_newest_head_file_here_is_compared_by_itself(log):
    log.seal()
    assert log.verify().held == 4


def test_a_head_with_another_hash(log, tmp_path):
    held = tmp_path / "head.jsonl"
    chain = log.chains[1]
    held.write_text(head_line(Head(chain.case_id, 3, bytes(32))))
    result = log.verify(head_file=held)
    assert [(one.kind, one.seq) for one in result.breaks] == [(BreakKind.HELD_HEAD, 3)]
    assert result.held_sealed is False
    held.write_text(head_line(Head(chain.case_id, 3, chain.events[2].hash)))
    assert log.verify(head_file=held).ok


def test_a_head_file_that_is_not_what_was_sealed(log):
    log.seal()
    path = log.folder / "heads-2019-07-13.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[1:]))
    assert kinds(log.verify()) == {BreakKind.SEAL}
    path.write_text("".join(lines).replace('"cases":4', '"cases":3'))
    result = log.verify()
    assert (kinds(result), result.held_sealed) == ({BreakKind.SEAL}, False)


def test_breaks_are_capped_and_all_counted(log):
    from huying.cases.models import CaseText

    CaseText.objects.bulk_create(
        CaseText(case_id=log.chains[0].case_id, district_code="440113", kind="reason", seq=1,
                 body="x", salt=bytes(16), digest=bytes(32))
        for _ in range(MOST_BREAKS + 5)
    )  # fmt: skip
    result = log.verify()
    assert (len(result.breaks), result.broken) == (MOST_BREAKS, MOST_BREAKS + 5)
