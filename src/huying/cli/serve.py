"""Starts everything and stays in the foreground: database, web, worker.

Ctrl-C, or SIGTERM, stops all of it, the embedded database last. A second start finds everything
as it was left.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from huying.cli import CommandError, needed, say
from huying.embedded import private_folder

if TYPE_CHECKING:
    from huying.installation import Settings

HELP = "start everything, in the foreground"
NEEDS = "nothing"  # it must look at the port before it starts anything


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the port of the web pages (default 8000)")
    parser.add_argument(
        "--demo", action="store_true", help="load the demo if nobody has an account here yet"
    )
    parser.add_argument(
        "--tls",
        nargs="*",
        metavar=("CERT", "KEY"),
        help="https: with this certificate and key, or with those of a local authority of our own",
    )


def run(options: argparse.Namespace) -> int:
    if options.port is not None:
        os.environ["HUYING_PORT"] = str(options.port)
    from huying import durable, readiness
    from huying.installation import config
    from huying.supervisor import Child, PortBusy, Supervisor, require_free_port

    if options.tls is not None:
        use_tls(options.tls, config)
    try:
        require_free_port(config.address, config.port)
    except PortBusy as error:
        raise CommandError(str(error)) from None

    with alone(config.home), needed("server"):
        demo = options.demo and not (config.home / "demo.decided").exists()
        if demo or not readiness.is_known(config):
            with needed("data"):
                if demo:
                    load_demo(config.home)
        # Only the supervisor and commands act as the owner. Empty, and not missing: the folder of
        # secrets may name it, too.
        children = {"DATABASE_URL": config.url(), "DATABASE_OWNER_URL": ""}
        environment = {**os.environ, **children}
        scheme = "https" if "HUYING_TLS_CERT" in os.environ else "http"
        address = f"{scheme}://{config.host_here}:{config.port}"
        say("Starting web and worker")
        supervisor = Supervisor(
            children=[
                # A little more than they give themselves.
                Child("web", [sys.executable, "-m", "huying.web"], grace=config.stop_seconds + 2),
                Child(
                    "worker",
                    [sys.executable, "-m", "huying", "worker"],
                    grace=config.stop_seconds + 4,
                ),
            ],
            environment=environment,
            say=say,
            keep=durable.Keeper(config.home) if config.embedded else None,
        )
        supervisor.run(
            ready=lambda: answers(f"{address}/healthz"),
            started=lambda: say(f"\n呼应 huying is at {address}/  (Ctrl-C stops everything)"),
        )
    say("Stopped.")
    return 0


def use_tls(files: list[str], config: Settings) -> None:
    """Tells the web process its certificate: the files named, or our own authority's.

    Raises:
        CommandError: one file without the other, one that is not there, or two that will not do.
    """
    from huying import tls

    if files:
        if len(files) != 2:
            raise CommandError("--tls takes a certificate and its key, or nothing.")
        for each in files:
            if not Path(each).is_file():
                raise CommandError(f"There is no file {each}.")
        cert, key = (Path(each).resolve() for each in files)
        try:
            tls.check(tls.Pair(cert, key), datetime.now(UTC))
        except tls.BadPair as error:
            raise CommandError(str(error)) from None
    else:
        made = tls.prepare(config.home, reached_as(config), datetime.now(UTC))
        cert, key = made.cert, made.key
    os.environ |= {"HUYING_TLS_CERT": str(cert), "HUYING_TLS_KEY": str(key)}


def reached_as(config: Settings) -> list[str]:
    """The names and addresses under which browsers reach us: what a certificate is for."""
    listed = [each.strip() for each in config.allowed_hosts.split(",")]
    found = [each for each in listed if each and not each.startswith(("*", "."))]
    return found if config.listens_anywhere else [*found, config.address]


@contextmanager
def alone(home: Path, advice: str = "") -> Iterator[None]:
    """Refuses to go on while a `serve` runs on the data folder, and keeps one from starting.

    A crashed one leaves no lock behind.
    """
    descriptor = os.open(
        private_folder(home) / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        told = f"huying serve runs already for the data folder {home}. {advice}"
        raise CommandError(told.strip()) from None
    finally:
        os.close(descriptor)


def answers(url: str) -> bool:
    """Whether the page answers well."""
    # Asked on this machine: whether it answers, not who it is.
    unasked = ssl.create_default_context()
    unasked.check_hostname, unasked.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unasked)
    )
    with suppress(OSError), opener.open(url, timeout=2) as response:
        return response.status == 200
    return False


def load_demo(home: Path) -> None:
    """Loads the demo into a data folder in which nobody has an account yet.

    A load that was broken off is undone and done again at the next start.
    """
    from huying.cli import names
    from huying.people.models import Account

    begun, decided = home / "demo.begun", home / "demo.decided"
    if "demo" not in names():
        return
    if begun.exists() or not Account.objects.exists():
        verb = ["load"]
        if begun.exists():
            say("The last loading of the demo was broken off: making it afresh")
            verb = ["reset", "--yes"]
        begun.touch(mode=0o600)
        say("Loading the demo: division tree, units, accounts, cases")
        if subprocess.run([sys.executable, "-m", "huying", "demo", *verb]).returncode:
            raise CommandError("The demo could not be loaded; the next start tries again.")
        begun.unlink()
    decided.touch(mode=0o600)
