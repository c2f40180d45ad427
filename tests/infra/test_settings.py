"""Settings: documented, and a bad value stops the start with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from huying.database_url import database_from_url
from huying.installation import Settings, SettingsError, load


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
        ("HUYING_SHIFTS", "08:00,noon", "isoformat"),
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


@pytest.mark.parametrize(
    ("place", "host", "port"),
    [
        ("a.example", "a.example", ""),
        ("10.0.0.1:5432,10.0.0.2:5433", "10.0.0.1,10.0.0.2", "5432,5433"),
        ("a,b,c", "a,b,c", ""),
        ("[::1]:6000", "::1", "6000"),
        ("[::1]", "::1", ""),
        ("", "", ""),
    ],
)
def test_a_url_may_name_several_hosts(place: str, host: str, port: str) -> None:
    found = database_from_url(f"postgresql://me:a%2Cb@{place}/hy?target_session_attrs=read-write")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == (host, port, "a,b")
    with pytest.raises(ValueError, match="port"):
        database_from_url("postgresql://me@a:1,b:x/hy")


PROVIDER = {
    "HUYING_OIDC_ISSUER": "https://sso.example.org/realm",
    "HUYING_OIDC_CLIENT_ID": "huying",
    "HUYING_OIDC_CLIENT_SECRET": "s3cret-of-the-provider",
}


def test_a_provider_is_set_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    assert load().oidc_secret == "s3cret-of-the-provider"
    assert "s3cret" not in repr(load())
    held = tmp_path / "secret"
    held.write_text("from-the-file\n")
    monkeypatch.delenv("HUYING_OIDC_CLIENT_SECRET")
    monkeypatch.setenv("HUYING_OIDC_CLIENT_SECRET_FILE", str(held))
    assert load().oidc_secret == "from-the-file"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"HUYING_OIDC_ISSUER": "http://sso.example.org"}, "must start with https://"),
        ({"HUYING_OIDC_ISSUER": "sso.example.org"}, "must start with https://"),
        ({"HUYING_OIDC_ISSUER": "https://sso.example.org/?x=1"}, "a path at most"),
        ({"HUYING_OIDC_ISSUER": ""}, "without HUYING_OIDC_ISSUER"),
        ({"HUYING_OIDC_CLIENT_ID": ""}, "without HUYING_OIDC_CLIENT_ID"),
        ({"HUYING_OIDC_CLIENT_SECRET": ""}, "needs one of"),
        ({"HUYING_OIDC_CLIENT_SECRET": "", "HUYING_OIDC_CLIENT_SECRET_FILE": ""}, "needs one of"),
        ({"HUYING_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "needs one of"),
        (
            {"HUYING_OIDC_CLIENT_SECRET": "", "HUYING_OIDC_CLIENT_SECRET_FILE": "/nowhere/x"},
            "/nowhere/x cannot be read",
        ),
        ({"HUYING_OIDC_CLAIM": "a b"}, "HUYING_OIDC_CLAIM"),
        ({"HUYING_OIDC_NAME": ""}, "HUYING_OIDC_NAME"),
    ],
    ids=str,
)
def test_half_a_provider_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], words: str
) -> None:
    for name, value in (PROVIDER | changed).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as stopped:
        load()
    assert words in str(stopped.value)
    assert "s3cret" not in str(stopped.value)


def test_secrets_may_be_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "postgresql://huying:{}@db/huying"
    (tmp_path / "database_url").write_text(url.format("from-a-file") + "\n")
    (tmp_path / "huying_metrics_token").write_text("0123456789abcdef\n")
    monkeypatch.setenv("HUYING_SECRETS_DIR", str(tmp_path))
    assert load().database_url == url.format("from-a-file")
    assert load().metrics_token == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(load())
    monkeypatch.setenv("DATABASE_URL", url.format("from-here"))
    assert "from-here" in load().database_url
    monkeypatch.setenv("HUYING_SECRETS_DIR", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match="HUYING_SECRETS_DIR"):
        load()


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HUYING_ADDRESS": "0.0.0.0"}, "http://127.0.0.1:8000"),  # noqa: S104
        ({"HUYING_ADDRESS": "::1", "HUYING_PORT": "9000"}, "http://[::1]:9000"),
        ({"HUYING_HTTPS": "true"}, "https://127.0.0.1:8000"),
        (
            {"HUYING_TLS_CERT": "/a/cert.pem", "HUYING_TLS_KEY": "/a/key.pem"},
            "https://127.0.0.1:8000",
        ),
        ({"HUYING_SITE_URL": "https://huying.example"}, "https://huying.example"),
    ],
)
def test_a_link_begins_as_people_reach_the_pages(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str], address: str
) -> None:
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    assert Settings().own_address == address
