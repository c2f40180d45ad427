"""A district's traffic on a machine: an ordinary day's, twice that, and everybody back at once.

`huying serve` runs as it does anywhere, web and worker, with its own defaults, over a million
cases. Who sends: 2,343 grid workers' phones, 300 desks with handlers and checkers, residents, and
a connected system. Meanwhile its memory and its tables are looked at. Afterwards the cases that the
server said it had taken are counted in the database: what is not there is lost, what is there and
nobody asked for is doubled.
"""

from __future__ import annotations

import base64
import io
from collections import Counter
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from huying.benchmarks import arrivals, course, http, reports
from huying.benchmarks.bed import Bed
from huying.benchmarks.chromium import session_of
from huying.benchmarks.desks import chosen
from huying.benchmarks.figures import Options, at_most, digits, percentile
from huying.benchmarks.filling import fill, people
from huying.benchmarks.scripts import answered
from huying.benchmarks.tracks import workers
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from huying.people.models import Post

PER_S: Final = 160.0
"""Of a district with so many at work as `WORKERS`; a smaller one sends as much less."""
WORKERS: Final = 2343
PEAK: Final = 2.0
"""How much more comes at the peak."""
BACK_WITHIN_S: Final = 60.0
DRAINED_WITHIN_S: Final = 300.0
PHONES: Final = "phones"
QUEUED: Final = 10
"""What waits on each phone: four reports with a photo, each settled, and two stretches walked."""
P95_MS: Final = 500.0
P99_MS: Final = 2000.0
ERRORS: Final = 0.001
KEPT_UP: Final = 0.98
GOAL = at_most(1.0)
WARM_S: Final = 120.0
"""So long half of it comes before: until each connection has its plans and the lines are drawn."""
ITEM: Final = "0303"
"""Guidance and errands: evidence of its end is a position and a form."""
SETTLED: Final = "0101"
"""Who lives where: the same evidence, and a grid worker may settle it on the spot."""
BEFORE_S: Final = 600.0
"""Longest that may be waited for besides what was ordered, before the load is ended."""
CASTS: Final = 60
EACH: Final = 24
"""Requests of each kind whose cost is measured before the load."""
OPEN_PER_MILLE: Final = 30
JSON: Final = "Content-Type: application/json\r\n"
KEYED: Final = f"Idempotency-Key: {{key}}\r\n{JSON}"
BY_ITSELF: Final = "X-Background: 1\r\n"
"""What a phone's outbox says, and a page that asks: nobody's click, after which one is not idle."""
SPOT: Final = '"position":{"lon":{there_lon},"lat":{there_lat},"datum":"wgs84","accuracy_m":12}'
BOUNDARY: Final = "huying-photo"


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case

    people(bed)
    bed.copy("pressed")
    bed.enter("pressed")
    fill(bed, options.rows, open_per_mille=OPEN_PER_MILLE)
    _all_followed()
    _all_gathered()
    phones = [
        {"who": _head(cookie, token), **spot}
        for (cookie, token), spot in zip(
            workers(options.workers), _own_spots(options.workers), strict=True
        )
    ]
    phases = _phases(phones, options)
    order: dict[str, Any] = {
        "host": "127.0.0.1",
        "seed": 440113,
        "photos": [base64.b64encode(each).decode() for each in _photos()],
        "kinds": _kinds(phones, options),
        "phases": phases,
    }
    cases = Case.objects.count()
    wanted = sum(phase.get("seconds", phase.get("within", 0.0)) for phase in phases)
    with bed.serve({"HUYING_PROXIES": "127.0.0.1"}) as port:
        say(
            f"{_per_s(options):.0f} requests/s for {options.minutes:g} minutes, "
            f"{PEAK * _per_s(options):.0f} for {options.peak_minutes:g}, "
            f"then {len(phones)} phones with {QUEUED} things each"
        )
        with course.looking(bed) as looks:
            got: list[dict[str, Any]] = answered(
                arrivals,
                order | {"port": port, "roots": bed.roots()},
                within=wanted + DRAINED_WITHIN_S + BEFORE_S,
            )
    told = _told(got, options, lost_and_doubled=_counted(got, cases))
    bed.drop("pressed")
    if options.picture is not None:
        options.picture.write_text(course.draw(looks, _begun(got, looks)), "utf-8")
    return told | {"looks": looks}


def _all_followed() -> None:
    """The sums have followed all that was there, as they have long ago in a place of this size."""
    from django.db import transaction

    from huying.assessment.statements import ask, do

    with transaction.atomic():
        do("begin")
        ((xid, now, system),) = ask("moment")
        do("move", {"xid": xid, "system": system, "now": now, "sweep_after": None})


def _all_gathered() -> None:
    """The topics of all that was there stand, likewise."""
    from django.utils import timezone

    from huying.topics.building import build

    began = perf_counter()
    made = build(now=timezone.now())
    say(f"{made:,} topics gathered in {perf_counter() - began:,.0f} s")


def _begun(got: list[dict[str, Any]], looks: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Names of the phases, and the seconds after the first look at which each began."""
    first = datetime.fromisoformat(looks[0]["at"]).timestamp()
    return [(each["name"], max(0.0, each["began_at"] - first)) for each in got]


def _per_s(options: Options) -> float:
    return PER_S * options.workers / WORKERS


def _phases(phones: list[dict[str, str]], options: Options) -> list[dict[str, Any]]:
    # So few phones as there are in a small run come back in as much less time.
    within, per_s = BACK_WITHIN_S * min(1.0, len(phones) / 300), _per_s(options)
    return [
        {"name": "each", "times": EACH if options.minutes >= 1 else 1},
        {"name": "warm", "per_s": per_s / 2, "seconds": min(WARM_S, options.minutes * 30)},
        {"name": "sustained", "per_s": per_s, "seconds": options.minutes * 60},
        {"name": "peak", "per_s": PEAK * per_s, "seconds": options.peak_minutes * 60},
        {
            "name": "reconnect",
            "phones": phones,
            "queue": QUEUE,
            "within": within,
            "patience": DRAINED_WITHIN_S,
            # The phones' own part of the traffic is on its way already: it is they who come back.
            "without": PHONES,
            "per_s": per_s,
        },
    ]


def _step(kind: str, line: str, head: str, body: str = "", takes: str = "") -> dict[str, str]:
    return {"kind": kind, "line": line, "head": head, "body": body, "takes": takes}


def _get(kind: str, path: str, *, by_itself: bool = False) -> dict[str, str]:
    own = BY_ITSELF if by_itself else ""
    return _step(kind, f"GET {path}", f"{{who}}Accept-Encoding: gzip\r\n{own}")


def _verb(name: str, mark: str, body: str = "{}") -> dict[str, str]:
    return _step(name, f"POST /api/v1/cases/{{number}}/verbs/{name}", mark + KEYED, body)


_TRACK = _step(
    "track",
    "POST /field/track",
    "{who}Content-Type: application/json\r\n",
    '{"points":[[{now},{lon},{lat},8]]}',
)
_PHOTO = _step(
    "photo",
    "POST /api/v1/attachments",
    f"{{who}}Idempotency-Key: {{key}}\r\n{BY_ITSELF}"
    f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n",
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nphoto_before\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    f"Content-Type: image/jpeg\r\n\r\n{{picture}}\r\n--{BOUNDARY}--\r\n",
    "photo",
)
_REPORT = _step(
    "report", "POST /api/v1/cases", f"{{who}}{BY_ITSELF}{KEYED}",
    '{"text":"三巷6号301房新搬来一家三口，居住证未办。","item":"' + SETTLED + '",'
    '"photos":["{photo}"],'
    + SPOT + "}",
    "number",
)  # fmt: skip
_SETTLE = _verb(
    "settle", f"{{who}}{BY_ITSELF}",
    '{"item":"' + SETTLED + '","result":"已上门登记三人，说明了居住证怎样办。",'
    '"form":"变更类型：迁入；登记人数：3",'
    '"lon":{there_lon},"lat":{there_lat}}',
)  # fmt: skip


QUEUE = [
    [_get("who", "/field/who", by_itself=True)],
    *[[_PHOTO, _REPORT, _SETTLE]] * 4,
    [_TRACK],
    [_TRACK],
    [_get("field data", "/field/data", by_itself=True)],
]
"""What a phone does when it has signal again: asks who it is, sends, and fetches the news."""


def _kinds(phones: list[dict[str, str]], options: Options) -> list[dict[str, Any]]:
    """Who sends what, in hundredths of all requests."""
    desks = [
        {"who": _signed_in(post), "case": case}
        for post, case in _beside(chosen(options.desks))
    ]  # fmt: skip
    residents = [{"who": "X-Forwarded-For: {ip}\r\n"}]
    secret = f"Authorization: Bearer {http.token()}\r\n"
    words = [
        {"who": "X-Forwarded-For: {ip}\r\n", "words": each}
        for each in ("%E8%B7%AF%E7%81%AF%E5%9D%8F%E4%BA%86", "%E7%85%A4%E6%B0%94%E5%91%B3",
                     "%E5%9E%83%E5%9C%BE%E6%B2%A1%E4%BA%BA%E6%B8%85")
    ]  # fmt: skip
    taken = [
        {"who": secret, "body": reports.as_json(reports.body(each, item=False)).decode()}
        for each in reports.samples(500)
    ]
    of_desk = [
        (7, _get("queue, drawn", "/desk/?tab=mine&rows=1", by_itself=True)),
        (3, _get("queue, opened", "/desk/?tab=area")),
        (4, _get("case", "/desk/cases/{case}")),
        (6, _get("case, anything new", "/desk/cases/{case}/pulse", by_itself=True)),
        (6, _get("bell", "/desk/inbox/news?known=", by_itself=True)),
        (2, _get("search", "/desk/?tab=area&q=%E5%85%B4%E4%B8%9A%E5%A4%A7%E9%81%93")),
        (1, _get("map", "/desk/map/cases.json?box=113.35,22.9,113.45,23.0&zoom=13")),
    ]
    of_phone = [
        (30, _TRACK),
        (3, _get("who", "/field/who", by_itself=True)),
        (4, _get("field data", "/field/data", by_itself=True)),
    ]
    of_resident = [
        (2, _get("public form", "/report")),
        (2, _get("what was done", "/done")),
        (2, _get("public hints", "/report/hints?text={words}")),
    ]
    return [
        *(_kind(share, [step], desks) for share, step in of_desk),
        *(_kind(share, [step], phones, PHONES) for share, step in of_phone),
        *(_kind(share, [step], words if "{words}" in step["line"] else residents)
          for share, step in of_resident),
        _kind(6, [_step("report, other system", "POST /api/v1/cases", f"{{who}}{KEYED}",
                        "{body}", "number")], taken),
        _kind(10, [_PHOTO, _REPORT, _SETTLE], phones, PHONES),
        _kind(12, _life(), _casts(secret)),
    ]  # fmt: skip


def _kind(
    share: float, steps: list[dict[str, str]], casts: list[dict[str, str]], by: str = ""
) -> dict[str, Any]:
    return {"share": share, "steps": steps, "casts": casts, "by": by}


def _life() -> list[dict[str, str]]:
    """One case from report to close, by everybody whom it takes."""
    ended = (
        '{"result":"已上门代办，材料齐全。","form":"代办事项：年审；办理结果：已受理",'
        '"lon":{there_lon},"lat":{there_lat}}'
    )
    told = (
        '{"text":"六巷陈婆婆不会用手机，想请人代办高龄津贴年审。","item":"' + ITEM + '",'
        '"position":{"lon":{there_lon},"lat":{there_lat},"datum":"wgs84","accuracy_m":12}}'
    )
    return [
        _step("report, other system", "POST /api/v1/cases", f"{{system}}{KEYED}", told, "number"),
        _verb("accept", "{dispatcher}"),
        _verb("dispatch", "{dispatcher}", '{"unit":{unit}}'),
        _verb("sign_for", "{handler}"),
        _verb("arrive", "{handler}", '{"lon":{there_lon},"lat":{there_lat}}'),
        _verb("handle", "{handler}", ended),
        _verb("check_pass", "{checker}"),
        _verb("close", "{dispatcher}"),
    ]


def _casts(secret: str) -> list[dict[str, str]]:
    """Villages with a dispatcher and a department of their own; a checker of the town; a spot."""
    import shapely

    from huying.people.models import Post, Role
    from huying.places import locating

    posts = Post.objects.select_related("account", "unit").order_by("id")
    handlers = {
        post.unit.area_code: post
        for post in posts.filter(role=Role.HANDLER, unit__kind="department")
        if post.unit is not None and len(post.unit.area_code) == 12
    }
    dispatchers = {post.area_code: post for post in posts.filter(role=Role.DISPATCHER)}
    checkers = {post.area_code: post for post in posts.filter(role=Role.CHECKER)}
    locating.refresh()
    index = locating.index()
    spots = dict(zip(index.codes, index.outlines, strict=True))
    grids = {code[:12]: code for code in sorted(spots, reverse=True)}
    there = sorted(handlers.keys() & dispatchers.keys() & grids.keys())
    villages = [village for village in there if village[:9] in checkers]
    made = []
    for village in villages[:: max(1, len(villages) // CASTS)]:
        spot = shapely.point_on_surface(spots[grids[village]])
        made.append(
            {
                "system": secret,
                "dispatcher": _signed_in(dispatchers[village]),
                "handler": _signed_in(handlers[village]),
                "checker": _signed_in(checkers[village[:9]]),
                "unit": str(handlers[village].unit_id),
                "there_lon": f"{spot.x:.6f}",
                "there_lat": f"{spot.y:.6f}",
            }
        )
    if not made:
        raise CommandError("no village has a dispatcher and a department")
    return made


def _own_spots(number: int) -> list[dict[str, str]]:
    """A spot within the grid of each of the workers, in the order of `tracks.workers`."""
    import shapely

    from huying.people.models import Post, Role
    from huying.places import locating

    locating.refresh()
    index = locating.index()
    spots = dict(zip(index.codes, shapely.point_on_surface(index.outlines), strict=True))
    posts = Post.objects.filter(role=Role.GRID_WORKER).order_by("id")
    found = [spots[code] for code in posts.values_list("area_code", flat=True)[:number]]
    return [{"there_lon": f"{spot.x:.6f}", "there_lat": f"{spot.y:.6f}"} for spot in found]


def _beside(posts: list[Post]) -> list[tuple[Post, str]]:
    """Each desk with an open case of its area."""
    from huying.cases.models import Case

    found = []
    for number, post in enumerate(posts):
        of_area = Case.objects.open().filter(area_code__startswith=post.area_code)
        case = of_area.order_by("id").values_list("number", flat=True)[
            number % 10 : number % 10 + 1
        ]
        found += [(post, each) for each in case]
    if not found:
        raise CommandError("no desk has an open case")
    return found


def _signed_in(post: Post) -> str:
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string

    name, key = session_of(post)
    token = _get_new_csrf_string()
    return _head(f"{name}={key}; {settings.CSRF_COOKIE_NAME}={token}", token)


def _head(cookie: str, token: str) -> str:
    return f"Cookie: {cookie}\r\nX-CSRFToken: {token}\r\n"


def _photos() -> list[bytes]:
    """Four pictures of the size that a phone sends: 1600 pixels wide, some 150 kB."""
    import numpy as np
    from PIL import Image

    draw, made = np.random.default_rng(7), []
    for _each in range(4):
        coarse = Image.fromarray(draw.integers(0, 255, (60, 80, 3), dtype=np.uint8))
        target = io.BytesIO()
        coarse.resize((1600, 1200), Image.Resampling.BICUBIC).save(target, "JPEG", quality=80)
        made.append(target.getvalue())
    return made


def _counted(got: list[dict[str, Any]], before: int) -> tuple[int, int]:
    """Cases that were taken and are not there, and that are there and nobody was told of.

    A report that was not answered, or so that it may have been kept, may have made one of which
    nobody was told: it is not counted as doubled. One that was refused has made none.
    """
    from huying.cases.models import Case

    numbers = [number for phase in got for number in phase["numbers"]]
    there = set(Case.objects.filter(number__in=numbers).values_list("number", flat=True))
    unsure = sum(phase["unsure"] for phase in got)
    lost = len(set(numbers) - there) + sum(n - 1 for n in Counter(numbers).values())
    return lost, max(0, Case.objects.count() - before - len(there) - unsure)


def _told(
    got: list[dict[str, Any]], options: Options, *, lost_and_doubled: tuple[int, int]
) -> dict[str, Any]:
    """What is printed: the phases that were measured, together and each."""
    each, *pressed = got
    phases = {phase["name"]: _phase(phase) for phase in pressed if phase["name"] != "warm"}
    measured = [phase for phase in pressed if phase["name"] in ("sustained", "peak")]
    took = sorted(ms for phase in measured for each in phase["took_ms"].values() for ms in each)
    sent = sum(phase["sent"] for phase in measured)
    errors = sum(phases[phase["name"]]["errors"] for phase in measured)
    seconds = sum(phase["seconds"] for phase in measured)
    p95, p99 = percentile(took, 0.95), percentile(took, 0.99)
    lost, doubled = lost_and_doubled
    back = phases["reconnect"]
    others = back["errors"] - back["phones_errors"]
    short = [
        *([f"95 % within {p95:.0f} ms only"] if p95 > P95_MS else []),
        *([f"99 % within {p99:.0f} ms only"] if p99 > P99_MS else []),
        *([f"{errors} errors of {sent}"] if errors > ERRORS * sent else []),
        *([f"{back['phones_errors']} errors of phones"] if back["phones_errors"] else []),
        *([f"{others} errors of others while phones came back"]
          if others > ERRORS * back["sent"] else []),
        *([f"{back['phones_left']} things left on phones"] if back["phones_left"]
          else [f"drained after {back['drained_s']:.0f} s"]
          if back["drained_s"] > DRAINED_WITHIN_S else []),
        *([f"{lost} lost, {doubled} doubled"] if lost or doubled else []),
        *(f"{phase['name']}: {phase['sent'] / phase['seconds']:.0f} requests/s only"
          for phase in measured
          if phase["sent"] / phase["seconds"] < KEPT_UP * phase["wanted_per_s"]
          and options.minutes >= 1),
    ]  # fmt: skip
    return {
        "name": "load",
        "unit": "ms p95",
        "ours": digits(p95),
        "other": P95_MS,
        "ratio": digits(p95 / P95_MS),
        "goal": GOAL.value,
        "goal_is": GOAL.is_,
        "met": not short,
        "minutes": options.minutes,
        "rows": options.rows,
        "sent": sent,
        "per_s": digits(sent / seconds),
        "p50_ms": digits(percentile(took, 0.5)),
        "p95_ms": digits(p95),
        "p99_ms": digits(p99),
        "errors": errors,
        "generator_share": digits(max(phase["generator_share"] for phase in measured)),
        "drained_s": back["drained_s"],
        "lost": lost,
        "doubled": doubled,
        "unsure": sum(phase["unsure"] for phase in got),
        "short": short,
        "cost_ms": {
            kind: {name: digits(ms) for name, ms in cost.items()}
            for kind, cost in sorted(each["cost_ms"].items())
        },
        "phases": phases,
    }


def _phase(phase: dict[str, Any]) -> dict[str, Any]:
    took = sorted(ms for each in phase["took_ms"].values() for ms in each)
    told = {
        "seconds": digits(float(phase["seconds"])),
        "sent": phase["sent"],
        "per_s": digits(phase["sent"] / phase["seconds"]),
        "p50_ms": digits(percentile(took, 0.5)),
        "p95_ms": digits(percentile(took, 0.95)),
        "p99_ms": digits(percentile(took, 0.99)),
        "max_ms": digits(took[-1]),
        "errors": sum(n for each in phase["errors"].values() for n in each.values()),
        "again": phase["again"],
        "generator_share": digits(phase["generator_share"]),
        "cpu": {name: digits(share) for name, share in phase["cpu"].items()},
        "kinds": {
            kind: {
                "number": len(each),
                "p50_ms": digits(percentile(sorted(each), 0.5)),
                "p95_ms": digits(percentile(sorted(each), 0.95)),
            }
            for kind, each in sorted(phase["took_ms"].items())
        },
        "failures": phase["errors"],
    }
    more = ("phones", "phones_left", "phones_errors", "drained_s")
    return told | {name: phase[name] for name in more if name in phase}
