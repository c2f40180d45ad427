"""Two builds behind one proxy: each answers for the other's assets, and for those of before."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying import builds
from tests.infra.test_serve import free_port

SCRIPT = b"import('./map-0ldMap_1.js')\n" * 50


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HUYING = settings.HUYING.model_copy(update={"home": tmp_path})
    return tmp_path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The assets of another build, as Vite leaves them."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "desk-0ldDesk1.js").write_bytes(SCRIPT)
    (folder / "desk-0ldDesk1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "desk-0ldDesk1.css").write_text("a{}")
    return folder


def test_an_asset_of_another_build_is_answered_like_ones_own(
    home: Path, other: Path, client: Client
) -> None:
    url = f"{builds.URL}desk-0ldDesk1.js"
    assert client.get(url).status_code == 404
    # The process above goes on: it is the old one, and this the new one that has just started.
    assert builds.lay(home, other) == 3
    plain = client.get(url)
    assert plain.status_code == 200
    assert b"".join(plain.streaming_content) == SCRIPT  # type: ignore[attr-defined]
    assert plain["Content-Type"].startswith("text/javascript")
    assert "immutable" in plain["Cache-Control"]
    assert plain["X-Content-Type-Options"] == "nosniff"
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    packed.close()


@pytest.mark.parametrize(
    "name",
    ["../keys/data-12345678.key", "..%2Fkeys%2Fdata-12345678.key", ".desk-0ldDesk1.js", "none",
     "desk-0ldDesk1.js.gz", "a%0A-12345678.js", "desk-0ldDesk1.js/"],
)  # fmt: skip
def test_nothing_else_of_the_data_folder_is_told(
    name: str, home: Path, other: Path, client: Client
) -> None:
    builds.lay(home, other)
    (home / "keys").mkdir()
    (home / "keys" / "data-12345678.key").write_text("secret")
    (builds.folder(home) / ".desk-0ldDesk1.js").write_text("a draft")
    assert client.get(builds.URL + name).status_code == 404


def test_all_that_this_build_links_is_laid_for_others(home: Path) -> None:
    own = {path.name for path in builds.OWN.iterdir()}
    assert builds.lay(home) == len(own) > 10
    folder = builds.folder(home)
    assert {path.name for path in folder.iterdir()} == own
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert builds.lay(home) == 0, "what is there is not copied again"


def test_what_no_build_has_had_for_a_month_goes(home: Path, other: Path) -> None:
    builds.lay(home, other)
    builds.lay(home)
    folder, now = builds.folder(home), timezone.now()
    for path in folder.iterdir():
        os.utime(path, (0, (now - timedelta(days=29)).timestamp()))
    assert builds.keep(now=now) == 0
    # Its own it has just named as in use; the other's are older by now.
    assert builds.keep(now=now + timedelta(days=2)) == 3
    assert {path.name for path in folder.iterdir()} == {path.name for path in builds.OWN.iterdir()}


def test_a_web_server_lays_its_assets_before_it_answers(tmp_path: Path) -> None:
    """Even one that nobody can reach afterwards: its port is taken by then."""
    stopped = """
import granian, sys
granian.Granian.serve = lambda self, *a, **k: sys.exit(0)
from huying import web
web.main()
"""
    own = {**os.environ, "HUYING_HOME": str(tmp_path), "HUYING_PORT": str(free_port())}
    subprocess.run([sys.executable, "-c", stopped], env=own, check=True)
    assert builds.folder(tmp_path).is_dir()
    assert {p.name for p in builds.folder(tmp_path).iterdir()} == {
        p.name for p in builds.OWN.iterdir()
    }
