"""Divisions and grids: bring real outlines in, get them out, void a grid, find a point.

huying places import FILE [--replace --reason WHY] [--dry-run]
huying places export [--area CODE] > grids.geojson
huying places void CODE --reason WHY
huying places locate LON LAT [--datum gcj02] [--accuracy 30]
huying places demo
huying places draw FILE
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from huying.cli import CommandError, say

HELP = "divisions and grids: import, export, void, locate"

_SHOWN_MOST = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and what each takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    verb = verbs.add_parser("import", help="check a GeoJSON file of grids and take it in")
    verb.add_argument("file", type=Path, help="a FeatureCollection; properties code and name")
    verb.add_argument("--dry-run", action="store_true", help="check only")
    verb.add_argument("--replace", action="store_true", help="void the grids the file lacks")
    verb.add_argument("--reason", default="", help="kept in each grid's history")
    verb.add_argument("--area", default="", metavar="CODE", help="the area the file is about")
    verb.add_argument("--outline", type=Path, metavar="FILE", help="the ground to be covered")
    verb.add_argument("--allow-gaps", action="store_true", help="uncovered ground only warns")
    verb.add_argument("--tolerance", type=float, metavar="M2", help="rounding let pass, in m²")
    verb.add_argument("--datum", default="wgs84", help="wgs84 (cgcs2000), gcj02 or bd09")

    verb = verbs.add_parser("export", help="print the grids in force as GeoJSON")
    verb.add_argument("--area", "--town", default="", metavar="CODE", help="only this area")

    verb = verbs.add_parser("void", help="take a grid out of force; its code stays")
    verb.add_argument("code")
    verb.add_argument("--reason", required=True)

    verb = verbs.add_parser("locate", help="the grid of a point")
    verb.add_argument("lon", type=float)
    verb.add_argument("lat", type=float)
    verb.add_argument("--datum", default="wgs84", help="wgs84 (cgcs2000), gcj02 or bd09")
    verb.add_argument("--accuracy", type=float, metavar="M", help="metres")

    verbs.add_parser("demo", help="load the drawn grids, where the district has none")

    verb = verbs.add_parser("draw", help="draw the demo grids anew, as the package's data file")
    verb.add_argument("file", type=Path)


def run(options: argparse.Namespace) -> dict[str, Any] | int:
    """Do the verb."""
    verbs = {
        "import": _import,
        "export": _export,
        "void": _void,
        "locate": _locate,
        "demo": _demo,
        "draw": _draw,
    }
    return verbs[options.verb](options)


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "errors" in result:
        return _import_text(result)
    return "\n".join(f"{key}: {_words(value)}" for key, value in result.items() if key != "ok")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or "-"
    return "-" if value is None else f"{value}"


def _import_text(result: dict[str, Any]) -> str:
    lines = []
    for kind in ("errors", "warnings"):
        found = result[kind]
        for fault in found[:_SHOWN_MOST]:
            where = [f"#{fault['feature']}"] if fault["feature"] is not None else []
            where += [fault["code"]] if fault["code"] else []
            lines.append(f"{kind[:-1]} {' '.join([*where, fault['kind']])}: {fault['message']}")
        if len(found) > _SHOWN_MOST:
            lines.append(f"… {len(found) - _SHOWN_MOST} more {kind}; --json lists all")
    counts = ", ".join(
        f"{result[kind]} {kind}" for kind in ("created", "redrawn", "voided", "unchanged")
    )
    if not result["ok"]:
        lines.append(f"{len(result['errors'])} errors; nothing was imported")
    elif result["dry_run"]:
        lines.append(f"would be: {counts}")
    else:
        lines.append(counts)
    return "\n".join(lines)


def _import(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.places import importing
    from huying.places.features import read_outline

    datum = _datum(options.datum)
    outline = None
    if options.outline:
        try:
            outline = read_outline(options.outline, datum)
        except ValueError as error:
            raise CommandError(f"{options.outline}: {error}") from error
    tolerance = importing.TOLERANCE_M2 if options.tolerance is None else options.tolerance
    plan = importing.read(
        options.file,
        replace=options.replace,
        reason=options.reason,
        area=options.area,
        outline=outline,
        allow_gaps=options.allow_gaps,
        tolerance_m2=tolerance,
        datum=datum,
    )
    if plan.ok and not options.dry_run:
        importing.apply(plan, now=timezone.now())
    return {**plan.as_dict(), "dry_run": options.dry_run}


def _export(options: argparse.Namespace) -> int | dict[str, Any]:
    from huying.places.exporting import export

    collection = export(options.area)
    if options.json:
        return collection
    json.dump(collection, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
    say(f"{len(collection['features'])} grids")
    return 0


def _void(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.places.voiding import void

    grid = void(options.code, reason=options.reason, now=timezone.now())
    return {"ok": True, "code": grid.code, "voided_at": grid.voided_at, "reason": grid.void_reason}


def _locate(options: argparse.Namespace) -> dict[str, Any]:
    from huying.places.locating import locate

    found = locate(options.lon, options.lat, options.datum, options.accuracy)
    return {
        "ok": True,
        "outcome": found.outcome,
        "grid": found.grid_code,
        "place": found.place_name,
        "candidates": list(found.candidates),
        "lon": found.lon,
        "lat": found.lat,
        "given": {
            "lon": found.given_lon,
            "lat": found.given_lat,
            "datum": found.datum,
            "accuracy_m": found.accuracy_m,
        },
    }


def _demo(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.places.loading import load_demo_grids

    return {"ok": True, "created": load_demo_grids(timezone.now())}


def _draw(options: argparse.Namespace) -> dict[str, Any]:
    from huying.places import drawn

    cells = drawn.draw()
    options.file.write_bytes(drawn.pack(cells))
    return {"ok": True, "grids": len(cells), "file": str(options.file)}


def _datum(word: str) -> Any:
    from huying.places.datum import Datum

    try:
        return Datum.of(word)
    except ValueError as error:
        raise CommandError(str(error)) from error
