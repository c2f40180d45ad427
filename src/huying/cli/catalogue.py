"""The catalogue: get it out to a file, bring it in from one.

huying catalogue export FILE.csv|FILE.xlsx [--at DATE]
huying catalogue import FILE [--from DATE] [--dry-run]
huying catalogue map [FILE] [--dry-run]

`map` brings in what the items of an old system have become; without a file, the made-up list of
over 500 old names that comes with the package.

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

    verb = verbs.add_parser("map", help="bring in which item each old one has become")
    verb.add_argument("file", type=Path, nargs="?", help="the package's own list if not given")
    verb.add_argument("--dry-run", action="store_true", help="only tell what would happen")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Do the verb."""
    return {"export": _export, "import": _import, "map": _map}[options.verb](options)


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "items" in result:
        return f"{result['items']} items written to {result['file']}"
    if "old_items" in result:
        counts = (
            f"{result['old_items']} new, {result['changed']} changed, {result['same']} the same"
        )
        return f"would be {counts}" if result["dry_run"] else counts
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


def _map(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.catalogue.exchanging import cells_of
    from huying.duties import mapping
    from huying.intake.reporting import default_district
    from huying.people.acting import SYSTEM

    file, now = options.file, timezone.now()
    rows = mapping.read(cells_of(file.read_bytes())) if file else mapping.package_rows()
    district = default_district()
    if options.dry_run:
        found = mapping.preview(rows, district, now)
        if found.problems:
            raise CommandError("; ".join(f"row {n}: {words}" for n, words in found.problems[:20]))
    else:
        found = mapping.bring_in(rows, district, by=SYSTEM, now=now)
    return {
        "ok": True,
        "old_items": len(found.new),
        "changed": len(found.changed),
        "same": found.same,
        "dry_run": options.dry_run,
    }


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
