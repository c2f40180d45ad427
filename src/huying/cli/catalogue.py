"""The catalogue: get it out to a file, bring it in from one.

huying catalogue export FILE.csv|FILE.xlsx [--at DATE]
huying catalogue import FILE [--from DATE] [--dry-run]

An import is all or nothing. What differs becomes a new version of its item from --from on (now, if
not given); what the file does not name stays as it is.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from huying.cli import CommandError

HELP = "the catalogue: import, export"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and what each takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    verb = verbs.add_parser("export", help="write the catalogue to a CSV file or a workbook")
    verb.add_argument("file", type=Path, help="ends in .csv or .xlsx")
    verb.add_argument("--at", metavar="DATE", help="as it is at this date (default: now)")

    verb = verbs.add_parser("import", help="check a CSV file or workbook and take it in")
    verb.add_argument("file", type=Path)
    verb.add_argument("--from", dest="since", metavar="DATE", help="changes hold from this date on")
    verb.add_argument("--dry-run", action="store_true", help="only tell what would happen")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Do the verb."""
    return {"export": _export, "import": _import}[options.verb](options)


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "items" in result:
        return f"{result['items']} items written to {result['file']}"
    lines = []
    for kind in ("problems", "warnings"):
        for each in result[kind]:
            lines.append(f"row {each['row']}, {each['column'] or '-'}: {each['zh']} ({each['en']})")
    for code in result["new"]:
        lines.append(f"new      {code}")
    for each in result["changed"]:
        fields = ", ".join(f"{f}: {old} → {new}" for f, (old, new) in each["fields"].items())
        lines.append(f"changed  {each['code']} {each['name']}: {fields}")
    counts = (
        f"{result['read']} rows: {len(result['new'])} new, {len(result['changed'])} changed, "
        f"{result['same']} the same, {len(result['absent'])} not named"
    )
    if not result["ok"]:
        lines.append(f"{len(result['problems'])} problems; nothing was imported")
    elif result["dry_run"]:
        lines.append(f"would be {counts}")
    else:
        lines.append(counts)
    return "\n".join(lines)


def _export(options: argparse.Namespace) -> dict[str, Any]:
    from huying.catalogue import exchanging
    from huying.catalogue.versions import snapshot

    writers = {".csv": exchanging.export_csv, ".xlsx": exchanging.export_xlsx}
    write = writers.get(options.file.suffix.lower())
    if write is None:
        raise CommandError(f"{options.file}: the name must end in .csv or .xlsx")
    at = _moment(options.at)
    catalogue = snapshot(at)
    options.file.write_bytes(write(catalogue))
    return {"ok": True, "file": str(options.file), "items": len(catalogue), "at": at}


def _import(options: argparse.Namespace) -> dict[str, Any]:
    from huying.catalogue.exchanging import bring_in, preview
    from huying.people.acting import SYSTEM

    data = options.file.read_bytes()
    since = _moment(options.since)
    if options.dry_run:
        found = preview(data, valid_from=since)
    else:
        found = bring_in(data, by=SYSTEM, valid_from=since)
    return {
        "ok": found.ok,
        "dry_run": options.dry_run,
        "applied": found.applied,
        "valid_from": found.valid_from,
        "read": found.rows,
        "new": found.new,
        "changed": [
            {"code": each.code, "name": each.name, "fields": each.fields} for each in found.changed
        ],
        "same": len(found.same),
        "absent": found.absent,
        "problems": [_shown(each) for each in found.problems],
        "warnings": [_shown(each) for each in found.warnings],
    }


def _shown(problem: Any) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("row", "column", "zh", "en")}


def _moment(words: str | None) -> datetime:
    from django.utils import timezone

    if words is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise CommandError(f"{words}: write a date as 2026-03-01 or 2026-03-01T09:00") from error
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
