"""`huying demo load` and `huying demo reset`: a made-up district at work.

Grids, units and people of the demo, and cases of the last month in every state, made through the
real verbs. What it makes is marked: the people are demo accounts, and the demo's cases are those
that they reported. Load it while no worker runs.

`reset` deletes the demo's cases and people and loads them anew. Events can be deleted by the
database's owner alone; the command acts as the owner for that.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta
from typing import Any

HELP = "load the demo, or take it away and load it anew"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    load = verbs.add_parser("load", help="grids, people and cases of the last month")
    load.add_argument(
        "--more", action="store_true", help="add cases although there are some already"
    )
    year = verbs.add_parser(
        "year", help="a year's cases besides: 25,000 in 石碁镇, some hundreds in every other town"
    )
    year.add_argument(
        "--until", metavar="YYYY-MM-DD", help="the year's last day (default: it ends now)"
    )
    year.add_argument("--shown", type=_number, metavar="N", help="matters in 石碁镇 (25000)")
    year.add_argument("--others", type=_number, metavar="N", help="in each other town (600)")
    reset = verbs.add_parser("reset", help="delete the demo's cases and people, and load them anew")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.add_argument(
        "--yes-really-all",
        action="store_true",
        help="delete every case, also those that are not the demo's; do not ask",
    )
    for each in (load, reset):
        each.add_argument(
            "--cases",
            type=_number,
            metavar="N",
            help="how many cases (default 600; 0 loads places and people only)",
        )


def _number(told: str) -> int:
    number = int(told)
    if not 0 <= number <= 100_000:
        raise argparse.ArgumentTypeError("between 0 and 100000")
    return number


def run(options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    result = {"load": _load, "reset": _reset, "year": _year}[options.verb](options)
    return {"ok": True, **result, "seconds": round(time.monotonic() - began, 1)}


def _load(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import progress, say
    from huying.intake import learning
    from huying.people.demo import load_demo_people
    from huying.people.models import Account, Unit, UnitKind
    from huying.places import locating, naming
    from huying.places.loading import load_demo_grids
    from huying.places.models import Grid
    from huying.scenarios import (
        demo,
        demo_branches,
        demo_care,
        demo_closed,
        demo_duties,
        demo_fairness,
        demo_joint,
        demo_neighbours,
        demo_patrol,
        demo_platforms,
        demo_registers,
        demo_reports,
        demo_requests,
        demo_scores,
        demo_surveys,
        demo_tasks,
        demo_teams,
        demo_topics,
    )

    now = timezone.now()
    with progress("Loading grids", 1) as advance:
        load_demo_grids(now)
        locating.refresh()
        naming.refresh()
        advance(1)
    with progress("Loading units and people") as advance:
        printed = load_demo_people(now, advance)
    there = demo.cases_there()
    wanted = demo.CASES if options.cases is None else options.cases
    made = demo.Loaded()
    if there and not getattr(options, "more", False):
        if wanted:
            say(f"{there} cases of the demo are here already; --more adds others.")
    elif wanted:
        # Another seed for what is added: the same stories again would be duplicates.
        seed = f"{demo.SEED}+{there}" if there else demo.SEED
        with progress("Making cases", wanted) as advance:
            made = demo.load_cases(now, wanted, seed=seed, advance=advance)
        for sentence in made.stumbled:
            say(f"A story ended early: {sentence}")
    if made.cases:
        with progress("Closing the months and weeks that are over"):
            demo_closed.load_closed(timezone.now())
        with progress("Appealing, and looking for what is unusual"):
            demo_fairness.load_fairness(timezone.now())  # by what is written by now
        with progress("Gathering what many report"):
            demo_topics.load_topics(now)
        with progress("Learning what the demo's desks decided"):
            # A month of a demo is too short to measure on its newest month.
            learning.learn(now=timezone.now(), month=timedelta(days=7))
    with progress("Putting teams on duty"):
        demo_teams.load_teams(now)
    with progress("Issuing tasks"):
        demo_tasks.load_tasks(now)
    with progress("Planning patrols"):
        demo_patrol.load_patrols(now)
    with progress("Asking neighbours to help"):
        demo_neighbours.load_neighbours(now)
    with progress("Opening service points"):
        demo_platforms.load_platforms(now)
    with progress("Registering who lives there"):
        demo_registers.load_registers(now)
    with progress("Visiting who needs it"):
        demo_care.load_care(now)
    with progress("Filling in registers and a survey"):
        demo_surveys.load_surveys(now)
    with progress("Putting branches on the grid"):
        demo_branches.load_branches(now)
    with progress("Sharing what organisations have"):
        demo_joint.load_joint(now)
    with progress("Scoring the month"):
        demo_scores.load_scores(timezone.now())
    with progress("Writing down who does what"):
        demo_duties.load_duties(now)
    with progress("Taking people's requests"):
        demo_requests.load_requests(now)
    with progress("Reporting on the last week"):
        demo_reports.load_reports(now)
    return {
        "teams": Unit.objects.filter(kind=UnitKind.TEAM, active=True).count(),
        "grids": Grid.objects.filter(voided_at=None).count(),
        "people": Account.objects.filter(demo=True).count(),
        "cases_before": there,
        "cases": made.cases,
        "verbs": made.verbs,
        "states": dict(made.states),
        "accounts": [
            {
                "role": str(account.role),
                "username": account.username,
                "password": account.password,
                "name": account.name,
                "posts": list(account.posts),
            }
            for account in printed
        ],
    }


def _year(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cli import CommandError, progress
    from huying.people.models import Account
    from huying.scenarios import year, year_rows

    if not Account.objects.filter(demo=True).exists():
        raise CommandError("The demo's people are not here; `huying demo load` brings them.")
    until = _end(options.until)
    if year.is_there(until):
        raise CommandError("A year is here already; `huying demo reset` takes it away.")
    shown = year.MATTERS if options.shown is None else options.shown
    others = year.OTHERS if options.others is None else options.others
    year_rows.make_months(until - year.SPAN, until)
    with progress("Telling a year", shown + 15 * others) as advance:
        told = year.tell(until, shown=shown, others=others, advance=advance)
    with progress("Taking stock"):
        year_rows.analyze()
    return year.as_json(told)


def _end(told: str | None) -> Any:
    from datetime import date, datetime, time

    from django.utils import timezone

    from huying.cli import CommandError
    from huying.scenarios.year_plan import ZONE

    if told is None:
        return timezone.now()
    try:
        day = date.fromisoformat(told)
    except ValueError as error:
        raise CommandError(f"{told} is not a day; write 2026-11-29.") from error
    end = datetime.combine(day, time(18), ZONE)
    if end > timezone.now():
        raise CommandError("A year ends in the past.")
    return end


def _reset(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import CommandError, progress, say
    from huying.scenarios import demo, demo_reset

    if not (options.yes or options.yes_really_all):
        _confirm(demo.cases_there())
    try:
        with progress("Deleting the demo"):
            cases, people = demo_reset.reset(timezone.now(), really_all=options.yes_really_all)
    except demo_reset.WrongState as error:
        others = error.extra.get("cases")
        raise CommandError(
            f"{error} {others} cases were reported by others; --yes-really-all deletes them too."
        ) from error
    say(f"{cases} cases and {people} people deleted.")
    return {"deleted_cases": cases, "deleted_people": people, **_load(options)}


def _confirm(cases: int) -> None:
    from huying.cli import CommandError

    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to ask; --yes says that the demo shall go.")
    sys.stderr.write(f"Delete {cases} cases of the demo and its people? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "是"):
        raise CommandError("Nothing was deleted.")


def text(result: dict[str, Any]) -> str:
    if "months" in result:
        return _said(result)
    lines = [
        f"{result['grids']} grids, {result['people']} people, {result['teams']} teams, "
        f"{result['cases_before'] + result['cases']} cases ({result['seconds']} s)"
    ]
    if result["accounts"]:
        lines += ["", "Accounts to sign in with; the passwords are shown this once:"]
        width = max(len(account["username"]) for account in result["accounts"])
        lines += [
            f"  {account['username']:<{width}}  {account['password']}  "
            f"{account['name']}  {'；'.join(account['posts'])}"
            for account in result["accounts"]
        ]
        lines += ["  A link for a new password: huying account reset NAME"]
    return "\n".join(lines)


def _said(result: dict[str, Any]) -> str:
    """What came of a year."""
    months = "  ".join(f"{month} {number}" for month, number in result["months"].items())
    return (
        f"{result['cases']} cases, {result['events']} events ({result['seconds']} s)\n"
        f"石碁镇: {result['shiqi']} matters, {result['closed_share']:.1%} closed, "
        f"{result['simple_in_a_day_share']:.1%} of the simple ones within 24 hours\n{months}"
    )
