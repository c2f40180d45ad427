"""The lines to clients: what is cut off half way is not taken for whole, and who drips is dropped.

The web server hands a request on as soon as its head is there, and reads the body while the thread
waits. Two things follow. A body that ends too early looks like one that has ended: a form cut off
in the middle of its words would be taken. And a client that sends a byte now and then holds a
thread for as long as it likes. So the body is counted here, and beside the threads a watch looks
for lines that take too long: those it closes, and the thread that waits goes on.

Files of up to `IN_ONE` are handed over in one piece, since who reads slowly would hold the thread
that sends them bit by bit.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from huying.computing import TURN, Application

log = logging.getLogger(__name__)

EVERY_S: Final = 0.5
"""How often the watch looks."""
AT_LEAST_S: Final = 2.0
"""However many lines wait, each has so long."""
AGAIN_S: Final = 4.0
"""So long a thread has to notice that its line was closed."""
MEGABYTE: Final = 1 << 20
IN_ONE: Final = 4 * MEGABYTE

_TCP_INFO: Final = struct.Struct("8B12I")
"""The beginning of Linux's `struct tcp_info`; the last two that are read are the milliseconds since
something was sent and since something was received."""
_SENT, _RECEIVED = 8 + 9, 8 + 11
_OPEN: Final = 1
"""`TCP_ESTABLISHED`, the first byte: neither end has closed it."""


class CutOff(OSError):
    """The line was closed before all of the request had come."""


@dataclass(slots=True, eq=False)
class Reading:
    """A body that is being read: since when, how long that may take, from where it comes, and by
    which port of ours."""

    began: float
    allowed_s: float
    address: str
    port: int
    tried: float = 0.0


class Watch:
    """Closes the lines whose bodies take too long.

    Args:
        allowed_s: for a body, and as long again for each megabyte of it.
        threads: that this process has; when half of them wait for bodies, those that wait longest
            are closed early, so that others are served.
        looks: by itself; else `late` is asked by somebody.
    """

    def __init__(self, allowed_s: float, threads: int, *, looks: bool = True) -> None:
        self.allowed_s, self.threads, self.looks = allowed_s, threads, looks
        self._reading: set[Reading] = set()
        self._lock = threading.Lock()
        self._process = 0

    def begin(self, address: str, port: int, length: int) -> Reading:
        """Watches a body of ``length`` bytes from now on."""
        allowed = self.allowed_s * (1 + length / MEGABYTE)
        one = Reading(time.monotonic(), allowed, address, port)
        with self._lock:
            self._reading.add(one)
            if self.looks and self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._look, name="lines", daemon=True).start()
        return one

    def end(self, one: Reading) -> None:
        """The body is there, or nobody waits for it any more."""
        with self._lock:
            self._reading.discard(one)

    def late(self, now: float) -> list[Reading]:
        """Those whose line is closed at ``now`` (seconds that only grow)."""
        with self._lock:
            reading = sorted(self._reading, key=lambda each: each.began)
        late = [each for each in reading if now - each.began > each.allowed_s]
        waiting = [each for each in reading if now - each.began > AT_LEAST_S]
        crowd = len(waiting) - max(1, self.threads // 2)
        return late + [each for each in waiting[: max(0, crowd)] if each not in late]

    def _look(self) -> None:
        while True:
            time.sleep(EVERY_S)
            try:
                self._close_late(time.monotonic())
            except OSError:  # no descriptor to be had: whoever drips holds them
                log.warning("it could not be seen which requests take too long", exc_info=True)

    def _close_late(self, now: float) -> None:
        for each in self.late(now):
            # Not the right one perhaps, where several drip: then a later look finds it.
            if now - each.tried < AGAIN_S:
                continue
            each.tried = now
            if close_line(each, now - each.began):
                log.warning("a request that took too long to come was dropped")


def close_line(one: Reading, silent_s: float) -> bool:
    """Closes the line of a body: one from its address to which nothing was sent for ``silent_s``
    seconds although something has come since; whether there was one.

    The web server does not say which line a request has come by. But a line whose request has not
    wholly come is one that was not answered for as long as its body is being read.
    """
    found = max(_unanswered(one, silent_s), default=None)
    if found is None:
        return False
    with suppress(OSError), _line(found[1]) as line:
        if line is not None:
            line.shutdown(socket.SHUT_RDWR)
    return True


def _unanswered(one: Reading, silent_s: float) -> Iterator[tuple[int, int]]:
    """The milliseconds without an answer, and the descriptor, of each line that may be it."""
    for path in Path("/proc/self/fd").iterdir():
        number = int(path.name)
        with suppress(OSError), _line(number) as line:
            if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            # Lines that we have opened, to the database for one, have another port at our end.
            if (_plain(line.getpeername()[0]), line.getsockname()[1]) != (
                _plain(one.address),
                one.port,
            ):
                continue
            told = _TCP_INFO.unpack(
                line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
            )
            # The line was there before its request was read: a little less counts as well.
            if (
                told[0] == _OPEN
                and told[_SENT] >= (silent_s - 0.5) * 1000
                and told[_RECEIVED] <= told[_SENT]
            ):
                yield told[_SENT], number


def _plain(address: str) -> str:
    return address.removeprefix("::ffff:")


@contextmanager
def _line(number: int) -> Iterator[socket.socket | None]:
    """A descriptor of its own for a line of this process; None where there is none."""
    if not stat.S_ISSOCK(os.fstat(number).st_mode):
        yield None
        return
    with socket.socket(fileno=os.dup(number)) as line:
        yield line


class Body:
    """A request's body, of which everything comes or `CutOff` is raised."""

    def __init__(
        self, source: Any, length: int, begin: Callable[[], Reading], watch: Watch
    ) -> None:
        self._source, self._left, self._begin, self._watch = source, length, begin, watch
        self._one: Reading | None = None
        self.cut = False
        """Whether something is missing: who reads on sees an empty form, and must not act on it."""

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, all of them without one.

        Who asks for all that is missing does not ask again, and gets it, or nothing. Who reads
        piece by piece has of the others what came.

        Raises:
            CutOff: nothing more comes, though something is missing.
        """
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        return self._came(self._source.read, wanted) if wanted else b""

    def readline(self, size: int = -1) -> bytes:
        """A line, or the end of the body. Raises as `read`."""
        line = bytearray()
        most = self._left if size is None or size < 0 else min(size, self._left)
        while len(line) < most and not line.endswith(b"\n"):
            line += self.read(1)
        return bytes(line)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def close(self) -> None:
        """Nobody reads on."""
        if self._one is not None:
            self._watch.end(self._one)
            self._one = None

    def _came(self, read: Callable[[int], bytes], wanted: int) -> bytes:
        if self._one is None:
            self._one = self._begin()
        with TURN.left():
            piece = read(wanted)
            while wanted == self._left and 0 < len(piece) < wanted:
                more = read(wanted - len(piece))
                piece = piece + more if more else b""
        if not piece:
            self.cut = True
            self.close()
            raise CutOff("the request was cut off")
        self._left -= len(piece)
        if not self._left:
            self.close()
        return piece


def guarded(application: Application, watch: Watch) -> Application:
    """The application, whose requests come whole, in time, or not at all."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = None
        if length > 0:
            address, port = str(environ.get("REMOTE_ADDR", "")), environ.get("SERVER_PORT", 0)
            begin = partial(watch.begin, address, int(port), length)
            body = Body(environ["wsgi.input"], length, begin, watch)
            environ["wsgi.input"] = body
        try:
            return _in_one(application(environ, start_response))
        finally:
            if body is not None:
                body.close()

    return answer


def _in_one(response: Any) -> Iterable[bytes]:
    """A response in one piece where it is small; one that is made bit by bit as it is."""
    length = getattr(response, "headers", {}).get("Content-Length", "")
    if not getattr(response, "streaming", False):
        # Django's own: what it holds is there already.
        return _held(response)
    if not str(length).isdigit() or int(length) > IN_ONE:
        made: Iterable[bytes] = response
        return made
    return _held(response)


def _held(response: Any) -> Iterable[bytes]:
    try:
        return [b"".join(response)]
    finally:
        close = getattr(response, "close", None)
        if close is not None:
            close()
