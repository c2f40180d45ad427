"""Copy the months of the event log that are over, each to a signed file to be kept elsewhere.

The worker does this by itself every night. With --month one is written anew, where its file was
carried away and is wanted again, say. `huying verify --month FILE` compares the log with one.
"""

from __future__ import annotations

import argparse
from typing import Any

from huying.cli import CommandError, progress

HELP = "copy the months of the event log that are over"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--month", metavar="YYYY-MM", help="this one, also if it was copied before")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Copy, with progress on standard error."""
    from django.utils import timezone

    from huying.audit import months
    from huying.audit.keys import KeyFileError

    now = timezone.now()
    copied = []
    try:
        wanted = [months.named(options.month)] if options.month else months.due(now)
        for month in wanted:
            with progress(f"Copying {month:%Y-%m}") as advance:
                copied.append(months.copy(month, now, advance=advance))
    except (KeyFileError, OSError, months.MonthError) as error:
        raise CommandError(str(error)) from error
    told = [
        {
            "month": each.month,
            "events": each.events,
            "cases": each.cases,
            "bytes": each.size,
            "file": str(each.path),
        }
        for each in copied
    ]
    return {"ok": True, "months": told}


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if not result["months"]:
        return "All months that are over were copied before."
    return "\n".join(
        f"{each['month']}: {each['events']:,} events of {each['cases']:,} cases,"
        f" {each['bytes'] / 1e6:,.1f} MB. Keep elsewhere: {each['file']}"
        for each in result["months"]
    )
