"""A line between a browser and the server that fails as lines do, at the driver's will.

A small proxy of its own: what it breaks is broken for the browser as it is in the field, and not
inside of it.
"""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

SLOW_S: Final = 0.3
LOCAL: Final = "127.0.0.1"


class Fate(StrEnum):
    """What may become of one request to the interface."""

    FINE = "fine"
    CUT = "cut"  # never arrives
    LOST = "lost"  # arrives; its answer does not
    FAILING = "failing"  # answered with 500, without having arrived
    BROKEN = "broken"  # arrives, and is answered with 500 all the same
    TWICE = "twice"  # arrives twice
    SLOW = "slow"
    SEVERED = "severed"  # half of what it carries arrives


class Line(ThreadingHTTPServer):
    """Listens on a port of its own, and hands on to ``port``. All is well without ``fates``."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        super().__init__((LOCAL, 0), _Handler)
        self.upstream = port
        self.fates: Callable[[], Fate] | None = None
        self.gate = threading.Event()
        self.met: dict[Fate, int] = dict.fromkeys(Fate, 0)
        self.carried: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.server_address[1]}"

    def release(self) -> None:
        """Lets everything go on that is slow."""
        self.gate.set()

    def fate(self, path: str) -> Fate:
        """What becomes of a request; the app's own files always come."""
        if self.fates is None or not path.startswith(("/api/", "/field/who", "/field/data")):
            return Fate.FINE
        self.gate.clear()
        met = self.fates()
        self.met[met] += 1
        return met

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Line

    def do_GET(self) -> None:
        fate = self.server.fate(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length // 2 if fate is Fate.SEVERED else length)
        if fate is Fate.SEVERED:
            self._break_off(body)
            return
        if fate is Fate.SLOW:
            self.server.gate.wait(SLOW_S)
        if fate is Fate.CUT:
            self.close_connection = True
            return
        if fate is Fate.FAILING:
            self._answer(500, [("Content-Type", "application/json")], b"{}")
            return
        status, headers, answer = self._ask(body)
        if fate is Fate.TWICE:
            status, headers, answer = self._ask(body)
        if fate is Fate.LOST:
            self.close_connection = True
            return
        if fate is Fate.BROKEN:
            status, headers, answer = 500, [("Content-Type", "application/json")], b"{}"
        self._answer(status, headers, answer)

    do_POST = do_GET  # noqa: N815 - the library's names
    do_HEAD = do_GET  # noqa: N815

    def _break_off(self, body: bytes) -> None:
        """Hands on what there is, and hangs up on both sides."""
        self.close_connection = True
        self._count(body)
        there = http.client.HTTPConnection(LOCAL, self.server.upstream, timeout=60)
        try:
            there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "accept-encoding", "keep-alive"):
                    there.putheader(name, value)
            there.endheaders(body)
        finally:
            there.close()

    def _count(self, body: bytes) -> None:
        self.server.carried[self.path.partition("?")[0]] += len(body)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        self._count(body)
        there = http.client.HTTPConnection(LOCAL, self.server.upstream, timeout=60)
        try:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("connection", "accept-encoding", "keep-alive")
            }
            there.request(self.command, self.path, body or None, headers)
            answer = there.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            there.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Says nothing: it would be a line for each request."""


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line to the server on this port of the loopback address."""
    line = Line(port)
    thread = threading.Thread(
        target=line.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield line
    finally:
        line.release()
        with suppress(OSError):
            line.shutdown()
        line.server_close()
