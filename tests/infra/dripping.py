"""A small application behind `huying.lines`, for tests of slow lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from huying.lines import Watch, guarded

SIZE = 3 << 20


class File:
    """A file that is sent bit by bit, as Django does it."""

    streaming = True

    def __init__(self) -> None:
        self.headers = {"Content-Length": str(SIZE)}

    def __iter__(self) -> Iterator[bytes]:
        for _each in range(SIZE // (1 << 16)):
            yield bytes(1 << 16)


def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/file":
        start("200 OK", [("Content-Length", str(SIZE))])
        return File()
    if environ["REQUEST_METHOD"] == "POST":
        environ["wsgi.input"].read()
        environ["wsgi.input"].read(1)
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


application = guarded(answer, Watch(1.0, 4))
