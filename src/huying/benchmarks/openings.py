"""Holds desks open as their pages do, while reports come in: a process of its own.

A desk here does what the scripts of the page do (frontend/src/js/live.js, emergencies.js and
inbox.js), with their pauses: it opens the queue, asks each second whether anything has changed,
fetches the banner when it is told of another one, and the bell's news; a case open beside the
queue is asked about too. Answers are taken compressed, as a browser takes them.

Reads one JSON object from standard input (see `run`) and prints one. Needs nothing but Python.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import resource
import sys
import zlib
from collections.abc import Coroutine
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

ROW = re.compile(rb'data-row="([^"]*)"')
LIVE = re.compile(rb'data-live="([^"]*)"[^>]* data-mark="([^"]*)"([^>]*)>')
LAST = re.compile(rb'data-last="([^"]*)"')
TURNS = re.compile(rb'data-turns="([0-9]*)"')
BANNER = re.compile(rb'data-emergencies="([^"]*)" data-version="([^"]*)"')
BELL = re.compile(rb'data-bell="([^"]*)" data-told="([^"]*)"')
POST = re.compile(rb'<body data-post="([^"]*)"')
PULSE = re.compile(rb'data-pulse="([^"]*)"')
NAMED = re.compile(rb'href="/desk/cases/([0-9]+)"')
NUMBER = re.compile(rb'"number":"([0-9]+)"')

FULL_LOOK_S = 60.0
PATIENCE_S = 10.0


class Line:
    """One connection that is kept open: asks, and takes the answer."""

    def __init__(self, host: str, port: int, patience_s: float = PATIENCE_S) -> None:
        self.address = host, port
        self.patience_s = patience_s
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, head and body of the answer. Raises OSError, EOFError or TimeoutError."""
        used = self.writer is not None
        try:
            async with asyncio.timeout(self.patience_s):
                try:
                    return await self._send(request)
                except asyncio.IncompleteReadError as error:
                    # A connection that had rested too long was closed just now: a browser asks
                    # again on a new one (RFC 9112, 9.3.1), Chromium whatever the method.
                    if error.partial or not used:
                        raise
                    self.close()
                    return await self._send(request)
        except BaseException:
            self.close()
            raise

    async def _send(self, request: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.address)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = head[:-4].split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines if b": " in line)
        body = b""
        if length := int(fields.get(b"content-length", b"0")):
            body = await self.reader.readexactly(length)
        elif fields.get(b"transfer-encoding") == b"chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
        if fields.get(b"content-encoding") == b"gzip":
            body = zlib.decompress(body, 31)
        return int(status[9:12]), fields, body

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Desk:
    """One open page of the queue, and what has been seen on it."""

    def __init__(self, order: dict[str, Any], about: dict[str, Any], tally: Tally) -> None:
        self.page: str = about["page"]
        self.cookie: str = about["cookie"]
        self.tally = tally
        self.lines = [Line(order["host"], order["port"]) for _ in range(2)]
        self.busy = [asyncio.Lock() for _ in self.lines]
        self.seen: dict[str, float] = {}
        self.opened = 0.0
        self.looking = self.asking = False

    async def get(self, line: int, path: str, **headers: str) -> tuple[int, Any, bytes]:
        """Asks by one of the browser's connections, one question after the other."""
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        text = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n"
            f"Accept-Encoding: gzip\r\n{more}\r\n"
        )
        async with self.busy[line]:
            began = perf_counter()
            answer = await self.lines[line].send(text.encode())
            self.tally.asked(path, answer[0], perf_counter() - began)
        if answer[0] >= 400:
            raise ConnectionError(f"{answer[0]} at {path}")
        return answer

    async def open(self) -> None:
        """Opens the queue, as a click does."""
        path, status = self.page, 302
        while status == 302:
            status, head, page = await self.get(0, path)
            path = head.get(b"location", b"").decode()
        live = LIVE.search(page)
        if live is None:
            raise ConnectionError(f"{self.page} is not the queue")
        self.rows = "/desk/" + live[1].decode().replace("&amp;", "&")
        self.mark, self.empty = live[2].decode(), b"data-reload" in live[3]
        last = LAST.search(live[0])
        self.last = last[1].decode() if last else ""
        turns = TURNS.search(live[0])
        self.turns = float(turns[1]) if turns else FULL_LOOK_S
        self.version: str | None = None
        self.shown = [each.decode() for each in ROW.findall(page)]
        banner, bell, pulse = BANNER.search(page), BELL.search(page), PULSE.search(page)
        self.banner, self.emergencies = _pair(banner)
        self.bell, self.told = _pair(bell)
        post = POST.search(page)
        self.post = post[1].decode() if post else ""
        self.pulse = pulse[1].decode().replace("&amp;", "&") if pulse else ""
        self.looked_at = self.opened = perf_counter()

    async def live(self) -> None:
        """Looks again and again, as `repeat(refreshRows)` does."""
        failures = 0
        await asyncio.sleep(1)
        while True:
            try:
                await self.refresh()
                failures = 0
            except (OSError, EOFError) as error:
                failures += 1
                self.tally.failed(error)
            await asyncio.sleep(min(1 + failures, 6) + random.random() * 0.3)  # noqa: S311

    async def beside(self) -> None:
        """Asks about the case that is open beside the queue, until something happens to it."""
        await asyncio.sleep(1.5)
        since, here = "", f"&tab={uuid4()}"
        while self.pulse:
            try:
                status, head, _body = await self.ask(1, self.pulse + since + here)
                since = f"&since={head.get(b'x-mark', b'').decode()}"
                if status == 200:
                    return
            except (OSError, EOFError) as error:
                self.tally.failed(error)
            await asyncio.sleep(1.5 + random.random() * 0.3)  # noqa: S311

    async def ask(self, line: int, path: str, **headers: str) -> tuple[int, Any, bytes]:
        """As live.js asks: what the answer's head tells beside is heard at once."""
        status, head, body = await self.get(
            line, path, X_Background="1", X_Post=self.post, **headers
        )
        told, emergencies = head.get(b"x-told", b""), head.get(b"x-emergencies")
        if told and told.decode() != self.told and self.bell:
            self.tally.start(self.news())
        if self.banner and emergencies is not None and emergencies.decode() != self.emergencies:
            self.tally.start(self.look())
        return status, head, body

    async def refresh(self) -> None:
        full = perf_counter() - self.looked_at > min(FULL_LOOK_S, self.turns)
        path = self.rows if full else f"{self.rows}&since={self.mark}"
        status, head, body = await self.ask(
            0, path, X_Seen=self.version or "", X_Shown=",".join(self.shown), X_Last=self.last
        )
        self.mark = head.get(b"x-mark", self.mark.encode()).decode()
        if b"x-turns" in head:  # drawn, not put off
            self.turns = float(head[b"x-turns"])
            self.looked_at = perf_counter()
        if status != 200:
            return
        if self.empty:
            if body.strip():
                await self.open()
            return
        self.version = head.get(b"x-version", b"").decode()
        self.last = head.get(b"x-last", b"").decode()
        self.shown = [each.decode() for each in ROW.findall(body)]

    async def look(self) -> None:
        """Fetches the banner; what it names has been seen."""
        if self.looking:
            return
        self.looking = True
        try:
            status, head, body = await self.get(
                1, self.banner, X_Background="1", X_Post=self.post, X_Seen=self.emergencies
            )
            if status == 200:
                self.emergencies = head.get(b"x-emergencies", b"").decode()
                now = perf_counter()
                for number in NAMED.findall(body):
                    self.seen.setdefault(number.decode(), now)
        except (OSError, EOFError) as error:
            self.tally.failed(error)
        finally:
            self.looking = False

    async def news(self) -> None:
        """Asks what the bell has to tell."""
        if self.asking:
            return
        self.asking = True
        try:
            path = f"{self.bell}?known={self.told}"
            status, _head, body = await self.get(1, path, X_Background="1", X_Post=self.post)
            if status == 200:
                self.told = json.loads(body)["told"]
        except (OSError, EOFError) as error:
            self.tally.failed(error)
        finally:
            self.asking = False


def _pair(found: re.Match[bytes] | None) -> tuple[str, str]:
    return (found[1].decode(), found[2].decode()) if found else ("", "")


class Tally:
    """What was asked and answered, and what went wrong."""

    def __init__(self) -> None:
        self.counting = False
        self.answers: dict[str, list[float]] = {}
        self.errors: dict[str, int] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def asked(self, path: str, status: int, seconds: float) -> None:
        if self.counting:
            what = path.split("?")[0]
            if "rows=1" in path:
                what = "rows" if "since=" in path else "rows, full look"
            elif what.endswith("/pulse"):
                what = "pulse"
            self.answers.setdefault(f"{what} {status}", []).append(seconds * 1000)

    def failed(self, error: BaseException) -> None:
        if self.counting:
            words = f"{type(error).__name__}: {error}"[:120]
            self.errors[words] = self.errors.get(words, 0) + 1

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Intake:
    """Sends reports at moments that were set before, however long the answers take."""

    def __init__(self, order: dict[str, Any], tally: Tally) -> None:
        self.order, self.tally = order, tally
        self.idle: list[Line] = []
        self.answered: list[tuple[float, float]] = []

    async def send(self, request: bytes) -> tuple[float, float, str]:
        """When it was sent and answered, and the number of the case; "" when it was refused."""
        line = self.idle.pop() if self.idle else Line(self.order["host"], self.order["port"])
        sent = perf_counter()
        try:
            status, _head, body = await line.send(request)
            number = NUMBER.search(body)
            if status != 201 or number is None:
                raise ConnectionError(f"a report was answered {status}: {body[:200]!r}")
        except (OSError, EOFError) as error:
            self.tally.failed(error)
            return sent, perf_counter(), ""
        self.idle.append(line)
        return sent, perf_counter(), number[1].decode()

    async def keep_on(self, reports: list[bytes], per_s: float) -> None:
        began = perf_counter()
        for number, report in enumerate(reports):
            await asyncio.sleep(max(0.0, began + number / per_s - perf_counter()))
            self.tally.start(self._one(report))

    async def _one(self, report: bytes) -> None:
        sent, at, number = await self.send(report)
        if number:
            self.answered.append((at, (at - sent) * 1000))


async def run(order: dict[str, Any]) -> dict[str, Any]:
    """Opens the desks, lets them settle for ``warm`` seconds, and measures for ``seconds``.

    ``desks`` have ``page``, ``cookie`` and ``area``; ``reports`` come at ``per_s`` all the time,
    ``emergencies`` (each with ``area``) at random moments, and are waited for ``patience`` seconds.
    """
    tally = Tally()
    desks = [Desk(order, each, tally) for each in order["desks"]]
    gate = asyncio.Semaphore(4)

    async def enter(desk: Desk) -> None:
        async with gate:
            await desk.open()
        tally.start(desk.live())
        tally.start(desk.beside())

    await asyncio.gather(*map(enter, desks))
    intake = Intake(order, tally)
    reports = [base64.b64decode(each) for each in order["reports"]]
    tally.start(intake.keep_on(reports, order["per_s"]))
    await asyncio.sleep(order["warm"])

    tally.counting, intake.answered = True, []
    began, used, before = perf_counter(), _used(), used_below(order["roots"])
    slot = order["seconds"] / len(order["emergencies"])
    sent: list[tuple[str, float, float, str]] = []

    async def alarm(number: int, about: dict[str, Any]) -> None:
        await asyncio.sleep(slot * (number + random.random()))  # noqa: S311
        at, answered, case = await intake.send(base64.b64decode(about["request"]))
        sent.append((about["area"], at, answered, case))

    alarms = [asyncio.ensure_future(alarm(*each)) for each in enumerate(order["emergencies"])]
    await asyncio.sleep(max(0.0, began + order["seconds"] - perf_counter()))
    lasted = perf_counter() - began
    arrived = [each for each in intake.answered if each[0] <= began + lasted]
    cpu, after = (_used() - used) / lasted, used_below(order["roots"])
    answers = {what: len(times) for what, times in tally.answers.items()}
    await asyncio.gather(*alarms)
    watching = [
        (case, at, answered, desk)
        for area, at, answered, case in sent
        for desk, about in zip(desks, order["desks"], strict=True)
        if case and desk.banner and area.startswith(about["area"])
    ]
    until = perf_counter() + order["patience"]
    while perf_counter() < until and any(case not in desk.seen for case, _, _, desk in watching):
        await asyncio.sleep(0.05)
    tally.counting = False
    for task in list(tally.tasks):
        task.cancel()
    times = {
        "sent": [_ms(desk.seen.get(case), at) for case, at, _, desk in watching],
        "answered": [_ms(desk.seen.get(case), answered) for case, _, answered, desk in watching],
    }
    return {
        "seconds": lasted,
        "cpu_share": cpu,
        "cpu_of": {
            name: (value - before.get(name, 0.0)) / lasted for name, value in after.items()
        },
        "requests": sum(answers.values()) + len(arrived),
        "reports": len(arrived),
        "report_ms": [ms for _at, ms in arrived],
        "emergencies": len([each for each in sent if each[3]]),
        "seen_ms": times["sent"],
        "seen_after_answer_ms": times["answered"],
        "answers": {what: [len(ms), sorted(ms)[len(ms) // 2], max(ms)]
                    for what, ms in sorted(tally.answers.items())},
        "errors": tally.errors,
    }  # fmt: skip


def _ms(seen: float | None, since: float) -> float | None:
    return None if seen is None else (seen - since) * 1000


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def used_below(roots: list[int]) -> dict[str, float]:
    """Seconds of processor time so far of the processes below these, by what they are.

    Empty where the system tells none of it.
    """
    used: dict[str, float] = {}
    spent = _processes()
    for process, name in processes_below(roots):
        used[name] = used.get(name, 0.0) + spent.get(process, (0, 0.0))[1]
    return used


def processes_below(roots: list[int]) -> list[tuple[int, str]]:
    """The processes below these, and themselves, with what each of them is."""
    parents, found = _processes(), []
    for process, (parent, _seconds) in parents.items():
        above = process
        while above in parents and above not in roots:
            above = parents[above][0]
        if above in roots:
            found.append((process, _name(process, parent)))
    return found


def _processes() -> dict[int, tuple[int, float]]:
    """The parent of each process, and the processor's seconds that it has used."""
    found: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks = sum(map(int, fields[11:15]))  # its own, and of children that have ended
        found[int(entry.parent.name)] = (int(fields[1]), ticks / os.sysconf("SC_CLK_TCK"))
    return found


def _name(*processes: int) -> str:
    for process in processes:
        try:
            said = Path(f"/proc/{process}/cmdline").read_text()
            # By the program: the database has workers of its own, and says so.
            if Path(f"/proc/{process}/comm").read_text().strip() == "postgres":
                return "database"
        except OSError:
            continue
        for words, name in (("huying.web", "web"), ("worker", "worker")):
            if words in said:
                return name
    return "other"


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
