"""Make a backup of everything while it runs: the database, the photos, the seals.

DIR must be empty or not there yet; each backup needs one of its own. All of it is of one moment.
The manifest is written last, so that a backup that was broken off is recognised.

The keys are left out unless --with-keys is given. Without them nobody can read the names and
phone numbers again: keep a copy of the folder keys/ somewhere else. With them the backup alone
is enough for whoever gets hold of it.

In the place of DIR (a folder of such a name is ./base):
  base     make a base backup in HUYING_BACKUP_DIR now; the worker makes one each day
  log      take the log that waits into the archive now; the worker does so each minute
  status   from when until when can be restored, what waits, when it was last proved
  command  the archive_command for an external PostgreSQL
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huying.cli import CommandError, needed, say

if TYPE_CHECKING:
    from huying.backup.manifest import Manifest

HELP = "back up the database, the photos and the seals"
NEEDS = "nothing"  # it must not make a database in order to back it up

VERBS = ("base", "log", "status", "command")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="an empty or new folder, or a word"
    )
    parser.add_argument(
        "--with-keys", action="store_true", help="also the keys, which make names readable"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    import psycopg

    from huying.installation import config

    if str(options.folder) in VERBS:
        return _archive(str(options.folder))
    if config.embedded and not config.layout.exists():
        raise CommandError(f"There is no embedded database in {config.home} to back up.")
    with needed("database"):
        from huying.backup import making
        from huying.backup.manifest import BackupError, told

        try:
            made = making.make(options.folder, with_keys=options.with_keys)
        except (BackupError, OSError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
        _note(options.folder, made)
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


def _archive(verb: str) -> dict[str, Any]:
    """What is done with the archive for restoring to the second."""
    import psycopg

    from huying.backup import handing_over
    from huying.backup.manifest import BackupError
    from huying.installation import config

    if verb == "command":
        if config.backup_incoming is None:
            raise CommandError("Set HUYING_BACKUP_INCOMING to the folder that both may write.")
        return {"command": handing_over.command_for_two(str(config.backup_incoming))}
    now = datetime.now(UTC)
    try:
        with needed("database" if verb == "base" else "django"):
            from huying.backup import basing, shipping, watching

            if verb == "base":
                if config.backup_dir is None:
                    raise CommandError("Set HUYING_BACKUP_DIR first (docs/backup.md).")
                return {"ok": True, "base": asdict(basing.make(now=now))}
            if verb == "log":
                return {"ok": True, "log": asdict(shipping.take_in(now=now))}
            return {"status": watching.status(now=now)}
    except (BackupError, OSError, psycopg.Error) as error:
        raise CommandError(str(error)) from error


def _note(folder: Path, made: Manifest) -> None:
    """What /metrics and `huying check` tell of it. The backup stands without the note."""
    from huying import upkeep
    from huying.installation import config

    where = str(folder.expanduser().resolve())
    at = datetime.fromisoformat(made.made_at)
    try:
        upkeep.note(config.home, upkeep.BACKUP, at, folder=where, cases=made.cases)
    except OSError as error:
        say(f"That it was made could not be noted in {config.home}: {error}")


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "command" in result:
        return str(result["command"])
    if "base" in result:
        base = result["base"]
        return (
            f"{base['name']}: {base['cluster_bytes'] / 1e6:,.1f} MB, stored as "
            f"{base['bytes'] / 1e6:,.1f} MB, {base['seconds']} s"
        )
    for part in ("log", "status"):
        if part in result:
            return "\n".join(f"{name}: {value}" for name, value in result[part].items())
    return (
        f"{result['folder']}: {result['cases']} cases, {result['events']} events, "
        f"{result['files']} files, {result['bytes'] / 1e6:,.1f} MB, {result['seconds']} s"
    )
