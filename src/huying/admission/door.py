"""The gate before the application: a request's rank, its place, and what the refused are told."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from math import ceil
from time import monotonic
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation

from huying import outages
from huying.admission import REFUSED
from huying.admission.gate import Full, Gate, Rank
from huying.admission.lending import Lent
from huying.language import ChosenLanguage
from huying.lines import Application
from huying.security import ContentSecurityPolicy
from huying.telemetry import counted

log = logging.getLogger("huying.admission")

TELL_EVERY_S: Final = 10.0
_NO_QUESTION: Final = ("/healthz", "/metrics", "/static/")
_ASK_AGAIN: Final = frozenset({"/field/track"})
"""What a phone sends by itself and keeps until it is taken, with what has come in the meantime."""
_BEFORE_SENDING: Final = frozenset({"/field/who"})
"""What a phone asks before it sends what was done on it."""
_DRAINED: Final = 1 << 20


def rank_of(environ: dict[str, Any]) -> Rank:
    """Who goes first: by what the request is, never by who sends it."""
    path = environ.get("PATH_INFO", "")
    if path.startswith(_NO_QUESTION):
        return Rank.WATCH
    if path in _ASK_AGAIN:
        return Rank.BACKGROUND
    by_itself = environ.get("HTTP_X_BACKGROUND") == "1" and path not in _BEFORE_SENDING
    reads = environ.get("REQUEST_METHOD") in ("GET", "HEAD")
    return Rank.BACKGROUND if by_itself and reads else Rank.PEOPLE


class Door:
    """The application, whose requests enter one by one.

    What is asked by itself mostly costs little: behind a gate of its own it goes on where people
    wait, and takes a small share from them. Were it always the last, positions and bells would be
    the first to stand still, and next to nothing would be gained.

    Args:
        places: requests of people worked on at the same time.
        room: that may wait for that.
        aside: as many more, for what is asked by itself and for programs that watch.
    """

    def __init__(self, application: Application, places: int, room: int, *, aside: int = 1) -> None:
        self._application = application
        people, others = Gate(places, room), Gate(aside, room // 4)
        self._gates = {Rank.WATCH: others, Rank.PEOPLE: people, Rank.BACKGROUND: others}
        self._lent = Lent()
        self._lock = threading.Lock()
        self._refused, self._told_at = 0, 0.0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        rank = rank_of(environ)
        gate = self._gates[rank]
        try:
            entered = gate.enter(rank)
        except Full as full:
            environ[REFUSED] = full
            counted.REFUSED.labels(rank.name.lower()).inc()
            self._tell()
            if rank is Rank.BACKGROUND or outages.is_of_program(environ):
                _drain(environ)
                status, headers, body = _problem(_seconds(full))
                start_response(status, headers)
                return [body]
            return self._application(environ, start_response)
        place = _Place(gate, self._lent, entered)
        try:
            response = self._application(environ, start_response)
        except BaseException:
            place.close()
            raise
        return _Held(response, place)

    def _tell(self) -> None:
        """One line in a while, not one for each who is refused in a flood."""
        with self._lock:
            self._refused += 1
            now, refused = monotonic(), self._refused
            if now - self._told_at < TELL_EVERY_S:
                return
            self._told_at, self._refused = now, 0
        people = self._gates[Rank.PEOPLE]
        log.warning(
            "too much is asked: %d requests told to come again, of people's %d wait, for %.1f s",
            refused, people.waiting, people.wait_s(Rank.PEOPLE),
        )  # fmt: skip


class _Place:
    """A place that was taken, with its connection; to be left once."""

    def __init__(self, gate: Gate, lent: Lent, entered: float) -> None:
        self._gate, self._lent, self._entered = gate, lent, entered
        self._connection = lent.take()
        self._left = False

    def close(self) -> None:
        if not self._left:
            self._left = True
            self._lent.give_back(self._connection)
            self._gate.leave(self._entered)


class _Held:
    """A response; its place is held until it is closed, since it may still ask the database."""

    def __init__(self, response: Any, place: _Place) -> None:
        self._response, self._place = response, place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response)

    def close(self) -> None:
        try:
            close = getattr(self._response, "close", None)
            if close is not None:
                close()
        finally:
            self._place.close()


def _drain(environ: dict[str, Any]) -> None:
    """Takes what is being sent, a photo perhaps: who is cut off while he sends reads no answer."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if 0 < length <= _DRAINED:
        with suppress(OSError):
            environ["wsgi.input"].read(length)


def _seconds(full: Full) -> int:
    """When to come again: not all at the same moment."""
    return ceil(full.retry_after_s * random.uniform(0.75, 1.5))  # noqa: S311 - nothing secret


@lru_cache(maxsize=128)
def _problem(seconds: int) -> tuple[str, list[tuple[str, str]], bytes]:
    """What a program is told, which is the same for all: made once, since many may ask for it."""
    from huying.api.middleware import STRICT

    with translation.override(settings.LANGUAGE_CODE):
        response = outages.as_problem(outages.Busy(retry_after=seconds))
        response["Content-Security-Policy"] = STRICT
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Length"] = str(len(response.content))
        status = f"{response.status_code} {response.reason_phrase}"
        return status, list(response.items()), response.content


class ToldToComeAgain:
    """Answers people who were refused at the door, without a question to the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        in_no_frame = cast("Callable[[HttpRequest], HttpResponse]", XFrameOptionsMiddleware(_busy))
        in_language = ChosenLanguage(in_no_frame)
        self.refuse = cast(
            "Callable[[HttpRequest], HttpResponse]",
            SecurityMiddleware(ContentSecurityPolicy(in_language)),
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if REFUSED in request.META:
            return self.refuse(request)
        return self.get_response(request)


def _busy(request: HttpRequest) -> HttpResponse:
    full: Full = request.META[REFUSED]
    response = outages.told(request, outages.Busy(retry_after=_seconds(full)))
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's; see `Door._tell`
    return response
