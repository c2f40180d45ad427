"""The API under load: a token, requests put together beforehand, and the load's process."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from huying.benchmarks import load
from huying.benchmarks.figures import percentile
from huying.benchmarks.scripts import answered
from huying.cli import CommandError


@dataclass(frozen=True, slots=True)
class Answered:
    """What one run of the load got.

    Attributes:
        marks: how often the mark that was asked for stood in the answers.
        cpu_share: of one processor that the load itself used.
    """

    answers: int
    seconds: float
    marks: int
    p50_ms: float
    p99_ms: float
    cpu_share: float


def token(name: str = "benchmark") -> str:
    """A connected system of the whole district, with the right to report."""
    from django.utils import timezone

    from huying.api import tokens

    now = timezone.now()
    system = tokens.connect(name, role="dispatcher", area_code="440113", now=now)
    return tokens.issue(system, scopes=["report"], days=2, now=now)[1]


def request(path: str, secret: str, content: bytes, *, keyed: bool) -> bytes:
    """A whole request; `load` puts its key where the mark is. ``keyed``: the key is a header."""
    key = b"Idempotency-Key: " + load.KEY + b"\r\n" if keyed else b""
    length = len(content) + content.count(load.KEY) * (load.KEY_LENGTH - len(load.KEY))
    return (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
    ).encode() + key + b"\r\n" + content  # fmt: skip


def run(
    port: int, requests: list[bytes], *, connections: int, seconds: float, mark: str = ""
) -> Answered:
    """Keeps the server busy for so long.

    Raises:
        CommandError: an answer was not 2xx, or the load failed.
    """
    order: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "connections": connections,
        "seconds": seconds,
        "mark": mark,
        "requests": [base64.b64encode(each).decode() for each in requests],
    }
    got = answered(load, order)
    if got["not_2xx"]:
        raise CommandError(f"{got['not_2xx']} of {got['answers']} answers: {got['example']}")
    latencies = sorted(got["latencies_ms"])
    return Answered(
        answers=got["answers"],
        seconds=got["seconds"],
        marks=got["marks"],
        p50_ms=percentile(latencies, 0.5),
        p99_ms=percentile(latencies, 0.99),
        cpu_share=got["cpu_seconds"] / got["seconds"],
    )
