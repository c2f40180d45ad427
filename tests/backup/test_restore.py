"""`huying restore`: all of it comes back and is proved, or nothing changes."""

from __future__ import annotations

import argparse
import fcntl
import gzip
import io
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huying import embedded
from huying.backup import manifest, restoring
from huying.backup.manifest import BackupError
from huying.cli import CommandError
from huying.cli import restore as command
from tests.backup.conftest import Installation, edit, huying, run_python, sum_up
from tests.conftest import Server

pytestmark = pytest.mark.slow

RIGHTS = """
SELECT c.relname, c.relkind::text, pg_get_userbyid(c.relowner)::text,
       ARRAY(SELECT a::text FROM unnest(c.relacl) a ORDER BY 1)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
UNION ALL
SELECT p.oid::regprocedure::text, 'f', pg_get_userbyid(p.proowner)::text || p.prosecdef::text
           || coalesce(p.proconfig::text, ''),
       ARRAY(SELECT a::text FROM unnest(p.proacl) a ORDER BY 1)
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'defaults', d.defaclobjtype::text, '',
       ARRAY(SELECT a::text FROM unnest(d.defaclacl) a ORDER BY 1)
FROM pg_default_acl d
ORDER BY 1, 2
"""

ONE_PRIMARY_ADDRESS = """
SELECT indexdef FROM pg_indexes WHERE indexname = 'unique_primary_email'
"""


def test_all_of_it_comes_back_with_the_same_rights(
    source: Installation, target: Installation, whole: Path
) -> None:
    result = target.restore(whole)
    assert (result["cases"], result["heads"], result["seals"]) == (3, 3, 1)
    assert (result["attachments"], result["contacts"], result["problems"]) == (2, 1, [])
    assert target.cases() == source.cases()
    assert target.photos() == source.photos()
    assert target.rows(RIGHTS) == source.rows(RIGHTS)
    assert target.rows("SELECT name FROM account") == source.rows("SELECT name FROM account")
    assert target.databases() == source.databases()
    assert target.run("verify").returncode == 0
    left = {path.name for path in target.home.iterdir()}
    assert left == {
        "attachments", "keys", "postgres", "seals", "secrets", "serve.lock", "upkeep"
    }  # fmt: skip
    assert target.run("migrate", "--json").returncode == 0


MEANWHILE = """
import sys
from pathlib import Path
from huying import cli
with cli.needed("database"):
    from django.utils import timezone
    from huying.audit import sealing
    from huying.backup import making, programs
    from huying.cases.models import Channel
    from huying.intake.reporting import Told, take
    from huying.people.acting import SYSTEM

    dump = programs.dump
    def and_then(*given, **named):
        dump(*given, **named)
        now = timezone.now()
        take(Told(channel=Channel.MESSAGE, text="同时", alarms=False), by=SYSTEM, now=now)
        sealing.seal(timezone.localdate(now), now)
    programs.dump = and_then
    making.make(Path(sys.argv[1]), with_keys=True)
"""


def test_what_happens_while_it_is_made_is_not_in_it(
    target: Installation, whole: Path, tmp_path: Path
) -> None:
    target.restore(whole)
    before = target.cases()
    done = run_python(target.home, "-c", MEANWHILE, str(tmp_path / "b"))
    assert done.returncode == 0, done.stderr
    assert len(target.cases()) == len(before) + 1
    made = manifest.read(tmp_path / "b")
    assert (made.cases, made.tables["case"], made.sealed) == (3, 3, 1)
    target.restore(tmp_path / "b", "--replace", "--yes")
    assert target.cases() == before


def test_keys_that_are_nowhere_stop_it_before_anything_is_done(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    source.run("backup", str(tmp_path / "b"))
    refused = target.run("restore", str(tmp_path / "b"))
    assert refused.returncode == 1
    assert "data." in refused.stderr
    assert "--without-keys" in refused.stderr
    assert target.rows("SELECT to_regclass('public.case')") == [(None,)]

    result = target.restore(tmp_path / "b", "--without-keys")
    assert result["contacts"] == 0
    assert result["keys_missing"] == manifest.read(tmp_path / "b").keys
    assert target.cases() == source.cases()


def test_keys_of_another_installation_are_not_written_over(
    target: Installation, backup: Path
) -> None:
    name = manifest.read(backup).keys[0]
    embedded.private_file(target.home / "keys" / name, "00" * 16)
    refused = target.run("restore", str(backup))
    assert refused.returncode == 1
    assert "is another key" in refused.stderr
    assert (target.home / "keys" / name).read_text() == "00" * 16


def test_what_is_there_is_replaced_only_when_that_is_said(
    source: Installation, target: Installation, whole: Path
) -> None:
    target.restore(whole)
    target.rows("UPDATE account SET name = '别人'")
    orphan = target.home / "attachments" / "ff" / "left.jpg"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"of what goes")

    refused = target.run("restore", str(whole))
    assert refused.returncode == 1
    assert "3 cases" in refused.stderr
    assert "--replace" in refused.stderr
    refused = target.run("restore", str(whole), "--replace")
    assert "Nobody is there to ask" in refused.stderr
    assert target.rows("SELECT DISTINCT name FROM account") == [("别人",)]

    target.restore(whole, "--replace", "--yes")
    assert target.rows("SELECT name FROM account") == source.rows("SELECT name FROM account")
    assert not orphan.exists()
    assert target.databases() == source.databases()


@pytest.mark.parametrize(("typed", "goes_on"), [("replace\n", True), ("yes\n", False), ("", False)])
def test_it_asks_for_the_word(
    typed: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    monkeypatch.setattr("sys.stdin", stdin := io.StringIO(typed))
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("huying.installation.config", argparse.Namespace(embedded=True, home="/h"))
    options = argparse.Namespace(replace=True, yes=False)
    found = restoring.Present(tables=40, cases=7, accounts=2, sessions=0, server_version=180000)
    if goes_on:
        command._may_take_place(options, found, manifest.read(whole))
        return
    with pytest.raises(CommandError, match="Nothing was changed"):
        command._may_take_place(options, found, manifest.read(whole))


def test_it_is_refused_while_huying_runs(target: Installation, whole: Path) -> None:
    with (target.home / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = target.run("restore", str(whole))
    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
    url = embedded.Layout(target.home).url(embedded.APPLICATION)
    with psycopg.connect(url, application_name="huying"):
        refused = target.run("restore", str(whole))
    assert refused.returncode == 1
    assert "1 connections of a running huying" in refused.stderr


def test_a_dump_that_is_cut_changes_nothing(target: Installation, backup: Path) -> None:
    """Even one whose digests were made to fit."""
    target.restore(backup)
    before = target.cases()
    largest = max((backup / "database").glob("*.dat.gz"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-200])
    sum_up(backup)
    failed = target.run("restore", str(backup), "--replace", "--yes")
    assert failed.returncode == 1
    assert "pg_restore failed" in failed.stderr
    (backup / "database" / "toc.dat").write_bytes(b"PGDMP")
    sum_up(backup)
    failed = target.run("restore", str(backup), "--replace", "--yes")
    assert failed.returncode == 1
    assert "can't be read" in failed.stderr
    assert target.cases() == before
    assert not target.databases() & {restoring.INCOMING, restoring.FORMER}
    assert not (target.home / "incoming").exists()


def test_rows_and_photos_that_were_changed_inside_are_found(
    source: Installation, target: Installation, backup: Path
) -> None:
    """By somebody who made every digest fit: the chains and the rows' own digests tell."""
    for path in (backup / "database").glob("*.dat.gz"):
        body = gzip.decompress(path.read_bytes())
        if "和兴路路灯不亮".encode() in body and b"\t" in body:
            path.write_bytes(gzip.compress(body.replace("不亮".encode(), "很亮".encode())))
    photo = next(p for p in (backup / "attachments").rglob("*.jpg") if "thumb" not in p.name)
    photo.write_bytes(photo.read_bytes() + b"x")
    sum_up(backup)
    failed = target.run("restore", str(backup))
    assert failed.returncode == 1
    assert "text" in failed.stderr
    assert f"the photo {photo.relative_to(backup / 'attachments')} is not" in failed.stderr
    assert "Nothing was changed" in failed.stderr
    assert target.rows("SELECT to_regclass('public.case')") == [(None,)]
    assert target.photos() == {}

    done = target.run("restore", str(backup), "--despite-differences")
    assert done.returncode == 1
    assert "NOT AS IT WAS" in done.stdout
    assert [row[0] for row in target.cases()] == [row[0] for row in source.cases()]


def test_a_case_that_is_gone_is_missed(target: Installation, backup: Path) -> None:
    (backup / manifest.HEADS).write_text(
        '{"case":"00000000-0000-7000-8000-000000000001","seq":1,"hash":"'
        + "0" * 64
        + '"}\n'
        + (backup / manifest.HEADS).read_text()
    )
    sum_up(backup)
    failed = target.run("restore", str(backup))
    assert failed.returncode == 1
    assert "case_missing" in failed.stderr


def test_a_backup_of_a_newer_huying_is_refused(backup: Path) -> None:
    made = manifest.read(backup)
    restoring.require_known(made)
    edit(backup, migrations=[*made.migrations, "huying.9999_to_come"], huying="9.9")
    with pytest.raises(BackupError, match=r"newer huying \(9\.9\).*huying\.9999_to_come"):
        restoring.require_known(manifest.read(backup))


def test_a_backup_of_an_older_huying_is_migrated(
    source: Installation, target: Installation, whole: Path, tmp_path: Path
) -> None:
    # Nothing of ours builds on this one, so that nothing else must be taken back with it.
    back = source.run("manage", "migrate", "--database", "owner", "account", "0008")
    assert back.returncode == 0, back.stderr
    assert source.rows(ONE_PRIMARY_ADDRESS) == []
    try:
        made = source.run("backup", str(tmp_path / "old"), "--with-keys")
        assert made.returncode == 0, made.stderr
        # The backup is what an upgrade begins with: it may not upgrade anything itself.
        assert source.rows(ONE_PRIMARY_ADDRESS) == []
    finally:
        source.run("migrate")
    lacking = {*manifest.read(whole).migrations} - {*manifest.read(tmp_path / "old").migrations}
    assert lacking == {"account.0009_emailaddress_unique_primary_email"}
    assert target.restore(tmp_path / "old")["migrated"] == len(lacking)
    assert target.rows(ONE_PRIMARY_ADDRESS) == source.rows(ONE_PRIMARY_ADDRESS) != []
    assert target.cases() == source.cases()


def test_an_external_database_must_be_empty_and_is_filled_whole_or_not_at_all(
    source: Installation, postgres: Server, whole: Path, backup: Path, tmp_path: Path
) -> None:
    with postgres.admin() as connection:
        if connection.info.server_version < 180000:
            pytest.skip("the backup is of PostgreSQL 18, which an older server cannot take")
    name = f"huying_restore_{os.getpid()}"
    home = tmp_path / "home"

    def ids() -> list[Any]:
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
            return connection.execute('SELECT id, last_hash FROM "case" ORDER BY id').fetchall()

    with postgres.empty(name) as urls:
        largest = max((backup / "database").glob("*.dat.gz"), key=lambda path: path.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:-200])
        sum_up(backup)
        failed = huying(home, "restore", str(backup), **urls)
        assert failed.returncode == 1
        assert "could not be restored" in failed.stderr
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT to_regclass('public.case')").fetchone() == (None,)

        done = huying(home, "restore", str(whole), **urls)
        assert done.returncode == 0, done.stderr
        assert ids() == source.cases()

        again = huying(home, "restore", str(whole), "--replace", "--yes", **urls)
        assert again.returncode == 1
        assert "not empty (3 cases" in again.stderr

        made = huying(home, "backup", str(tmp_path / "b"), **urls)
        assert made.returncode == 0, made.stderr
        assert manifest.read(tmp_path / "b").cases == 3
        lost = huying(home, "backup", str(tmp_path / "c"), DATABASE_URL=urls["DATABASE_URL"])
        assert lost.returncode == 1
        assert "DATABASE_OWNER_URL" in lost.stderr
