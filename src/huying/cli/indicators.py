"""`huying indicators AREA`: the figures of a town, community or grid, straight from the event log.

    huying indicators 440113120 --month 2026-10 --by community
    huying indicators 440113120 --month 2026-10 --indicator handled_in_time --cases

``--as-of`` counts by what was in the log at that moment; the same moment gives the same figures
whenever it is asked.
"""

from __future__ import annotations

import argparse
from calendar import monthrange
from datetime import date, datetime
from typing import Any

HELP = "indicators of an area and a span of days, from the events"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("area", help="code of a district, town, community or grid")
    parser.add_argument("--month", help="YYYY-MM; the present one if no days are given")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--by", default="all", help="what to tell apart by (all)")
    parser.add_argument("--indicator", help="only this one")
    parser.add_argument("--cases", action="store_true", help="the numbers of the cases behind it")
    parser.add_argument(
        "--as-of", type=datetime.fromisoformat, metavar="TIME", help="by what was known then (now)"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.assessment.counting import Asked, By, counted
    from huying.assessment.indicators import indicators
    from huying.cli import CommandError
    from huying.places.models import CODE_LENGTH

    now = timezone.now()
    at = options.as_of or now
    if timezone.is_naive(at):
        at = timezone.make_aware(at)
    if options.by not in list(By):
        raise CommandError(f"--by is one of {', '.join(By)}")
    if options.indicator is not None and options.indicator not in indicators():
        raise CommandError(f"--indicator is one of {', '.join(indicators())}")
    if options.cases and options.indicator is None:
        raise CommandError("--cases needs --indicator")
    if not options.area.isdigit() or len(options.area) not in CODE_LENGTH.values():
        raise CommandError("the area is a code of 6, 9, 12 or 15 digits")
    first, last = span(options, timezone.localdate(now))
    asked = Asked(options.area, first, last, at)
    found = counted(asked, By(options.by))
    codes = [options.indicator] if options.indicator else list(indicators())
    subjects: dict[str, dict[str, dict[str, Any]]] = {}
    for name, each in sorted(found.items()):
        figures = each.figures()
        subjects[name] = {
            code: {
                "numerator": float(figures[code].numerator),
                "denominator": float(figures[code].denominator),
                "value": None if figures[code].value is None else float(figures[code].value or 0),
            }
            for code in codes
        }
        if options.cases:
            subjects[name][options.indicator] |= _cases(each, options.indicator)
    return {
        "ok": True,
        "area": options.area,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "as_of": at.isoformat(),
        "by": options.by,
        "subjects": subjects,
    }


def span(options: argparse.Namespace, today: date) -> tuple[date, date]:
    """The days that ``--month`` or ``--from`` and ``--to`` say; the present month without."""
    from huying.cli import CommandError

    if (options.first is None) != (options.last is None):
        raise CommandError("--from and --to go together")
    if options.first is not None:
        if options.first > options.last:
            raise CommandError("--from is later than --to")
        return options.first, options.last
    try:
        first = date.fromisoformat(f"{options.month}-01") if options.month else today.replace(day=1)
    except ValueError as error:
        raise CommandError("--month is YYYY-MM") from error
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _cases(counted: Any, code: str) -> dict[str, list[str]]:
    """The numbers of the cases that a figure is made of, each as often as it counts."""
    from huying.assessment.indicators import indicators
    from huying.cases.models import Case

    indicator = indicators()[code]
    ids = {
        part: [case for tally in sorted(formula.tallies) for case in counted.cases.get(tally, [])]
        for part, formula in (
            ("numerator_cases", indicator.numerator),
            ("denominator_cases", indicator.denominator),
        )
    }
    known = {pk for some in ids.values() for pk in some}
    numbers = dict(Case.objects.filter(pk__in=known).values_list("pk", "number"))
    return {part: sorted(numbers[pk] for pk in some) for part, some in ids.items()}


def text(result: dict[str, Any]) -> str:
    """The figures for people."""
    from huying.assessment.indicators import indicators

    lines = [f"{result['area']}  {result['first']} – {result['last']}  as of {result['as_of']}"]
    for name, figures in result["subjects"].items():
        if result["by"] != "all":
            lines.append(f"\n{result['by']} {name or '—'}")
        for code, each in figures.items():
            value = "no data" if each["value"] is None else f"{each['value']:.2%}"
            lines.append(
                f"  {indicators()[code].zh:<12} {value:>10}"
                f"  {each['numerator']:g} / {each['denominator']:g}"
            )
    if not result["subjects"]:
        lines.append("nothing counted in these days")
    return "\n".join(lines)
