"""`huying import messages PATH`: residents' messages become reported cases.

The table is a CSV (UTF-8 or GB18030) with the columns id, user, time, subject, text; others are
not read. Every message is taken once, however often the file comes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

HELP = "take in tables from elsewhere"

SHOWN = 50
"""Bad rows that are told at the terminal; ``--json`` lists them all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    messages = what.add_parser(
        "messages",
        help="residents' messages (id, user, time, subject, text) as reported cases",
        description=__doc__,
    )
    messages.add_argument("path", type=Path, help="the CSV file")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress, say
    from huying.intake.messages import import_messages, lines_in

    path: Path = options.path
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    began = time.monotonic()
    with progress(f"Reading {path.name}", lines_in(path)) as advance:
        result = import_messages(path, now=timezone.now(), advance=advance)
    for failure in result.failures[:SHOWN]:
        say(f"line {failure.line}: {failure.reason}")
    if result.failed > SHOWN:
        say(f"… and {result.failed - SHOWN} more")
    return {
        "ok": True,
        "read": result.read,
        "created": result.created,
        "already": result.already,
        "failed": result.failed,
        "failures": [failure.as_json() for failure in result.failures],
        "suggested": result.suggested,
        "emergencies": result.emergencies,
        "seconds": round(time.monotonic() - began, 2),
    }


def text(result: dict[str, Any]) -> str:
    return (
        f"{result['read']} messages read: {result['created']} new cases, "
        f"{result['already']} were there already, {result['failed']} failed "
        f"({result['seconds']} s)"
    )
