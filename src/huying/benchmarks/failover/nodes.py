"""Three nodes, each etcd, Patroni and PostgreSQL, from the files in deploy/ha."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from huying.benchmarks.failover.network import NAMES, Network
from huying.cli import CommandError

DEPLOY: Final = Path(__file__).resolve().parents[4] / "deploy" / "ha"
PROGRAMS: Final = {
    "/usr/bin/patroni": "patroni",
    "/usr/bin/etcd": "etcd-server",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    "/usr/bin/setpriv": "util-linux",
}
OS_USER: Final = "postgres"
"""Who runs all of it: nobody who may do more than that."""

DATABASE: Final = "huying"


def lacking() -> str:
    """Which packages are missing; empty where none is."""
    if not (DEPLOY / "render.py").is_file():
        return "deploy/ha is missing: this benchmark runs from a checkout."
    missing = [package for program, package in PROGRAMS.items() if not Path(program).exists()]
    if missing:
        return f"Missing: apt-get install {' '.join(missing)}"
    try:
        pwd.getpwnam(OS_USER)
    except KeyError:
        return f"There is no user {OS_USER}; the package postgresql-common makes it."
    return ""


@dataclass(slots=True)
class Node:
    """One of the machines."""

    name: str
    home: Path
    network: Network
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    spared: set[int] = field(default_factory=set)

    @property
    def address(self) -> str:
        return self.network.address(self.name, "nodes")

    def start(self) -> None:
        """etcd, then Patroni, which starts PostgreSQL."""
        self.start_etcd()
        self.start_patroni()

    def start_etcd(self) -> None:
        self._run("etcd", ["/usr/bin/etcd", "--config-file", str(self.home / "etcd.yml")])

    def start_patroni(self) -> None:
        self._run("patroni", ["/usr/bin/patroni", str(self.home / "patroni.yml")])

    def _run(self, name: str, command: list[str]) -> None:
        user = pwd.getpwnam(OS_USER)
        drop = [
            "/usr/bin/setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
            "--clear-groups", "--inh-caps=-all",
        ]  # fmt: skip
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*self.network.inside(self.name), *drop, *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home)},
            )  # fmt: skip
        self.started.append(process)

    def processes(self) -> set[int]:
        return self.network.processes(self.name) - self.spared

    def kill(self) -> None:
        """As when the power fails: everything on it at once."""
        self._to_all(signal.SIGKILL)
        for process in self.started:
            process.wait()
        self.started.clear()

    def freeze(self) -> None:
        self._to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self.processes():
            _signal(pid, signal.SIGCONT)

    def kill_postgres(self) -> None:
        """PostgreSQL alone, with all its processes."""
        pid = int((self.home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        for each in [pid, *_children(pid)]:
            _signal(each, signal.SIGKILL)

    def _to_all(self, number: signal.Signals) -> None:
        # Again until nobody new is found: one of them may have started another meanwhile.
        reached: set[int] = set()
        while new := self.processes() - reached:
            for pid in new:
                _signal(pid, number)
            reached |= new
            time.sleep(0.01)

    def state(self) -> dict[str, Any]:
        """What its Patroni says; empty where it says nothing."""
        return _asked(f"http://{self.address}:8008/patroni")

    def members(self) -> list[dict[str, Any]]:
        """The cluster as this node sees it."""
        found: list[dict[str, Any]] = _asked(f"http://{self.address}:8008/cluster").get(
            "members", []
        )
        return found


@dataclass(slots=True)
class Cluster:
    """The three, and the way in."""

    nodes: dict[str, Node]
    values: dict[str, str]

    def leader(self) -> str:
        """Which node leads and may write; empty where none says so."""
        for node in self.nodes.values():
            state = node.state()
            if state.get("role") in ("master", "primary") and state.get("state") == "running":
                return node.name
        return ""

    def whole(self) -> bool:
        """Whether one leads, one is its synchronous standby, and the third follows too."""
        return self._agreed() and self._streaming() and all(map(_etcd_is_well, self.nodes.values()))

    def _agreed(self) -> bool:
        """Whether each Patroni answers, and sees a leader and two that follow it."""
        for node in self.nodes.values():
            members = node.members()
            roles = sorted(each["role"] for each in members if each.get("state") == "running")
            timelines = {each.get("timeline") for each in members}
            if roles != ["leader", "replica", "sync_standby"] or len(timelines) != 1:
                return False
        return True

    def _streaming(self) -> bool:
        import psycopg

        try:
            with self.admin() as connection:
                rows = connection.execute(
                    "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
                ).fetchall()
        except (psycopg.Error, KeyError):
            return False
        return sorted(state for (state,) in rows) == ["async", "sync"]

    def wait(self, until: Callable[[], Any], seconds: float, what: str) -> None:
        """Waits until something is so.

        Raises:
            CommandError: it was not so in time; with the ends of the logs.
        """
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                raise CommandError(f"{what}: not within {seconds:g} s.\n{self.logs()}")
            time.sleep(0.2)

    def logs(self, lines: int = 12) -> str:
        """The end of what each node's Patroni said."""
        ends = []
        for node in self.nodes.values():
            with suppress(OSError):
                said = (node.home / "patroni.log").read_text(errors="replace").splitlines()
                ends.append("\n".join([f"--- {node.name}", *said[-lines:]]))
        return "\n".join(ends)

    def url(self, *, owner: bool = False) -> str:
        """How the product connects: the line of huying.conf."""
        name = "DATABASE_OWNER_URL=" if owner else "DATABASE_URL="
        text = (self.nodes["a"].home / "huying.conf").read_text()
        return next(line.removeprefix(name) for line in text.splitlines() if line.startswith(name))

    def superuser(self, node: str, database: str = "postgres", host: str = "") -> str:
        """A connection to one node, past everything that chooses."""
        password = self.values["SUPERUSER_PASSWORD"]
        host = host or self.nodes[node].address
        return f"postgresql://postgres:{password}@{host}:5432/{database}?connect_timeout=3"

    @contextmanager
    def admin(self) -> Iterator[Any]:
        """The superuser on the node that leads, outside any transaction."""
        import psycopg

        with psycopg.connect(self.superuser(self.leader()), autocommit=True) as connection:
            yield connection


@contextmanager
def cluster(room: Path, network: Network, **changed: str) -> Iterator[Cluster]:
    """Starts the three with an empty database of the product's; all of it is ended afterwards.

    Args:
        room: a folder that the nodes may fill.
        changed: values in the place of those of cluster.env.example.

    Raises:
        CommandError: it did not come up.
    """
    with ExitStack() as stack:
        nodes = {name: Node(name, room / name, network) for name in NAMES}
        values = _values(network) | changed
        stack.callback(_end, nodes)
        for node in nodes.values():
            _prepare(node, values)
        made = Cluster(nodes, values)
        for node in nodes.values():
            node.start()
        made.wait(made.whole, 240, "All three are there")
        _make_database(made)
        yield made


def _values(network: Network) -> dict[str, str]:
    values = dict(example())
    values |= {name: secrets.token_hex(16) for name in values if name.endswith("_PASSWORD")}
    for name in NAMES:
        values[f"ADDRESS_{name.upper()}"] = network.address(name, "nodes")
        values[f"CLIENT_{name.upper()}"] = network.address(name, "clients")
    values["NODES_NETWORK"] = str(network.ranges["nodes"])
    values["CLIENTS_NETWORK"] = str(network.ranges["clients"])
    return values | {"SHARED_BUFFERS": "128MB", "DATABASE": DATABASE}


def example() -> Iterator[tuple[str, str]]:
    """The values of cluster.env.example."""
    for line in (DEPLOY / "cluster.env.example").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            yield name, value


def _prepare(node: Node, values: dict[str, str]) -> None:
    """The files of a node, as an administrator makes them."""
    node.home.mkdir(mode=0o700)
    own = values | {
        "ETCD_DATA": str(node.home / "etcd"),
        "PG_DATA": str(node.home / "data"),
        "RUN": str(node.home),
    }
    told = node.home / "cluster.env"
    told.touch(mode=0o600)
    told.write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    subprocess.run(
        [sys.executable, "-E", str(DEPLOY / "render.py"), str(told), node.name, str(node.home)],
        check=True,
    )
    user = pwd.getpwnam(OS_USER)
    for path in (node.home, *node.home.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)


def _make_database(made: Cluster) -> None:
    """Two roles and a database, as docs/operate.md has them made."""
    from huying.embedded_roles import APPLICATION, OWNER, create_database, set_role

    with made.admin() as connection:
        for role, name in ((OWNER, "OWNER"), (APPLICATION, "HUYING")):
            set_role(connection, role, made.values[f"{name}_PASSWORD"])
        create_database(connection, DATABASE)


def _end(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        with suppress(CommandError):
            node.kill()
    for node in nodes.values():
        shutil.rmtree(node.home, ignore_errors=True)


def _etcd_is_well(node: Node) -> bool:
    return _asked(f"http://{node.address}:2379/health").get("health") == "true"


def _asked(url: str) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            found: dict[str, Any] = json.load(response)
            return found
    except (OSError, ValueError):
        return {}


def _children(pid: int) -> list[int]:
    """The processes that one has started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    with suppress(OSError):
        return [int(each) for each in path.read_text().split()]
    return []


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
