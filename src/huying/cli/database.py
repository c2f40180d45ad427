"""The database's connection strings."""

from __future__ import annotations

import argparse
from typing import Any

HELP = "show how to connect to the database"
NEEDS = "nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    url = verbs.add_parser(
        "url",
        help="print a connection string",
        description="Prints a connection string. The embedded server's works while something "
        "holds it: `huying serve`, or a running command.",
    )
    url.add_argument("--owner", action="store_true", help="the role that owns the tables")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cli import CommandError
    from huying.installation import config

    url = config.url(owner=options.owner)
    if not url:
        raise CommandError("DATABASE_OWNER_URL is not set.")
    return {"url": url}


def text(result: dict[str, Any]) -> str:
    return str(result["url"])
