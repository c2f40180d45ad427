"""When administrators are told of backups, and of what."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huying.backup import place, shipping, watching
from huying.backup.watching import Concern, State

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)
LIMITS = {"behind_minutes": 10, "base_hours": 24, "proved_within_days": 35}
WELL = State(configured=True, since_hours=9999, base_hours=3, proved_hours=24)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (WELL, []),
        (State(configured=False), []),
        (State(configured=True), []),  # set up just now: nothing is late yet
        (State(configured=True, since_hours=37), [Concern.BASE_OLD]),
        (State(configured=True, since_hours=900, base_hours=1), [Concern.UNPROVED]),
        (State(True, 9999, 37, 24), [Concern.BASE_OLD]),
        (State(True, 9999, 3, 35 * 24 + 1), [Concern.UNPROVED]),
        (State(True, 9999, 3, 24, lag_seconds=601), [Concern.BEHIND]),
        (State(True, 9999, 3, 24, dropped=1, failed=True), [Concern.DROPPED, Concern.FAILED]),
        (State(True, 9999, 3, 24, drill_failed=True), [Concern.DRILL_FAILED]),
    ],
)
def test_what_is_said(how: State, said: list[Concern]) -> None:
    assert watching.concerns(how, **LIMITS) == said


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an archive, and an empty spool."""
    changed = place.config.model_copy(
        update={
            "home": tmp_path / "home",
            "backup_dir": tmp_path / "archive",
            "backup_incoming": tmp_path / "spool",
        }
    )
    for module in (place, shipping, watching):
        monkeypatch.setattr(module, "config", changed)
    (tmp_path / "spool").mkdir()
    return tmp_path


def test_what_waits_too_long_and_what_was_let_go_is_seen(here: Path) -> None:
    late = here / "spool" / "000000010000000000000005.gz"
    late.write_bytes(b"x")
    stamp = (NOW - timedelta(minutes=11)).timestamp()
    os.utime(late, (stamp, stamp))
    (here / "spool" / "dropped").write_text("000000010000000000000006\n")
    seen = watching.state(now=NOW)
    assert (seen.lag_seconds, seen.backlog_bytes) == (660, 1)
    with pytest.raises(shipping.BackupError, match="damaged"):
        shipping.take_in(now=NOW)
    late.unlink()
    shipping.take_in(now=NOW)
    assert watching.state(now=NOW).dropped == 1
    assert watching.present_concerns(now=NOW) == [Concern.DROPPED]
    place.remember(dropped=None, base_at=NOW.isoformat(), proved_at=NOW.isoformat())
    assert watching.present_concerns(now=NOW) == []


def test_administrators_are_told_once_a_day(
    db: None, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huying.notices.models import Notice
    from huying.people.models import Account, Post, Role

    made = Account.objects.create(username="a1", name="甲")
    Post.objects.create(
        account=made,
        role=Role.ADMINISTRATOR,
        area_code="440113",
        district_code="440113",
        starts_on=NOW.date(),
    )
    other = Account.objects.create(username="a2", name="乙")
    Post.objects.create(
        account=other,
        role=Role.AUDITOR,
        area_code="440113",
        district_code="440113",
        starts_on=NOW.date(),
    )
    place.remember(since=(NOW - timedelta(days=2)).isoformat())
    for moment in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=1)):
        watching.keep(now=moment)
    told = Notice.objects.filter(kind="backup_base_old")
    assert set(told.values_list("account", flat=True)) == {made.pk}
    assert told.count() == 2
    assert list(watching.lines(Role.AUDITOR)) == []


def test_without_an_archive_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **more: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(watching, "_run", never)
    assert (watching.keep(now=NOW), watching.base_if_due(now=NOW)) == (0, 0)
    assert watching.drill_if_due(now=NOW) == 0


def test_a_base_is_due_when_old_or_when_it_alone_mends(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_run", lambda *arguments: 1)
    assert watching.base_if_due(now=NOW) == 1
    place.remember(base_at=NOW.isoformat())
    assert watching.base_if_due(now=NOW + timedelta(hours=23)) == 0
    assert watching.base_if_due(now=NOW + timedelta(hours=25)) == 1
    place.remember(dropped={"segments": 1})
    assert watching.base_if_due(now=NOW) == 1
    place.remember(base_error={"at": NOW.isoformat(), "what": "…"})
    assert watching.base_if_due(now=NOW + timedelta(minutes=5)) == 0
    assert watching.base_if_due(now=NOW + timedelta(hours=2)) == 1
