"""Prove the event log: every case's chain of hashes, every text, every seal.

Exit code 0 when everything is as it was written, 1 when anything is not. With --head, the log
is also compared with a file of heads that was kept elsewhere (see `huying seal`): a removed
case or a cut tail is found then even if everything here was made to fit. With --month it is
compared with all events of a month that was copied (see `huying archive`).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from huying.cli import CommandError, progress, say

HELP = "prove that the event log is whole and unchanged"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--head", type=Path, metavar="FILE", help="compare with heads held elsewhere"
    )
    parser.add_argument(
        "--month", type=Path, metavar="FILE", help="compare with a month that was copied"
    )
    parser.add_argument("--case", metavar="NUMBER", help="one case only, without the seals")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Verify, with progress on standard error."""
    from huying.audit import verifying
    from huying.audit.heads import HeadFileError
    from huying.audit.keys import KeyFileError
    from huying.audit.months import MonthError

    if options.month and options.case:
        raise CommandError("--month compares all cases: leave --case out.")
    try:
        with progress("Verifying events") as advance:
            result = verifying.verify(
                head_file=options.head,
                month_file=options.month,
                number=options.case,
                advance=advance,
            )
    except (
        FileNotFoundError,
        HeadFileError,
        KeyFileError,
        MonthError,
        verifying.CaseNotFoundError,
    ) as error:
        raise CommandError(str(error)) from error
    if options.head and not result.held_sealed:
        say(f"{options.head} carries no seal of this installation: it proves what you trust it to.")
    return result.as_json()


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [
        "ok" if result["ok"] else f"BROKEN: {result['broken']}",
        f"cases {result['cases']}, events {result['events']}, erased {result['erased']}, "
        f"seals {result['seals']}, heads compared {result['held']}, {result['seconds']} s",
    ]
    if result["month"]:
        lines.append(f"compared with the file of {result['month']}")
    for one in result["breaks"]:
        place = one["case"] or one["case_id"] or "seal"
        event = f" #{one['seq']}" if one["seq"] is not None else ""
        lines.append(f"  {place}{event}: {one['kind']}: {one['detail']}")
    return "\n".join(lines)
