"""Facts and sums of the figures: made from the event log, and held against it.

huying rollups behind     how far they follow the log
huying rollups follow     follow it to its end now, as the worker does all the time
huying rollups check      recount every case from its events; exit code 1 if anything differs
huying rollups rebuild    throw facts and sums away and make them anew; closed periods stay
huying rollups close      close the months and weeks that are due: their figures stand from then on
huying rollups close --area 440113 --month 2026-10
huying rollups corrections 440113120 --month 2026-10     what came after the closing
"""

from __future__ import annotations

import argparse
from datetime import date
from time import perf_counter, sleep
from typing import Any

HELP = "the figures' facts and sums: behind, follow, check, rebuild"
NEEDS = "data"
EDITED = (
    "Some cases differ by their deadlines alone: the working calendar of days that are past was"
    " edited after they were counted. `huying rollups rebuild` counts them by the calendar of now;"
    " closed periods stay."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, help_ in (
        ("behind", "how far they follow the log"),
        ("follow", "follow the log to its end now"),
        ("check", "recount from the events; exit code 1 if anything differs"),
        ("rebuild", "make them anew from the events"),
    ):
        verbs.add_parser(name, help=help_, description=__doc__)
    close = verbs.add_parser("close", help="close a month, or all that is due", description=__doc__)
    close.add_argument("--area", metavar="DISTRICT", help="code of the district")
    close.add_argument("--month", metavar="YYYY-MM", help="which; without it, all that is due")
    later = verbs.add_parser("corrections", help="of a closed month", description=__doc__)
    later.add_argument("area", help="code of a district, town, community or grid")
    later.add_argument("--month", metavar="YYYY-MM", required=True)


def run(options: argparse.Namespace) -> dict[str, Any]:
    if options.verb == "close":
        return _close(options)
    if options.verb == "corrections":
        return _corrections(options)
    return {"behind": _behind, "follow": _follow, "check": _check, "rebuild": _rebuild}[
        options.verb
    ]()


def _month(text: str) -> tuple[date, date]:
    from huying.assessment.closing import month_of
    from huying.cli import CommandError

    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise CommandError("--month is YYYY-MM") from error


def _close(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.assessment.closing import close, close_due
    from huying.cli import CommandError

    now = timezone.now()
    if (options.month is None) != (options.area is None):
        raise CommandError("--area and --month go together")
    if options.month is None:
        return {"ok": True, "closed": close_due(now=now)}
    if len(options.area) != 6 or not options.area.isdigit():
        raise CommandError("--area is a district's code of 6 digits")
    period = close(options.area, *_month(options.month), now=now)
    return {"ok": True, "closed": 1, "as_of": period.as_of.isoformat()}


def _corrections(options: argparse.Namespace) -> dict[str, Any]:
    from huying.assessment.closing import corrections
    from huying.assessment.rolled import closed
    from huying.cases.models import Case
    from huying.cli import CommandError

    period = closed(options.area, *_month(options.month))
    if period is None:
        raise CommandError("this month is not closed")
    found = corrections(options.area, period)
    ids = {case for each in found for case in (*each.more, *each.fewer)}
    numbers = dict(Case.objects.filter(pk__in=ids).values_list("pk", "number"))
    return {
        "ok": True,
        "as_of": period.as_of.isoformat(),
        "corrections": [
            {
                "tally": str(each.tally),
                "then": each.then,
                "now": each.now,
                "more": [numbers.get(case, str(case)) for case in each.more],
                "fewer": [numbers.get(case, str(case)) for case in each.fewer],
            }
            for each in found
        ],
    }


def _behind() -> dict[str, Any]:
    from huying.assessment.following import behind_by

    found = behind_by()
    return {"ok": True, "behind_s": None if found is None else round(found.total_seconds(), 3)}


def _follow() -> dict[str, Any]:
    began = perf_counter()
    cases = _follow_on("Following the log")
    return {"ok": True, "cases": cases, "seconds": round(perf_counter() - began, 2)}


def _check() -> dict[str, Any]:
    from huying.assessment.rechecking import differences
    from huying.cases.models import Case
    from huying.cli import progress

    began, cases = perf_counter(), Case.objects.count()
    _follow_on("Following the log")
    with progress("Recounting", cases) as advance:
        found = [
            {
                "where": each.where,
                "kept": each.kept,
                "right": each.right,
                "deadline": each.deadline,
            }
            for each in differences(advance)
        ]
    return {
        "ok": not found,
        "cases": cases,
        "differences": found,
        "seconds": round(perf_counter() - began, 2),
    }


def _rebuild() -> dict[str, Any]:
    from huying.assessment.following import clear

    began = perf_counter()
    clear()
    cases = _follow_on("Counting")
    return {"ok": True, "cases": cases, "seconds": round(perf_counter() - began, 2)}


def _follow_on(label: str) -> int:
    """Follows the log to its end, with a bar; how many cases were counted, here or by the worker.

    Only one process follows at a time: where it is the worker, its end is waited for.
    """
    from huying.assessment.following import WAIT_S, behind_by, step, to_count
    from huying.cli import progress

    cases, left = 0, to_count()
    with progress(label, left) as advance:
        while True:
            done = step()
            if done.more:
                cases += done.cases
                advance(done.cases)
                left = max(left - done.cases, 0)
                continue
            now = to_count()
            came = done.cases + max(left - now - done.cases, 0)
            cases, left = cases + came, now
            advance(came)
            if not behind_by():
                return cases
            sleep(WAIT_S)


def text(result: dict[str, Any]) -> str:
    """For people."""
    if "behind_s" in result:
        behind = result["behind_s"]
        return "never followed" if behind is None else f"{behind:g} s behind"
    if "closed" in result:
        return f"{result['closed']} periods closed"
    if "corrections" in result:
        rows = [
            f"{each['tally']}: {each['then']} then, {each['now']} now"
            f"  +{' '.join(each['more']) or '-'}  -{' '.join(each['fewer']) or '-'}"
            for each in result["corrections"]
        ]
        return "\n".join([f"as of {result['as_of']}", *(rows or ["nothing was corrected"])])
    if "differences" not in result:
        return f"{result['cases']} cases counted in {result['seconds']:g} s"
    lines = [
        f"{each['where']}: {each['kept']}, not {each['right']}" for each in result["differences"]
    ]
    told = f"{result['cases']} cases, {len(lines)} differences"
    if any(each["deadline"] for each in result["differences"]):
        lines.append(EDITED)
    return "\n".join([*lines, told])
