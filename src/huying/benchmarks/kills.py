"""Kills web, worker and database at random moments under load, and counts what is not there after.

`huying serve` runs with a database of its own, as it does anywhere. Clients report, upload photos
and take cases the whole way, each write under a key and sent again until it is answered; another
system is sent every event. Meanwhile one process after the other is killed (SIGKILL), some while
others are still coming back; after every fourth one is told to end instead (SIGTERM), each kind in
turn. In the end everything that was answered must be there, once.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from huying.benchmarks.bed import Bed
from huying.benchmarks.errands import Caller, Cast, Client, Told
from huying.benchmarks.killing import BACKEND, HOW_OFTEN, SERVER, WEB, WORKER, Kill, Victims
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from procrastinate.contrib.django.models import ProcrastinateJob

CLIENTS: Final = 6
TOGETHER: Final = 0.25
"""Share of kills that come while what was killed before is still coming back."""
EACH: Final = 4
"""After so many kills one process is told to end."""
TURNS: Final = (WEB, WORKER, SERVER, BACKEND)
RECOVERY_S: Final = 60.0
"""So long it may take until all of it answers again."""
PATIENCE_S: Final = 300.0
"""So long it is waited for, so that one that takes too long is counted and not the end of it."""
DRAIN_S: Final = 180.0

ENVIRONMENT: Final = {
    "HUYING_UNDO_SECONDS": "0",
    "HUYING_WEBHOOK_NETWORKS": "127.0.0.1/32",
    "HUYING_WEBHOOK_PER_MINUTE": "1000000",
    "HUYING_OUTSIDE_TIMEOUT_SECONDS": "2",
    "HUYING_OUTSIDE_FIRST_WAIT_SECONDS": "1",
    "HUYING_WORKER_SILENT_SECONDS": "6",
    "HUYING_API_WRITES_PER_MINUTE": "10000000",
}
"""What would only make the end of a run take longer, and a limit that is there to refuse load."""


@dataclass
class Received:
    """What the other system got: for each event the ids of its messages, and how many came."""

    messages: dict[str, set[str]] = field(default_factory=dict)
    deliveries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Verdict:
    """What is not there, and what is there more than once, by name."""

    lost: list[str]
    doubled: list[str]


def run(bed: Bed, kills: int, seed: int) -> dict[str, Any]:
    """Kills so many, or until Ctrl-C, and counts.

    Raises:
        CommandError: it did not start, or did not come back in time.
    """
    from django.db import connections

    from huying import durable
    from huying.audit import verifying
    from huying.benchmarks.filling import people

    people(bed)
    cast, told, received = _cast(), Told(), Received()
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    took: list[float] = []
    done: list[Kill] = []
    said, load_before = 0, os.getloadavg()[0]
    with receiver(received) as url, interrupted() as enough:
        _subscribe(url)
        connections.close_all()
        with bed._running(["-m", "huying", "serve"], {}) as port:
            assert bed.serving is not None
            victims = Victims(bed.serving, bed.home)
            _until(victims.whole, PATIENCE_S, "web and worker did not start")
            clients = [Client(port, cast, told, number, seed) for number in range(CLIENTS)]
            # One whole life in peace tells which notices a life leaves behind.
            first = clients[0].report([])
            if first is None or not clients[0].life(first):
                raise CommandError(f"nothing can be done at all: {told.refused or told.stuck}")
            kinds = _in_peace(first)
            connections.close_all()
            for each in clients:
                each.start()
            while not enough.is_set():
                killed = _killed(done)
                told_to = len(done) - killed
                turn = TURNS[told_to % len(TURNS)] if killed // EACH > told_to else None
                if turn is None and killed >= kills:
                    break
                time.sleep(chance.uniform(0.02, 0.5))
                second = chance.random() < TOGETHER and killed + (turn is None) < kills
                took.append(_one(victims, port, chance, done, turn, second=second))
                if _killed(done) // 10 > said:
                    said = _killed(done) // 10
                    say(
                        f"kills {_killed(done)}/{kills}: {told.acknowledged} answered, "
                        f"back after {median(took):.1f} s, {max(took):.1f} at most"
                    )
            for each in clients:
                each.stopping.set()
            for each in clients:
                each.join()
            drained = _drain(victims)
            connections.close_all()
    durable.keep(bed.home)  # whoever held it last may have been killed a moment ago
    connections.close_all()
    verdict = judge(told, received, kinds)
    chain = verifying.verify()
    return {
        "ok": not (verdict.lost or verdict.doubled or told.refused or told.stuck)
        and drained["left"] == 0
        and max(took) <= RECOVERY_S
        and chain.as_json()["ok"],
        "asked": kills,
        "kills": _killed(done),
        "of": dict(Counter(each.what for each in done if each.signal == signal.SIGKILL)),
        "signals": dict(sorted(Counter(each.name for each in done).items())),
        "acknowledged": told.acknowledged,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "chain": "ok" if chain.as_json()["ok"] else "broken",
        "recovery_s": {
            "median": round(median(took), 2),
            "max": round(max(took), 2),
            "late": sum(each > RECOVERY_S for each in took),
        },
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        "lives": len(told.lives),
        "photos": len(told.photos),
        "deliveries": received.deliveries,
        "replayed": told.replayed,
        "sent_again": dict(told.statuses),
        "refused": len(told.refused),
        "stuck": len(told.stuck),
        "jobs": drained,
        "seed": seed,
        "which": [*verdict.lost, *verdict.doubled, *told.refused, *told.stuck][:20],
    }


def _killed(done: list[Kill]) -> int:
    """How many were killed; those that were told to end are none."""
    return sum(each.signal == signal.SIGKILL for each in done)


def _one(
    victims: Victims,
    port: int,
    chance: random.Random,
    done: list[Kill],
    turn: str | None,
    *,
    second: bool,
) -> float:
    """Ends one, and kills a second meanwhile or not; the seconds until all answer again.

    Args:
        turn: the kind of which one is told to end; else one of any kind is killed.
    """
    kinds, weights = list(HOW_OFTEN), list(HOW_OFTEN.values())

    def end() -> Kill | None:
        if turn is not None:
            return victims.kill(turn, chance, told=True)
        return victims.kill(chance.choices(kinds, weights)[0], chance)

    while (one := end()) is None:
        time.sleep(0.05)
    done.append(one)
    second_at = time.monotonic() + chance.uniform(0.05, 1.5)
    ends = one.at + PATIENCE_S
    while time.monotonic() < ends:
        time.sleep(0.1)
        if second and time.monotonic() >= second_at:
            other = victims.kill(chance.choices(kinds, weights)[0], chance)
            done += [other] if other else []
            second = False
        elif not second and not one.lingers() and victims.whole() and _healthy(port):
            return time.monotonic() - one.at
    raise CommandError(f"it did not come back within {PATIENCE_S:g} s after {one.name}")


def _healthy(port: int) -> bool:
    from huying.cli.serve import answers

    return answers(f"http://127.0.0.1:{port}/healthz")


def _until(
    what: Callable[[], Any], seconds: float, otherwise: str, more: Callable[[], str] = str
) -> None:
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            raise CommandError(f"{otherwise} within {seconds:g} s {more()}".rstrip())
        time.sleep(0.1)


@contextmanager
def interrupted() -> Iterator[threading.Event]:
    """Set by Ctrl-C: an hour of killing is not for nothing, what was done is counted."""
    enough = threading.Event()
    before = signal.signal(signal.SIGINT, lambda number, frame: enough.set())
    try:
        yield enough
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def receiver(received: Received) -> Iterator[str]:
    """Another system on this machine that takes every event; gives its address."""

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with received.lock:
                received.messages.setdefault(event["id"], set()).add(self.headers["webhook-id"])
                received.deliveries += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _subscribe(url: str) -> None:
    from huying.notices import signing
    from huying.notices.models import Subscription

    now = datetime.now(UTC)
    row = Subscription(name="kills", url=url, area_code="440113", told_until=now, created_at=now)
    signing.give_secret(row)
    row.save()


def _cast() -> Cast:
    """The demo's people who take a case the whole way, each with a session, and a system."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string

    from huying.api import tokens
    from huying.benchmarks.chromium import session_of
    from huying.benchmarks.lifecycle import cast
    from huying.people.models import Post

    who = cast()

    def session(post_id: int | None) -> Caller:
        assert post_id is not None  # each of them acts on a post
        token = _get_new_csrf_string()
        name, key = session_of(Post.objects.select_related("account").get(pk=post_id))
        cookie = f"{name}={key}; {settings.CSRF_COOKIE_NAME}={token}"
        return Caller({"Cookie": cookie, "X-CSRFToken": token})

    now = datetime.now(UTC)
    system = tokens.connect("kills", role="dispatcher", area_code="440113", now=now)
    secret = tokens.issue(system, scopes=["report", "attach"], days=2, now=now)[1]
    return Cast(
        system=Caller({"Authorization": f"Bearer {secret}"}),
        dispatcher=session(who.dispatcher.post_id),
        handler=session(who.handler.post_id),
        checker=session(who.checker.post_id),
        unit=who.unit,
        lon=who.lon,
        lat=who.lat,
    )


def _in_peace(number: str) -> dict[str, int]:
    """How many notices of each kind a whole life leaves behind, once all jobs are done."""
    from huying.cases.models import Case
    from huying.notices.models import Notice

    _until(lambda: _waiting() == 0, PATIENCE_S, "the jobs of a life were not done", _open_jobs)
    case = Case.objects.values_list("pk", flat=True).get(number=number)
    return dict(Counter(Notice.objects.filter(case_id=case).values_list("kind", flat=True)))


def _to_be_done() -> QuerySet[ProcrastinateJob]:
    """Jobs that are still to be done, but for periodic work."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    open_ = ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"])
    return open_.exclude(task_name__startswith="recurring.")


def _waiting() -> int:
    return _to_be_done().count()


def _open_jobs() -> str:
    """Names of jobs that are not done, how they stand and how often each was tried."""
    rows = _to_be_done().values_list("task_name", "status", "attempts")
    return ", ".join(f"{name}: {status} ({tries})" for name, status, tries in rows[:10])


def _drain(victims: Victims) -> dict[str, Any]:
    """Waits until no job and no message is left, or until they get no fewer for `DRAIN_S`.

    Returns:
        How many are left, which jobs are, how many jobs were given up, and of which tasks.
    """
    from django.db import DatabaseError, InterfaceError, connections
    from procrastinate.contrib.django import app

    from huying import jobs
    from huying.cases import publishing
    from huying.cases.deferring import waiting_time
    from huying.notices.models import Outgoing

    app.perform_import_paths()  # what is published wakes a job, which must be known here too
    quiet_at = time.monotonic() + waiting_time().total_seconds() + 0.5
    ends, left, fewest = time.monotonic() + DRAIN_S, -1, float("inf")
    while time.monotonic() < ends:
        try:
            publishing.publish(now=datetime.now(UTC))
            messages = Outgoing.objects.filter(state=Outgoing.State.WAITING).count()
            left = _waiting() + messages
            if left < fewest:
                fewest, ends = left, time.monotonic() + DRAIN_S
            if left == 0 and time.monotonic() > quiet_at and victims.whole():
                break
        except (DatabaseError, InterfaceError):
            connections.close_all()
        time.sleep(0.5)
    given_up = Counter(jobs.dead().values_list("task_name", flat=True))
    dead = {"dead": given_up.total(), "dead_of": dict(given_up)}
    return {"left": left, "open": _open_jobs(), **dead}


def judge(told: Told, received: Received, kinds: dict[str, int]) -> Verdict:
    """Holds what was answered against what is there.

    Args:
        kinds: how many notices of each kind a whole life leaves behind.
    """
    from huying.audit.sm3 import sm3
    from huying.cases.attaching import file_of
    from huying.cases.models import Attachment, Case, CaseEvent, CaseText, TextKind
    from huying.cases.publishing import INSIDE
    from huying.notices.models import Notice

    lost: list[str] = []
    doubled: list[str] = []

    def held(name: str, count: int, wanted: int = 1) -> None:
        if count < wanted:
            lost.append(name)
        elif count > wanted:
            doubled.append(name)

    texts = CaseText.objects.filter(kind=TextKind.DESCRIPTION)
    found = Counter(texts.values_list("body", flat=True))
    numbers = dict(texts.values_list("body", "case__number"))
    for words, number in told.reports.items():
        held(f"report {words}", found[words])
        if found[words] == 1 and numbers[words] != number:
            lost.append(f"report {words}: it has another number")
    events = CaseEvent.objects.values_list("case_id", "seq", "verb")
    of_number = dict(Case.objects.values_list("number", "pk"))
    steps: Counter[tuple[Any, str]] = Counter((case, verb) for case, _seq, verb in events)
    for number, verb in told.steps:
        held(f"{verb} {number}", steps[of_number.get(number), verb])
    rows = dict(Attachment.objects.values_list("pk", "digest"))
    ids = {str(pk): pk for pk in rows}
    for photo in told.photos:
        pk = ids.get(photo)
        there = pk is not None and file_of(pk).is_file()
        held(
            f"photo {photo}",
            int(there and pk is not None and sm3(file_of(pk).read_bytes()) == bytes(rows[pk])),
        )
    doubled += [f"photo {each} that nobody was told of" for each in ids.keys() - set(told.photos)]
    notices: Counter[tuple[Any, str]] = Counter(Notice.objects.values_list("case_id", "kind"))
    for number in told.lives:
        for kind, wanted in kinds.items():
            held(f"notice {kind} of {number}", notices[of_number.get(number), kind], wanted)
    for case, seq, verb in events:
        if verb not in INSIDE:
            name = f"{case}:{seq}"
            held(f"event {name} to the other system", len(received.messages.get(name, ())))
    return Verdict(lost, doubled)
