"""What befalls the leader, one after the other, and how long nobody got an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from huying.benchmarks.failover.nodes import Cluster, Node
from huying.benchmarks.failover.reporters import Reporters
from huying.cli import CommandError, say

BACK_S: Final = 240
"""So long the cluster may take to be whole again; beyond it the run is over."""
HOLDS_S: Final = 8
"""A cut and a freeze go on for so long after another node has taken over."""
KILL: Final = "node"
OTHERS: Final = ("partition", "frozen", "isolated", "postgres")
"""Cut off from the nodes; stopped as it is; cut off from everybody; PostgreSQL killed alone."""
LASTING: Final = ("partition", "frozen", "isolated")


@dataclass(frozen=True, slots=True)
class Befallen:
    """One fault.

    Attributes:
        gap_s: the longest time without an acknowledged report.
        whole_s: until one leads and two follow again, from the fault's end on.
    """

    kind: str
    node: str
    leader_after: str
    gap_s: float
    whole_s: float

    def plain(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "node": self.node,
            "leader_after": self.leader_after,
            "gap_s": round(self.gap_s, 1),
            "whole_s": round(self.whole_s, 1),
        }


def plan(kills: int) -> list[str]:
    """So many kills of the leader's node, and after every second one of the other faults."""
    planned = []
    for number in range(kills):
        planned.append(KILL)
        if number % 2 == 1:
            planned.append(OTHERS[number // 2 % len(OTHERS)])
    return planned


def befall(kind: str, cluster: Cluster, reporters: Reporters) -> Befallen:
    """Does one to the node that leads, undoes it, and waits until all is well.

    Raises:
        CommandError: it did not become well.
    """
    name = cluster.leader()
    node = cluster.nodes[name]
    began = time.monotonic()
    begin, end = _ways(kind, cluster, node)
    begin()
    try:
        words = f"Reports after {kind} of {name}"
        if kind != "postgres":
            cluster.wait(lambda: cluster.leader() not in ("", name), BACK_S, words)
        risen = time.monotonic()
        cluster.wait(lambda: reporters.last() > risen, BACK_S, words)
        if kind in LASTING:
            time.sleep(HOLDS_S)
    finally:
        end()
    ended = time.monotonic()
    cluster.wait(cluster.whole, BACK_S, f"The cluster after {kind} of {name}")
    now = time.monotonic()
    cluster.wait(lambda: reporters.last() > now, BACK_S, f"Reports after {kind} of {name}")
    return Befallen(
        kind=kind,
        node=name,
        leader_after=cluster.leader(),
        gap_s=reporters.gap(began - 0.5, time.monotonic()),
        whole_s=now - ended,
    )


def _ways(kind: str, cluster: Cluster, node: Node) -> tuple[Callable[[], None], Callable[[], None]]:
    """How a fault is done, and undone."""
    network = node.network
    ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "node": (node.kill, node.start),
        "postgres": (node.kill_postgres, lambda: None),
        "partition": (lambda: network.cut(node.name, "nodes"), lambda: network.heal(node.name)),
        "isolated": (
            lambda: network.cut(node.name, "nodes", "clients"),
            lambda: network.heal(node.name),
        ),
        "frozen": (node.freeze, node.thaw),
    }
    return ways[kind]


@dataclass(slots=True)
class Course:
    """What has befallen the cluster so far.

    Attributes:
        again: those that were done again, since this machine stood still meanwhile.
        stopped: why it is not all that was planned; empty where it is.
    """

    befallen: list[Befallen]
    again: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""


def all_of(planned: list[str], cluster: Cluster, reporters: Reporters) -> Course:
    """One after the other, each told as it is over; Ctrl-C ends it with what there is."""
    course = Course([])
    found = course.befallen
    try:
        while len(found) < len(planned):
            number, kind, began = len(found) + 1, planned[len(found)], time.monotonic()
            one = befall(kind, cluster, reporters)
            if (stalled := reporters.stalled(began)) and len(course.again) < len(planned):
                say(
                    f"{number}/{len(planned)} {kind}: this machine stood still for {stalled:.1f} s;"
                    f" {one.gap_s:.1f} s without an answer do not count"
                )
                course.again.append(one.plain() | {"stood_still_s": round(stalled, 1)})
                continue
            say(
                f"{number}/{len(planned)} {kind} of {one.node}: {one.gap_s:.1f} s without an "
                f"answer, whole after {one.whole_s:.1f} s, {one.leader_after} leads"
            )
            found.append(one)
    except KeyboardInterrupt:
        course.stopped = "interrupted"
    except CommandError as error:
        course.stopped = str(error)
        say(course.stopped)
    return course
