"""One PostgreSQL server for the test run, one database for each test process.

The database is migrated by the owner and has divisions, catalogue and calendar; pytest-django's
`db` fixture enters it as the application's role, as the product does. Each test process works in
a copy of one template, that of a data folder made ready (`made_ready`). After a test with real
commits (`transactional_db`, `live_server`) the copy is made anew.

`--external-postgres` runs the tests on a PostgreSQL 15 of the operating system instead.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long a machine takes to think of an example, or to run it, is no finding.
settings.register_profile("huying", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("huying")

MEMORY = Path("/dev/shm")


def memory_has_room() -> bool:
    """Whether a file system in memory may hold what the tests leave for a while."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize > 2 << 30 and not found.f_flag & os.ST_NOEXEC


# A database is two thousand files, made and removed again after each test with real commits: a disk
# looks for so many numbers that were not just free, which took a second of the processor each time.
if "TMPDIR" not in os.environ and memory_has_room():
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

CONTROLLER = "HUYING_TEST_HOME"

if CONTROLLER not in os.environ:
    os.environ[CONTROLLER] = tempfile.mkdtemp(prefix="huying-test-")
HOME = Path(os.environ[CONTROLLER])
os.environ["HUYING_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "huying.settings"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ.pop(name, None)

TEMPLATE = "huying"
DISTRICT = "440113"
EXTERNAL = "HUYING_TEST_EXTERNAL"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--external-postgres",
        action="store_true",
        help="use the operating system's PostgreSQL 15 instead of the embedded server",
    )


def pytest_configure(config: pytest.Config) -> None:
    import django

    django.setup()
    from django.conf import settings

    # Hashing is slow on purpose; half a second each time somebody signs in proves nothing here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if config.getoption("external_postgres") and not hasattr(config, "workerinput"):
        from tests import external
        from tests.made_ready import QUICK

        if not external.found():
            missing = f"{external.PROGRAMS} is missing: apt-get install postgresql-15"
            pytest.exit(missing, returncode=1 if os.environ.get("CI") == "true" else 0)
        running = external.postgres_15(HOME, QUICK)
        os.environ[EXTERNAL] = running.__enter__()
        config.add_cleanup(lambda: running.__exit__(None, None, None))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first, or one of them would end alone; the browser's loop after all without it.

    On the other PostgreSQL only what asks a database has anything new to prove.
    """
    items.sort(key=lambda it: (in_browser(it), it.get_closest_marker("slow") is None))
    if not config.getoption("external_postgres"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not asks_database(item)])
    items[:] = filter(asks_database, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays; looking through it for garbage again and again took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: a test that waits for a page, for another process or for
    a lock leaves its processor to somebody."""
    return (os.cpu_count() or 1) + 1


def in_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def asks_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(
        fixtures & {"db", "transactional_db", "postgres"} or item.get_closest_marker("django_db")
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.add_cleanup(lambda: shutil.rmtree(HOME, ignore_errors=True))


class Server:
    """The running server, as the tests use it."""

    def __init__(self, url: Any) -> None:
        self.url = url  # (role, database) -> connection string

    def urls(self, database: str) -> dict[str, str]:
        """Where huying finds a database, as its environment says it."""
        from huying import embedded

        return {
            "DATABASE_URL": self.url(embedded.APPLICATION, database),
            "DATABASE_OWNER_URL": self.url(embedded.OWNER, database),
        }

    @contextlib.contextmanager
    def empty(self, database: str) -> Iterator[dict[str, str]]:
        """A database with nothing in it, until the end; gives its `urls`."""
        from huying import embedded_roles

        with self.admin() as connection:
            embedded_roles.create_database(connection, database)
        try:
            yield self.urls(database)
        finally:
            with self.admin() as connection:
                connection.execute(f"DROP DATABASE {database} WITH (FORCE)")

    @contextlib.contextmanager
    def admin(self, database: str = "postgres") -> Iterator[Any]:
        import psycopg

        from huying import embedded

        with psycopg.connect(self.url(embedded.SUPERUSER, database), autocommit=True) as connection:
            yield connection

    def copy(self, source: str, target: str) -> None:
        """Makes `target` anew from `source`, throwing out who still is in it."""
        from psycopg import sql

        from huying import embedded

        with self.admin() as connection:
            new, old = sql.Identifier(target), sql.Identifier(source)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                    new, sql.Identifier(embedded.OWNER), old
                )
            )


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server of this test run, shared by all its processes."""
    from huying import embedded
    from tests import made_ready

    if pattern := os.environ.get(EXTERNAL):
        yield Server(lambda role, database: pattern.format(role=role, database=database))
        return
    with (HOME / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not embedded.Layout(HOME).exists():
            made_ready.copy(HOME)
    with embedded.hold(HOME, tuning=made_ready.QUICK) as holder:
        yield Server(holder.url)


def _point_to(server: Server, database: str) -> None:
    """Sends Django's two connections to `database`, and those of processes that tests start."""
    from django.db import connections

    from huying import embedded
    from huying.database_url import database_from_url

    connections.close_all()
    for alias, role in (("default", embedded.APPLICATION), ("owner", embedded.OWNER)):
        description = database_from_url(server.url(role, database))
        for target in (connections.databases[alias], connections[alias].settings_dict):
            target.update(description)
            target.update(CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=False)
    os.environ |= server.urls(database)


@pytest.fixture(scope="session")
def database_name(worker_id: str) -> str:
    return f"huying_{worker_id}"


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def django_db_setup(postgres: Server, database_name: str, django_db_blocker: Any) -> Iterator[None]:
    """Takes the place of pytest-django's: the owner makes the template, everyone copies it."""
    from django.db import connections

    from huying import database, embedded_roles

    with (HOME / "template.lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        with postgres.admin() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
            if not found.fetchone():
                embedded_roles.create_database(connection, TEMPLATE)
                _point_to(postgres, TEMPLATE)
                database.migrate()
                database.load_base_data()
                connections.close_all()
        postgres.copy(TEMPLATE, database_name)
        _point_to(postgres, database_name)

    def anew(self: Any) -> None:
        # Django would truncate all tables, which the application's role may not do and which
        # would take the base data with it.
        connections.close_all()
        postgres.copy(TEMPLATE, database_name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.TransactionTestCase._fixture_teardown", anew)
        with django_db_blocker.unblock():
            _remember_what_all_tests_begin_with()
        yield
    with django_db_blocker.unblock():
        connections.close_all()


def _remember_what_all_tests_begin_with() -> None:
    """Reads the catalogue, the rules and the calendar once for all tests.

    Each test looks whether they still are what the database says, as a process of the product does
    that has known them for a while; only a test that changes them has to read them anew.
    """
    from django.utils import timezone

    from huying.catalogue import versions
    from huying.clock import reading
    from huying.dispatch import rulebook

    versions.snapshot(timezone.now())
    for key, (_since, stamp, thing) in versions._shelf._held.items():
        BEGUN_WITH["catalogue"] = {key: (float("-inf"), stamp, thing)}
    rulebook.in_force(DISTRICT, timezone.now())
    for key, (_since, stamp, thing) in rulebook._shelf._held.items():
        BEGUN_WITH["rules"] = {key: (float("-inf"), stamp, thing)}
    reading.calendar_for(DISTRICT)
    BEGUN_WITH["calendars"] = {
        district: replace(kept, checked=float("-inf")) for district, kept in reading._kept.items()
    }


BEGUN_WITH: dict[str, Any] = {}


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """An open transaction for what all tests of a module read: made once, and each test's own
    writes are rolled back to it. Not for a module that has tests with real commits."""
    from django.db import transaction

    whole = transaction.atomic()
    whole._from_testcase = True  # as Django marks those of its own tests
    with django_db_blocker.unblock(), whole:
        yield
        transaction.set_rollback(True)


COMMITTING = {"transactional_db", "live_server", "django_db_serialized_rollback"}


def commits(item: pytest.Item) -> bool:
    """Whether the test leaves something, which is then taken away together with its database."""
    marks = item.iter_markers("django_db")
    return bool(COMMITTING & set(getattr(item, "fixturenames", ()))) or any(
        mark.args[:1] == (True,) or mark.kwargs.get("transaction") for mark in marks
    )


def made_once(request: pytest.FixtureRequest, make: Callable[[], object]) -> bytes | None:
    """What the tests of this module begin with, written down; None if each must make its own."""
    of_module = [item for item in request.session.items if item.path == request.path]
    if any(map(commits, of_module)):
        return None
    request.getfixturevalue("kept")
    return pickle.dumps(make())


@pytest.fixture
def town(db: None) -> Any:
    """A town for each test; rolled back after it."""
    from tests.cases.town import Town  # models can be imported once Django is set up

    return Town()


@pytest.fixture
def owner_connection(postgres: Server, db: None, database_name: str) -> Iterator[Any]:
    """A plain psycopg connection (autocommit) as the owner, into this process's database.

    It is another session: it sees nothing of the test's open transaction. Use it together with
    `transactional_db` where it must see what the application wrote.
    """
    import psycopg

    from huying import embedded

    with psycopg.connect(
        postgres.url(embedded.OWNER, database_name), autocommit=True
    ) as connection:
        yield connection


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Each client of Django's kind builds the middleware anew, which would list and stat all files
    of all packages: more work than the request that a test is about."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    list_them = WhiteNoiseMiddleware.add_files_from_finders
    known: dict[str, Any] = {}

    def once(self: Any) -> None:
        if not known:
            list_them(self)
            known.update(self.files)
        self.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def _plans_outlive_what_is_taken_back() -> Iterator[None]:
    """A driver that sees a transaction or a savepoint taken back forgets all statements that it
    had prepared, since one of them may be about a table that was made in it. No test makes a table
    by the application's connection, and each ends by taking back all it did: the server would read
    and plan the same few dozen statements five thousand times."""
    from psycopg._preparing import PrepareManager

    should_discard = PrepareManager._should_discard

    def only_what_drops(self: Any, prep: Any, results: Any) -> bool:
        left = [each for each in results if each.command_status != b"ROLLBACK"]
        return should_discard(self, prep, left)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PrepareManager, "_should_discard", only_what_drops)
        yield


@pytest.fixture(autouse=True, scope="session")
def _counts_of_its_own(worker_id: str) -> Iterator[None]:
    """Who asks too often is counted for a whole machine, in the data folder. The processes of a run
    share one, and would count each other's requests, and forget them."""
    from huying import limiting

    of = limiting.of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limiting, "of", lambda name, **more: of(f"{name}-{worker_id}", **more))
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered_of_another_test() -> None:
    """What a process keeps of the database for a second may be of a test that was rolled back."""
    from huying.catalogue import versions
    from huying.clock import reading
    from huying.desk import changes, presence
    from huying.dispatch import rulebook
    from huying.forms import versions as forms
    from huying.places import locating

    changes.forget()
    presence.forget()
    locating.forget()
    rulebook.forget()
    versions.forget()
    forms.forget()
    reading.forget_calendars()
    if BEGUN_WITH:
        versions._shelf._held |= BEGUN_WITH["catalogue"]
        rulebook._shelf._held |= BEGUN_WITH["rules"]
        reading._kept |= {name: replace(each) for name, each in BEGUN_WITH["calendars"].items()}
