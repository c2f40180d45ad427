"""Three nodes, one kill of the one that leads while reports come in: none lost, none doubled.

`huying bench failover` does it twenty times and more, and other things too (docs/ha.md). Where
HUYING_TEST_FAILOVER is set it is done once here; the waits before another node takes over are
shorter then, the files are in memory, and the database comes from a dump of the tests' template.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from huying import embedded
from huying.benchmarks import failover
from huying.benchmarks.bed import Bed
from huying.benchmarks.failover import nodes
from huying.benchmarks.failover.faults import Befallen, Course, plan
from huying.benchmarks.failover.reporters import Reporters, marker
from huying.cases.models import Case, CaseText, Channel
from huying.cases.reporting import Key
from huying.cli import _run
from huying.database_url import database_from_url
from huying.intake.reporting import Told, take
from huying.people.acting import RESIDENT
from huying.unprivileged import binaries, identity
from tests.conftest import MEMORY, TEMPLATE, memory_has_room

ASKED = "HUYING_TEST_FAILOVER"
SOON = {"TTL": "9", "LOOP_WAIT": "1", "RETRY_TIMEOUT": "3"}
PROGRAM = """
import json, sys
from pathlib import Path
from huying.benchmarks import failover
order = json.load(sys.stdin)
room, ready = Path(order["room"]), Path(order["ready"])
print(json.dumps(failover.run(1, planned=["node"], room=room, ready=ready, **order["soon"])))
"""
NEWER = ("SET transaction_timeout", "\\restrict", "\\unrestrict")
"""Lines of a newer server's dump that PostgreSQL 15 does not know, and can do without."""


def dump(url: str, target: Path) -> None:
    """The tests' template as statements for PostgreSQL 15."""
    done = subprocess.run(
        [binaries(identity()) / "pg_dump", "--no-comments", url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    lines = done.stdout.splitlines(keepends=True)
    target.write_text("".join(line for line in lines if not line.startswith(NEWER)))


def run(order: dict[str, Any]) -> tuple[str, str]:
    """What the benchmark prints on both of its outputs; it is told to end, not killed, in time."""
    foreign = ("HUYING_", "DATABASE_", "DJANGO_")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith(foreign)},
    )  # fmt: skip
    try:
        return process.communicate(json.dumps(order), timeout=600)
    except BaseException:
        process.terminate()  # it ends its nodes and takes its networks away
        process.communicate(timeout=60)
        raise


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get(ASKED), reason=f"takes minutes; set {ASKED}=1")
def test_a_killed_leader_loses_and_doubles_nothing(
    postgres: Any, django_db_setup: None, tmp_path: Path
) -> None:
    if why := failover.lacking():
        pytest.skip(why)
    ready = tmp_path / "ready.sql"
    dump(postgres.url(embedded.SUPERUSER, TEMPLATE), ready)
    order = {
        "room": str(MEMORY if memory_has_room() else tmp_path),
        "ready": str(ready),
        "soon": SOON,
    }
    told, said = run(order)
    result = json.loads(told or "{}")
    assert result, said[-4000:]
    assert result["acknowledged"] > 20
    assert (result["lost"], result["doubled"], result["two_leaders"]) == (0, 0, 0)
    assert result["each"][0]["leader_after"] != result["each"][0]["node"]
    assert result["longest_gap_s"] <= failover.GAP_GOAL_S
    assert not result["strange"]


class Reported:
    """Reports that were acknowledged, and the bed that `failover.compare` looks at."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, tuple[float, str]] = {}
        for _n in range(3):
            key = uuid4().hex
            self.acknowledged[key] = (1.0, self.report(key, key))

    def report(self, words: str, key: str) -> str:
        told = Told(Channel.RESIDENT, f"路面有坑 {marker(words)}", area="440113120213")
        sent = Key("reporter", key, b"")
        return take(told, by=RESIDENT, now=timezone.now(), key=sent).number

    @contextmanager
    def admin(self) -> Iterator[Any]:
        yield connection.connection

    def compared(self) -> tuple[int, int]:
        return failover.compare(cast(Bed, self), self.acknowledged)


@pytest.fixture
def reported(db: None) -> Reported:
    return Reported()


def test_what_was_acknowledged_and_is_there_once_is_neither_lost_nor_doubled(
    reported: Reported,
) -> None:
    reported.report("0123", "0123")  # kept, and its acknowledgement lost with the line
    assert reported.compared() == (0, 0)


def test_a_planted_loss_is_counted(reported: Reported) -> None:
    first, second, _third = reported.acknowledged
    reported.acknowledged["feed"] = (1.0, "440113120202601010000001")
    reported.acknowledged[first] = (1.0, reported.acknowledged[second][1])  # another's number
    assert reported.compared() == (2, 0)
    gone = Case.objects.filter(number=reported.acknowledged[second][1])
    CaseText.objects.filter(case__in=gone).update(body="路面有坑 other")
    assert reported.compared() == (3, 0)


def test_a_planted_double_is_counted(reported: Reported) -> None:
    first, *_others = reported.acknowledged
    for key in ("one", "two"):
        reported.report(first, key)
    assert reported.compared() == (0, 2)


@contextmanager
def answering(status: int, body: bytes, after_s: float = 0.0) -> Iterator[int]:
    """A server that answers every report so; gives its port."""
    enough = threading.Event()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            enough.wait(after_s)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked may have gone
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield server.server_port
    finally:
        enough.set()
        server.shutdown()
        server.server_close()


def sent(port: int, *, patience_s: float = 5.0) -> Reporters:
    """Those who report, after one report."""
    reporters = Reporters(port, "secret", clients=1)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)
    reporters._sent(line, "ab", "{}", hang_up=False)
    line.close()
    return reporters


GONE_WELL = Befallen("node", "a", "b", gap_s=failover.GAP_GOAL_S, whole_s=40.0)


@pytest.mark.parametrize(("status", "as_promised"), [(201, True), (503, True), (500, False)])
def test_an_answer_that_is_no_number_and_does_not_ask_to_come_again_breaks_the_promise(
    status: int, as_promised: bool
) -> None:
    with answering(status, b'{"number": "7"}') as port:
        reporters = sent(port)
    assert reporters.statuses == {status: 1}
    assert failover.met(Course([GONE_WELL]), reporters) is as_promised


def test_who_waits_in_vain_for_an_answer_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "WAITS_S", 0.2)
    with answering(201, b'{"number": "7"}', after_s=30.0) as port:
        reporters = sent(port, patience_s=0.3)
    assert (reporters.broken, reporters.statuses) == (1, {})
    assert reporters.slowest_s >= 0.3
    assert not failover.met(Course([GONE_WELL]), reporters)


def test_a_gap_that_was_too_long_or_a_run_that_was_stopped_breaks_the_promise() -> None:
    reporters = Reporters(0, "secret", clients=1)
    assert failover.met(Course([GONE_WELL]), reporters)
    too_long = replace(GONE_WELL, gap_s=failover.GAP_GOAL_S + 0.1)
    assert not failover.met(Course([GONE_WELL, too_long]), reporters)
    assert not failover.met(Course([GONE_WELL], stopped="interrupted"), reporters)


@pytest.mark.parametrize(("met", "code"), [(True, 0), (False, 1)])
def test_the_command_fails_when_the_promise_is_not_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], met: bool, code: int
) -> None:
    monkeypatch.setattr(failover, "run", lambda times: {"kills": times, "met": met})
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    assert _run(["bench", "failover", "--json", "--kills", "2"]) == code
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["kills"]) == (met, 2)


def test_the_files_of_a_machine_are_whole_and_private(tmp_path: Path) -> None:
    example = (nodes.DEPLOY / "cluster.env.example").read_text("utf-8")
    values = tmp_path / "cluster.env"
    values.write_text(example.replace("PASSWORD=\n", "PASSWORD=abc123\n"))
    rendered = tmp_path / "b"
    command = [sys.executable, str(nodes.DEPLOY / "render.py"), str(values), "b", str(rendered)]
    subprocess.run(command, check=True)
    texts = {path.name: path.read_text("utf-8") for path in rendered.iterdir()}
    assert set(texts) == {"etcd.yml", "patroni.yml", "huying.conf"}
    assert all("${" not in text for text in texts.values())
    assert {path.stat().st_mode & 0o777 for path in rendered.iterdir()} == {0o600}
    assert "name: b" in texts["patroni.yml"]
    urls = dict(
        line.split("=", 1) for line in texts["huying.conf"].splitlines() if line.startswith("DATA")
    )
    found = database_from_url(urls["DATABASE_URL"])
    assert (found["HOST"], found["PORT"]) == ("10.0.0.1,10.0.0.2,10.0.0.3", "5432,5432,5432")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"

    values.write_text(example.replace("SHARED_BUFFERS=2GB\n", ""))
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "SHARED_BUFFERS" in refused.stderr


def test_a_leader_has_time_to_step_down_before_another_may_rise() -> None:
    values = dict(nodes.example())
    ttl, wait, retry = (int(values[name]) for name in ("TTL", "LOOP_WAIT", "RETRY_TIMEOUT"))
    assert ttl >= wait + 2 * retry
    soon = {name: int(value) for name, value in SOON.items()}
    assert soon["TTL"] >= soon["LOOP_WAIT"] + 2 * soon["RETRY_TIMEOUT"]


def test_the_leader_is_killed_as_often_as_asked_and_other_things_befall_it_between() -> None:
    planned = plan(8)
    assert planned[:3] == ["node", "node", "partition"]
    assert planned.count("node") == 8
    assert [each for each in planned if each != "node"] == [
        "partition", "frozen", "isolated", "postgres",
    ]  # fmt: skip


def test_a_write_after_the_next_leader_rose_is_found() -> None:
    before, after = (1.0, 1.2, 1), (5.0, 5.2, 2)
    assert failover.two_leaders({"a": [before], "b": [after], "c": []}) == 0
    begun_before = (4.9, 6.0, 1)  # its acknowledgement was late; it was written before
    assert failover.two_leaders({"a": [before, begun_before], "b": [after]}) == 0
    assert failover.two_leaders({"a": [before, (5.3, 5.4, 1)], "b": [after]}) == 1
    assert failover.two_leaders({"a": [before], "b": [(1.1, 1.3, 1)]}) == 2
