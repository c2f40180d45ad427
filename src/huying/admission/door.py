"""The gate before the application: a request's rank, its place, and what the refused are told."""

from __future__ import annotations

import io
import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from time import monotonic
from typing import Any, Final, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation

from huying import outages
from huying.admission import ANSWERED, REFUSED
from huying.admission.gate import Full, Gate, Rank
from huying.admission.lending import Lent
from huying.computing import Application
from huying.language import ChosenLanguage, of_cookie
from huying.security import ContentSecurityPolicy
from huying.telemetry import counted, observing

Answering = Callable[[HttpRequest], HttpResponse]

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
                told = _problem(_seconds(full))
            elif environ["REQUEST_METHOD"] == "GET":
                told = _page(_seconds(full), _language(environ), _is_secure(environ))
                told = told.to(environ)
            else:  # what was typed goes back to whoever has typed it
                return self._application(environ, start_response)
            start_response(told.status, told.headers)
            return [told.body]
        place = _Place(gate, self._lent, entered, environ)
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

    def __init__(self, gate: Gate, lent: Lent, entered: float, environ: dict[str, Any]) -> None:
        self._gate, self._lent, self._entered = gate, lent, entered
        self._environ = environ
        self._connection = lent.take()
        self._left = False

    def close(self) -> None:
        if not self._left:
            self._left = True
            _empty(self._environ)
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


def _empty(environ: dict[str, Any]) -> None:
    """Lets go of what a request that is answered still holds: its account, rows, and photos.

    Django's request holds things that hold it in turn. What hangs together so is found only when
    all is looked through, some hundred requests later.
    """
    request = environ.pop(ANSWERED, None)
    if request is not None:
        request.__dict__.clear()


def _drain(environ: dict[str, Any]) -> None:
    """Takes what is being sent, a photo perhaps: who is cut off while he sends reads no answer."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if 0 < length <= _DRAINED:
        with suppress(OSError):
            environ["wsgi.input"].read(length)


def _seconds(full: Full) -> int:
    """When to come again: not all at the same moment."""
    return ceil(full.retry_after_s * random.uniform(0.75, 1.5))  # noqa: S311 - nothing secret


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer that is the same for all: made once, since many may ask for it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def by(cls, response: HttpResponse) -> _Told:
        """As Django has made it."""
        response["Content-Length"] = str(len(response.content))
        status = f"{response.status_code} {response.reason_phrase}"
        return cls(status, list(response.items()), response.content)

    def to(self, environ: dict[str, Any]) -> _Told:
        """The same with the id of the request that it answers."""
        return replace(self, headers=[*self.headers, (observing.HEADER, observing.id_of(environ))])


@lru_cache(maxsize=128)
def _problem(seconds: int) -> _Told:
    """What a program is told."""
    from huying.api.middleware import STRICT

    with translation.override(settings.LANGUAGE_CODE):
        response = outages.as_problem(outages.Busy(retry_after=seconds))
        response["Content-Security-Policy"] = STRICT
        response["X-Content-Type-Options"] = "nosniff"
        return _Told.by(response)


@lru_cache(maxsize=512)
def _page(seconds: int, language: str, secure: bool) -> _Told:
    """What people are told who have only looked at a page."""

    def busy(request: HttpRequest) -> HttpResponse:
        return outages.told(request, outages.Busy(retry_after=seconds))

    asked = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "https" if secure else "http",
            "HTTP_COOKIE": f"{settings.LANGUAGE_COOKIE_NAME}={language}",
        }
    )
    return _Told.by(_as_a_page(busy)(asked))


def _language(environ: dict[str, Any]) -> str:
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    return of_cookie(cookies.get(settings.LANGUAGE_COOKIE_NAME, ""))


def _is_secure(environ: dict[str, Any]) -> bool:
    """Whether it came over https, as Django finds it of a request."""
    told = settings.SECURE_PROXY_SSL_HEADER
    if told and told[0] in environ:
        return bool(environ[told[0]].partition(",")[0].strip() == told[1])
    return bool(environ.get("wsgi.url_scheme") == "https")


def _as_a_page(view: Answering) -> Answering:
    """A view with the headers that every page has, in the language that was chosen."""
    # Django's own say of themselves that they may be asynchronous, which these are not.
    in_no_frame = cast("Answering", XFrameOptionsMiddleware(view))
    in_language = ChosenLanguage(in_no_frame)
    return cast("Answering", SecurityMiddleware(ContentSecurityPolicy(in_language)))


class ToldToComeAgain:
    """Answers people who were refused at the door, without a question to the database."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self.refuse = _as_a_page(_busy)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if REFUSED in request.META:
            return self.refuse(request)
        return self.get_response(request)


def _busy(request: HttpRequest) -> HttpResponse:
    full: Full = request.META[REFUSED]
    response = outages.told(request, outages.Busy(retry_after=_seconds(full)))
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's; see `Door._tell`
    return response
