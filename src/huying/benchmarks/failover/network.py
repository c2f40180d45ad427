"""Three machines' networks on one: namespaces, and two bridges that can be cut at each node.

One network is the nodes' own (etcd, Patroni, replication), the other leads to the product. So a
leader can be cut off from the others and still be reached by its clients, which is the worst case,
or be cut off from both. A cut is the bridge's port that forwards nothing: packets vanish, and
nobody is told.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final, Literal

from huying.cli import CommandError

NAMES: Final = ("a", "b", "c")
Side = Literal["nodes", "clients"]
SIDES: Final[tuple[Side, ...]] = ("nodes", "clients")
_HOST: Final = 254
_DISABLED, _FORWARDING = "0", "3"


class NoNetwork(CommandError):
    """The machine gives no namespaces, or not to us."""


@dataclass(frozen=True, slots=True)
class Network:
    """Both networks, while they are there."""

    mark: str
    ranges: dict[Side, IPv4Network]

    def namespace(self, node: str) -> str:
        return f"{self.mark}{node}"

    def address(self, node: str, side: Side) -> str:
        return str(self.ranges[side][NAMES.index(node) + 1])

    def inside(self, node: str) -> list[str]:
        """What stands before a command that is to run on a node."""
        return [_ip(), "netns", "exec", self.namespace(node)]

    def processes(self, node: str) -> set[int]:
        """The numbers of all processes on a node."""
        return {int(each) for each in run("netns", "pids", self.namespace(node)).split()}

    def cut(self, node: str, *sides: Side) -> None:
        """Nothing comes from or to the node any more on these sides."""
        for side in sides:
            self._port(node, side, _DISABLED)

    def heal(self, node: str) -> None:
        for side in SIDES:
            self._port(node, side, _FORWARDING)

    def _port(self, node: str, side: Side, state: str) -> None:
        port = f"{self.mark}{node}{side[0]}"
        _do([_bridge(), "link", "set", "dev", port, "state", state])


@contextmanager
def network() -> Iterator[Network]:
    """Makes the networks and takes them away again.

    Raises:
        NoNetwork: this needs root, iproute2, and a kernel that has namespaces and bridges.
    """
    why = lacking()
    if why:
        raise NoNetwork(why)
    made = Network(f"hy{secrets.token_hex(2)}", _free_ranges())
    try:
        for side in SIDES:
            bridge = f"{made.mark}{side[0]}"
            run("link", "add", bridge, "type", "bridge")
            run("addr", "add", f"{made.ranges[side][_HOST]}/24", "dev", bridge)
            run("link", "set", bridge, "up")
        for node in NAMES:
            space = made.namespace(node)
            run("netns", "add", space)
            run("-n", space, "link", "set", "lo", "up")
            for side in SIDES:
                port = f"{made.mark}{node}{side[0]}"
                run("link", "add", port, "type", "veth", "peer", "name", side, "netns", space)
                run("link", "set", port, "master", f"{made.mark}{side[0]}", "up")
                address = f"{made.address(node, side)}/24"
                run("-n", space, "addr", "add", address, "dev", side)
                run("-n", space, "link", "set", side, "up")
        yield made
    finally:
        _remove(made)


def lacking() -> str:
    """Why there can be no networks of our own here; empty where there can."""
    if os.geteuid() != 0:
        return "Network namespaces need root."
    if not shutil.which("ip", path=_PATH) or not shutil.which("bridge", path=_PATH):
        return "The programs ip and bridge are missing: apt-get install iproute2."
    space = f"hy{secrets.token_hex(3)}"
    try:
        run("netns", "add", space)
        run("-n", space, "link", "add", "try", "type", "bridge")
        run("-n", space, "link", "add", "one", "type", "veth", "peer", "name", "other")
    except CommandError as error:
        return f"This machine gives no network namespaces with bridges: {error}"
    finally:
        with suppress(CommandError):
            run("netns", "del", space)
    return ""


def run(*words: str) -> str:
    """`ip` with these words.

    Raises:
        CommandError: it refused.
    """
    return _do([_ip(), *words])


def _do(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(
            f"{Path(command[0]).name} {' '.join(command[1:])}: {done.stderr.strip()}"
        )
    return done.stdout


def _remove(made: Network) -> None:
    for node in NAMES:
        with suppress(CommandError):
            run("netns", "del", made.namespace(node))  # its ends of the cables go with it
    for side in SIDES:
        with suppress(CommandError):
            run("link", "del", f"{made.mark}{side[0]}")


def _free_ranges() -> dict[Side, IPv4Network]:
    """Two ranges of addresses that nothing on this machine leads to."""
    routes: list[dict[str, Any]] = json.loads(run("-j", "route", "show", "table", "all") or "[]")
    taken = []
    for route in routes:
        with suppress(ValueError):
            taken.append(IPv4Network(route.get("dst", ""), strict=False))
    free: list[IPv4Network] = []
    while len(free) < len(SIDES):
        one = IPv4Network(f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(250)}.0/24")
        if not any(one.overlaps(each) for each in [*taken, *free] if each.prefixlen):
            free.append(one)
    return dict(zip(SIDES, free, strict=True))


_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


def _ip() -> str:
    return shutil.which("ip", path=_PATH) or "ip"


def _bridge() -> str:
    return shutil.which("bridge", path=_PATH) or "bridge"
