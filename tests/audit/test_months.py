"""A month that is over, as a signed file: what is in it, when it is made, and what it proves."""

from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from huying.audit import crypto, months
from huying.audit.chain import BreakKind
from huying.audit.sm3 import sm3

JULY = date(2019, 7, 1)
OVER = datetime(2019, 8, 2, tzinfo=UTC)


@pytest.fixture
def copy(log, monkeypatch) -> Callable[[], months.Copied]:
    monkeypatch.setattr(crypto, "home", lambda: log.folder)
    return lambda: months.copy(JULY, OVER, provider=log.provider)


def bodies(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines()


def rewritten(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines)))


def test_each_line_is_what_the_events_hash_is_of(copy, log):
    copied = copy()
    *events, last = bodies(copied.path)
    expected = [
        event.hash
        for chain in sorted(log.chains, key=lambda chain: chain.case_id)
        for event in chain.events
    ]
    assert [sm3(body) for body in events] == expected
    assert (copied.month, copied.events, copied.cases) == ("2019-07", 24, 4)
    told = json.loads(last)["month"]
    assert told["digest"] == sm3(b"".join(body + b"\n" for body in events)).hex()
    assert (told["events"], told["cases"], told["month"]) == (24, 4, "2019-07")
    assert months.lines(log.folder / "months" / "months.jsonl") == [told]
    assert months.check(copied.path, provider=log.provider) == told


def test_nobody_else_reads_it_and_no_draft_is_left(copy, log):
    copied = copy()
    lying = sorted(path.name for path in copied.path.parent.iterdir())
    assert lying == ["events-2019-07.jsonl.gz", "months.jsonl"]
    for name in lying:
        assert stat.S_IMODE((copied.path.parent / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(copied.path.parent.stat().st_mode) == 0o700


def test_what_was_written_in_other_months_is_not_in_it(log, monkeypatch):
    monkeypatch.setattr(crypto, "home", lambda: log.folder)
    june = months.copy(date(2019, 6, 1), OVER, provider=log.provider)
    assert (june.events, june.cases) == (0, 0)
    assert months.check(june.path, provider=log.provider)["events"] == 0


def test_a_month_is_left_alone_until_it_is_over_and_settled(log, monkeypatch):
    monkeypatch.setattr(crypto, "home", lambda: log.folder)
    ended = datetime(2019, 8, 1, tzinfo=UTC)
    for now in (ended - timedelta(microseconds=1), ended, ended + timedelta(hours=23)):
        assert months.due(now) == []
        with pytest.raises(months.MonthError, match="is not over"):
            months.copy(JULY, now, provider=log.provider)
    assert months.due(ended + months.SETTLED) == [JULY]


def test_a_month_is_copied_once_and_also_stays_so_when_it_was_carried_away(copy, log, monkeypatch):
    monkeypatch.setattr(crypto, "provider", lambda: log.provider)
    later = datetime(2019, 10, 5, tzinfo=UTC)
    assert [f"{month:%m}" for month in months.due(later)] == ["07", "08", "09"]
    assert months.copy_due(now=later) == 3
    path = months.path_of(JULY)
    before = path.read_bytes()
    path.unlink()
    assert months.copy_due(now=later) == 0
    assert not path.exists()
    assert bodies(copy().path)[:-1] == gzip.decompress(before).splitlines()[:-1]


def test_what_fails_half_way_leaves_nothing_and_is_made_again(copy, log, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no room")

    with monkeypatch.context() as broken:
        broken.setattr("huying.audit.months.os.fsync", full)
        with pytest.raises(OSError, match="no room"):
            copy()
    assert list((log.folder / "months").iterdir()) == []
    assert months.due(OVER) == [JULY]
    copy()
    assert months.due(OVER) == []


def test_a_draft_that_a_killed_process_left_is_written_over(copy, log):
    draft = months.path_of(JULY).with_suffix(".new")
    draft.parent.mkdir(mode=0o700)
    draft.write_bytes(b"half")
    copied = copy()
    assert not draft.exists()
    assert months.check(copied.path, provider=log.provider)["events"] == 24


def test_a_line_cut_by_a_loss_of_power_only_means_that_the_month_is_copied_again(copy, log):
    copy()
    path = log.folder / "months" / "months.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert months.due(OVER) == [JULY]


def _edited(lines: list[bytes]) -> list[bytes]:
    content = json.loads(lines[3])
    content["actor_id"] = 99
    return [*lines[:3], json.dumps(content).encode(), *lines[4:]]


def _restated(lines: list[bytes]) -> list[bytes]:
    told = json.loads(lines[-1])["month"] | {"events": 23}
    return [*lines[:-1], json.dumps({"month": told}).encode()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "cut short"),
        (lambda lines: lines[1:], "not those that were signed"),
        (lambda lines: [*lines[:5], *lines[6:]], "not those that were signed"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "out of order"),
        (lambda lines: [*lines, lines[0]], "comes after the statement"),
        (lambda lines: [b"nonsense", *lines], "is no event"),
        (_edited, "does not follow"),
        (_restated, "its signature is false"),
    ],
)
def test_what_was_done_to_a_file_is_found(copy, log, change, said):
    path = copy().path
    rewritten(path, change(bodies(path)))
    with pytest.raises(months.MonthError, match=said):
        months.check(path, provider=log.provider)


def test_a_file_that_was_cut_or_is_none_is_told(copy, log):
    path = copy().path
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(months.MonthError, match="cut short or is damaged"):
        months.check(path, provider=log.provider)
    path.write_bytes(b"nonsense")
    with pytest.raises(months.MonthError, match="damaged"):
        months.check(path, provider=log.provider)


def test_another_installations_signature_is_false(copy, log, tmp_path):
    path = copy().path
    other = crypto.DefaultProvider(tmp_path / "elsewhere")
    other.signing_key()
    with pytest.raises(months.MonthError, match="signature is false"):
        months.check(path, provider=other)


def test_a_log_that_is_as_it_was_compares_equal(copy, log):
    path = copy().path
    result = log.verify(month_file=path)
    assert (result.ok, result.month) == (True, "2019-07")


def test_an_event_that_was_edited_with_all_its_hashes_is_found(
    committed_log, owner_connection: psycopg.Connection, monkeypatch
):
    """Somebody with more rights works the whole chain out anew: the file knows better."""
    from tests.audit import chains

    log = committed_log
    path = months.copy(JULY, OVER, provider=log.provider, where=log.folder / "months").path
    changed = log.chains[1]
    victim = changed.events[2]
    changed.events[2] = victim._replace(fields=victim.fields._replace(actor_id=99))
    chains.forge(changed)
    for event in changed.events:
        owner_connection.execute(
            "UPDATE case_event SET actor_id = %s, prev = %s, hash = %s"
            " WHERE case_id = %s AND seq = %s",
            [event.fields.actor_id, event.prev, event.hash, changed.case_id, event.fields.seq],
        )
    owner_connection.execute(
        'UPDATE "case" SET last_hash = %s WHERE id = %s',
        [changed.events[-1].hash, changed.case_id],
    )
    assert log.verify().ok
    result = log.verify(month_file=path)
    assert {one.kind for one in result.breaks} == {BreakKind.HELD_EVENT}
    assert [one.seq for one in result.breaks] == [3, 4, 5, 6]
    assert {one.case_id for one in result.breaks} == {changed.case_id}


def test_an_event_that_is_gone_or_was_put_in_is_found(
    committed_log, owner_connection: psycopg.Connection
):
    log = committed_log
    where = log.folder / "months"
    path = months.copy(JULY, OVER, provider=log.provider, where=where).path
    gone, put_in = log.chains[0], log.chains[2]
    owner_connection.execute(
        "DELETE FROM case_event WHERE case_id = %s AND seq = 6", [gone.case_id]
    )
    owner_connection.execute(
        "INSERT INTO case_event SELECT case_id, 7, written_at, at, district_code, verb, actor_kind,"
        " actor_id, post_id, role, from_state, to_state, data, prev, hash FROM case_event"
        " WHERE case_id = %s AND seq = 6",
        [put_in.case_id],
    )
    found = set(months.differing(path, JULY))
    assert found == {
        (gone.case_id, 6, "an event that the log has not"),
        (put_in.case_id, 7, "an event that the file has not"),
    }


def test_a_broken_log_is_not_signed_over(committed_log, owner_connection: psycopg.Connection):
    log = committed_log
    owner_connection.execute(
        "UPDATE case_event SET verb = 'close' WHERE case_id = %s AND seq = 2",
        [log.chains[0].case_id],
    )
    where = log.folder / "months"
    with pytest.raises(months.MonthError, match=r"event 2 of case .* is not what"):
        months.copy(JULY, OVER, provider=log.provider, where=where)
    assert list(where.iterdir()) == []


def test_only_months_are_taken_for_months():
    assert months.named("2026-11") == date(2026, 11, 1)
    for text in ("2026-13", "2026-00", "0000-01", "2026-1", "2026-11-01", "november", ""):
        with pytest.raises(months.MonthError, match="is no month"):
            months.named(text)
