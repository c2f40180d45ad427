"""The database away, all its connections taken, the disk full: nobody is told a falsehood."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, close_old_connections, connections
from django.test import Client
from PIL import Image
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from huying import limiting
from huying.cases import attaching
from huying.cases.models import Attachment, Case
from huying.durable import durable_files
from huying.outages import Busy, NoRoom, Unavailable, outage
from huying.people.acting import Actor, ActorKind
from huying.people.models import Role
from huying.people.sessions import SessionStore

BY = Actor(ActorKind.INTEGRATION, role=Role.DISPATCHER, area_code="440113", integration_id=7)


@pytest.fixture(autouse=True)
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for photos that no other test process uses."""
    place = tmp_path / "attachments"
    place.mkdir(mode=0o700)
    monkeypatch.setattr(attaching, "folder", lambda: place)
    return place


def of_database(cause: Exception) -> OperationalError:
    error = OperationalError("away")
    error.__cause__ = cause
    return error


def of_queue(cause: Exception) -> ConnectorException:
    error = ConnectorException()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (of_database(psycopg.OperationalError("server closed the connection")), Unavailable),
        (of_database(psycopg.errors.AdminShutdown()), Unavailable),
        (of_database(psycopg.errors.TooManyConnections()), Busy),
        (of_database(PoolTimeout("none free")), Busy),
        (of_database(psycopg.errors.DiskFull()), NoRoom),
        (of_queue(psycopg.OperationalError("terminating connection")), Unavailable),
        (OSError(errno.ENOSPC, "full"), NoRoom),
        (OSError(errno.EIO, "broken"), NoRoom),
    ],
)
def test_what_passes_is_told_as_such(error: Exception, told: type[Unavailable]) -> None:
    found = outage(error)
    assert type(found) is told
    assert found.extra["retry_after"] > 0


def test_a_mistake_is_no_outage() -> None:
    assert outage(ValueError("x")) is None
    assert outage(FileNotFoundError("x")) is None


class Doors:
    """Of the database: how many connections it lets in."""

    def __init__(self, postgres: Any, database: str) -> None:
        self.postgres, self.database = postgres, database

    def limit(self, connections_: int) -> None:
        connections.close_all()
        with self.postgres.admin() as admin:
            admin.execute(f"ALTER DATABASE {self.database} CONNECTION LIMIT {connections_}")


@pytest.fixture
def no_connections(transactional_db: None, postgres: Any, database_name: str) -> Iterator[Doors]:
    """Everybody who may connect has, and there are no more connections to be had."""
    doors = Doors(postgres, database_name)
    doors.limit(0)
    yield doors
    doors.limit(-1)


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def test_without_a_connection_a_page_says_so_and_gives_back_what_was_typed(
    no_connections: Doors, browser: Client
) -> None:
    sent = {"text": "六巷有一股煤气味 <b>", "place": "六巷3号"}
    response = browser.post("/report", sent)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    page = response.content.decode()
    assert "当前系统繁忙" in page
    assert 'name="text" value="六巷有一股煤气味 &lt;b&gt;"' in page
    assert 'name="place" value="六巷3号"' in page


def test_without_a_connection_a_program_is_told_when_to_come_again(
    no_connections: Doors, browser: Client
) -> None:
    headers = {"Authorization": "Bearer hy_" + "x" * 43, "Idempotency-Key": "one"}
    response = browser.post("/api/v1/cases", {}, "application/json", headers=headers)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["code"] == "busy"
    assert "请稍等片刻" in response.json()["detail_zh"]


BACK_S = 60.0
"""So soon whoever asks is served again, once there is what was wanting."""


def asked(browser: Client) -> int:
    """The status of a page that cannot be had without the database; 422 when all is well."""
    limiting.forget()
    close_old_connections()  # as before each request, but for those of a test's client
    return browser.post("/report", {"text": "六巷有一股煤气味"}).status_code


def served_within(browser: Client, seconds: float) -> bool:
    ends = monotonic() + seconds
    while monotonic() < ends:
        if asked(browser) == 422:
            return True
        sleep(0.2)
    return False


def test_it_goes_on_by_itself_when_there_are_connections_again(
    no_connections: Doors, browser: Client
) -> None:
    assert asked(browser) == 503
    no_connections.limit(-1)
    assert served_within(browser, BACK_S)


@pytest.fixture
def pool_of_one(transactional_db: None) -> Iterator[None]:
    """A pool in this process (HUYING_DATABASE_POOL) that has one connection for all."""
    connections.close_all()
    options = connections.databases["default"]["OPTIONS"]
    options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 0.5}
    yield
    connections["default"].close_pool()
    del options["pool"]
    connections.close_all()


def test_a_pool_that_was_exhausted_serves_again_when_a_connection_comes_back(
    pool_of_one: None, browser: Client
) -> None:
    taken, enough = threading.Event(), threading.Event()

    def hold() -> None:
        connections["default"].ensure_connection()
        taken.set()
        enough.wait(30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert taken.wait(20)
        response = browser.post("/report", {"text": "六巷有一股煤气味"})
        assert response.status_code == 503
        assert "当前系统繁忙" in response.content.decode()
    finally:
        enough.set()
        holder.join()
    assert served_within(browser, BACK_S)


def test_a_pool_whose_connections_were_all_ended_serves_again(
    pool_of_one: None, browser: Client, postgres: Any, database_name: str
) -> None:
    assert asked(browser) == 422
    with postgres.admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [database_name],
        )
    assert served_within(browser, BACK_S)


def jpeg() -> io.BytesIO:
    target = io.BytesIO()
    Image.frombytes("RGB", (900, 700), os.urandom(900 * 700 * 3)).save(target, "JPEG", quality=95)
    return target


def stage() -> Attachment:
    from django.utils import timezone

    return attaching.stage(jpeg(), kind="photo_before", by=BY, now=timezone.now())


@pytest.fixture
def small_disk(db: None, photos: Path) -> Iterator[Path]:
    """The folder for photos, on a disk of its own that is nearly full."""
    place = photos
    options = "size=64k,mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def files(place: Path) -> list[Path]:
    return [each for each in place.rglob("*") if each.is_file()]


def test_a_photo_for_which_there_is_no_room_is_refused_and_leaves_nothing(
    small_disk: Path,
) -> None:
    with pytest.raises(OSError, match="No space left") as refused:
        stage()
    assert type(outage(refused.value)) is NoRoom
    assert files(small_disk) == []
    assert not Attachment.objects.exists()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert attaching.file_of(stage().pk).is_file()  # by itself, once there is room again


@pytest.mark.django_db
def test_a_session_that_cannot_be_kept_while_the_database_is_away_is_no_fault_of_who_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = SessionStore()
    store.create()

    def fails(*_args: Any, **_more: Any) -> None:
        raise psycopg.OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", fails)
        with pytest.raises(OperationalError) as told:
            store.save()  # Django's own says UpdateError here, which is answered 400
    assert type(outage(told.value)) is Unavailable
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()  # this one was ended


def broken(code: int) -> Callable[..., Any]:
    def fails(*_args: Any, **_more: Any) -> None:
        raise OSError(code, os.strerror(code))

    return fails


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_file_that_does_not_reach_the_disk_was_never_there(
    photos: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr("os.fsync", broken(code))
    with pytest.raises(OSError, match=os.strerror(code)):
        durable_files({photos / "a.jpg": b"abc"})
    assert list(photos.iterdir()) == []


@pytest.mark.django_db
def test_a_photo_whose_row_is_refused_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(attaching.folder())
    monkeypatch.setattr(attaching, "rows_of", broken(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        stage()
    assert files(attaching.folder()) == before


@pytest.mark.django_db
def test_files_of_a_killed_upload_are_swept_away_and_others_stay() -> None:
    from datetime import timedelta

    from django.utils import timezone

    kept, now = stage(), timezone.now()
    lost = attaching.file_of(attaching.new_id())
    attaching.write({lost: b"half"})
    draft = lost.with_name(f".{lost.name}.0011.part")
    draft.write_bytes(b"ha")
    assert attaching.sweep_orphans(now=now) == 0  # its row may still come
    assert attaching.sweep_orphans(now=now + timedelta(hours=7)) == 2
    assert not lost.exists()
    assert not draft.exists()
    assert attaching.file_of(kept.pk).is_file()


def test_a_photo_that_is_being_taken_up_is_not_swept_away(transactional_db: None) -> None:
    from datetime import timedelta

    from django.db import connection, transaction
    from django.utils import timezone

    kept, going = stage(), threading.Event()

    def take_up() -> None:
        with transaction.atomic():
            Attachment.objects.filter(pk=kept.pk).update(held=True)
            going.set()
            sleep(0.5)
        connection.close()

    verb = threading.Thread(target=take_up)
    verb.start()
    assert going.wait(10)
    assert attaching.sweep(now=timezone.now() + timedelta(days=2)) == 0
    verb.join()
    assert Attachment.objects.get(pk=kept.pk).held
    assert attaching.file_of(kept.pk).is_file()
    Attachment.objects.filter(pk=kept.pk).update(held=False)
    assert attaching.sweep(now=timezone.now() + timedelta(days=2)) == 1
    assert not attaching.file_of(kept.pk).exists()


def test_a_form_that_was_cut_off_reports_nothing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.wsgi import get_wsgi_application

    from huying.lines import Watch, guarded

    told: list[str] = []
    body = "text=六巷有一股煤气味&place=".encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/report",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}={'a' * 32}",
        "HTTP_X_CSRFTOKEN": "a" * 32,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body) + 30),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    watch = Watch(settings.HUYING.slow_client_seconds, 4, looks=False)
    read: list[Any] = []
    django = get_wsgi_application()
    with monkeypatch.context() as patch:
        patch.setattr(
            "huying.public.reporting._take", lambda request, _photos: read.append(request)
        )
        app = guarded(django, watch)
        list(app(environ, lambda status, headers: told.append(status)))
    assert told[0][0] == "4"
    assert not read
    assert not Case.objects.exists()
