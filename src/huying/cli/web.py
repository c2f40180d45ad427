"""Serves the pages, and nothing else: for installations whose parts are started one by one.

It migrates nothing: `huying migrate` does, once, before the first of them is started. A new version
without a gap takes two of them behind a proxy, restarted in turn (docs/deploy.md).
"""

from __future__ import annotations

import argparse
import os
import sys

HELP = "serve the pages (part of `huying serve`)"
NEEDS = "nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="the port to listen on (default 8000)")


def run(options: argparse.Namespace) -> int:
    for name in ("address", "port"):
        if (given := getattr(options, name)) is not None:
            os.environ[f"HUYING_{name.upper()}"] = str(given)
    from huying import database, embedded
    from huying.cli import CommandError, needed
    from huying.installation import config
    from huying.supervisor import PortBusy, require_free_port

    if config.embedded and not embedded.serves(config.home):
        raise CommandError(
            "huying web needs a database that runs: name one in DATABASE_URL, or start everything "
            "with huying serve."
        )
    try:
        require_free_port(config.address, config.port)
    except PortBusy as error:
        raise CommandError(str(error)) from None
    with needed("database"):
        if missing := database.pending():
            raise CommandError(
                f"The database lacks {missing} migrations: run huying migrate first, as its owner."
            )
        if not database.has_base_data():
            raise CommandError("The database is empty: run huying migrate first, as its owner.")
        url = config.url()
    # The server's own process needs none of what was loaded for that look.
    os.environ |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": ""}
    os.umask(0o077)
    os.execv(sys.executable, [sys.executable, "-m", "huying.web"])  # noqa: S606
