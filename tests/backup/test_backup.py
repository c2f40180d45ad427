"""`huying backup`: of one moment, private, complete or recognisably not."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest

from huying.backup import manifest, programs
from huying.backup.manifest import BackupError
from tests.backup.conftest import Installation, edit
from tests.security.hunting import in_files

pytestmark = pytest.mark.slow


def checked(folder: Path) -> manifest.Manifest:
    made = manifest.read(folder)
    manifest.check(folder, made, lambda files: None)
    return made


def test_it_holds_everything_and_nobody_else_may_read_it(source: Installation, whole: Path) -> None:
    made = checked(whole)
    assert (made.cases, made.sealed, made.keys_included) == (3, 1, True)
    assert made.tables["case"] == 3
    assert made.attachments_missing == []
    for path in [whole, *whole.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    photos = whole / "attachments"
    kept = {str(p.relative_to(photos)): p.read_bytes() for p in photos.rglob("*") if p.is_file()}
    assert kept == source.photos()
    assert len(kept) == 4
    tool = subprocess.run(
        ["sha256sum", "--quiet", "-c", manifest.SUMS], cwd=whole, capture_output=True, text=True
    )
    assert tool.returncode == 0, tool.stdout


def test_what_is_sealed_stays_sealed_and_the_rest_can_be_read_as_is_said(whole: Path) -> None:
    """docs/operate.md says so: a dump is for a disk that is encrypted itself."""
    assert in_files(["何婆婆", "13800000000"], whole) == []
    assert [words for _path, words in in_files(["和兴路路灯不亮"], whole)] == [["和兴路路灯不亮"]]


def test_the_keys_stay_out_unless_asked_for_and_that_is_said(
    source: Installation, tmp_path: Path
) -> None:
    done = source.run("backup", str(tmp_path / "b"), "--json")
    assert done.returncode == 0
    assert "keys are NOT in this backup" in done.stderr
    assert json.loads(done.stdout)["keys_included"] is False
    made = checked(tmp_path / "b")
    assert not (tmp_path / "b" / "keys").exists()
    assert "NOT in this backup" in made.keys_note
    assert made.keys == sorted(path.name for path in (source.home / "keys").glob("*.key"))


def test_a_folder_with_something_in_it_is_refused(source: Installation, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("kept")
    done = source.run("backup", str(tmp_path))
    assert done.returncode == 1
    assert "not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_nothing_is_made_in_order_to_be_backed_up(tmp_path: Path) -> None:
    done = Installation(tmp_path / "none").run("backup", str(tmp_path / "b"))
    assert done.returncode == 1
    assert "no embedded database" in done.stderr
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "none" / "postgres").exists()


def test_a_missing_photo_is_named_and_the_rest_is_kept(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    photo = next(p for p in (source.home / "attachments").rglob("*.jpg") if "thumb" not in p.name)
    body = photo.read_bytes()
    name = str(photo.relative_to(source.home / "attachments"))
    photo.unlink()
    # Half an upload belongs to nobody yet: it is in no backup, and does not outlive a restoring.
    pieces = [
        home / "attachments" / "arriving" / "ab" / "cd.part" for home in (source.home, target.home)
    ]
    for each in pieces:
        each.parent.mkdir(parents=True)
        each.write_bytes(b"half a photo")
    try:
        done = source.run("backup", str(tmp_path / "b"), "--with-keys")
    finally:
        photo.write_bytes(body)
        pieces[0].unlink()
    assert done.returncode == 1
    assert not list((tmp_path / "b").rglob("*.part"))
    assert name in done.stderr
    assert checked(tmp_path / "b").attachments_missing == [name]
    # What was missing already is no fault of the restoring.
    assert target.restore(tmp_path / "b")["ok"] is True
    assert not pieces[1].exists()


def test_a_step_that_fails_leaves_an_empty_folder(source: Installation, tmp_path: Path) -> None:
    (source.home / "seals" / "seals.jsonl").rename(source.home / "kept.jsonl")
    (source.home / "seals" / "seals.jsonl").mkdir()
    try:
        done = source.run("backup", str(tmp_path / "b"))
    finally:
        (source.home / "seals" / "seals.jsonl").rmdir()
        (source.home / "kept.jsonl").rename(source.home / "seals" / "seals.jsonl")
    assert done.returncode == 1
    assert list((tmp_path / "b").iterdir()) == []


def test_one_that_was_broken_off_is_recognised(backup: Path, tmp_path: Path) -> None:
    (backup / manifest.NAME).unlink()
    with pytest.raises(BackupError, match="broken off before it was complete"):
        manifest.read(backup)
    with pytest.raises(BackupError, match="holds no backup"):
        manifest.read(tmp_path)
    with pytest.raises(BackupError, match="not a folder"):
        manifest.read(tmp_path / "none")


def test_a_changed_missing_or_added_file_is_named(backup: Path) -> None:
    dump = next(iter((backup / "database").glob("*.dat.gz")))
    dump.write_bytes(dump.read_bytes()[:-1])
    photo = next(iter((backup / "attachments").rglob("*.jpg")))
    photo.unlink()
    (backup / "attachments" / "extra.jpg").write_bytes(b"x")
    with pytest.raises(BackupError) as told:
        checked(backup)
    assert f"database/{dump.name} is not what was written" in str(told.value)
    assert f"{photo.relative_to(backup)} is missing" in str(told.value)
    assert "attachments/extra.jpg does not belong to it" in str(told.value)


def test_sums_that_were_changed_or_lead_outside_are_refused(backup: Path) -> None:
    sums = backup / manifest.SUMS
    sums.write_text(sums.read_text() + f"{'0' * 64}  ../outside\n")
    with pytest.raises(BackupError, match="not what was written"):
        checked(backup)
    edit(backup, sums_sha256=manifest.sha256(sums))
    with pytest.raises(BackupError, match="damaged"):
        checked(backup)


def test_a_backup_of_a_format_to_come_is_refused(backup: Path) -> None:
    edit(backup, format=manifest.FORMAT + 1, huying="9.9")
    with pytest.raises(BackupError, match=r"huying 9\.9, which is newer"):
        manifest.read(backup)
    (backup / manifest.NAME).write_text("{")
    with pytest.raises(BackupError, match="damaged"):
        manifest.read(backup)


def test_programs_older_than_the_server_are_refused() -> None:
    assert programs.for_major(18).major >= 18
    with pytest.raises(BackupError, match="PostgreSQL 99 needs pg_dump"):
        programs.for_major(99)


def test_no_password_stands_in_the_list_of_processes() -> None:
    where, environment = programs.entered(
        "postgresql://owner:s3cret@db:5433/huying?sslmode=require"
    )
    assert "s3cret" not in where
    assert "sslmode=require" in where
    assert environment["PGPASSWORD"] == "s3cret"
