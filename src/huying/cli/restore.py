"""Restore a backup that `huying backup` made, or go back to a second, and prove it.

With a folder: what `huying backup DIR` wrote.

First every file of the backup is compared with its digest. The embedded server then gets it as
a new database, which is migrated and verified (rows of each table, the chain and head of every
case, every photo, every contact) before it takes the place of the old one: a restore that fails
changes nothing. An external database must be empty.

Nothing may run meanwhile: stop `huying serve`. To try a backup, restore it elsewhere:
HUYING_HOME=/var/tmp/trial huying restore DIR --tell /var/lib/huying

With --at: from the base backups and the log in HUYING_BACKUP_DIR, to that second (in the
installation's time zone). It is proved in a folder of its own before it takes the old one's place,
which is kept aside. With --drill: the newest backup, beside the running system, proved and thrown
away; what came of it is remembered.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huying.cli import CommandError, _restoring_at, needed, progress, say

if TYPE_CHECKING:
    from huying.backup.manifest import Manifest
    from huying.backup.restoring import Present

HELP = "restore a backup, and prove it"
NEEDS = "nothing"  # the backup is looked at before anything is started

WORD = "replace"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", nargs="?", help="the backup")
    parser.add_argument("--at", metavar="TIME", help='to this second: "2026-11-29 10:11:12"')
    parser.add_argument(
        "--drill", action="store_true", help="try the newest backup beside the running system"
    )
    parser.add_argument(
        "--into",
        type=Path,
        metavar="NEW",
        help="with --at: into this new folder, and leave it there",
    )
    parser.add_argument("--check", action="store_true", help="only look whether it is whole")
    parser.add_argument(
        "--replace", action="store_true", help="put it in the place of what is here; asks first"
    )
    parser.add_argument("--yes", action="store_true", help="with --replace: do not ask")
    parser.add_argument(
        "--without-keys",
        action="store_true",
        help="although the keys are missing: names and phone numbers stay unreadable",
    )
    parser.add_argument(
        "--despite-differences",
        action="store_true",
        help="put it in place although it is not what was backed up; the exit code is 1",
    )
    parser.add_argument(
        "--tell", type=Path, metavar="HOME",
        help="for a trial: the data folder of the running huying, which then knows of the proof",
    )  # fmt: skip


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.backup import manifest
    from huying.backup.manifest import BackupError

    if (options.folder is not None) + (options.at is not None) + options.drill != 1:
        raise CommandError("Name the folder of a backup, or a moment with --at, or --drill.")
    if options.drill:
        return _restoring_at.drill(options)
    if options.at is not None:
        return _restoring_at.run(options)
    folder = options.folder.expanduser().resolve()
    try:
        backup = manifest.read(folder)
        with progress("Comparing digests", backup.files) as advance:
            manifest.check(folder, backup, advance)
    except (BackupError, OSError) as error:
        raise CommandError(str(error)) from error
    about = {
        "folder": str(folder),
        "made_at": backup.made_at,
        "keys_included": backup.keys_included,
    }
    if options.check:
        facts = {"cases": backup.cases, "events": backup.events, "files": backup.files}
        return {"ok": True, "checked": True, **about, **facts}
    return {**about, **_restore(options, folder, backup)}


def _restore(options: argparse.Namespace, folder: Path, backup: Manifest) -> dict[str, Any]:
    import psycopg

    from huying.backup.manifest import BackupError
    from huying.cli.serve import alone
    from huying.installation import config

    with alone(config.home, "Stop it first."), needed("database"):
        from huying.backup import restoring

        try:
            restoring.require_known(backup)
            if (lacking := restoring.missing_keys(folder, backup)) and not options.without_keys:
                raise CommandError(
                    "The keys are not in this backup, and these are not in "
                    f"{config.home / 'keys'}: {', '.join(lacking)}. Put them there first. "
                    "With --without-keys names and phone numbers stay unreadable for good."
                )
            found = restoring.present()
            _may_take_place(options, found, backup)
            restored = restoring.restore(folder, backup, found, despite=options.despite_differences)
        except (BackupError, OSError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
    if not restored.problems and not restored.keys_missing:
        for home in {config.home, *([options.tell.expanduser()] if options.tell else [])}:
            _note(home, backup)
    return {"ok": not restored.problems, **asdict(restored)}


def _note(home: Path, backup: Manifest) -> None:
    """What /metrics and `huying check` tell of it. What was restored stands without the note."""
    from huying import upkeep

    try:
        if not home.is_dir():
            raise FileNotFoundError(f"there is no folder {home}")
        upkeep.note(home, upkeep.RESTORED, datetime.now(UTC), made_at=backup.made_at)
    except OSError as error:
        say(f"That it was proved could not be noted in {home}: {error}")


def _may_take_place(options: argparse.Namespace, found: Present, backup: Manifest) -> None:
    from huying.installation import config

    if found.sessions:
        raise CommandError(
            f"{found.sessions} connections of a running huying are in the database: stop it first."
        )
    if not found.tables:
        return
    held = f"{found.cases} cases and {found.accounts} accounts"
    if not config.embedded:
        raise CommandError(
            f"The database is not empty ({held}). Make a new one for the backup, and name it in "
            "DATABASE_URL and DATABASE_OWNER_URL."
        )
    if not options.replace:
        raise CommandError(
            f"The database in {config.home} is not empty ({held}). --replace puts the backup in "
            "its place."
        )
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to ask; --yes says that what is here shall go.")
    say(
        f"{config.home} holds {held}. All of it goes, and the backup of {backup.made_at} with "
        f"{backup.cases} cases takes its place."
    )
    sys.stderr.write(f'Type "{WORD}" to go on: ')
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != WORD:
        raise CommandError("Nothing was changed.")


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "drill" in result or "base" in result:
        return _restoring_at.text(result)
    if "checked" in result:
        return f"Whole: {result['cases']} cases, {result['files']} files, of {result['made_at']}"
    lines = [
        "Restored and proved" if result["ok"] else f"NOT AS IT WAS: {len(result['problems'])}",
        f"tables {result['tables']}, cases {result['cases']}, events {result['events']}, heads "
        f"compared {result['heads']}, seals {result['seals']}, photos {result['attachments']}, "
        f"contacts read {result['contacts']}, migrations applied {result['migrated']}, "
        f"{result['seconds']} s",
        *(f"  {problem}" for problem in result["problems"]),
    ]
    if result["keys_missing"]:
        lines.append("Without the keys: contacts and signatures of seals were not checked.")
    return "\n".join(lines)
