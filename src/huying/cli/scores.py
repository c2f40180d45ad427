"""`huying scores AREA`: who is scored how in a month, with the reasons; and closing a month.

    huying scores 440113120 --month 2026-10 --kind unit
    huying scores 440113 --month 2026-10 --close

Places are counted over the whole district. A closed month is shown as it was closed.
"""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

HELP = "scores of an area and month, part by part; --close closes the month for the district"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("area", help="code of a district, town, community or grid")
    parser.add_argument("--month", help="YYYY-MM (the present one)")
    parser.add_argument("--kind", default="unit", help="whose scores (unit)")
    parser.add_argument(
        "--close", action="store_true", help="write the month's scores down for good, of all kinds"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.assessment.scores import closing, monthly, saying
    from huying.assessment.scores.kinds import Kind
    from huying.assessment.scores.subjects import first_of
    from huying.cli import CommandError
    from huying.errors import HuyingError
    from huying.people.acting import SYSTEM
    from huying.places.models import CODE_LENGTH

    now = timezone.now()
    if not options.area.isdigit() or len(options.area) not in CODE_LENGTH.values():
        raise CommandError("the area is a code of 6, 9, 12 or 15 digits")
    if options.kind not in Kind.values:
        raise CommandError(f"--kind is one of {', '.join(Kind.values)}")
    try:
        month = (
            date.fromisoformat(f"{options.month}-01")
            if options.month
            else first_of(timezone.localdate(now))
        )
    except ValueError as error:
        raise CommandError("--month is YYYY-MM") from error
    if options.close:
        try:
            closing.close(options.area[:6], month, by=SYSTEM, now=now)
        except HuyingError as error:
            raise CommandError(str(error)) from error
    kind = Kind(options.kind)
    found = monthly.month_of(kind, options.area[:6], month, now=now)
    shown = [each for each in found.standings if each.subject.area.startswith(options.area)]
    shown.sort(key=lambda each: (each.place is None, each.place or 0, each.subject.area))
    return {
        "ok": True,
        "area": options.area,
        "month": f"{month:%Y-%m}",
        "kind": str(kind),
        "sheet": found.held.version,
        "closed": None if found.closed is None else found.at.isoformat(),
        "scores": [
            {
                "subject": each.subject.key,
                "name": each.subject.name,
                "area": each.subject.area,
                "place": each.place,
                "total": None if each.score.total is None else str(each.score.total),
                "grade": each.score.grade,
                "vetoed": each.score.vetoed,
                "rated": None if each.score.rated is None else each.score.rated.number,
                "parts": [
                    {
                        "measure": line.measure,
                        "name": line.name,
                        "figure": line.figure,
                        "points": line.points,
                        "weight": line.weight,
                        "why": line.why,
                    }
                    for line in saying.lines_of(each.score)
                ],
            }
            for each in shown
        ],
    }


def text(result: dict[str, Any]) -> str:
    """The scores for people."""
    state = f"closed {result['closed']}" if result["closed"] else "running"
    lines = [f"{result['kind']}  {result['month']}  {state}  sheet {result['sheet']}"]
    for each in result["scores"]:
        total = "no data" if each["total"] is None else f"{each['total']} {each['grade']}"
        veto = "  vetoed" if each["vetoed"] else ""
        lines.append(f"\n{each['place'] or '—':>3}  {each['name']}  {total}{veto}")
        lines += [
            f"       {part['points']:>6}  {part['name']}  {part['figure']}  {part['why']}"
            for part in each["parts"]
        ]
    if not result["scores"]:
        lines.append("nobody of this kind is here")
    return "\n".join(lines)
