"""`huying report AREA… --month 2026-10 --to FOLDER`: reports as PDF and Excel files.

    huying report 440113120 --month 2026-10 --to reports
    huying report --all --week 2026-11-16 --to reports

`--all` makes those of every town and of the district. Each is worked out from the log as it is now;
nothing is kept in the database.
"""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path
from typing import Any

HELP = "the report of a town or the district on a week or month"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "areas", nargs="*", metavar="AREA", help="code of a district, town or community"
    )
    parser.add_argument("--all", action="store_true", help="every town and the district")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--month", metavar="YYYY-MM", help="the last one if nothing is given")
    when.add_argument("--week", type=date.fromisoformat, metavar="YYYY-MM-DD", help="any day of it")
    parser.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="the present one")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress
    from huying.places.models import Division, Level
    from huying.reports.collecting import reports
    from huying.reports.printing import printed
    from huying.reports.workbooks import workbook

    began = time.monotonic()
    now = timezone.now()
    if bool(options.areas) == options.all:
        raise CommandError("name areas, or --all")
    known = Division.objects.exclude(level=Level.COMMUNITY) if options.all else Division.objects
    codes = list(known.order_by("code").values_list("code", flat=True))
    areas = codes if options.all else sorted(set(options.areas))
    if unknown := set(areas) - set(codes):
        raise CommandError(f"no such area: {', '.join(sorted(unknown))}")
    span = _span(options, timezone.localdate(now))
    options.to.mkdir(parents=True, exist_ok=True)
    made = []
    with progress("Making reports", 2 * len(areas)) as advance:
        for district in sorted({area[:6] for area in areas}):
            mine = [area for area in areas if area.startswith(district)]
            for area, report in reports(mine, span, now):
                for suffix, content in (("pdf", printed(report)), ("xlsx", workbook(report))):
                    path = options.to / f"{area}-{report.short}.{suffix}"
                    path.write_bytes(content)
                    made.append(str(path))
                    advance(1)
    return {
        "ok": True,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "reports": len(areas),
        "files": made,
        "seconds": round(time.monotonic() - began, 1),
    }


def _span(options: argparse.Namespace, today: date) -> Any:
    from huying.cli import CommandError
    from huying.reports.spans import Kind, Span

    if options.week is not None:
        return Span.around(Kind.WEEKLY, options.week)
    if options.month is None:
        return Span.ended_before(Kind.MONTHLY, today)
    try:
        return Span.around(Kind.MONTHLY, date.fromisoformat(f"{options.month}-01"))
    except ValueError as error:
        raise CommandError("--month is YYYY-MM") from error


def text(result: dict[str, Any]) -> str:
    """What was made, for people."""
    lines = [*result["files"]]
    lines.append(f"{result['reports']} reports in {result['seconds']} s")
    return "\n".join(lines)
