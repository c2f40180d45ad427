"""Brings the database up to date as its owner, renews the application's rights, loads base data."""

from __future__ import annotations

import argparse
from typing import Any

from huying.cli import say

HELP = "bring the database up to date"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying import database

    missing = database.pending("owner")
    say(f"Applying {missing} migrations" if missing else "The tables are up to date")
    database.migrate()
    database.load_base_data()
    return {"ok": True, "applied": missing}
