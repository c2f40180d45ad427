"""Lines that are cut off half way, or drip: nothing is taken for whole, and others are served."""

from __future__ import annotations

import fcntl
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from huying.lines import Body, CutOff, Watch, guarded
from tests.infra.test_serve import free_port, wait_for

SERVER = """
import sys
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
Granian(
    "tests.infra.dripping:application", address="127.0.0.1", port=int(sys.argv[1]),
    interface=Interfaces.WSGI, workers=1, blocking_threads=4,
    http1_settings=HTTP1Settings(header_read_timeout=1000),
).serve()
"""


def body(sent: bytes, length: int) -> Body:
    watch = Watch(1, 4, looks=False)
    return Body(io.BytesIO(sent), length, partial(watch.begin, "127.0.0.1", 80, length), watch)


def test_a_whole_body_is_read_as_it_was_sent() -> None:
    assert body(b"abc\nde", 6).read() == b"abc\nde"
    assert list(body(b"abc\nde", 6)) == [b"abc\n", b"de"]
    parts = body(b"abcdef", 6)
    assert [parts.read(4), parts.read(4), parts.read(4)] == [b"abcd", b"ef", b""]


def test_a_body_that_was_cut_off_is_not_taken_for_whole() -> None:
    cut = body(b"text=half", 20)
    assert cut.read(12) == b"text=half"  # pieces of uploads count as far as they came
    with pytest.raises(CutOff):
        cut.read(12)
    # A form is read at once: half of it is none.
    for size in (-1, 20, 21):
        with pytest.raises(CutOff):
            body(b"text=half", 20).read(size)
    with pytest.raises(CutOff):
        list(body(b"text=half", 20))


def test_a_body_that_comes_in_drips_is_read_whole() -> None:
    class Drips(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(3, size or 0) if size != -1 else 3)

    watch = Watch(1, 4, looks=False)
    whole = Body(Drips(b"abcdefgh"), 8, partial(watch.begin, "127.0.0.1", 80, 8), watch)
    assert whole.read() == b"abcdefgh"


def test_who_takes_too_long_is_late_and_more_is_allowed_for_more() -> None:
    watch = Watch(30, 16, looks=False)
    small, large = watch.begin("127.0.0.1", 80, 100), watch.begin("127.0.0.1", 80, 1 << 20)
    now = small.began
    assert watch.late(now + 29) == []
    assert watch.late(now + 31) == [small]
    assert watch.late(now + 61) == [small, large]
    watch.end(small)
    assert watch.late(now + 31) == []


def test_half_of_the_threads_are_kept_free_whoever_drips() -> None:
    watch = Watch(30, 4, looks=False)
    lines = [watch.begin("127.0.0.1", 80, 10) for _each in range(4)]
    assert watch.late(lines[0].began + 1) == []
    assert watch.late(lines[-1].began + 3) == lines[:2]


def test_small_files_are_handed_over_at_once_and_closed() -> None:
    class Streamed:
        streaming = True

        def __init__(self, length: int) -> None:
            self.headers, self.closed = {"Content-Length": str(length)}, False

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"ab", b"c"])

        def close(self) -> None:
            self.closed = True

    small, large = Streamed(3), Streamed(1 << 30)
    for response, whole in ((small, [b"abc"]), (large, large)):
        app = guarded(lambda environ, start, response=response: response, Watch(1, 4))
        assert app({}, lambda *_args: None) == whole
    assert (small.closed, large.closed) == (True, False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], start_new_session=True)
    try:
        wait_for(lambda: answered(port) is not None)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def line(port: int, sent: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10)
    made.sendall(sent)
    return made


def answered(port: int) -> bytes | None:
    with suppress(OSError), line(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as asked:
        return asked.recv(200)
    return None


def test_drips_are_dropped_and_others_served_meanwhile(server: int) -> None:
    heads = [line(server, b"GET / HTTP/1.1\r\nX-Slow: ") for _each in range(6)]
    bodies = [
        line(server, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na")
        for _each in range(6)  # more than there are threads
    ]
    began = time.monotonic()
    wait_for(lambda: b"200 OK" in (answered(server) or b""))
    assert time.monotonic() - began < 20
    for each in heads + bodies:
        with suppress(ConnectionResetError):
            assert each.recv(200)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 408", b"HTTP/1.1 500")
        each.close()
    assert b"200 OK" in (answered(server) or b"")


def test_a_slow_reader_of_a_file_holds_no_thread(server: int) -> None:
    readers = [line(server, b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n") for _each in range(6)]
    assert b"200 OK" in (answered(server) or b"")
    for each in readers:
        each.close()


def test_a_connection_is_looked_after_beside_thousands_of_lines() -> None:
    """`select` refuses descriptors from 1024 on."""
    from huying.postgres.prepared import _has_news

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("this machine gives a process fewer than 2048 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    one, other = socket.socketpair()
    number = fcntl.fcntl(one, fcntl.F_DUPFD, 1500)
    try:
        assert not _has_news(number)
        other.send(b"x")
        assert _has_news(number)
        other.close()
        assert _has_news(number)
    finally:
        os.close(number)
        one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
