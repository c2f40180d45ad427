"""Sends what a district sends, each request at its own moment: a process of its own.

Arrivals are open: a request goes out when its time has come, whether others have been answered or
not, and the time that its answer takes runs from that moment. A server that falls behind is so
seen as those who wait see it.

Reads one JSON object from standard input (see `run`) and prints one; says on standard error how far
it is. Needs nothing but Python.
"""

from __future__ import annotations

import asyncio
import base64
import heapq
import json
import random
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from huying.benchmarks.openings import Line, used_below

FOUND = {
    "number": re.compile(rb'"number":\s*"([0-9]+)"'),
    "photo": re.compile(rb'"id":\s*"([0-9a-f-]{36})"'),
}
"""What later requests of a chain name, by the mark that stands for it there."""

PATIENCE_S = 30.0
"""After so long whoever waits has given up: an error."""
AT_ONCE = 4
"""Requests under way while the cost of a kind is measured."""
LONGEST_PAUSE_S = 60.0
"""Before a phone tries again, whatever it was told."""
TELL_EVERY_S = 15.0
DETAIL = re.compile(rb'"(code|detail|detail_zh)":\s*"([^"]*)"')
"""What a refusal says of itself."""
NOBODY_KNOWS = b"unconfirmed"
"""The code of the one 503 after which what was sent may have been kept."""


@dataclass(slots=True)
class Counts:
    """What one phase got.

    Attributes:
        took_ms: of each kind, from the moment that a request was due until it was answered, or
            given up: who waited in vain has waited too.
        errors: of each kind, how often which answer, or none, came in the place of the right one.
        numbers: of the cases that the server said it had taken.
        unsure: reports that may have made a case of which nobody was told the number.
        again: requests sent once more because the first was not answered, or was put off.
        given_up: things that waited on a phone and are still there.
        of_phones: the errors among what waited on a phone, given up or refused.
    """

    took_ms: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, dict[str, int]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    unsure: int = 0
    again: int = 0
    given_up: int = 0
    of_phones: int = 0

    def waited(self, kind: str, ms: float) -> None:
        self.took_ms.setdefault(kind, []).append(ms)

    def failed(self, kind: str, words: str) -> None:
        of_kind = self.errors.setdefault(kind, {})
        of_kind[words[:160]] = of_kind.get(words[:160], 0) + 1

    def so_far(self) -> str:
        answered = sum(map(len, self.took_ms.values()))
        failed = sum(n for each in self.errors.values() for n in each.values())
        return f"{answered} answered, {failed} errors, {self.again} sent again"


@dataclass(slots=True)
class Step:
    """One request of a chain; marks in it stand for who sends it and what was answered before."""

    kind: str
    line: str
    head: str
    body: bytes
    takes: str = ""

    def bytes_of(self, marks: dict[str, bytes], draw: random.Random, photos: list[bytes]) -> bytes:
        marks = marks | {
            "key": UUID(int=draw.getrandbits(128)).hex.encode(),
            "now": str(int(time.time() * 1000)).encode(),
            "lon": f"{113.36 + draw.random() / 10:.6f}".encode(),
            "lat": f"{22.9 + draw.random() / 10:.6f}".encode(),
            "ip": f"10.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(256)}".encode(),
        }
        line, head, body = self.line.encode(), self.head.encode(), self.body
        for name, value in marks.items():
            mark = b"{%b}" % name.encode()
            line, head, body = (each.replace(mark, value) for each in (line, head, body))
        if b"{picture}" in body:
            # No two photos are the same file.
            body = body.replace(b"{picture}", draw.choice(photos) + draw.randbytes(8))
        length = b"Content-Length: %d\r\n" % len(body) if body else b""
        return b"%b HTTP/1.1\r\nHost: 127.0.0.1\r\n%b%b\r\n%b" % (line, head, length, body)


@dataclass(slots=True)
class Chain:
    """Requests of one matter, one after the other; who sends them, and what answers have said."""

    steps: list[Step]
    marks: dict[str, bytes]
    done: int = 0


class District:
    """Everybody who works with the server, over as many connections as they need."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.draw = random.Random(order["seed"])  # noqa: S311 - the same each time, nothing secret
        self.photos = [base64.b64decode(each) for each in order["photos"]]
        self.kinds = [
            (_steps(kind["steps"]), [_marks(cast) for cast in kind["casts"]])
            for kind in order["kinds"]
        ]
        # A chain fills as many places of the stream as it has requests.
        self.weights = [kind["share"] / len(kind["steps"]) for kind in order["kinds"]]
        self.idle: list[Line] = []
        self.ready: list[tuple[float, int, Chain]] = []
        self.counts = Counts()
        self.tasks: set[asyncio.Task[None]] = set()
        self.sent = 0

    async def arrive(self, per_s: float, seconds: float) -> dict[str, Any]:
        """One phase: so many requests a second for so long; then all answers are waited for."""
        self.counts, began, used = Counts(), perf_counter(), _used()
        spent, telling = self._spent(), asyncio.ensure_future(self._tell())
        self.sent, due = 0, began
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - perf_counter()))
            self._start(self._one(due, self._next(due)))
            self.sent += 1
            due += self.draw.expovariate(per_s)
        lasted = perf_counter() - began
        share, cpu = (_used() - used) / lasted, self._spent(spent, lasted)
        while self.tasks:
            await asyncio.wait(self.tasks)
        telling.cancel()
        return self._told(per_s, lasted, share) | {"cpu": cpu}

    async def cost(self, times: int) -> dict[str, Any]:
        """What one request of each kind takes of the processors, in milliseconds, by who works.

        One kind after the other, so many times each, a few at once; of chains each step by itself.
        What the worker does meanwhile is that of the requests before as well.
        """
        self.counts = Counts()
        cost: dict[str, list[dict[str, float]]] = {}
        for steps, casts in self.kinds:
            chains = [Chain(steps, dict(self.draw.choice(casts))) for _each in range(times)]
            for at, step in enumerate(steps):
                going = iter([chain for chain in chains if chain.done == at])
                before, began = self._spent(), perf_counter()
                await asyncio.gather(*(self._one_by_one(going) for _each in range(AT_ONCE)))
                # Seconds of the processor in this time; `_spent` gives shares of a length of time.
                spent = self._spent(before, 1.0)
                one = {name: 1000 * value / times for name, value in spent.items()}
                one["took"] = 1000 * (perf_counter() - began) * AT_ONCE / times
                cost.setdefault(step.kind, []).append(one)
        self.ready.clear()
        return {
            "cost_ms": {
                kind: {name: sum(each[name] for each in ones) / len(ones) for name in ones[0]}
                for kind, ones in cost.items()
            },
            "numbers": self.counts.numbers,
            "errors": self.counts.errors,
            "unsure": self.counts.unsure,
        }

    async def _one_by_one(self, chains: Iterator[Chain]) -> None:
        for chain in chains:
            await self._one(perf_counter(), chain)

    async def _tell(self) -> None:
        """Says again and again how far it is."""
        began = perf_counter()
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            words = f"{perf_counter() - began:.0f} s: {self.counts.so_far()}"
            _say(f"  {words}, {len(self.tasks)} wait")

    def _spent(
        self, before: dict[str, float] | None = None, seconds: float = 1.0
    ) -> dict[str, float]:
        """Processors that web, worker and database have kept busy since, by name."""
        now = used_below(self.order.get("roots", []))
        return {name: (value - (before or {}).get(name, 0.0)) / seconds
                for name, value in now.items()}  # fmt: skip

    def _next(self, due: float) -> Chain:
        """The chain whose next request goes out now: one that was begun comes first."""
        if self.ready and self.ready[0][0] <= due:
            return heapq.heappop(self.ready)[2]
        ((steps, casts),) = self.draw.choices(self.kinds, self.weights)
        return Chain(steps, dict(self.draw.choice(casts)))

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _one(self, due: float, chain: Chain) -> None:
        step = chain.steps[chain.done]
        line = self.idle.pop() if self.idle else self._line()
        try:
            status, _head, body = await line.send(
                step.bytes_of(chain.marks, self.draw, self.photos)
            )
        except (OSError, EOFError) as error:
            self.counts.waited(step.kind, (perf_counter() - due) * 1000)
            self.counts.failed(step.kind, f"{type(error).__name__} {error}")
            self.counts.unsure += step.takes == "number"
            return
        self.idle.append(line)
        self.counts.waited(step.kind, (perf_counter() - due) * 1000)
        if not self._took(step, chain, status, body):
            self.counts.unsure += step.takes == "number" and may_stand(status, body)
            return
        chain.done += 1
        if chain.done < len(chain.steps):
            think = self.draw.uniform(1.0, 5.0)
            heapq.heappush(self.ready, (perf_counter() + think, self.draw.getrandbits(60), chain))

    def _took(self, step: Step, chain: Chain, status: int, body: bytes) -> bool:
        if not (200 <= status < 300 or status == 304):
            words = b", ".join(dict.fromkeys(value for _name, value in DETAIL.findall(body)))
            self.counts.failed(
                step.kind, f"{status} {(words or body[:140]).decode('utf-8', 'replace')}"
            )
            return False
        if step.takes:
            found = FOUND[step.takes].search(body)
            if found is None:
                self.counts.failed(step.kind, f"no {step.takes} in {body[:100]!r}")
                return False
            chain.marks[step.takes] = found[1]
            if step.takes == "number":
                self.counts.numbers.append(found[1].decode())
        return True

    def _line(self) -> Line:
        return Line(self.order["host"], self.order["port"], patience_s=PATIENCE_S)

    async def come_back(
        self,
        queue: list[list[Step]],
        phones: list[dict[str, bytes]],
        within: float,
        patience: float,
        per_s: float,
        without: str = "",
    ) -> dict[str, Any]:
        """All phones have signal again within so many seconds and send what waits on each.

        A phone sends one thing after the other, and what is not answered, or put off, once more,
        as the app does. Meanwhile what goes on of so many requests a second is not ``without``'s.
        """
        weights = self.weights
        if without:
            shares = [(kind["share"], kind.get("by") != without) for kind in self.order["kinds"]]
            per_s *= sum(share * goes_on for share, goes_on in shares) / sum(s for s, _ in shares)
            self.weights = [
                weight * goes_on for weight, (_, goes_on) in zip(weights, shares, strict=True)
            ]
        self.counts, began, used = Counts(), perf_counter(), _used()
        spent, telling = self._spent(), asyncio.ensure_future(self._tell())
        self.sent = 0
        left = len(phones)
        drained = asyncio.Event()

        async def phone(who: dict[str, bytes]) -> None:
            nonlocal left
            await asyncio.sleep(self.draw.random() * within)
            line = self._line()
            for steps in queue:
                chain = Chain(steps, dict(who))
                while chain.done < len(steps):
                    if not await self._insist(line, chain, began + within + patience):
                        self.counts.of_phones += 1
                        self.counts.given_up += len(steps) - chain.done
                        break
            line.close()
            left -= 1
            if not left:
                drained.set()

        async def others() -> None:
            due = perf_counter()
            while not drained.is_set():
                await asyncio.sleep(max(0.0, due - perf_counter()))
                self._start(self._one(due, self._next(due)))
                self.sent += 1
                due += self.draw.expovariate(per_s)

        working = asyncio.ensure_future(others()) if per_s else None
        await asyncio.gather(*map(phone, phones))
        lasted = perf_counter() - began
        share, cpu = (_used() - used) / lasted, self._spent(spent, lasted)
        if working is not None:
            await working
        while self.tasks:
            await asyncio.wait(self.tasks)
        telling.cancel()
        self.weights = weights
        told = self._told(self.sent / lasted, lasted, share) | {"cpu": cpu}
        left, errors = self.counts.given_up, self.counts.of_phones
        told |= {"phones": len(phones), "phones_left": left, "phones_errors": errors}
        return told | {"drained_s": None if left else round(max(0.0, lasted - within), 1)}

    async def _insist(self, line: Line, chain: Chain, until: float) -> bool:
        """Sends the next request of a chain until it is answered; whether it went well.

        A report that got no number is unsure where one of its tries may have made a case: all of
        them bear one key, so together they made one at most.
        """
        step, pause, unsure = chain.steps[chain.done], 1.0, False
        request = step.bytes_of(chain.marks, self.draw, self.photos)
        began = perf_counter()
        while True:
            words, wait = "", pause
            try:
                status, head, body = await line.send(request)
            except (OSError, EOFError) as error:
                words, unsure = f"{type(error).__name__} {error}", True
            else:
                unsure = unsure or may_stand(status, body)
                if status < 500 and status not in (408, 429):
                    self.sent += 1
                    self.counts.waited(step.kind, (perf_counter() - began) * 1000)
                    chain.done += 1
                    if self._took(step, chain, status, body):
                        return True
                    self.counts.unsure += step.takes == "number" and unsure
                    return False
                words, wait = str(status), float(head.get(b"retry-after", pause))
                wait = min(wait, LONGEST_PAUSE_S)
            if perf_counter() > until:
                self.sent += 1
                self.counts.waited(step.kind, (perf_counter() - began) * 1000)
                self.counts.failed(step.kind, f"given up: {words}")
                self.counts.unsure += step.takes == "number" and unsure
                return False
            self.counts.again += 1
            await asyncio.sleep(wait + self.draw.random())
            pause = min(60.0, pause * 2)

    def _told(self, per_s: float, lasted: float, share: float) -> dict[str, Any]:
        counts = self.counts
        return {
            "wanted_per_s": per_s,
            "seconds": lasted,
            "sent": self.sent,
            "took_ms": counts.took_ms,
            "errors": counts.errors,
            "numbers": counts.numbers,
            "unsure": counts.unsure,
            "again": counts.again,
            "generator_share": share,
        }


def may_stand(status: int, body: bytes) -> bool:
    """Whether what was asked may have been done after an answer that did not say what was wanted.

    A refusal (4xx) has done nothing, nor has a 503, which says so, but for `NOBODY_KNOWS`.
    """
    return not 400 <= status < 500 and (status != 503 or NOBODY_KNOWS in body)


def _steps(told: list[dict[str, Any]]) -> list[Step]:
    return [
        Step(each["kind"], each["line"], each["head"], each["body"].encode(), each.get("takes", ""))
        for each in told
    ]


def _marks(cast: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in cast.items()}


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Goes through the phases; what each got.

    Each of the ``kinds`` has a ``share`` of all requests, perhaps a word ``by`` whom, its ``steps``
    (``kind``, ``line``, ``head``, ``body`` and what it ``takes`` from its answer), and ``casts``:
    what stands for the marks in them. A phase has

    - ``per_s`` and ``seconds``;
    - ``phones`` (a cast each) that come back ``within`` seconds with a ``queue`` of chains, and
      give up after ``patience``, while what is not by ``without`` goes on as it does at ``per_s``;
    - or ``times``: requests of each kind that are measured one kind after the other.

    ``photos`` are base64. ``roots`` are processes whose use of the processor, with all below them,
    is told.
    """
    district = District(order)
    told = []
    for phase in order["phases"]:
        _say(f"Phase {phase['name']}")
        began_at = time.time()
        if "times" in phase:
            got = await district.cost(phase["times"])
        elif "phones" in phase:
            got = await district.come_back(
                [_steps(chain) for chain in phase["queue"]],
                [_marks(cast) for cast in phase["phones"]],
                phase["within"],
                phase["patience"],
                phase["per_s"],
                phase.get("without", ""),
            )
        else:
            got = await district.arrive(phase["per_s"], phase["seconds"])
        told.append({"name": phase["name"], "began_at": began_at, **got})
    return told


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
