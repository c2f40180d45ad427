"""Tables from elsewhere become reported cases.

`huying import messages PATH`: residents' messages. The table is a CSV (UTF-8 or GB18030) with the
columns id, user, time, subject, text; others are not read. Every message is taken once, however
often the file comes.

`huying import cases PATH`: a table like the template of the desk's page (.xlsx or .csv). All rows
come in, or none; the same file comes in once.
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
    cases = what.add_parser("cases", help="a table of cases, all rows or none", description=__doc__)
    cases.add_argument("path", type=Path, help="the .xlsx or .csv file")
    cases.add_argument("--check", action="store_true", help="only look; nothing comes in")
    cases.add_argument("--only-good", action="store_true", help="leave out the wrong rows")


def run(options: argparse.Namespace) -> dict[str, Any]:
    return run_cases(options) if options.what == "cases" else run_messages(options)


def run_cases(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress, say
    from huying.errors import HuyingError
    from huying.intake.excel.reading import LARGEST
    from huying.intake.excel.rows import Unusable
    from huying.intake.excel.taking import from_command

    path: Path = options.path
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    if path.stat().st_size > LARGEST:
        raise CommandError(f"{path} is larger than {LARGEST // 2**20} MB")
    began = time.monotonic()
    with progress(f"Importing {path.name}") as advance:
        told = 0

        def tell(done: int) -> bool:
            nonlocal told
            advance(max(0, done - told))
            told = max(told, done)
            return True

        try:
            made, look = from_command(
                path.read_bytes(),
                path.name,
                now=timezone.now(),
                only_good=options.only_good,
                tell=tell,
                check=options.check,
            )
        except Unusable as error:
            raise CommandError(str(error.trouble.label)) from None
        except HuyingError as error:
            raise CommandError(str(error)) from None
    for each in look["troubles"][:SHOWN]:
        say(f"row {each['row']}: {each['column']} {each['words']}")
    return {
        "ok": True,
        "read": made.rows,
        "created": made.made,
        "failed": made.bad,
        "failures": look["troubles"],
        "likely_doubles": made.likely,
        "suggested": made.suggested,
        "digest": bytes(made.digest).hex(),
        "seconds": round(time.monotonic() - began, 2),
    }


def run_messages(options: argparse.Namespace) -> dict[str, Any]:
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
    if "digest" in result:
        return (
            f"{result['read']} rows read: {result['created']} new cases, {result['failed']} wrong, "
            f"{result['likely_doubles']} may be doubles ({result['seconds']} s)"
        )
    return (
        f"{result['read']} messages read: {result['created']} new cases, "
        f"{result['already']} were there already, {result['failed']} failed "
        f"({result['seconds']} s)"
    )
