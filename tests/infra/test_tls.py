"""https of our own: an authority that is made once, a certificate that follows the names."""

from __future__ import annotations

import os
import ssl
import stat
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from huying import tls
from huying.cli import CommandError
from huying.cli.serve import answers, use_tls
from huying.installation import Settings
from tests.infra.test_serve import free_port, wait_for

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def serial(cert: Path) -> int:
    return x509.load_pem_x509_certificate(cert.read_bytes()).serial_number


def test_the_authority_stays_and_the_certificate_follows(tmp_path: Path) -> None:
    server, authority = tls.prepare(tmp_path, ["localhost"], NOW), tls.authority_of(tmp_path)
    first, trusted = serial(server.cert), serial(authority.cert)
    for path in (server.key, authority.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700

    assert serial(tls.prepare(tmp_path, ["localhost"], NOW).cert) == first
    more = tls.prepare(tmp_path, ["localhost", "192.168.1.20", "[::1]"], NOW)
    assert (second := serial(more.cert)) != first
    later = NOW + timedelta(days=tls.SERVER_DAYS - 20)
    assert serial(tls.prepare(tmp_path, ["localhost"], later).cert) != second
    assert serial(authority.cert) == trusted


def test_one_file_without_the_other_is_refused(tmp_path: Path) -> None:
    config = Settings(home=tmp_path)
    for files in (["a.crt"], [str(tmp_path / "a.crt"), str(tmp_path / "a.key")]):
        with pytest.raises(CommandError):
            use_tls(files, config)


def test_files_that_will_not_do_are_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    monkeypatch.setattr(os, "environ", dict(os.environ))
    config, now = Settings(home=tmp_path), datetime.now(UTC)
    good = tls.prepare(tmp_path / "one", ["localhost"], now)
    other = tls.prepare(tmp_path / "two", ["localhost"], now)
    over = tls.prepare(tmp_path / "old", ["localhost"], now - timedelta(days=500))
    words, locked = tmp_path / "words.pem", tmp_path / "locked.pem"
    words.write_text("nothing of the kind", encoding="utf-8")
    key = load_pem_private_key(good.key.read_bytes(), None)
    locked.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    )
    for cert, with_key, said in (
        (words, good.key, "no certificate in PEM"),
        (good.key, good.cert, "no certificate in PEM"),  # the wrong way round
        (good.cert, words, "no private key in PEM"),
        (good.cert, locked, "has a password"),
        (good.cert, other.key, "does not belong to the certificate"),
        (over.cert, over.key, "ended on"),
    ):
        with pytest.raises(CommandError, match=said):
            use_tls([str(cert), str(with_key)], config)
    assert "HUYING_TLS_CERT" not in os.environ
    use_tls([str(good.cert), str(good.key)], config)
    assert os.environ["HUYING_TLS_CERT"] == str(good.cert)


def test_the_web_server_speaks_https_that_the_local_authority_vouches_for(
    tmp_path: Path, django_db_setup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr(os, "environ", dict(os.environ))
    use_tls([], Settings(home=tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "huying.web"],
        env=os.environ
        | {"HUYING_HOME": str(tmp_path), "HUYING_PORT": str(port), "HUYING_WEB_PROCESSES": "1"},
    )
    trusting = ssl.create_default_context(cafile=str(tls.authority_of(tmp_path).cert))
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    )

    def get(path: str) -> Any:
        return browser.open(f"https://127.0.0.1:{port}{path}", timeout=20)

    try:
        wait_for(lambda: process.poll() is not None or answers(f"https://127.0.0.1:{port}/healthz"))
        page = get("/field/trust").read().decode()
        assert tls.fingerprint(tls.authority_of(tmp_path).cert) in page
        assert "<svg" in page
        assert "Secure" in get("/accounts/login/").headers["Set-Cookie"]
        assert x509.load_der_x509_certificate(get("/field/authority.crt").read())
    finally:
        process.terminate()
        process.wait(30)
