"""`huying serve` from an empty folder: it starts, answers, restarts what dies, and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huying import embedded
from huying.supervisor import PortBusy, require_free_port


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float = 180) -> Any:
    """What `what` returns, as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)  # a loop without a pause takes the core from what it waits for
    return found


def healthy(port: int) -> dict[str, Any] | None:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return dict(json.load(answer))
    return None


def environment(home: Path) -> dict[str, str]:
    own = {**os.environ, "HUYING_HOME": str(home), "HUYING_WEB_PROCESSES": "1"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        own.pop(name, None)
    return own


def huying(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "huying", *arguments],
        env=environment(home), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def both_lanes_live(url: str, since: datetime) -> bool:
    """Whether both lanes of the worker have said so since then."""
    with suppress(psycopg.Error), psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [since]
        ).fetchone()
        return found == (2,)
    return False


class Served:
    """A `huying serve` in its own folder."""

    def __init__(self, home: Path, within: float = 180) -> None:
        """Starts it and waits until it answers; what takes longer (in seconds) is ended."""
        self.home, self.port = home, free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "huying", "serve", "--port", str(self.port)],
            env=environment(home), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            wait_for(lambda: self.process.poll() is not None or healthy(self.port), within)
        except BaseException:
            self.stop(signal.SIGINT)  # or the next test finds the folder taken
            raise
        assert self.process.poll() is None, self.process.communicate()[1]

    def children(self, word: str) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True, text=True,
        ).stdout  # fmt: skip
        return [int(line.split()[0]) for line in listed.splitlines() if line.endswith(word)]

    def stop(self, how: int) -> tuple[int, float]:
        began = time.monotonic()
        self.process.send_signal(how)
        try:
            self.told = self.process.communicate(timeout=40)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode, time.monotonic() - began


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("h")


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    running = Served(home)
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_and_stops_cleanly(served: Served, how: int) -> None:
    assert healthy(served.port) == {
        "ok": True, "version": "0.1.0", "database": True, "migrations_missing": 0,
    }  # fmt: skip
    code, seconds = served.stop(how)
    assert code == 0, served.told
    assert seconds < 15
    assert healthy(served.port) is None
    assert not embedded.running(served.home)


@pytest.mark.slow
def test_more_phones_than_a_thousand_keep_their_lines_and_others_are_answered(
    served: Served,
) -> None:
    """Each keeps the line by which it was answered; one process has them all."""
    with ExitStack() as lines:
        for _each in range(1500):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            line.settimeout(20)
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in line.recv(100)
        assert healthy(served.port)


@pytest.mark.slow
def test_commands_work_beside_it_and_its_children_come_back(served: Served) -> None:
    url = huying(served.home, "database", "url").stdout.strip()
    owner = huying(served.home, "database", "url", "--owner", "--json")
    for string, role in ((url, "huying"), (json.loads(owner.stdout)["url"], "huying_owner")):
        with psycopg.connect(string) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)

    assert huying(served.home, "migrate", "--json").returncode == 0
    assert embedded.running(served.home)  # the command was not the last holder

    second = huying(served.home, "serve", "--port", str(free_port()))
    assert second.returncode == 1
    assert "runs already" in second.stderr

    (worker,) = wait_for(lambda: served.children("worker"))
    wait_for(lambda: both_lanes_live(url, datetime.min.replace(tzinfo=UTC)))
    server = (served.home / "postgres/data/postmaster.pid").read_text().split()[0]
    os.kill(int(server), signal.SIGKILL)
    killed = datetime.now(UTC)
    wait_for(lambda: both_lanes_live(url, killed))
    assert served.children("worker") == [worker]  # no other one had to read a thousand files

    (web,) = served.children("huying.web")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: served.children("huying.web") not in ([], [web]))
    wait_for(lambda: healthy(served.port))


@pytest.mark.slow
def test_a_killed_supervisor_takes_its_children_along(served: Served) -> None:
    def both() -> list[int]:
        found = served.children("huying.web") + served.children("worker")
        return found if len(found) == 2 else []

    children = wait_for(both)  # the web may answer while the worker is still being started
    served.process.kill()
    served.process.communicate()
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    again = Served(served.home)
    assert again.stop(signal.SIGINT)[0] == 0
    assert not embedded.running(served.home)


def test_a_busy_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = huying(tmp_path / "new", "serve", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in result.stderr
    assert not (tmp_path / "new" / "postgres").exists()


def test_a_free_port_is_free() -> None:
    require_free_port("127.0.0.1", free_port())
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortBusy, match="PORT="):
            require_free_port("127.0.0.1", taken.getsockname()[1])


def test_a_bad_setting_stops_the_start(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "huying", "migrate"],
        env={**environment(tmp_path), "HUYING_PORT": "none"}, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.startswith("HUYING_PORT=none can't be used: ")
    assert "Traceback" not in result.stderr
