"""Behind PgBouncer in transaction mode: a whole life, its jobs, and a page that is told of it.

The real one, lending two connections to all of web and worker, and knowing nothing of statements
that were prepared: whatever counts on a connection of its own fails here.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from psycopg.conninfo import conninfo_to_dict

from huying import embedded
from huying.api import tokens
from huying.benchmarks.chromium import session_of
from huying.benchmarks.errands import VERBS, Caller, Cast, Client, Told
from huying.cases.models import Case, CaseEvent
from huying.cases.states import State
from huying.notices.models import Notice
from huying.postgres.care import look_after
from huying.postgres.watch import Watch
from huying.unprivileged import folder_for_server, identity
from tests.cases.town import DISTRICT, GRID_1, SPOTS, Town
from tests.infra.test_serve import free_port, healthy, wait_for
from tests.unconfirmed import unconfirmed_commits

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
LENT = 2

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")


def listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pooler(server: str, folder: Path) -> Iterator[int]:
    """PgBouncer before a server, as the server's own unprivileged user; gives its port."""
    who, port = identity(), free_port()
    told = conninfo_to_dict(server)
    folder.mkdir()
    who.own(folder)
    place, descriptors = folder_for_server(folder, who)
    host = str(told["host"])
    if host.startswith("/"):  # a private folder, into which the other user must be led
        host, more = folder_for_server(Path(host), who)
        descriptors += more
    role, password = told["user"], told["password"]
    lines = {
        "pgbouncer.ini": f"""
[databases]
* = host={host} port={told["port"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {place}/users.txt
admin_users = {role}
pool_mode = transaction
default_pool_size = {LENT}
""",
        "users.txt": f'"{role}" "{password}"\n',
    }
    for name, text in lines.items():
        (folder / name).write_text(text)
        who.own(folder / name)
    assert PROGRAM is not None
    process = subprocess.Popen(
        [PROGRAM, "-q", f"{place}/pgbouncer.ini"], cwd="/", pass_fds=descriptors,
        **who.popen_options(),
    )  # fmt: skip
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        wait_for(lambda: listens(port))
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def running(url: str, *program: str, **more: str) -> Iterator[None]:
    """A program of huying that reaches its database by this address."""
    own = {**os.environ, "DATABASE_URL": url, "HUYING_DATABASE_POOLER": "true", **more}
    process = subprocess.Popen([sys.executable, "-m", *program], env=own)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def caller(town: Town, post: str) -> Caller:
    token = _get_new_csrf_string()
    name, key = session_of(town.posts[post])
    cookie = f"{name}={key}; {settings.CSRF_COOKIE_NAME}={token}"
    return Caller({"Cookie": cookie, "X-CSRFToken": token})


def cast(town: Town) -> Cast:
    """A village's desk and its committee, a checker of the town, and a connected system."""
    from datetime import UTC, datetime

    now, (lon, lat) = datetime.now(UTC), SPOTS[GRID_1]
    system = tokens.connect("pooled", role="dispatcher", area_code=DISTRICT, now=now)
    secret = tokens.issue(system, scopes=["report", "attach"], days=2, now=now)[1]
    return Cast(
        system=Caller({"Authorization": f"Bearer {secret}"}),
        dispatcher=caller(town, "village_dispatcher"),
        handler=caller(town, "committee_handler"),
        checker=caller(town, "checker"),
        unit=town.committee.pk,
        lon=lon,
        lat=lat,
    )


def asked(port: int, path: str, by: Caller) -> tuple[int, Any, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=by.headers)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - of this machine
        return answer.status, answer.headers, answer.read().decode()


@pytest.mark.slow
def test_a_case_lives_its_life_behind_a_pooler_that_lends_a_connection_for_a_transaction(
    transactional_db: None, postgres: Any, database_name: str, tmp_path: Path
) -> None:
    who, told, web = cast(Town()), Told(), free_port()
    server = postgres.url(embedded.APPLICATION, database_name)
    with ExitStack() as stack:
        port = stack.enter_context(pooler(server, tmp_path / "pooler"))
        known = conninfo_to_dict(server)
        before = f"postgresql://{known['user']}:{known['password']}@127.0.0.1:{port}"
        url = f"{before}/{database_name}"
        own = {"HUYING_PORT": str(web), "HUYING_WEB_PROCESSES": "1", "HUYING_WEB_THREADS": "4"}
        stack.enter_context(running(url, "huying.web", HUYING_UNDO_SECONDS="0", **own))
        stack.enter_context(running(url, "huying", "worker", HUYING_UNDO_SECONDS="0"))
        wait_for(lambda: healthy(web))

        client = Client(web, who, told, number=0, seed=0)
        number = client.report([])
        assert number is not None, told.refused
        _status, _head, page = asked(web, f"/desk/cases/{number}", who.dispatcher)
        pulse = re.findall('data-pulse="([^"]*)"', page)[0].replace("&amp;", "&")
        _status, head, _page = asked(web, f"{pulse}&since=", who.dispatcher)
        mark = head["X-Mark"]

        assert client.life(number), (told.refused, told.stuck, told.statuses)
        changed = f"{pulse}&since={mark}"
        wait_for(lambda: asked(web, changed, who.dispatcher)[0] == 200, 20)

        case = Case.objects.get(number=number)
        assert case.state == State.CLOSED
        verbs = list(CaseEvent.objects.filter(case_id=case.pk).values_list("verb", flat=True))
        assert verbs[0] == "report"
        assert set(VERBS) <= set(verbs)
        # The worker found its jobs and did them.
        wait_for(lambda: Notice.objects.filter(case_id=case.pk).exists())

        admin = psycopg.connect(f"{before}/pgbouncer", autocommit=True)
        with closing(admin), admin.cursor() as cursor:
            cursor.execute("SHOW SERVERS")
            lent = len(cursor.fetchall())
            cursor.execute("SHOW CLIENTS")
            held = len(cursor.fetchall())
        assert lent <= LENT < held, "more wanted a connection than there were"
    assert told.statuses == {}


def test_a_commit_behind_a_pooler_that_no_standby_confirms_is_given_up_by_its_process_alone(
    transactional_db: None, postgres: Any, database_name: str, tmp_path: Path
) -> None:
    server = postgres.url(embedded.APPLICATION, database_name)
    known = conninfo_to_dict(server)
    waited: list[bool] = []

    def write(url: str) -> None:
        with psycopg.connect(url, application_name="huying-one") as connection:
            care = look_after(connection)
            connection.execute("SET LOCAL synchronous_commit = on")
            connection.execute("SELECT pg_logical_emit_message(true, 'test', '')")
            connection.commit()
            waited.append(care.unreplicated)

    def watch(name: str) -> Watch:
        return Watch(
            lambda: psycopg.connect(server, autocommit=True), 8, elsewhere=False, name=name
        )

    with ExitStack() as stack:
        port = stack.enter_context(pooler(server, tmp_path / "pooler"))
        url = f"postgresql://{known['user']}:{known['password']}@127.0.0.1:{port}/{database_name}"
        standby = stack.enter_context(unconfirmed_commits(postgres, database_name))
        # As many as the pooler has connections: who would ask through it would never be served.
        threads = [threading.Thread(target=write, args=(url,)) for _n in range(LENT)]
        for each in threads:
            each.start()
        wait_for(lambda: standby.waiting() == LENT)
        other, numbers, ours = watch("huying-another"), watch(""), watch("huying-one")
        for seconds in (0.0, 100.0):
            assert other.once(seconds) == numbers.once(seconds) == 0
        assert [ours.once(0.0), ours.once(100.0)] == [0, LENT]
        for each in threads:
            each.join(20)
    assert waited == [True, True], "the warning came back through the pooler"


def test_each_process_behind_a_pooler_has_a_name_of_its_own() -> None:
    program = "from django.conf import settings as s; print(s.DATABASES['default']['OPTIONS'])"
    own = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huying.settings",
        "DATABASE_URL": "postgresql://a:b@h/x",
    }

    def name(pooler: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=own | {"HUYING_DATABASE_POOLER": pooler},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return str(ast.literal_eval(done.stdout)["application_name"])

    one, two = name("true"), name("true")
    assert one.startswith("huying-")
    assert one != two
    assert name("false") == "huying"
