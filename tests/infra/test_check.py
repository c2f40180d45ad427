"""`huying check` says what is wrong here, how it is mended, and by its exit code whether it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import timezone, translation

from huying import embedded, upkeep
from huying.audit import crypto
from huying.audit.keys import KeyFileError
from huying.cli import check
from huying.faults import here, of_database
from huying.faults.finding import Finding, Grade
from huying.installation import Settings
from huying.telemetry import standing as standing_now
from huying.telemetry.standing import Standing, Waiting
from tests.conftest import Server


def settings_of(home: Path, **more: Any) -> Settings:
    return Settings(home=home, **more)


def grades(found: Any) -> dict[str, str]:
    worst: dict[str, str] = {}
    order = list(Grade)
    for each in found:
        if order.index(each.grade) >= order.index(Grade(worst.get(each.about, "well"))):
            worst[each.about] = str(each.grade)
    return worst


def wrong(found: Any) -> list[Finding]:
    return [each for each in found if each.grade is not Grade.WELL]


def test_a_bad_setting_is_told_and_not_fallen_over(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "huying", "check", "--json"],
        env=os.environ
        | {"HUYING_HOME": str(tmp_path), "HUYING_PORT": "none", "LC_ALL": "zh_CN.UTF-8"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["about"] == "settings"
    assert "HUYING_PORT=none" in finding["what"]
    assert finding["mend"].startswith("请更正该设置")


def test_an_installation_that_never_ran_is_told_so_in_ones_language(tmp_path: Path) -> None:
    own = {**os.environ, "HUYING_HOME": str(tmp_path / "none"), "LC_ALL": "zh_CN.UTF-8"}
    own |= {"DATABASE_URL": "", "DATABASE_OWNER_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "huying", "check"], env=own, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "✗ database: 内置数据库没有运行。" in done.stdout
    assert "→ 请启动：huying serve。" in done.stdout
    assert not (tmp_path / "none" / "postgres").exists(), "looking makes nothing"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh-hans"),
        ({"LANG": "C.UTF-8", "HUYING_LANGUAGE": "en"}, "en"),
        ({}, "zh-hans"),
    ],
    ids=str,
)
def test_the_locale_chooses_the_language(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "HUYING_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert check.language() == language


POOLED = "postgresql://huying@pooler.intranet:6432/huying"


@pytest.mark.parametrize(
    ("chosen", "grade"),
    [
        ({}, "well"),
        ({"debug": True}, "fault"),
        ({"allowed_hosts": "*"}, "fault"),
        ({"address": "::", "https": True, "allowed_hosts": "call.example.cn"}, "well"),
        ({"address": "::", "allowed_hosts": "call.example.cn"}, "warning"),
        ({"address": "::", "https": True}, "warning"),
        ({"https": True, "proxies": "0"}, "warning"),
        (
            {"database_url": POOLED, "database_pooler": True, "database_owner_url": ""},
            "warning",
        ),
        (
            {
                "database_url": POOLED,
                "database_pooler": True,
                "database_owner_url": "postgresql://owner@db.intranet/huying",
            },
            "well",
        ),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together(
    chosen: dict[str, Any], grade: str, tmp_path: Path
) -> None:
    assert grades(here.settings(settings_of(tmp_path, **chosen))) == {"settings": grade}


def test_folders_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    assert grades(here.folders(settings_of(tmp_path))) == {"folders": "well"}
    (tmp_path / "keys").chmod(0o755)
    (found,) = wrong(here.folders(settings_of(tmp_path)))
    assert found.grade is Grade.FAULT
    assert found.mend.endswith(f"{tmp_path / 'keys'}")


class Room:
    """What a file system of 10 GB says of itself."""

    def __init__(self, free: float, size: float) -> None:
        self.f_blocks, self.f_frsize, self.f_bavail = int(size * 1000), 1_000_000, int(free * 1000)


@pytest.mark.parametrize(
    ("free", "size", "grade"),
    [(4.0, 10, "well"), (0.9, 10, "warning"), (0.4, 10, "fault"), (0.4, 1, "fault")],
)
def test_disks_that_are_nearly_full(
    free: float, size: float, grade: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one of 1 GB of which much more than a tenth is free: that is little all the same."""
    monkeypatch.setattr(standing_now.os, "statvfs", lambda path: Room(free, size))
    found = list(here.room(settings_of(tmp_path)))
    assert {str(each.grade) for each in found} == {grade}, "one thing, one mark"
    if grade != "well":
        assert "home" in found[0].what


def test_the_databases_disk_and_that_of_backups_are_looked_at(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere / "2026-11-28"):
        folder.mkdir(parents=True)
    assert [disk.folder for disk in standing_now.disks(settings_of(home))] == ["home"]
    upkeep.note(home, upkeep.BACKUP, timezone.now(), folder=str(elsewhere / "2026-11-28"))
    more = {"database_disk": elsewhere, "backup_dir": elsewhere, "backup_incoming": home / "none"}
    seen = {disk.folder: disk.size for disk in standing_now.disks(settings_of(home, **more))}
    assert seen.keys() == {"home", "database", "archive", "backups"}
    assert seen["backups"] > 0


def test_files_that_the_build_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert grades(here.files(settings_of(tmp_path))) == {"files": "well"}
    monkeypatch.setattr(here, "PACKAGE", tmp_path)
    (found,) = here.files(settings_of(tmp_path))
    assert found.grade is Grade.FAULT
    assert "dist/manifest.json" in found.what


def test_keys_that_cannot_be_used_or_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grades(here.keys(settings_of(tmp_path))) == {"keys": "well"}

    def broken(self: Any, purpose: Any) -> list[str]:
        raise KeyFileError("data-1.key can be read by others")

    provider = type(crypto.provider())
    monkeypatch.setattr(provider, "key_ids", broken)
    (found,) = here.keys(settings_of(tmp_path))
    assert found.grade is Grade.FAULT
    assert "data-1.key" in found.what
    monkeypatch.setattr(provider, "key_ids", lambda self, purpose: [])
    assert grades(here.keys(settings_of(tmp_path))) == {"keys": "warning"}


@pytest.mark.parametrize(
    ("status", "grade"), [(here.NOT_KEPT | 1, "warning"), (0x2001, None), (None, None)]
)
def test_a_clock_that_nobody_keeps(
    status: int | None, grade: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "clock_status", lambda: status)
    assert grades(here.clock(settings_of(tmp_path))) == ({"clock": grade} if grade else {})


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_the_kernel_is_asked_where_its_answer_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    status = here.clock_status()
    assert status is None or 0 <= status < 0x10000
    # A system that cannot say is no worse for it.
    monkeypatch.setattr(here.ctypes, "CDLL", lambda *_a, **_k: object())
    assert here.clock_status() is None


def test_backups_that_are_old_or_were_never_proved(tmp_path: Path) -> None:
    config, now = settings_of(tmp_path), timezone.now()
    assert grades(here.backups(config, now)) == {"backup": "warning", "restored": "warning"}
    upkeep.note(tmp_path, upkeep.BACKUP, now - timedelta(hours=3))
    upkeep.note(tmp_path, upkeep.RESTORED, now - timedelta(days=100))
    assert grades(here.backups(config, now)) == {"backup": "well", "restored": "warning"}
    (tmp_path / "upkeep" / "backup.json").write_text("[]")
    assert grades(here.backups(config, now))["backup"] == "warning", "a note that says nothing"


def ours() -> Settings:
    """The settings of the test's database."""
    return Settings(database_url=os.environ["DATABASE_URL"])


def test_the_tests_own_database_is_as_it_should_be(db: None) -> None:
    for look in (of_database.reachable, of_database.rights, of_database.migrations):
        assert wrong(look(ours())) == [], look
    assert wrong(of_database.clock(ours())) == []


def test_a_database_that_does_not_answer() -> None:
    config = Settings(database_url="postgresql://huying:secret-word@127.0.0.1:9/huying")
    (found,) = of_database.reachable(config)
    assert found.grade is Grade.FAULT
    assert "secret-word" not in found.what + found.mend


@pytest.mark.parametrize(("apart", "grade"), [(0.5, "well"), (5, "warning"), (-60, "fault")])
def test_a_database_with_another_time(
    apart: float, grade: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = timezone.now() + timedelta(seconds=apart)
    monkeypatch.setattr(of_database, "_ask", lambda question: there)
    assert grades(of_database.clock(Settings())) == {"clock": grade}


def test_tables_that_lack_a_migration(
    transactional_db: None, owner_connection: psycopg.Connection[Any]
) -> None:
    last = owner_connection.execute(
        "SELECT max(name) FROM django_migrations WHERE app = 'huying'"
    ).fetchone()
    assert last
    taken = "UPDATE django_migrations SET app = %s WHERE app = %s AND name = %s"
    owner_connection.execute(taken, ["taken", "huying", *last])
    try:
        (found,) = of_database.migrations(ours())
    finally:
        owner_connection.execute(taken, ["huying", "taken", *last])
    assert found.grade is Grade.FAULT
    assert "huying migrate" in found.mend


def test_tables_without_base_data(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.database.has_base_data", lambda: False)
    (found,) = wrong(of_database.migrations(ours()))
    assert found.grade is Grade.FAULT


def test_a_role_that_could_change_the_log(
    transactional_db: None, owner_connection: psycopg.Connection[Any], postgres: Server
) -> None:
    owner_connection.execute(f"GRANT UPDATE ON case_event TO {embedded.APPLICATION}")
    owner_connection.execute(f"REVOKE SELECT ON browser FROM {embedded.APPLICATION}")
    with translation.override("en"):
        told = [each.what for each in wrong(of_database.rights(ours()))]
    assert told == [
        "The application may change the table case_event.",
        "The application may not read: browser.",
    ]


def test_a_row_whose_key_is_gone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from huying.notices import addresses
    from huying.notices.models import Channel
    from huying.people.models import Account

    account = Account.objects.create(username="someone", name="某人")
    addresses.put(account, Channel.SMS, "13926187754", now=timezone.now())
    assert grades(of_database.keys_of_rows(ours())) == {"keys": "well"}
    provider = crypto.provider()
    monkeypatch.setattr(type(provider), "key_ids", lambda self, purpose: [])
    (found,) = wrong(of_database.keys_of_rows(ours()))
    assert found.grade is Grade.FAULT
    assert "notice_address" in found.what


def test_a_month_that_nobody_copied(
    db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from datetime import date

    monkeypatch.setattr(crypto, "home", lambda: tmp_path)
    assert grades(of_database.months_copied(ours())) == {"months": "well"}
    asked: list[datetime] = []

    def due(now: datetime) -> list[date]:
        asked.append(now)
        return [date(2026, 1, 1), date(2026, 2, 1)]

    monkeypatch.setattr("huying.audit.months.due", due)
    with translation.override("en"):
        (found,) = wrong(of_database.months_copied(ours()))
    assert found.what == "2 months of the event log were not copied, since 2026-01."
    assert found.grade is Grade.WARNING
    # A month that was over last night is not late.
    assert timezone.now() - asked[0] >= of_database.COPIED_WITHIN


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def standing(**more: Any) -> Standing:
    told: dict[str, Any] = {
        "open_cases": {}, "oldest_emergency_s": 0.0, "waiting": [], "dead_letters": {},
        "behind_s": 0.0, "sealed_at": timezone.now(), "workers": 1,
    }  # fmt: skip
    return Standing(**(told | more))


@pytest.mark.parametrize(
    ("told", "about", "grade"),
    [
        ({}, "worker", "well"),
        ({"workers": 0}, "worker", "fault"),
        ({"waiting": [Waiting("tell", 3, 1200.0)]}, "worker", "warning"),
        ({"sealed_at": None}, "seal", "warning"),
        ({"sealed_at": LONG_AGO}, "seal", "fault"),
        ({"dead_letters": {"sms": 2}}, "outgoing", "warning"),
    ],
    ids=str,
)
def test_what_stands_still(
    told: dict[str, Any], about: str, grade: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_database, "standing", lambda: standing(**told))
    assert grades(of_database.work(ours_without_database()))[about] == grade


def ours_without_database() -> Settings:
    return Settings()
