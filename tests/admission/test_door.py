"""What the server's front does with each request: its rank, its connection, and a refusal."""

from __future__ import annotations

import cProfile
import gc
import io
import json
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client

from huying.admission import REFUSED
from huying.admission.door import Door, rank_of
from huying.admission.gate import Full, Rank
from huying.telemetry.observing import Observed
from tests.infra.test_serve import wait_for


def asked(path: str, method: str = "GET", **more: str) -> dict[str, Any]:
    return {"PATH_INFO": path, "REQUEST_METHOD": method, **more}


@pytest.mark.parametrize(
    ("request_", "rank"),
    [
        (asked("/healthz"), Rank.WATCH),
        (asked("/static/huying/app.css"), Rank.WATCH),
        (asked("/desk/"), Rank.PEOPLE),
        (asked("/desk/inbox/news", HTTP_X_BACKGROUND="1"), Rank.BACKGROUND),
        # A phone sends what somebody has done by itself; that is kept before anything is looked at.
        (asked("/api/v1/cases", "POST", HTTP_X_BACKGROUND="1"), Rank.PEOPLE),
        (asked("/api/v1/cases", "POST", HTTP_AUTHORIZATION="Bearer x"), Rank.PEOPLE),
        (asked("/field/who", HTTP_X_BACKGROUND="1"), Rank.PEOPLE),
        (asked("/field/track", "POST", HTTP_X_BACKGROUND="1"), Rank.BACKGROUND),
    ],
)
def test_who_goes_first(request_: dict[str, Any], rank: Rank) -> None:
    assert rank_of(request_) is rank


BUSY: dict[str, Any] = {REFUSED: Full(4.0)}


def test_a_page_says_in_chinese_that_too_much_is_being_done_and_asks_no_database() -> None:
    answer = Client().get("/desk/", **BUSY)
    assert answer.status_code == 503
    assert 3 <= int(answer["Retry-After"]) <= 6
    assert "当前系统繁忙" in answer.content.decode()
    assert f"本页将在 {answer['Retry-After']} 秒后自动重试" in answer.content.decode()
    assert answer["Refresh"] == answer["Retry-After"]
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert len(answer["X-Request-ID"]) == 32


def test_it_says_so_in_the_language_that_was_chosen() -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    assert "Too much is being done" in client.get("/report", **BUSY).content.decode()


def test_what_was_typed_comes_back_to_be_sent_again() -> None:
    answer = Client().post("/report", {"text": "三巷有汽油味", "otp": "123456"}, **BUSY)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "123456" not in page
    answer = Client().post("/report", {"text": "三巷有汽油味"}, **BUSY)
    assert 'value="三巷有汽油味"' in answer.content.decode()


def nothing(*_: Any) -> Iterable[bytes]:
    raise AssertionError("the application was asked")


@pytest.mark.parametrize(
    "request_",
    [
        asked("/desk/inbox/news", HTTP_X_BACKGROUND="1"),
        asked("/field/track", "POST"),
        asked("/api/v1/cases", "POST"),
        asked("/api/v1/cases/7/verbs/accept", "POST", HTTP_X_BACKGROUND="1"),
    ],
)
def test_programs_are_told_as_programs_are_and_next_to_nothing_is_done_for_it(
    request_: dict[str, Any],
) -> None:
    door = full_door(nothing)
    told: list[Any] = []
    photo = io.BytesIO(b"x" * 2000)
    request_ |= {"CONTENT_LENGTH": "2000", "wsgi.input": photo}
    body = b"".join(door(request_, lambda *what: told.append(what)))
    assert photo.read() == b""  # who still sends would be cut off, and read nothing of this
    ((status, headers),) = told
    assert status.startswith("503 ")
    fields = dict(headers)
    assert fields["Content-Type"] == "application/problem+json"
    assert 2 <= int(fields["Retry-After"]) <= 4
    assert int(fields["Content-Length"]) == len(body)
    assert fields["Cache-Control"] == "no-store"
    problem = json.loads(body)
    assert problem["code"] == "busy"
    assert "当前系统繁忙" in problem["detail_zh"]


class Inner:
    """An application that waits until it is told to go on, and notes which connection it had."""

    def __init__(self) -> None:
        self.go_on, self.inside = threading.Event(), 0
        self.backends: list[int] = []
        self.refused = 0

    def __call__(self, environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        if REFUSED in environ:
            self.refused += 1
            return [b"busy"]
        if environ["PATH_INFO"] == "/fails":
            raise ValueError("it fails")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backends.append(cursor.fetchone()[0])
        self.inside += 1
        assert self.go_on.wait(20)
        return [b"done"]


def own_connections() -> list[str]:
    """Of this thread."""
    return [each.alias for each in connections.all(initialized_only=True)]


def ask(door: Door, path: str = "/desk/") -> threading.Thread:
    def run() -> None:
        answer: Any = door(asked(path), lambda *_: None)
        list(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert DEFAULT_DB_ALIAS not in own_connections()  # nothing stays with the thread

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def end(door: Door) -> None:
    for one in door._lent._idle:
        one.inc_thread_sharing()
        one.close()


@contextmanager
def taken(room: int, *paths: str) -> Iterator[tuple[Inner, Door, list[threading.Thread]]]:
    """A door with a place of each kind, in which requests for these paths are; in the end all that
    were begun go on and are answered."""
    inner = Inner()
    door = Door(inner, places=1, room=room, aside=1)
    threads = [ask(door, path) for path in paths]
    wait_for(lambda: inner.inside == len(paths), 10)
    yield inner, door, threads
    inner.go_on.set()
    for thread in threads:
        thread.join(20)
    end(door)


def waits(door: Door) -> bool:
    """Whether one of people's waits."""
    return door._gates[Rank.PEOPLE].waiting == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_has_the_place_has_its_connection_be_it_another_thread() -> None:
    with taken(10, "/desk/") as (inner, door, threads):
        threads.append(ask(door))
        wait_for(lambda: waits(door), 10)
        assert inner.inside == 1
    assert inner.inside == 2
    assert len(set(inner.backends)) == 1


def full_door(application: Callable[..., Iterable[bytes]]) -> Door:
    """A door behind which all places are taken, and no room to wait."""
    door = Door(application, places=1, room=0)
    for gate in set(door._gates.values()):
        gate.enter(Rank.PEOPLE)
    return door


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_that_was_only_looked_at_is_told_at_the_door_as_the_application_would_tell_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any, language: str, scheme: str
) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    monkeypatch.setattr("huying.admission.door._seconds", lambda _full: 7)
    told: list[Any] = []
    cookie = f"django_language={language}"
    more = {"HTTP_COOKIE": cookie, "wsgi.url_scheme": scheme, "HTTP_X_REQUEST_ID": "<script>"}
    body = b"".join(full_door(nothing)(asked("/desk/", **more), lambda *what: told.append(what)))

    client = Client()
    client.cookies["django_language"] = language
    wanted = client.get("/desk/", **(BUSY | {"wsgi.url_scheme": scheme}))
    ((status, headers),) = told
    fields = dict(headers)
    assert status == "503 Service Unavailable"
    assert body == wanted.content
    assert int(fields.pop("Content-Length")) == len(body)
    own = fields.pop("X-Request-ID")
    assert len(own) == 32
    assert own != wanted["X-Request-ID"]
    assert fields == {name: wanted[name] for name in fields}
    assert set(fields) == set(wanted.headers) - {"X-Request-ID"}
    assert ("Strict-Transport-Security" in fields) is (scheme == "https")


class Photo:
    """What a request has brought."""


def test_a_request_that_is_answered_is_emptied_at_once(db: None) -> None:
    photos: list[weakref.ref[Photo]] = []

    def view(request: HttpRequest) -> HttpResponse:
        photo = Photo()
        request.photo = photo  # type: ignore[attr-defined]
        request.itself = request  # type: ignore[attr-defined]  # as by Django's `auser`
        photos.append(weakref.ref(photo))
        return HttpResponse()

    def application(environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        environ |= {"wsgi.input": io.BytesIO(), "REMOTE_ADDR": "192.0.2.1"}
        return Observed(view)(WSGIRequest(environ))

    gc.disable()
    try:
        answer: Any = Door(application, places=1, room=0)(asked("/desk/"), lambda *_: None)
        assert photos[0]() is not None  # the answer may still need what it has
        answer.close()
        assert photos[0]() is None
    finally:
        gc.enable()


def test_a_page_that_is_refused_again_and_again_is_not_drawn_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huying.admission.door._seconds", lambda _full: 7)
    door = full_door(nothing)
    request_ = asked("/desk/", HTTP_COOKIE="huying=x; django_language=zh-hans; other=y")

    def refuse() -> None:
        list(door(dict(request_), lambda *_: None))

    refuse()
    assert calls(refuse) < 200  # and drawing it is 1,700


def calls(work: Callable[[], object]) -> int:
    """How many functions are called by it, in the mean of ten times."""
    profile = cProfile.Profile()
    profile.enable()
    for _each in range(10):
        work()
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) // 10


@pytest.mark.django_db(transaction=True)
def test_who_has_sent_something_and_finds_no_room_is_answered_at_once_without_a_place() -> None:
    with taken(0, "/desk/") as (inner, door, _threads):
        assert list(door(asked("/desk/", "POST"), lambda *_: None)) == [b"busy"]
    assert (inner.inside, inner.refused) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_positions_go_on_while_people_wait_and_the_other_way_round() -> None:
    with taken(10, "/desk/", "/field/track") as (inner, door, threads):
        threads.append(ask(door))
        wait_for(lambda: waits(door), 10)
        assert b"busy" in b"".join(door(asked("/field/track"), lambda *_: None))
    assert (inner.inside, inner.refused) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_a_request_that_fails_leaves_its_place() -> None:
    inner = Inner()
    inner.go_on.set()
    door = Door(inner, places=1, room=0)
    with pytest.raises(ValueError, match="it fails"):
        door(asked("/fails"), lambda *_: None)
    ask(door).join(20)
    assert (inner.inside, inner.refused) == (1, 0)
    end(door)


@pytest.mark.django_db
def test_a_thread_that_has_a_connection_keeps_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()
    inner = Inner()
    inner.go_on.set()
    answer: Any = Door(inner, places=1, room=0)(asked("/desk/"), lambda *_: None)
    answer.close()
    assert inner.backends == [own]
    assert connection.alias in own_connections()
