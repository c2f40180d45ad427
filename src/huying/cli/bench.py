"""Benchmarks: ours against the same server's best, side by side, in one run.

Each prints its unit, both figures, their ratio, the goal, and whether it is met. They run on a
database of their own that is thrown away, and stop by themselves.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huying.cli import CommandError, say

HELP = "measure intake, batch, import, lifecycle, locate, due, ladder, duplicates, rules, tracks …"
NEEDS = "nothing"  # the benchmarks have a data folder and a server of their own

MODULES = {"import": "import_", "load": "pressing"}
"""Where the module has another name than the benchmark."""

NAMES = (
    "intake", "batch", "import", "locate", "lifecycle", "due", "ladder", "duplicates", "rules",
    "desks", "tracks", "load", "registers", "tables", "dashboard", "desk",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        choices=[*NAMES, "offline", "kills", "restore", "failover", "all"],
        help="which one; all of them take minutes",
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side (5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of a side in a round (4)")
    parser.add_argument(
        "--rows",
        type=int,
        help="cases present in lifecycle, due, load and desk (1,000,000); rows of import's table, "
        "50000 at most; households in tables, 58000 at most; people in registers (2,000,000); "
        "cases behind dashboard (10,000,000)",
    )
    parser.add_argument("--desks", type=int, default=300, help="pages open at once in desks (300)")
    parser.add_argument("--workers", type=int, default=2343, help="on duty in tracks (2343)")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="of the ordinary traffic in load (10)"
    )
    parser.add_argument(
        "--peak-minutes", type=float, default=10.0, help="of twice that, in load (10)"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="PATH", help="where load draws its course, as an SVG file"
    )
    parser.add_argument("--histories", type=int, default=500, help="of a phone, in offline (500)")
    parser.add_argument(
        "--kills",
        type=int,
        default=20,
        help="processes killed, in kills; leaders killed, in failover (20)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first history, or of kills (0)")
    parser.add_argument(
        "--times", type=int, default=30, help="seconds gone back to, in restore (30)"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.benchmarks.bed import bed
    from huying.benchmarks.figures import Options

    for name in ("minutes", "peak_minutes"):
        if getattr(options, name) <= 0:
            raise CommandError(f"--{name.replace('_', '-')} is more than 0.")
    # Ended from outside, it ends what it has started, and takes away what it has made.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if options.name == "offline":
        return play(range(options.seed, options.seed + options.histories))
    if options.name == "kills":
        return kill(options.kills, options.seed)
    if options.name == "restore":
        return go_back(options.times, options.seed, options.seconds)
    if options.name == "failover":
        return fail_over(options.kills)
    how = Options(
        rounds=options.rounds,
        seconds=options.seconds,
        rows=options.rows or 1_000_000,
        people=options.rows or 2_000_000,
        cases=options.rows or 10_000_000,
        desks=options.desks,
        workers=options.workers,
        minutes=options.minutes,
        peak_minutes=options.peak_minutes,
        picture=options.picture,
    )
    wanted = NAMES if options.name == "all" else (options.name,)
    results = []
    with bed() as place:
        machine = place.machine()
        for name in wanted:
            say(f"Benchmark {name}")
            module = importlib.import_module(f"huying.benchmarks.{MODULES.get(name, name)}")
            results.append(module.run(place, how))
            place.enter("huying")
    about = {"ok": True, "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine}
    if options.name == "all":
        return about | {"met": all(each["met"] for each in results), "benchmarks": results}
    return about | results[0]


def play(seeds: range) -> dict[str, Any]:
    """The histories of a phone (`benchmarks.offline`): no measure, but what may not fail."""
    from huying.benchmarks import chromium, offline
    from huying.benchmarks.bed import bed

    chromium.program()  # before a minute has gone into all else
    with bed() as place:
        return offline.run(place, seeds)


def kill(number: int, seed: int) -> dict[str, Any]:
    """Kills of processes under load (`benchmarks.kills`): nothing answered may be lost."""
    from huying.benchmarks import kills
    from huying.benchmarks.bed import bed

    os.environ.update(kills.ENVIRONMENT)
    with bed() as place:
        return kills.run(place, number, seed)


def go_back(times: int, seed: int, spread: float) -> dict[str, Any]:
    """Seconds under load, restored (`benchmarks.restore`): what may not fail."""
    if times < 1:
        raise CommandError("--times is at least 1.")
    from huying.benchmarks import restore
    from huying.benchmarks.bed import bed

    with restore.archive_beside(), bed() as place:
        return restore.run(place, times, seed, spread) | {"machine": place.machine()}


def fail_over(times: int) -> dict[str, Any]:
    """A database of three nodes whose leader is killed, cut off and frozen (docs/ha.md)."""
    if times < 1:
        raise CommandError("--kills is at least 1.")
    from huying.benchmarks import failover

    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = failover.run(times)
    return {"ok": found["met"], "at": at} | found


def text(result: dict[str, Any]) -> str:
    """A table for people."""
    if "kills" in result:
        names = [
            "kills", "acknowledged", "lost", "doubled", "chain", "recovery_s", "two_leaders",
            "gaps_s", "met",
        ]  # fmt: skip
        return "  ".join(f"{name} {result[name]}" for name in names if name in result)
    if "minutes_per_gb" in result:
        names = ["times", "wrong", "minutes_per_gb", "gb", "reports", "loops"]
        return "  ".join(f"{name} {result[name]}" for name in names)
    if "tried" in result:
        return "  ".join(f"{name} {result[name]}" for name in ("tried", "lost", "doubled", "stuck"))
    rows = result.get("benchmarks", [result])
    lines = [
        f"{'':10} {'ours':>11} {'other':>11}  {'unit':12} {'ratio':>8}  {'goal':16} met",
        *(_line(row) for row in rows),
    ]
    machine = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    return "\n".join([*lines, "", machine])


def _line(row: dict[str, Any]) -> str:
    goal = f"{row['goal_is']} {row['goal']:g}"
    met = "yes" if row["met"] else "no"
    more = f"  p99_ratio {row['p99_ratio']:g}" if "p99_ratio" in row else ""
    return (
        f"{row['name']:10} {row['ours']:>11,.4g} {row['other']:>11,.4g}  {row['unit']:12} "
        f"{row['ratio']:>8.3g}  {goal:16} {met}{more}"
    )
