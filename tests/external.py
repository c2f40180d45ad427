"""A PostgreSQL 15 of the operating system, started for one test run on a free loopback port."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from huying import embedded, embedded_roles
from huying.unprivileged import folder_for_server, identity

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def found() -> bool:
    return (PROGRAMS / "postgres").exists()


@contextlib.contextmanager
def postgres_15(home: Path, settings: dict[str, str]) -> Iterator[str]:
    """Runs the server; yields a URL with {role}, {password} and {database} left to fill in.

    Its superuser, the owner and the application have the one password that the URL's pattern is
    yielded with, since a test run has nothing to keep from itself.
    """
    who = identity()
    password = secrets.token_urlsafe(16)
    data = embedded.private_folder(home / "pg15")
    who.own(data)
    name, descriptors = folder_for_server(data, who)
    reader, writer = os.pipe()
    if who.drop:
        os.fchown(reader, who.uid, who.gid)
    os.write(writer, password.encode() + b"\n")
    os.close(writer)
    subprocess.run(
        [PROGRAMS / "initdb", "-D", name, "-U", embedded.SUPERUSER, "--encoding=UTF8",
         "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile=/dev/fd/{reader}", "--no-sync"],
        check=True, capture_output=True, cwd="/", pass_fds=(*descriptors, reader),
        **who.popen_options(),
    )  # fmt: skip
    os.close(reader)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {**settings, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    log = (home / "pg15.log").open("wb")
    process = subprocess.Popen(
        [PROGRAMS / "postgres", "-D", name, "-p", str(port),
         *(part for key, value in options.items() for part in ("-c", f"{key}={value}"))],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", pass_fds=descriptors,
        start_new_session=True, **who.popen_options(),
    )  # fmt: skip
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        url = f"postgresql://{{role}}:{password}@127.0.0.1:{port}/{{database}}"
        _wait(url.format(role=embedded.SUPERUSER, database="postgres"), process, home)
        with psycopg.connect(
            url.format(role=embedded.SUPERUSER, database="postgres"), autocommit=True
        ) as connection:
            for role in (embedded.OWNER, embedded.APPLICATION):
                embedded_roles.set_role(connection, role, password)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        log.close()


def _wait(url: str, process: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((home / "pg15.log").read_text()) from None
        time.sleep(0.05)
