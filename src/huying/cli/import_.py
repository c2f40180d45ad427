"""Tables from elsewhere become reported cases.

`huying import messages PATH`: residents' messages. The table is a CSV (UTF-8 or GB18030) with the
columns id, user, time, subject, text; others are not read. Every message is taken once, however
often the file comes.

`huying import cases PATH`: a table like the template of the desk's page (.xlsx or .csv). All rows
come in, or none; the same file comes in once, unless it is meant. `people`, `units`, `facilities`
and `addresses` are tables for the base registers, compared with what is there.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

HELP = "take in tables from elsewhere"

TABLES = {
    "cases": "a table of cases",
    "people": "a table of dwellings and people",
    "units": "a table of units",
    "facilities": "a table of facilities",
    "addresses": "a table of standard addresses",
}
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
    for into, words in TABLES.items():
        table = what.add_parser(into, help=f"{words}, all rows or none", description=__doc__)
        table.add_argument("path", type=Path, help="the .xlsx or .csv file")
        table.add_argument("--check", action="store_true", help="only look; nothing comes in")
        table.add_argument("--only-good", action="store_true", help="leave out the wrong rows")
        table.add_argument("--again", action="store_true", help="also a file that came in before")
        if into != "cases":
            table.add_argument(
                "--overrule",
                action="store_true",
                help="where the register says otherwise, the table is right",
            )


def run(options: argparse.Namespace) -> dict[str, Any]:
    return run_table(options) if options.what in TABLES else run_messages(options)


def run_table(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress
    from huying.errors import HuyingError
    from huying.intake.excel.reading import LARGEST
    from huying.intake.excel.rows import Unusable
    from huying.intake.excel.taking import from_command
    from huying.intake.models import CaseImport

    path: Path = options.path
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    if path.stat().st_size > LARGEST:
        raise CommandError(f"{path} is larger than {LARGEST // 2**20} MB")
    began, look = time.monotonic(), dict[str, Any]()
    with progress(f"Importing {path.name}") as advance:
        told = 0

        def tell(done: int) -> bool:
            nonlocal told
            advance(max(0, done - told))
            told = max(told, done)
            return True

        def seen(made: CaseImport, found: dict[str, Any]) -> bool:
            look.update(found)
            _say_faults(found)
            if not options.check:
                _only_if_meant(made, only_good=options.only_good, again=options.again)
            return not options.check

        try:
            made = from_command(
                path.read_bytes(),
                path.name,
                now=timezone.now(),
                tell=tell,
                seen=seen,
                only_good=options.only_good,
                again=options.again,
                overrule=getattr(options, "overrule", False),
                into=options.what,
            )
        except Unusable as error:
            raise CommandError(str(error.trouble.label)) from None
        except HuyingError as error:
            raise CommandError(str(error)) from None
    if options.what != "cases":
        return {
            "ok": True,
            "into": options.what,
            "read": made.rows,
            "rows": look["tally"],
            "failures": look["troubles"],
            "digest": bytes(made.digest).hex(),
            "checked_only": options.check,
            "seconds": round(time.monotonic() - began, 2),
        }
    return {
        "ok": True,
        "read": made.rows,
        "created": made.made,
        "failed": made.bad,
        "failures": look["troubles"],
        "likely_doubles": made.likely,
        "suggested": made.suggested,
        "digest": bytes(made.digest).hex(),
        "checked_only": options.check,
        "seconds": round(time.monotonic() - began, 2),
    }


def _say_faults(look: dict[str, Any]) -> None:
    """The first faults by their rows; of many, also which kinds there are."""
    from huying.cli import say

    faults, more = look["troubles"], look["more"]
    for each in faults[:SHOWN]:
        say(f"row {each['row']}: {_fault(each)}")
    more += len(faults[SHOWN:])
    if more:
        say(f"… and {more} more; all of them by kind:")
        for each in look.get("kinds", ()):
            say(f"{each['n']} × {_fault(each)}")


def _fault(each: dict[str, Any]) -> str:
    return "：".join(filter(None, (each["column"], each["words"])))


def _only_if_meant(made: Any, *, only_good: bool, again: bool) -> None:
    """Says by which option it would come in. Raises: CommandError: it lacks one."""
    from django.utils import timezone

    from huying.cli import CommandError
    from huying.intake.excel.taking import earlier

    if made.bad and not only_good:
        raise CommandError(
            f"{made.bad} of {made.rows} rows are wrong, and nothing came in: "
            "mend them, or leave them out with --only-good"
        )
    before = earlier(made)
    if before is not None and before.ended_at is not None and not again:
        raise CommandError(
            f"this very file came in on {timezone.localtime(before.ended_at):%Y-%m-%d %H:%M} "
            f"({before.made} cases): if it is meant, say --again"
        )


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
    if "into" in result:
        rows = ", ".join(f"{n} {fate}" for fate, n in result["rows"].items() if n)
        end = "; nothing came in" if result["checked_only"] else ""
        return f"{result['read']} rows read: {rows} ({result['seconds']} s){end}"
    if "digest" in result:
        right = result["read"] - result["failed"]
        came = f"{right} right" if result["checked_only"] else f"{result['created']} new cases"
        return (
            f"{result['read']} rows read: {came}, {result['failed']} wrong, "
            f"{result['likely_doubles']} may be doubles ({result['seconds']} s)"
            + ("; nothing came in" if result["checked_only"] else "")
        )
    return (
        f"{result['read']} messages read: {result['created']} new cases, "
        f"{result['already']} were there already, {result['failed']} failed "
        f"({result['seconds']} s)"
    )
