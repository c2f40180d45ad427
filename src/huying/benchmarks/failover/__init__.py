"""Three nodes whose leader is killed, cut off and frozen again and again while reports come in.

The files are those of deploy/ha, the network is made of namespaces (`network`), and the product
stands before it as it does with any PostgreSQL. What counts: no acknowledged report is lost, none
is there twice, somebody leads again within the goal, and never do two nodes acknowledge at once.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from huying.benchmarks.bed import ROOM, Bed
from huying.benchmarks.failover import network, nodes, probe
from huying.benchmarks.failover.faults import KILL, Course, all_of, plan
from huying.benchmarks.failover.reporters import Reporters, marker
from huying.cli import CommandError, needed, say

GAP_GOAL_S: Final = 30.0
CLIENTS: Final = 6
WAITS_S: Final = 10.0
"""Nobody waits longer for an answer, be it a refusal."""


def lacking() -> str:
    """Why it cannot run here; empty where it can."""
    return nodes.lacking() or network.lacking()


class Table(Bed):
    """The bed of a benchmark whose database is the cluster's."""

    def __init__(self, home: Path, cluster: nodes.Cluster) -> None:
        super().__init__(home)
        self.cluster = cluster

    def url(self, *, owner: bool = False, database: str | None = None) -> str:
        return self.cluster.url(owner=owner)

    @contextmanager
    def admin(self, database: str | None = None) -> Iterator[Any]:
        import psycopg

        url = self.cluster.superuser(self.cluster.leader(), database or nodes.DATABASE)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


def run(
    kills: int,
    *,
    planned: Sequence[str] | None = None,
    room: Path | None = None,
    ready: Path | None = None,
    **changed: str,
) -> dict[str, Any]:
    """Sets all of it up, lets the faults befall it, and counts.

    Args:
        planned: other faults than `plan(kills)`.
        room: where the nodes' files are made; on a disk unless told otherwise.
        ready: the statements that make a migrated database, in the place of the migrations.
        changed: values in the place of those of cluster.env.example.

    Raises:
        CommandError: it cannot run here, or the cluster did not recover.
    """
    if why := lacking():
        raise CommandError(why)
    if "django" in sys.modules and "huying.settings" in sys.modules:
        raise CommandError("The benchmarks need a process of their own.")
    with ExitStack() as stack:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, _stop)
        home = Path(tempfile.mkdtemp(prefix="huying-failover-", dir=room or ROOM))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o711)  # the nodes' user passes, and sees nothing on the way
        made = stack.enter_context(network.network())
        say("Starting three nodes")
        cluster = stack.enter_context(nodes.cluster(home, made, **changed))
        os.environ |= {
            "HUYING_HOME": str(home / "product"),
            "DATABASE_URL": cluster.url(),
            "DATABASE_OWNER_URL": cluster.url(owner=True),
            "HUYING_LOG_LEVEL": "ERROR",
        }
        if ready is not None:
            _load(cluster, ready)
        stack.enter_context(needed("data"))
        return _measure(cluster, home, plan(kills) if planned is None else list(planned))


def _measure(cluster: nodes.Cluster, home: Path, planned: list[str]) -> dict[str, Any]:
    from huying.benchmarks import http

    table = Table(home / "product", cluster)
    machine = table.machine()
    secret = http.token()
    cluster.wait(cluster.whole, 60, "All three are there")
    say("Reports come in")
    with table.web() as port, _probes(cluster, home) as noted:
        with Reporters(port, secret, CLIENTS) as reporters:
            cluster.wait(lambda: len(reporters.acknowledged) > 20, 60, "The first reports")
            course = all_of(planned, cluster, reporters)
        lines = {name: path.read_text() for name, path in noted.items()}
    cluster.wait(cluster.leader, 240, "A leader to compare with")
    lost, doubled = compare(table, reporters.acknowledged)
    gaps = [round(each.gap_s, 1) for each in course.befallen]
    two = two_leaders({name: _acks(text) for name, text in lines.items()})
    return {
        "name": "failover",
        "kills": sum(each.kind == KILL for each in course.befallen),
        "faults": dict(Counter(each.kind for each in course.befallen)),
        "acknowledged": len(reporters.acknowledged),
        "lost": lost,
        "doubled": doubled,
        "gaps_s": gaps,
        "longest_gap_s": max(gaps, default=0.0),
        "gap_goal_s": GAP_GOAL_S,
        "two_leaders": two,
        "slowest_answer_s": round(reporters.slowest_s, 1),
        "answers": {str(status): n for status, n in sorted(reporters.statuses.items())},
        "broken_connections": reporters.broken,
        "done_again": course.again,
        "stopped": course.stopped,
        "strange": reporters.strange,
        "each": [one.plain() for one in course.befallen],
        "machine": machine,
        "met": not (lost or doubled or two) and met(course, reporters),
    }


def met(course: Course, reporters: Reporters) -> bool:
    """Whether all befell that was planned and those who reported were answered in time, as they
    should be: with a number, or told to come again."""
    return (
        not (course.stopped or reporters.strange)
        and all(each.gap_s <= GAP_GOAL_S for each in course.befallen)
        and reporters.slowest_s <= WAITS_S
    )


def compare(table: Bed, acknowledged: Mapping[str, tuple[float, str]]) -> tuple[int, int]:
    """How many acknowledged reports are not there, and how many reports are there twice.

    Args:
        acknowledged: when, and under which number, by the key that it was sent with.
    """
    with table.admin() as connection:
        by_key = dict(
            connection.execute(
                'SELECT k.key, c.number FROM idempotency_key k JOIN "case" c ON c.id = k.case_id'
                " JOIN case_event e ON e.case_id = c.id AND e.seq = 1"
            ).fetchall()
        )
        words = Counter(
            body.split()[-1]
            for (body,) in connection.execute("SELECT body FROM case_text").fetchall()
        )
    lost = sum(
        by_key.get(key) != number or not words[marker(key)]
        for key, (_at, number) in acknowledged.items()
    )
    return lost, sum(count - 1 for count in words.values())


@contextmanager
def _probes(cluster: nodes.Cluster, home: Path) -> Iterator[dict[str, Path]]:
    """A writer on each node, which asks nobody who leads; gives the files of what they noted."""
    assert probe.__file__ is not None
    with cluster.admin() as connection:
        connection.execute("CREATE TABLE probe (node inet, at timestamptz DEFAULT now())")
    running: list[subprocess.Popen[str]] = []
    noted = {name: home / f"probe-{name}" for name in cluster.nodes}
    try:
        for name, node in cluster.nodes.items():
            with noted[name].open("w") as out:
                process = subprocess.Popen(
                    [*node.network.inside(name), sys.executable, probe.__file__],
                    stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL, text=True,
                )  # fmt: skip
            node.spared.add(process.pid)
            running.append(process)
            assert process.stdin is not None
            json.dump({"url": cluster.superuser(name, host="127.0.0.1")}, process.stdin)
            process.stdin.close()
        yield noted
    finally:
        for process in running:
            process.kill()
            process.wait()


Ack = tuple[float, float, int]
"""Begun, acknowledged, on which timeline."""


def _acks(text: str) -> list[Ack]:
    whole = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [(began, ended, timeline) for began, ended, timeline in map(json.loads, whole)]


def two_leaders(acks: dict[str, list[Ack]]) -> int:
    """How many writes a node acknowledged after another had taken the lead from it.

    Each leader has a timeline of its own, with a higher number than all before. A write counts that
    was begun after a write on a higher timeline was acknowledged elsewhere; or that stands on the
    timeline of another node.
    """
    first: dict[int, float] = {}
    owners: dict[int, set[str]] = defaultdict(set)
    for node, own in acks.items():
        for _began, ended, timeline in own:
            first[timeline] = min(ended, first.get(timeline, ended))
            owners[timeline].add(node)
    wrong = 0
    for own in acks.values():
        for began, _ended, timeline in own:
            risen = min((at for line, at in first.items() if line > timeline), default=None)
            wrong += (risen is not None and began > risen) or len(owners[timeline]) > 1
    return wrong


def _load(cluster: nodes.Cluster, ready: Path) -> None:
    """Fills the empty database from a dump of one that is migrated."""
    where = cluster.superuser(cluster.leader(), nodes.DATABASE)
    subprocess.run(
        ["/usr/lib/postgresql/15/bin/psql", "--no-psqlrc", "--quiet", "--single-transaction",
         "--set", "ON_ERROR_STOP=1", "--output", os.devnull, "--file", str(ready), where],
        check=True,
    )  # fmt: skip


def _stop(number: int, frame: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # what was started is now ended, undisturbed
    raise KeyboardInterrupt
