"""The web server's process: granian, several processes of several threads.

Granian was measured against gunicorn (gthread) on two cores, five queries a request: 3,000 to
3,300 requests/s against 1,150 to 1,700, and it stops within 0.1 s of SIGTERM. One connection
for each request under way was 1.6 times as fast as a pool in each process; so that is the default.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from typing import Final

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from huying import builds
from huying.admission.gate import ROOM
from huying.installation import config
from huying.supervisor import stop_with_supervisor
from huying.telemetry import counted

LINES: Final = 8192
"""That each process holds open at the same time."""
SPARE: Final = 80
"""Threads beyond those of people that work and wait: for what is asked by itself, and since who
finds the line full must be told so at once."""


def main() -> None:
    """Serves until SIGTERM, or until the supervisor is gone."""
    stop_with_supervisor()
    _open_files(LINES)
    try:
        builds.lay(config.home)
    except OSError as error:  # a full disk must not keep the pages from being served
        print(f"The assets could not be laid down: {error.strerror}", file=sys.stderr)  # noqa: T201
    # Each process imports for itself: where counts are kept is chosen at the import, and the folder
    # for them is there only now.
    multiprocessing.set_start_method("spawn")
    with counted.in_common():
        Granian(
            "huying.wsgi:application",
            address=config.address,
            port=config.port,
            interface=Interfaces.WSGI,
            workers=config.web_processes,
            # Most of them wait for their turn (`admission`).
            blocking_threads=config.web_threads + ROOM + SPARE,
            # Of connections, not of requests, whatever it is called: browsers and phones keep
            # theirs between two requests, and beyond it nobody new is let in.
            backlog=LINES,
            backpressure=LINES,
            blocking_threads_idle_timeout=600,
            websockets=False,
            ssl_cert=config.tls_cert,
            ssl_key=config.tls_key,
            log_level=LogLevels.error,
            # Heads of requests, and the rest between two of them; for bodies see `lines`.
            http1_settings=HTTP1Settings(header_read_timeout=config.slow_client_seconds * 1000),
            # If one of them dies, all end and the supervisor starts them again, later each time.
            respawn_failed_workers=False,
            workers_kill_timeout=config.stop_seconds,
        ).serve()


def _open_files(lines: int) -> None:
    """Asks for as many open files as there may be lines, and some: the usual limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = lines + 1024 if hard == resource.RLIM_INFINITY else min(hard, lines + 1024)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
