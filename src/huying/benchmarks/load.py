"""Sends requests over keep-alive connections and times the answers: a process of its own.

It shares the machine with what it measures, so it does little: requests are put together before
the clock starts, and one loop over an epoll sends the next as soon as an answer is complete.

Reads one JSON object from standard input (host, port, connections, seconds, requests: a list of
base64 strings, each a whole request with ``{key}`` where its 32 characters of key go) and prints
one. Needs nothing but Python.
"""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import sys
from itertools import cycle
from time import perf_counter_ns
from typing import Any

KEY = b"{key}"
KEY_LENGTH = 32


class Connection:
    """One client: sends a request, takes its answer, sends the next."""

    __slots__ = ("answer", "began", "expected", "socket", "unsent")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.answer = b""
        self.expected = 0
        self.began = 0
        self.unsent = b""

    def send(self, request: bytes) -> None:
        self.answer, self.expected = b"", 0
        self.began = perf_counter_ns()
        self.unsent = request
        self.push()

    def push(self) -> None:
        """Sends what the socket takes."""
        try:
            sent = self.socket.send(self.unsent)
        except BlockingIOError:
            sent = 0
        self.unsent = self.unsent[sent:]

    def take(self) -> bool:
        """Takes what has come; whether the answer is complete now.

        Raises:
            ConnectionError: the other end has closed.
        """
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.answer = self.answer + piece if self.answer else piece
        if not self.expected:
            end = self.answer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.answer[:end].lower()
            at = head.find(b"\r\ncontent-length:")
            if at < 0:
                raise ConnectionError("an answer without a length")
            length = head[at + 17 :].split(b"\r\n", 1)[0]
            self.expected = end + 4 + int(length)
        return len(self.answer) >= self.expected

    @property
    def status(self) -> int:
        return int(self.answer[9:12])

    @property
    def body(self) -> bytes:
        return self.answer[self.answer.find(b"\r\n\r\n") + 4 :]


class Requests:
    """Gives request after request, each with keys that were never used before."""

    def __init__(self, templates: list[bytes]) -> None:
        self._parts = cycle([template.split(KEY) for template in templates])
        self._run = os.urandom(8).hex().encode()
        self._count = 0

    def next(self) -> bytes:
        parts = next(self._parts)
        if len(parts) == 2:
            self._count += 1
            return b"%b%b%016x%b" % (parts[0], self._run, self._count, parts[1])
        pieces = [parts[0]]
        for part in parts[1:]:
            self._count += 1
            pieces.append(b"%b%016x" % (self._run, self._count))
            pieces.append(part)
        return b"".join(pieces)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Keeps all connections busy for ``seconds``; what was answered in that time, and how fast."""
    address = (order["host"], order["port"])
    requests = Requests([base64.b64decode(each) for each in order["requests"]])
    connections = [Connection(address) for _ in range(order["connections"])]
    poll = select.epoll()
    by_number = {each.socket.fileno(): each for each in connections}
    latencies: list[float] = []
    answers, other_status, marks = 0, 0, 0
    example = ""
    mark, read = order.get("mark", "").encode(), select.EPOLLIN
    began = perf_counter_ns()
    until = began + int(order["seconds"] * 1e9)
    for number, each in by_number.items():
        each.send(requests.next())
        poll.register(number, read | (select.EPOLLOUT if each.unsent else 0))
    waiting = len(connections)
    last = began
    while waiting:
        for number, event in poll.poll():
            each = by_number[number]
            if event & select.EPOLLOUT and each.unsent:
                each.push()
                if not each.unsent:
                    poll.modify(number, read)
            if not event & ~select.EPOLLOUT or not each.take():
                continue
            now = perf_counter_ns()
            latencies.append((now - each.began) / 1e6)
            last = now
            answers += 1
            if not 200 <= each.status < 300:
                other_status += 1
                example = example or each.answer[:600].decode(errors="replace")
            if mark:
                marks += each.body.count(mark)
            if now < until:
                each.send(requests.next())
                if each.unsent:
                    poll.modify(number, read | select.EPOLLOUT)
            else:
                waiting -= 1
    for each in connections:
        each.socket.close()
    return {
        "answers": answers,
        "seconds": (last - began) / 1e9,
        "not_2xx": other_status,
        "marks": marks,
        "example": example,
        "latencies_ms": latencies,
        "cpu_seconds": sum(os.times()[:2]),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(json.load(sys.stdin))))
