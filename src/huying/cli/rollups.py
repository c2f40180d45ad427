"""Facts and sums of the figures: made from the event log, and held against it.

huying rollups behind     how far they follow the log
huying rollups follow     follow it to its end now, as the worker does all the time
huying rollups check      recount every case from its events; exit code 1 if anything differs
huying rollups rebuild    throw facts and sums away and make them anew; closed periods stay
"""

from __future__ import annotations

import argparse
from time import perf_counter
from typing import Any

HELP = "the figures' facts and sums: behind, follow, check, rebuild"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, help_ in (
        ("behind", "how far they follow the log"),
        ("follow", "follow the log to its end now"),
        ("check", "recount from the events; exit code 1 if anything differs"),
        ("rebuild", "make them anew from the events"),
    ):
        verbs.add_parser(name, help=help_, description=__doc__)


def run(options: argparse.Namespace) -> dict[str, Any]:
    return {"behind": _behind, "follow": _follow, "check": _check, "rebuild": _rebuild}[
        options.verb
    ]()


def _behind() -> dict[str, Any]:
    from huying.assessment.following import behind_by

    found = behind_by()
    return {"ok": True, "behind_s": None if found is None else round(found.total_seconds(), 3)}


def _follow() -> dict[str, Any]:
    from huying.assessment.following import follow

    began = perf_counter()
    cases = follow()
    return {"ok": True, "cases": cases, "seconds": round(perf_counter() - began, 2)}


def _check() -> dict[str, Any]:
    from huying.assessment.rechecking import differences
    from huying.cases.models import Case
    from huying.cli import progress

    began, cases = perf_counter(), Case.objects.count()
    with progress("Recounting", cases) as advance:
        found = [
            {"where": each.where, "kept": each.kept, "right": each.right}
            for each in differences(advance)
        ]
    return {
        "ok": not found,
        "cases": cases,
        "differences": found,
        "seconds": round(perf_counter() - began, 2),
    }


def _rebuild() -> dict[str, Any]:
    from huying.assessment.following import clear, step
    from huying.cases.models import Case
    from huying.cli import progress

    began, cases = perf_counter(), 0
    clear()
    with progress("Counting", Case.objects.count()) as advance:
        more = True
        while more:
            done = step()
            cases, more = cases + done.cases, done.more
            advance(done.cases)
    return {"ok": True, "cases": cases, "seconds": round(perf_counter() - began, 2)}


def text(result: dict[str, Any]) -> str:
    """For people."""
    if "behind_s" in result:
        behind = result["behind_s"]
        return "never followed" if behind is None else f"{behind:g} s behind"
    if "differences" not in result:
        return f"{result['cases']} cases counted in {result['seconds']:g} s"
    lines = [
        f"{each['where']}: {each['kept']}, not {each['right']}" for each in result["differences"]
    ]
    return "\n".join([*lines, f"{result['cases']} cases, {len(lines)} differences"])
