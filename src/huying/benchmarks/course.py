"""What a server takes while it is under load: its processes' memory, and its tables' dead rows.

A look each minute, so that what grows is seen to grow; and the same drawn as a picture.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from math import ceil, log10
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import psycopg

from huying.benchmarks.bed import Bed
from huying.benchmarks.openings import processes_below

EVERY_S: Final = 60.0
TABLES: Final = 8
"""So many tables are told of: those with the most dead rows."""


def look(bed: Bed) -> dict[str, Any]:
    """One look: memory in megabytes, the database's size, and its tables with the most dead rows.

    ``memory_mb`` is what each of web and worker holds (RSS), by name and number of the process;
    ``database_memory_mb`` what all processes of the database hold together, what they share counted
    once (PSS). Rows are what the statistics say (`pg_stat_user_tables`), which is no exact count.
    """
    with bed.admin() as connection:
        tables = connection.execute(
            "SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup,"
            " autovacuum_count FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, relname LIMIT %s",
            [TABLES],
        ).fetchall()
        row = connection.execute(
            "SELECT pg_database_size(current_database()), sum(n_live_tup), sum(n_dead_tup)"
            " FROM pg_stat_user_tables"
        ).fetchone()
    memory: dict[str, float] = {}
    shared: Counter[str] = Counter()
    for process, name in processes_below(bed.roots()):
        if name == "database":
            shared[name] += _kilobytes(process, "smaps_rollup", "Pss:")
        else:
            memory[f"{name} {process}"] = round(_kilobytes(process, "status", "VmRSS:") / 1024, 1)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "memory_mb": dict(sorted(memory.items())),
        "database_memory_mb": round(shared["database"] / 1024, 1),
        "database_mb": round(row[0] / 2**20, 1),
        "live": int(row[1] or 0),
        "dead": int(row[2] or 0),
        "tables": {
            name: {"mb": round(size / 2**20, 1), "live": live, "dead": dead, "vacuumed": times}
            for name, size, live, dead, times in tables
        },
    }


def _kilobytes(process: int, file: str, field: str) -> int:
    """One figure that the system keeps of a process; 0 of one that has just ended."""
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


@contextmanager
def looking(bed: Bed, every_s: float = EVERY_S) -> Iterator[list[dict[str, Any]]]:
    """Looks at once, then each time after so many seconds, and a last time in the end."""
    began, ended = perf_counter(), threading.Event()
    looks: list[dict[str, Any]] = []

    def add() -> None:
        looks.append({"s": round(perf_counter() - began, 1), **look(bed)})

    def run() -> None:
        while not ended.wait(every_s):
            try:
                add()
            except (OSError, psycopg.Error):
                continue  # a look that fails is none; the load goes on

    add()
    thread = threading.Thread(target=run, name="looks", daemon=True)
    thread.start()
    try:
        yield looks
        ended.set()
        thread.join(30)
        add()
    finally:
        ended.set()


WIDTH, PANEL, LEFT, TOP, GAP = 860, 180, 70, 34, 58
LETTER: Final = 5.5
"""Its width in a name, in the mean."""
COLOURS: Final = ("#0054a6", "#d63939", "#2fb344", "#f76707", "#ae3ec9", "#0ca678", "#667382",
                  "#f59f00", "#17a2b8")  # fmt: skip


def draw(looks: Sequence[dict[str, Any]], phases: Sequence[tuple[str, float]]) -> str:
    """The looks as a picture (SVG): memory, dead rows, and the database's size, over minutes.

    Args:
        phases: what was sent when: a name, and the second at which it began.
    """
    ended = max(looks[-1]["s"], 1.0)
    names = sorted({name for each in looks for name in each["memory_mb"]})
    most = Counter[str]()
    for each in looks:
        for name in each["tables"]:
            most[name] = max(most[name], each["tables"][name]["dead"])
    tables = [name for name, _dead_rows in most.most_common(6)]
    panels = [
        ("Memory, MB", {
            **{name: [each["memory_mb"].get(name) for each in looks] for name in names},
            "database": [each["database_memory_mb"] for each in looks],
        }),
        ("Dead rows", {name: [_dead(each, name) for each in looks] for name in tables}),
        ("Database, MB", {"size": [each["database_mb"] for each in looks]}),
    ]  # fmt: skip
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    at = [each["s"] for each in looks]
    ends = [*(began for _name, began in phases), ended][1:]
    for number, (title, lines) in enumerate(panels):
        top = TOP + number * (PANEL + GAP)
        parts += _panel(title, lines, at, ended, top)
        for (name, began), next_began in zip(phases, ends, strict=True):
            x = _x(began, ended)
            parts.append(f'<path d="M{x:.1f} {top}v{PANEL}" stroke="#999" stroke-dasharray="3 3"/>')
            if not number and _x(next_began, ended) - x >= LETTER * len(name):
                parts.append(f'<text x="{x + 3:.1f}" y="{top + 12}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _dead(each: dict[str, Any], name: str) -> float | None:
    found = each["tables"].get(name)
    return None if found is None else float(found["dead"])


def _x(seconds: float, ended: float) -> float:
    return LEFT + (WIDTH - LEFT - 190) * seconds / ended


def _panel(
    title: str, lines: dict[str, list[float | None]], at: list[float], ended: float, top: int
) -> Iterator[str]:
    most = _round_up(max((value or 0.0 for each in lines.values() for value in each), default=1.0))
    right, bottom = _x(ended, ended), top + PANEL
    yield f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{escape(title)}</text>'
    for step in range(5):
        y = bottom - PANEL * step / 4
        yield f'<path d="M{LEFT} {y:.1f}H{right:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * step / 4:g}</text>'
    for minute in _minutes(ended / 60):
        yield (
            f'<text x="{_x(minute * 60, ended):.1f}" y="{bottom + 16}" '
            f'text-anchor="middle">{minute:g} min</text>'
        )
    for number, (name, values) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{_x(second, ended):.1f},{bottom - PANEL * value / most:.1f}"
            for second, value in zip(at, values, strict=True)
            if value is not None
        )
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        y = top + 12 + 17 * number
        yield f'<text x="{right + 10:.1f}" y="{y}" fill="{colour}">{escape(name)}</text>'


def _minutes(lasted: float) -> list[float]:
    """Round minutes, eight of them at most after the first."""
    step = _round_up(lasted / 8)
    return [step * number for number in range(int(lasted / step) + 1)]


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 and their tenfolds, so that the axis has round steps."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** ceil(log10(value) - 1)
    return next(unit * each for each in (1, 2, 4, 8, 10) if value <= unit * each)
