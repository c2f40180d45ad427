"""`huying export xes|csv|flow PATH`: the event log for process mining, and the flow as a Petri net.

    huying export xes 2026-10.xes --area 440113120 --month 2026-10
    huying export csv 2026-10.csv.gz --area 440113 --from 2026-10-01 --to 2026-12-31 --ended
    huying export flow flow.pnml

A PATH that ends in .gz is compressed. Files hold no names, words or positions.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO, Any, TypeVar

HELP = "the event log as XES or CSV, the flow as a Petri net (PNML)"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="VERB", required=True)
    for name, words in (("xes", "IEEE 1849-2016"), ("csv", "one line an event")):
        log = kinds.add_parser(name, help=f"the event log, {words}")
        log.add_argument("path", type=Path)
        log.add_argument("--area", help="code of a district, town, community or grid (all)")
        log.add_argument("--month", help="YYYY-MM of receipt; the present one if no days are given")
        log.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
        log.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")
        log.add_argument("--ended", action="store_true", help="only cases that have ended")
    flow = kinds.add_parser("flow", help="the flow table as a Petri net, PNML")
    flow.add_argument("path", type=Path)


def run(options: argparse.Namespace) -> dict[str, Any]:
    if options.kind == "flow":
        return _flow(options.path)
    from django.utils import timezone

    from huying.assessment.eventlog import Wanted, write_csv, write_xes
    from huying.cli import CommandError
    from huying.cli.indicators import span
    from huying.places.models import CODE_LENGTH, Division, Level

    now = timezone.now()
    area = options.area or Division.objects.get(level=Level.DISTRICT).code
    if not area.isdigit() or len(area) not in CODE_LENGTH.values():
        raise CommandError("the area is a code of 6, 9, 12 or 15 digits")
    first, last = span(options, timezone.localdate(now))
    wanted = Wanted(area, first, last, now, ended=options.ended)
    write = write_xes if options.kind == "xes" else write_csv
    cases, events = _write(options.path, lambda out: write(wanted, out))
    return {
        "ok": True,
        "path": str(options.path),
        "area": area,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "cases": cases,
        "events": events,
    }


def _flow(path: Path) -> dict[str, Any]:
    from huying.assessment.pnml import pnml
    from huying.cases.net import net

    made = net()
    _write(path, lambda out: out.write(pnml(made)))
    return {
        "ok": True,
        "path": str(path),
        "places": len(made.places),
        "transitions": len(made.transitions),
    }


T = TypeVar("T")


def _write(path: Path, write: Callable[[IO[str]], T]) -> T:
    """Writes a whole file or none: an export that breaks off leaves no half one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as plain:
            # No name and no time in the head: the same log makes the same file.
            packed = gzip.GzipFile("", "wb", 6, plain, mtime=0) if path.suffix == ".gz" else None
            with io.TextIOWrapper(packed or plain, "utf-8", newline="") as out:
                done = write(out)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return done


def text(result: dict[str, Any]) -> str:
    """What was written, for people."""
    what = (
        f"{result['cases']} cases, {result['events']} events"
        if "cases" in result
        else f"{result['places']} places, {result['transitions']} transitions"
    )
    return f"{result['path']}: {what}"
