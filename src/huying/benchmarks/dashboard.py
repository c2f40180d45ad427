"""Dashboards with years of a district behind them: reading from sums, and what following costs.

Four measures: towns and states of a month from the sums against the same from the month's events;
reports over HTTP with the follower running against without it, in turns; the wall over HTTP; and a
recount of some cases, so that what was read is right.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter, sleep
from typing import Any, Final

from huying.benchmarks import dashboard_filling, reports
from huying.benchmarks import http as load
from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, figures, percentile
from huying.benchmarks.filling import people
from huying.cli import CommandError, say
from huying.clock.calendar import CIVIL_TZ

GOAL: Final = at_most(0.2)
INTAKE_GOAL: Final = 0.85
WALL_LIMIT_MS: Final = 300.0
CLIENTS: Final = 32
DISTRICT: Final = "440113"
SAMPLE: Final = 500
FOLLOW: Final = """
import os, sys
import django
django.setup()
from huying.assessment.following import Follower, behind_by
from huying.jobs import GIVES_WAY
behind_by()
os.nice(GIVES_WAY)
follower = Follower()
follower.start()
print("following", flush=True)
sys.stdin.read()
follower.stop()
"""
"""The follower as the worker runs it, until its standard input ends."""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    people(bed)
    bed.copy("dashboard")
    bed.enter("dashboard")
    now = datetime.now(UTC)
    how = dashboard_filling.fill(bed, options.cases, now)
    _recount()
    ours, raw, plain = [], [], []
    first, last = _month(now)
    for turn in range(-1, options.rounds):
        mine, found = _from_sums(first, last)
        theirs, expected = _from_events(first, last)
        table, _found = _from_cases(first, last)
        if found != expected or not found:
            raise CommandError("the sums say otherwise than the events")
        if turn >= 0:  # the round before the first only warms up
            ours.append(mine)
            raw.append(theirs)
            plain.append(table)
            say(f"dashboard {turn + 1}/{options.rounds}: {mine:.2f} ms, events {theirs:,.0f} ms")
    wall = _wall(bed, 1 + options.rounds)
    intake = _intake(bed, options)
    bed.drop("dashboard")
    return figures(
        "dashboard",
        "ms",
        ours,
        raw,
        GOAL,
        met=intake["intake_ratio"] >= INTAKE_GOAL and wall <= WALL_LIMIT_MS,
        rows=how.cases,
        case_table_ms=median(plain),
        wall_p95_ms=wall,
        wall_limit_ms=WALL_LIMIT_MS,
        intake_goal=INTAKE_GOAL,
        **intake,
    )


def _month(now: datetime) -> tuple[date, date]:
    """The last whole month."""
    last = now.astimezone(CIVIL_TZ).date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _from_sums(first: date, last: date) -> tuple[float, Counter[tuple[str, str]]]:
    from huying.assessment.present import states
    from huying.places.models import Level

    began = perf_counter()
    found = states(DISTRICT, first, last, Level.TOWN)
    took = (perf_counter() - began) * 1000
    return took, Counter(
        {(town, str(state)): n for town, each in found.items() for state, n in each.items()}
    )


_EVENTS: Final = """
SELECT left(r.data->>'area', 9), s.to_state, count(*)
FROM (SELECT case_id, data FROM case_event
      WHERE verb = 'report' AND at >= %(since)s AND at < %(until)s
      AND written_at >= %(since)s AND written_at < %(until)s) AS r
JOIN (SELECT DISTINCT ON (case_id) case_id, to_state FROM case_event
      WHERE written_at >= %(since)s ORDER BY case_id, seq DESC) AS s USING (case_id)
GROUP BY 1, 2
"""
_CASES: Final = """
SELECT left(area_code, 9), state, count(*) FROM "case"
WHERE received_at >= %(since)s AND received_at < %(until)s GROUP BY 1, 2
"""


def _from_events(first: date, last: date) -> tuple[float, Counter[tuple[str, str]]]:
    """Out of the months' tables of the log, from the month asked for on."""
    return _raw(_EVENTS, first, last)


def _from_cases(first: date, last: date) -> tuple[float, Counter[tuple[str, str]]]:
    return _raw(_CASES, first, last)


def _raw(statement: str, first: date, last: date) -> tuple[float, Counter[tuple[str, str]]]:
    from django.db import connection

    span = {
        "since": datetime.combine(first, time.min, CIVIL_TZ),
        "until": datetime.combine(last + timedelta(days=1), time.min, CIVIL_TZ),
    }
    with connection.cursor() as cursor:
        began = perf_counter()
        cursor.execute(statement, span)
        rows = cursor.fetchall()
        took = (perf_counter() - began) * 1000
    return took, Counter({(town, state): n for town, state, n in rows})


def _recount() -> None:
    """Some cases from their events, against their facts.

    Raises:
        CommandError: they differ.
    """
    from huying.assessment.models import CountedCase
    from huying.assessment.rechecking import facts_of_cases
    from huying.cases.models import Case

    some = list(
        Case.objects.raw(
            'SELECT id, last_seq FROM "case" TABLESAMPLE SYSTEM (%s) REPEATABLE (7) LIMIT %s',
            [max(0.01, min(100.0, 500_000 / max(CountedCase.objects.count(), 1))), SAMPLE],
        )
    )
    wrong = list(facts_of_cases({case.pk: case.last_seq for case in some}))
    if wrong or not some:
        raise CommandError(f"{len(wrong)} facts of {len(some)} cases are wrong: {wrong[:2]}")
    say(f"The facts of {len(some)} cases are those of a recount")


def _wall(bed: Bed, rounds: int) -> float:
    """Milliseconds of what a screen asks for, 95 of 100: the district's wall and each town's.

    Each is asked for again only when what was kept of it has grown old, so that none is answered
    from memory alone.
    """
    from huying.places.models import Division, Level
    from huying.wall.here import COOKIE
    from huying.wall.models import WallScreen
    from huying.wall.picture import LIVE_S
    from huying.wall.screens import digest_of

    now = datetime.now(UTC)
    places = [DISTRICT, *Division.objects.filter(level=Level.TOWN).values_list("code", flat=True)]
    for place in places:
        WallScreen.objects.create(
            name=place,
            district_code=DISTRICT,
            area_code=place,
            digest=digest_of(f"hyw_{place}"),
            hint="hyw_",
            made_at=now,
            expires_at=now + timedelta(days=1),
        )
    took: list[float] = []
    with bed.web() as port:
        for turn in range(rounds):
            began = perf_counter()
            for place in places:
                headers = {"Cookie": f"{COOKIE}=hyw_{place}"}
                took.append(_get(port, "/wall" if turn == 0 else "/wall/now", headers))
            sleep(max(0.0, LIVE_S + 0.2 - (perf_counter() - began)))
    say(f"wall: {', '.join(f'{ms:.0f}' for ms in sorted(took)[-6:])} ms the slowest")
    return percentile(sorted(took), 0.95)


def _get(port: int, path: str, headers: dict[str, str]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    began = perf_counter()
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    took = (perf_counter() - began) * 1000
    connection.close()
    if response.status != 200 or len(body) < 500:
        raise CommandError(f"{path} answered {response.status}")
    return took


@contextmanager
def _following(bed: Bed) -> Iterator[None]:
    environment = {
        **os.environ,
        "HUYING_HOME": str(bed.home),
        "DATABASE_URL": bed.url(),
        "DJANGO_SETTINGS_MODULE": "huying.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOW],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise CommandError("the follower did not begin")
        yield
    finally:
        process.stdin.close()
        process.wait(30)


def _intake(bed: Bed, options: Options) -> dict[str, Any]:
    """Reports a second with the follower and without, in turns; how far it was behind."""
    from huying.assessment.following import behind_by, follow
    from huying.assessment.models import CountedCase

    secret = load.token()
    requests = [
        load.request("/cases", secret, reports.as_json(reports.body(each, item=False)), keyed=True)
        for each in reports.samples(2000)
    ]
    rates: dict[bool, list[float]] = {True: [], False: []}
    behind: list[float] = []
    caught_up: list[float] = []
    counted = 0
    with bed.web() as port:
        load.run(port, requests, connections=CLIENTS, seconds=min(2.0, options.seconds))
        for turn in range(options.rounds):
            for with_it in (turn % 2 == 0, turn % 2 == 1):
                follow()  # what the other turn left would be this one's burden
                before = CountedCase.objects.count()
                if with_it:
                    with _following(bed):
                        rates[True].append(_rate(port, requests, options.seconds))
                        late = behind_by()
                        behind.append(0.0 if late is None else late.total_seconds())
                        caught_up.append(_caught_up())
                        counted += CountedCase.objects.count() - before
                else:
                    rates[False].append(_rate(port, requests, options.seconds))
            say(
                f"intake {turn + 1}/{options.rounds}: {rates[True][-1]:,.0f} reports/s with the "
                f"follower, {rates[False][-1]:,.0f} without; {behind[-1]:.1f} s behind"
            )
    if not counted:
        raise CommandError("nobody followed")
    return {
        "intake_ratio": median(rates[True]) / median(rates[False]),
        "intake_on": median(rates[True]),
        "intake_off": median(rates[False]),
        "followed": counted,
        "behind_s": max(behind),
        "caught_up_s": max(caught_up),
    }


def _caught_up() -> float:
    """Seconds until the follower has counted what came in.

    Raises:
        CommandError: it has not after two minutes.
    """
    from huying.assessment.following import behind_by

    began = perf_counter()
    while behind_by():
        if perf_counter() - began > 120:
            raise CommandError("the follower does not catch up")
        sleep(0.1)
    return perf_counter() - began


def _rate(port: int, requests: list[bytes], seconds: float) -> float:
    done = load.run(port, requests, connections=CLIENTS, seconds=seconds)
    return done.answers / done.seconds
