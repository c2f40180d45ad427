"""Three hundred desks open at once: how soon an emergency stands on each that should see to it.

`huying serve` runs as it does anywhere, web and worker, with its own defaults. Every desk is a
signed-in session that asks over HTTP what its page would ask, while reports come in through the
interface, fifty a second. At random moments emergencies are reported; the time runs from the
moment the report is sent until the banner of a desk names it.
"""

from __future__ import annotations

import base64
import os
import random
import urllib.request
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from huying.benchmarks import http, load, openings, reports
from huying.benchmarks.bed import Bed
from huying.benchmarks.chromium import session_of
from huying.benchmarks.figures import Options, at_most, digits, percentile
from huying.benchmarks.filling import fill, people
from huying.benchmarks.scripts import answered
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from huying.people.models import Post

LIMIT_MS = 2000.0
GOAL = at_most(1.0)
INTAKE_PER_S = 50.0
KEPT_UP = 0.98
"""Of the intake's rate that must really have come through."""
WARM_S = 12.0
PATIENCE_S = 20.0
BEFORE_EACH = 12
"""Reports of each desk that wait already when it is opened."""
TABS = ("mine", "mine", "area")


def run(bed: Bed, options: Options) -> dict[str, Any]:
    people(bed)
    bed.copy("desks")
    bed.enter("desks")
    fill(bed, max(1, options.rows // 10), open_per_mille=91)
    secret = http.token()
    draw = random.Random(options.desks)  # noqa: S311 - the same each time, nothing secret
    seconds = 3.0 * options.rounds * options.seconds
    posts = chosen(options.desks)
    areas = sorted({post.area_code for post in posts})
    with bed.serve() as port:
        ordinary = _ordinary(2000)
        # Another system's reports: the limit on how often one may write is as always.
        before_all = http.token("benchmark before")
        _report_at_once(port, before_all, islice(cycle(ordinary), BEFORE_EACH * options.desks))
        desks = _desks(posts)
        count = max(3, round(seconds / 2))
        order = {
            "host": "127.0.0.1",
            "port": port,
            "roots": bed.roots(),
            "warm": min(WARM_S, seconds),
            "seconds": seconds,
            "patience": PATIENCE_S,
            "per_s": INTAKE_PER_S,
            "desks": desks,
            "reports": [
                _request(secret, reports.body(each, item=False))
                for each in islice(
                    cycle(ordinary), int(INTAKE_PER_S * (seconds + WARM_S + 2 * PATIENCE_S))
                )
            ],
            "emergencies": _emergencies(secret, areas, count, draw),
        }
        say(f"{len(desks)} desks open, {count} emergencies in {seconds:.0f} s")
        before = os.getloadavg()[0]
        got = answered(openings, order)
    bed.drop("desks")
    return _told(got, options, before)


def _told(got: dict[str, Any], options: Options, before: float) -> dict[str, Any]:
    """What is printed. An emergency that was never seen counts as seen when patience ended."""
    seen = sorted(PATIENCE_S * 1000 if ms is None else ms for ms in got["seen_ms"])
    after = sorted(ms for ms in got["seen_after_answer_ms"] if ms is not None)
    if not seen or not got["report_ms"]:
        raise CommandError(f"Nothing came in: {got['errors']}, {got['answers']}")
    p95 = percentile(seen, 0.95)
    rate, times = got["reports"] / got["seconds"], sorted(got["report_ms"])
    errors = sum(got["errors"].values())
    short = [
        *([f"seen by 95 % after {p95:.0f} ms only"] if p95 > LIMIT_MS else []),
        *([f"{rate:.1f} reports/s instead of {INTAKE_PER_S:.0f}"]
          if rate < INTAKE_PER_S * KEPT_UP else []),
        *([f"{errors} errors"] if errors else []),
    ]  # fmt: skip
    told = {
        "name": "desks",
        "unit": "ms",
        "ours": p95,
        "other": LIMIT_MS,
        "ratio": p95 / LIMIT_MS,
        "goal": GOAL.value,
        "goal_is": GOAL.is_,
        "met": not short,
        "desks": options.desks,
        "intake_per_s": rate,
        "p95_ms": p95,
        "p50_ms": percentile(seen, 0.5),
        "max_ms": seen[-1],
        "p95_after_answer_ms": percentile(after, 0.95) if after else None,
        "within_limit": sum(ms <= LIMIT_MS for ms in seen) / len(seen),
        "seen_share": len(after) / len(seen),
        "to_be_seen": len(seen),
        "emergencies": got["emergencies"],
        "seconds": got["seconds"],
        "requests_per_s": got["requests"] / got["seconds"],
        "report_p50_ms": percentile(times, 0.5),
        "report_p99_ms": percentile(times, 0.99),
        "load_cpu": got["cpu_share"],
        **{f"{name}_cpu": share for name, share in sorted(got["cpu_of"].items())},
        "load_before": before,
        "errors": errors,
    }
    return {
        **{key: digits(value) for key, value in told.items()},
        "short": short,
        "answers": {
            what: {"number": number, "p50_ms": digits(p50), "max_ms": digits(most)}
            for what, (number, p50, most) in got["answers"].items()
        },
        "failures": got["errors"],
    }


@dataclass(frozen=True, slots=True)
class Shares:
    """How many desks of each level are open."""

    district: int
    towns: int
    communities: int


def shares(desks: int) -> Shares:
    """Several people at the district's and at each town's desk, one at a community's.

    So an emergency is a matter of some sixteen of three hundred desks.
    """
    district = max(1, desks // 25)
    towns = max(1, desks * 16 // 100)
    return Shares(district, towns, max(1, desks - district - towns))


def chosen(desks: int) -> list[Post]:
    """The dispatchers' posts of the demo at which desks are open; some with several people."""
    from huying.people.models import Post

    found = Post.objects.filter(role="dispatcher").select_related("account").order_by("area_code")
    by_level: dict[int, list[Post]] = {6: [], 9: [], 12: []}
    for post in found:
        by_level[len(post.area_code)].append(post)
    how = shares(desks)
    step = max(1, len(by_level[12]) // how.communities)
    spread = by_level[12][::step]
    # The towns of the communities chosen come first: small runs too have all three levels of one.
    near = sorted(by_level[9], key=lambda post: post.area_code != spread[0].area_code[:9])
    return [
        *islice(cycle(by_level[6]), how.district),
        *islice(cycle(near), how.towns),
        *islice(cycle(spread), how.communities),
    ]


def _desks(posts: list[Post]) -> list[dict[str, Any]]:
    """Each a session of its own, on one of its post's lists; each third with a case beside it."""
    from huying.cases.models import Case

    desks = []
    for number, post in enumerate(posts):
        page = f"/desk/?tab={TABS[number % len(TABS)]}"
        if number % 3 == 1:
            of_area = Case.objects.open().filter(area_code__startswith=post.area_code)
            each_another = of_area.order_by("id")[number % 10 : number % 10 + 1]
            page += "".join(f"&case={case.number}" for case in each_another)
        name, key = session_of(post)
        desks.append({"page": page, "cookie": f"{name}={key}", "area": post.area_code})
    return desks


def _ordinary(count: int) -> list[reports.Sample]:
    """Reports without a word that raises an alarm."""
    from django.utils import timezone

    from huying.catalogue.versions import snapshot
    from huying.intake.reporting import alarming_words

    items = snapshot(timezone.now()).active
    return [
        each
        for each in reports.samples(count)
        if not any(alarming_words(each.text, item) for item in items)
    ]


def _emergencies(
    secret: str, areas: list[str], count: int, draw: random.Random
) -> list[dict[str, str]]:
    """Emergencies in communities at which a desk is open, in the words that an item names."""
    from django.utils import timezone

    from huying.catalogue.versions import snapshot
    from huying.intake.reporting import alarming_words

    items = [each for each in snapshot(timezone.now()).active if each.escalate_words]
    made = []
    for number in range(count):
        area, item = draw.choice([each for each in areas if len(each) == 12]), draw.choice(items)
        text = f"{item.example}，{item.escalate_words[0]}，第{number}次"
        if not alarming_words(text, item):
            raise CommandError(f"{text} raises no alarm")
        body = {"text": text, "address": f"大石路{number + 1}号", "area": area, "item": item.code}
        made.append({"area": area, "request": _request(secret, body)})
    return made


def _request(secret: str, body: dict[str, Any]) -> str:
    """A report with a key of its own, put together beforehand."""
    whole = http.request("/cases", secret, reports.as_json(body), keyed=True)
    return base64.b64encode(whole.replace(load.KEY, uuid4().hex.encode())).decode()


def _report_at_once(port: int, secret: str, samples: Any) -> None:
    """What waits on the desks when they are opened."""
    found = list(samples)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for start in range(0, len(found), 500):
        batch = [
            {"key": uuid4().hex, **reports.body(each, item=True)}
            for each in found[start : start + 500]
        ]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/cases/batch",
            data=reports.as_json({"reports": batch}),
            headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
        )
        with opener.open(request, timeout=60) as answer:
            answer.read()
