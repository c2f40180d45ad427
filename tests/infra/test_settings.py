"""Settings: documented, and a bad value stops the start with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from huying.settings import Settings, SettingsError, database_from_url, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HUYING_HOME", str(tmp_path))


def test_every_setting_is_documented_and_has_a_default() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("HUYING_PORT", "99999", "less than or equal to 65535"),
        ("HUYING_PORT", "eighty", "valid integer"),
        ("HUYING_TIME_ZONE", "Mars/Olympus", "no time zone"),
        ("HUYING_LANGUAGE", "tlh", "'zh-hans' or 'en'"),
        ("HUYING_HOME", __file__, "not a folder"),
        ("HUYING_MAP_TILE_URL", "https://tiles.example/", "{z}, {x} and {y}"),
        ("DATABASE_URL", "mysql://somewhere/x", "postgresql://"),
        ("DATABASE_URL", "postgresql://role@host/", "no database"),
    ],
)
def test_a_bad_value_is_named_with_its_reason(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        load()
    assert name in str(told.value)
    assert why in str(told.value)


def test_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://role:hidden@host/x")
    with pytest.raises(SettingsError) as told:
        load()
    assert "hidden" not in str(told.value)


def test_one_role_for_both_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, "postgresql://one:pw@host/x")
    with pytest.raises(SettingsError, match="two roles"):
        load()


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1  # type: ignore[misc]


def test_a_url_becomes_a_description() -> None:
    found = database_from_url("postgresql://me:p%40ss@db.example:5433/hy?sslmode=require")
    assert found["USER"] == "me"
    assert found["PASSWORD"] == "p@ss"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "hy")
    assert found["OPTIONS"] == {"sslmode": "require"}
