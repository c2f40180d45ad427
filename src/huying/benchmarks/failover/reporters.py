"""Phones that report without end: each report under its key, and again until it is answered.

Now and then one hangs up as soon as it has sent, as a phone does in a lift, and sends again.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
STALL_S: Final = 2.0
HANGS_UP: Final = 0.03
"""The share of requests whose answer the phone does not wait for."""


@dataclass(slots=True)
class Reporters:
    """All of them, and what they were told.

    Attributes:
        acknowledged: when (monotonic seconds), by key, with the number that was answered.
        statuses: how often each status was answered.
        slowest_s: the longest that one request waited for its answer, its refusal, or in vain.
        strange: the first answers that are neither an acknowledgement nor ask to come again.
        stalls: when, and how long, this very process did not run: what was measured meanwhile is
            the machine's doing, and nobody's figure.
    """

    port: int
    secret: str
    clients: int
    pause_s: float = 0.2
    acknowledged: dict[str, tuple[float, str]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0
    strange: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    stalls: list[tuple[float, float]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _end: threading.Event = field(default_factory=threading.Event)
    _abandon: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Reporters:
        self._threads = [
            threading.Thread(target=self._report, args=(seed,), daemon=True)
            for seed in range(self.clients)
        ]
        self._threads.append(threading.Thread(target=self._notice_stalls, daemon=True))
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Begins no new report, and waits until all that were begun are answered."""
        self._end.set()
        if kind is not None:
            self._abandon.set()
        for each in self._threads:
            each.join(120)

    def last(self) -> float:
        """When the last report was acknowledged."""
        with self._lock:
            return max((at for at, _number in self.acknowledged.values()), default=0.0)

    def gap(self, since: float, until: float) -> float:
        """The longest time between two acknowledgements."""
        with self._lock:
            times = sorted(at for at, _number in self.acknowledged.values())
        inside = [since, *(at for at in times if since <= at <= until), until]
        return max(after - before for before, after in pairwise(inside))

    def stalled(self, since: float) -> float:
        """The longest time since then in which this process did not run."""
        return max((length for at, length in list(self.stalls) if at >= since), default=0.0)

    def _notice_stalls(self) -> None:
        before = time.monotonic()
        while not self._end.wait(0.2):
            now = time.monotonic()
            if now - before > STALL_S:
                self.stalls.append((now, now - before))
            before = now

    def _report(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - a load, no secret
        line: http.client.HTTPConnection | None = None
        while not self._end.is_set():
            key = uuid.uuid4().hex
            body = json.dumps({"text": f"路面有坑 {marker(key)}", "area": "440113120213"})
            while not self._abandon.is_set():
                line = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                if self._sent(line, key, body, hang_up=chance.random() < HANGS_UP):
                    break
                line.close()
                line = None
                time.sleep(0.3)
            time.sleep(self.pause_s)

    def _sent(
        self, line: http.client.HTTPConnection, key: str, body: str, *, hang_up: bool
    ) -> bool:
        """Whether it was acknowledged."""
        began = time.monotonic()
        try:
            line.request("POST", "/api/v1/cases", body.encode(), self._headers(key))
            if hang_up:
                return False
            response = line.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.broken += 1
                self._waited(began, time.monotonic())
            return False
        now = time.monotonic()
        with self._lock:
            self._waited(began, now)
            self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
            if response.status == 201:
                self.acknowledged[key] = (now, json.loads(said)["number"])
            elif response.status != 503 and len(self.strange) < 5:
                self.strange.append(f"{response.status} {said[:300].decode(errors='replace')}")
        return response.status == 201

    def _waited(self, began: float, now: float) -> None:
        if not self.stalled(began):
            self.slowest_s = max(self.slowest_s, now - began)

    def _headers(self, key: str) -> dict[str, Any]:
        return {
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }


def marker(key: str) -> str:
    """A key as letters, to be found again in the words of a report: digits in a row are hidden."""
    return key.translate(_LETTERS)
