"""The embedded server: private, held, cleaned up after a crash."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huying import embedded
from tests.made_ready import QUICK


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hy-") as folder:
        yield Path(folder) / "home"


def other_holder(home: Path) -> subprocess.Popen[str]:
    """Another process that holds the server until its standard input ends."""
    code = (
        "import sys; from pathlib import Path; from huying import embedded\n"
        "with embedded.hold(Path(sys.argv[1]), tuning={'fsync': 'off'}):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate("", timeout=30)


def test_everything_is_private_and_no_port_is_open(home: Path) -> None:
    with embedded.hold(home, tuning=QUICK) as holder:
        for path in [home, *home.rglob("*")]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            if path.is_socket() or path.is_relative_to(home / "postgres" / "data"):
                continue  # inside a folder that is private itself
            assert mode == (0o700 if path.is_dir() else 0o600), path
        assert stat.S_IMODE((home / "postgres" / "data").stat().st_mode) == 0o700
        with psycopg.connect(holder.url(embedded.OWNER)) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
            assert connection.execute("SHOW password_encryption").fetchone() == ("scram-sha-256",)
            assert connection.execute(
                "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'huying'"
            ).fetchone() == ("b", "C.UTF-8")
        with psycopg.connect(holder.url(embedded.SUPERUSER, "postgres")) as connection:
            methods = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules")
            assert methods.fetchall() == [("local", "scram-sha-256")] * 2


def test_the_last_holder_stops_the_server_and_nothing_is_lost(home: Path) -> None:
    with embedded.hold(home, tuning=QUICK) as first:
        assert first.started_server
        with psycopg.connect(first.url(embedded.OWNER)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        other = other_holder(home)
    assert embedded.running(home)
    leave(other)
    assert not embedded.running(home)
    with (
        embedded.hold(home, tuning=QUICK) as again,
        psycopg.connect(again.url(embedded.OWNER)) as connection,
    ):
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_second_release_does_nothing(home: Path) -> None:
    holder = embedded.hold(home, tuning=QUICK)
    holder.release()
    holder.release()
    assert not embedded.running(home)


def test_a_crashed_holder_is_cleaned_up_at_the_next_start(home: Path) -> None:
    crashed = other_holder(home)
    crashed.kill()
    crashed.communicate()
    assert embedded.running(home)  # nobody was left to stop it
    with embedded.hold(home, tuning=QUICK) as holder:
        assert not holder.started_server
        assert len(list((home / "postgres" / "holders").iterdir())) == 1
    assert not embedded.running(home)


def test_a_crashed_server_leaves_a_stale_number_that_is_not_believed(home: Path) -> None:
    crashed = other_holder(home)
    number = home / "postgres" / "data" / "postmaster.pid"
    postmaster = int(number.read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGKILL)
    crashed.kill()
    crashed.communicate()
    # The machine may have given the number to somebody else since: to this process, say.
    number.write_text(number.read_text().replace(str(postmaster), str(os.getpid()), 1))
    while embedded.running(home):  # its children notice and go
        os.sched_yield()
    with embedded.hold(home, tuning=QUICK) as holder:
        assert holder.started_server
        psycopg.connect(holder.url(embedded.APPLICATION)).close()


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(home: Path) -> None:
    deep = home / ("a-long-name-" * 10)
    with embedded.hold(deep, tuning=QUICK) as holder:
        folder = holder.layout.socket_dir()
        assert not folder.is_relative_to(deep)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        psycopg.connect(holder.url(embedded.APPLICATION)).close()
    with embedded.hold(deep, tuning=QUICK) as holder:
        assert holder.layout.socket_dir() == folder
    folder.rmdir()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="no_such_setting"):
        embedded.hold(home, tuning={"no_such_setting": "1"})
    assert list((home / "postgres" / "holders").iterdir()) == []


def test_a_url_without_a_database_says_so(home: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="no embedded database"):
        embedded.Layout(home).url(embedded.OWNER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_widens_no_folder_and_the_server_is_not_root(home: Path) -> None:
    home.parent.chmod(0o700)
    with embedded.hold(home, tuning=QUICK):
        assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
        pid = int((home / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        assert Path(f"/proc/{pid}").stat().st_uid != 0
