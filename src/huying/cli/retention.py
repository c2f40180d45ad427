"""`huying retention list`, `huying retention run`: how long things are kept, and taking them away.

`run --dry` counts by rule and by year what would go, shows ids of some of those rows, and writes
nothing but its own line. `run` takes away what is due by the rules that were switched on, in
batches; the event log stays whole and says what was erased.
"""

from __future__ import annotations

import argparse
from typing import Any

HELP = "how long things are kept; count or take away what is due"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the rules with their days, whether they are on, and holds")
    run_ = verbs.add_parser("run", help="take away what is due by the rules that are on")
    run_.add_argument("--dry", action="store_true", help="only count, by all rules")
    run_.add_argument("--rule", action="append", default=[], metavar="CODE", help="only this one")
    run_.add_argument("--batch", type=int, default=200, help="rows or cases a batch (200)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress
    from huying.errors import HuyingError
    from huying.people.acting import SYSTEM
    from huying.retention import deciding, running
    from huying.retention.models import RetentionHold

    if options.verb == "list":
        return {
            "ok": True,
            "rules": [
                {"code": each.rule.code, "label": str(each.rule.label), "days": each.days,
                 "on": each.on, "counted": str(each.rule.counted), "basis": str(each.rule.basis)}
                for each in deciding.settings()
            ],
            "holds": RetentionHold.objects.filter(lifted_at=None).count(),
        }  # fmt: skip
    try:
        row = running.begin(dry=options.dry, by=SYSTEM, now=timezone.now(), rules=options.rule)
        with progress("Counting" if options.dry else "Taking away", len(row.rules)) as advance:
            count = running.do(
                row, now=timezone.now(), batch=max(1, options.batch), advance=advance
            )
    except HuyingError as error:
        raise CommandError(str(error)) from error
    return {"ok": True, "dry": options.dry, "count": count, "by_rule": row.result}


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "rules" in result:
        lines = [
            f"{each['code']:<16} {each['days']:>5} days  "
            f"{'on ' if each['on'] else 'off'}  {each['label']}"
            for each in result["rules"]
        ]
        return "\n".join([*lines, f"{result['holds']} records are held back"])
    word = "would go" if result["dry"] else "went"
    lines = []
    for code, told in result["by_rule"].items():
        number = told["due"] if result["dry"] else told["gone"]
        years = ", ".join(f"{year} {n}" for year, n in told["years"].items())
        lines.append(f"{code:<16} {number:>7} {word}, {sum(told['held'].values())} held  {years}")
        if result["dry"] and told["sample"]:
            lines.append(f"{'':<16} such as {', '.join(told['sample'])}")
    return "\n".join([*lines, f"{result['count']} rows {word}"])
