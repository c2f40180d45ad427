"""Files of what is erased go, whenever whoever erases them is killed; and reach the disk before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases import attaching
from huying.cases.attaching import file_of, files_of
from huying.cases.models import Attachment
from huying.cases.unlinking import remove_files, remove_with_commit
from huying.intake.excel import keeping
from tests.cases.town import Town


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def jobs() -> list[dict[str, Any]]:
    found = ProcrastinateJob.objects.filter(task_name="remove_files")
    return list(found.values_list("args", flat=True))


def test_a_photo_whose_eraser_was_killed_after_the_commit_is_removed_by_the_worker(
    town: Town,
) -> None:
    # What waits for the commit is never called in a test that is rolled back: as if killed there.
    photo, kept = town.photo(), town.photo()
    erased = [(photo.pk, photo.kind)]
    Attachment.objects.filter(pk=photo.pk).delete()
    remove_with_commit(erased)
    left = files_of(photo.pk, photo.kind)
    assert all(path.is_file() for path in left)
    (args,) = jobs()
    assert remove_files(**args) == len(left)
    assert not any(path.exists() for path in left)
    assert remove_files(**args) == 0
    assert remove_files([str(kept.pk)]) == 0, "what has a row stays"
    assert file_of(kept.pk).is_file()


def test_what_was_not_erased_after_all_leaves_no_job(town: Town) -> None:
    photo = town.photo()
    with transaction.atomic():
        remove_with_commit([(photo.pk, photo.kind)])
        transaction.set_rollback(True)
    assert jobs() == []
    assert file_of(photo.pk).is_file()
    remove_with_commit([])
    assert jobs() == []


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the disk was told to have, in this order."""
    told: list[Path] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        told.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        really(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    return told


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_photo_is_left_for_the_archive_with_its_name_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: list[Path], elsewhere: bool
) -> None:
    changed = {"home": tmp_path, "backup_dir": tmp_path / "archive"}
    monkeypatch.setattr(settings, "HUYING", settings.HUYING.model_copy(update=changed))
    monkeypatch.setattr(attaching, "folder", lambda: tmp_path / "attachments")
    if elsewhere:

        def refused(*_names: Path) -> None:
            raise OSError("attachments lie on another file system")

        monkeypatch.setattr("os.link", refused)
    path = file_of(uuid4())
    attaching.write({path: b"abc"})
    waiting = tmp_path / "backup/outgoing"
    assert (waiting / path.name).read_bytes() == b"abc"
    assert [each.name for each in waiting.iterdir()] == [path.name]
    assert on_disk[-1] == waiting
    assert (waiting / f".{path.name}" in on_disk) == elsewhere


def test_a_table_that_was_sent_is_on_the_disk_when_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: list[Path]
) -> None:
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)
    pk = uuid4()
    keeping.keep(pk, "table", b"abc")
    assert on_disk[-2:] == [tmp_path / f"{pk.hex}.table.new", tmp_path]
    assert keeping.kept(pk, "table") == b"abc"
