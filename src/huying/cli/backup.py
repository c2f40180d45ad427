"""Make a backup of everything while it runs: the database, the photos, the seals.

DIR must be empty or not there yet; each backup needs one of its own. All of it is of one moment.
The manifest is written last, so that a backup that was broken off is recognised.

The keys are left out unless --with-keys is given. Without them nobody can read the names and
phone numbers again: keep a copy of the folder keys/ somewhere else. With them the backup alone
is enough for whoever gets hold of it.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from huying.cli import CommandError, needed, say

HELP = "back up the database, the photos and the seals"
NEEDS = "nothing"  # it must not make a database in order to back it up


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="an empty or new folder")
    parser.add_argument(
        "--with-keys", action="store_true", help="also the keys, which make names readable"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    import psycopg

    from huying.installation import config

    if config.embedded and not config.layout.exists():
        raise CommandError(f"There is no embedded database in {config.home} to back up.")
    with needed("database"):
        from huying.backup import making
        from huying.backup.manifest import BackupError, told

        try:
            made = making.make(options.folder, with_keys=options.with_keys)
        except (BackupError, OSError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
        say(made.keys_note)
        if made.attachments_missing:
            say(
                "The backup is complete, but these files were missing or damaged before it was "
                f"made: {told(made.attachments_missing)}."
            )
    return {
        "ok": not made.attachments_missing,
        "folder": str(options.folder.expanduser().resolve()),
        **asdict(made),
    }


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    return (
        f"{result['folder']}: {result['cases']} cases, {result['events']} events, "
        f"{result['files']} files, {result['bytes'] / 1e6:,.1f} MB, {result['seconds']} s"
    )
