"""What people and systems send while things break, sent as the phone sends it.

Each write is an intention: it has a key, and is sent again under that key, however often, until it
is answered. What was answered is written down with what it should have left behind.
"""

from __future__ import annotations

import http.client
import io
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

AGAIN: Final = {429, 500, 502, 503, 504}
"""Answers after which the phone sends again."""
PAUSE_S: Final = 1.0
"""Longest that one of those who send waits before the next thing: together they send some ten a
second, as a district does, and the jobs that follow are done meanwhile, and not all in the end."""
PATIENCE_S: Final = 300.0
"""How long an intention is sent again, before it counts as stuck."""
VERBS: Final = ("accept", "dispatch", "sign_for", "arrive", "handle", "check_pass", "close")


@dataclass
class Told:
    """What was answered, and so must be there. Threads share it.

    Attributes:
        reports: the words of each report, and the number that it got.
        steps: number and verb of each step.
        photos: ids of attachments.
        lives: numbers of cases that went the whole way.
        statuses: how often each answer that asks to come again came; "line" for a broken line.
        refused, stuck: what should not have happened.
        replayed: answers that were told to be repetitions.
    """

    reports: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    lives: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    replayed: int = 0
    acknowledged: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Caller:
    """Somebody with a session or a token: the headers that say so."""

    headers: dict[str, str]


@dataclass(frozen=True)
class Cast:
    """Who takes part, and where."""

    system: Caller
    dispatcher: Caller
    handler: Caller
    checker: Caller
    unit: int
    lon: float
    lat: float


class Client(threading.Thread):
    """One of those who send, one intention after the other, until told to stop."""

    def __init__(self, port: int, cast: Cast, told: Told, number: int, seed: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.port, self.cast, self.told = port, cast, told
        self.chance = random.Random(f"{seed}-{number}")  # noqa: S311 - to be repeated
        self.number = number
        self.line: http.client.HTTPConnection | None = None
        self.stopping = threading.Event()
        self.count, self.pause_s = 0, 0.0

    def run(self) -> None:
        self.pause_s = PAUSE_S
        while not self.stopping.is_set():
            self.errand()
        self._hang_up()

    def errand(self) -> None:
        """A whole life for two of five, else a report, with a photo for some."""
        photos = [self.photo()] if self.chance.random() < 0.3 else []
        number = self.report([each for each in photos if each])
        if number and self.chance.random() < 0.4 and self.life(number):
            self.told.lives.append(number)

    def words(self) -> str:
        self.count += 1
        return f"六巷陈婆婆想请人代办年审（{self.number}-{self.count}-{self.chance.random():.9f}）"

    def report(self, photos: list[str]) -> str | None:
        words = self.words()
        position = {"lon": self.cast.lon, "lat": self.cast.lat}
        sent = {"text": words, "position": position, "item": "0303", "photos": photos}
        body = json.dumps(sent).encode()
        # Photos are taken up by whoever has sent them.
        got = self.send(self.cast.system, "/api/v1/cases", body, what=f"report {words}")
        if got is None:
            return None
        number = str(got["number"])
        with self.told.lock:
            self.told.reports[words] = number
        return number

    def photo(self) -> str | None:
        body, boundary = picture(self.chance), uuid.uuid4().hex
        got = self.send(
            self.cast.system,
            "/api/v1/attachments",
            form(boundary, body),
            what="photo",
            kind=f"multipart/form-data; boundary={boundary}",
        )
        if got is None:
            return None
        with self.told.lock:
            self.told.photos.append(str(got["id"]))
        return str(got["id"])

    def life(self, number: str) -> bool:
        spot: dict[str, Any] = {"lon": self.cast.lon, "lat": self.cast.lat}
        result = {"result": "已上门代办，当天提交。", "form": "代办事项：年审；办理结果：已受理"}
        steps: Iterator[tuple[str, Caller, dict[str, Any]]] = iter(
            (
                ("accept", self.cast.dispatcher, {}),
                ("dispatch", self.cast.dispatcher, {"unit": self.cast.unit}),
                ("sign_for", self.cast.handler, {}),
                ("arrive", self.cast.handler, spot),
                ("handle", self.cast.handler, spot | result),
                ("check_pass", self.cast.checker, {}),
                ("close", self.cast.dispatcher, {}),
            )
        )
        for verb, by, inputs in steps:
            path = f"/api/v1/cases/{number}/verbs/{verb}"
            if self.send(by, path, json.dumps(inputs).encode(), what=f"{verb} {number}") is None:
                return False
            with self.told.lock:
                self.told.steps.append((number, verb))
        return True

    def send(
        self, by: Caller, path: str, body: bytes, *, what: str, kind: str = "application/json"
    ) -> dict[str, Any] | None:
        """Sends an intention until it is answered; what it was answered, None if it was not taken.

        One in ten is sent once more after its answer, as by a phone that has not got it: the
        second answer must be the first.
        """
        headers = {
            **by.headers,
            "Idempotency-Key": uuid.UUID(int=self.chance.getrandbits(128)).hex,
            "Content-Type": kind,
        }
        self.stopping.wait(self.chance.uniform(0.0, self.pause_s))
        got = self._until_answered(path, body, headers, what)
        if got is not None and self.chance.random() < 0.1:
            once_more = self._until_answered(path, body, headers, what)
            if once_more != got:
                with self.told.lock:
                    self.told.refused.append(f"{what}: another answer to the same key")
        return got

    def _until_answered(
        self, path: str, body: bytes, headers: dict[str, str], what: str
    ) -> dict[str, Any] | None:
        ends = time.monotonic() + PATIENCE_S
        wait = 0.05
        while time.monotonic() < ends:
            status, answer, replayed = self._once(path, body, headers)
            if 200 <= status < 300:
                with self.told.lock:
                    self.told.acknowledged += not replayed
                    self.told.replayed += replayed
                taken: dict[str, Any] = json.loads(answer)
                return taken
            with self.told.lock:
                self.told.statuses[str(status or "line")] += 1
            if status and status not in AGAIN:
                with self.told.lock:
                    self.told.refused.append(f"{what}: {status} {answer[:300]!r}")
                return None
            time.sleep(wait * self.chance.uniform(0.5, 1.5))
            wait = min(wait * 2, 0.8)
        with self.told.lock:
            self.told.stuck.append(what)
        return None

    def _once(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, bool]:
        """One try: status, body, and whether it was a repetition; status 0 for a broken line."""
        try:
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            self.line.request("POST", path, body, headers)
            response = self.line.getresponse()
            answer = response.read()
            if response.status == 503 and not response.getheader("Retry-After"):
                return 500, answer, False  # it must say when to come again
            return response.status, answer, bool(response.getheader("Idempotency-Replayed"))
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return 0, b"", False

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None


def picture(chance: random.Random) -> bytes:
    """A small photo, like no other."""
    from PIL import Image

    target = io.BytesIO()
    Image.frombytes("RGB", (24, 18), chance.randbytes(24 * 18 * 3)).save(target, "JPEG")
    return target.getvalue()


def form(boundary: str, body: bytes) -> bytes:
    """A form that uploads a photo."""
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nphoto_before\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode() + body + f"\r\n--{boundary}--\r\n".encode()  # fmt: skip
