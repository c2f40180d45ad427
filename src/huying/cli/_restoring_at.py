"""`huying restore --at` and `--drill`: to the second, from base backup and log."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from huying.cli import CommandError, needed, progress, say

if TYPE_CHECKING:
    from huying.backup.recovering import Way

WORD = "replace"


def moment(text: str) -> datetime:
    """A moment as it is typed: in the installation's zone unless it says another.

    Raises:
        CommandError: it is none.
    """
    from huying.installation import config

    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(f'"{text}" is no moment; write it as "2026-11-29 10:11:12".') from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(config.time_zone))


def run(options: argparse.Namespace) -> dict[str, Any]:
    """`huying restore --at`.

    Raises:
        CommandError: it could not be done; nothing was changed.
    """
    import psycopg

    from huying.backup.manifest import BackupError
    from huying.cli.serve import alone
    from huying.installation import config

    at = moment(options.at)
    try:
        if options.check:
            with needed("django"):
                return _check(at)
        if options.into is not None or not config.embedded:
            with needed("django"):
                return _into(at, options)
        with alone(config.home, "Stop it first."), needed("django"):
            return _in_place(at, options)
    except (BackupError, OSError, psycopg.Error) as error:
        raise CommandError(str(error)) from error


def _way(at: datetime, options: argparse.Namespace) -> Way:
    from huying.backup import place, recovering
    from huying.installation import config

    if at > datetime.now(tz=at.tzinfo):
        raise CommandError("That moment is still to come.")
    way = recovering.way_to(place.archive(), at)
    if (lacking := recovering.lacking_keys(way)) and not options.without_keys:
        raise CommandError(
            f"These keys are not in {config.home / 'keys'}: {', '.join(lacking)}. Put the copy of "
            "the keys there first. With --without-keys names and phone numbers stay unreadable."
        )
    return way


def _check(at: datetime) -> dict[str, Any]:
    """Reads all that the restore would read, and compares it with its digests."""
    from huying.backup import basing, place, recovering

    archive = place.archive()
    way = recovering.way_to(archive, at)
    base, known = archive.base(way.base.name), archive.wal.entries()
    entries = [(base, base.entries()[basing.TAR]), *((archive.wal, known[n]) for n in way.segments)]
    size = 0
    with progress("Comparing digests", len(entries)) as advance:
        for store, entry in entries:
            for piece in store.read(entry):
                size += len(piece)
            advance(1)
    lacking = recovering.lacking_keys(way)
    if lacking:
        say(f"These keys are not here: {', '.join(lacking)}.")
    return {
        "ok": not lacking, "checked_way": True, "at": at, "base": way.base.name,
        "segments": len(way.segments), "bytes": size, "keys_missing": lacking,
    }  # fmt: skip


def _into(at: datetime, options: argparse.Namespace) -> dict[str, Any]:
    """Into a new folder, which is left as it is: for a look, or for a server of one's own."""
    from huying.backup import place, placing, proving, recovering
    from huying.installation import config

    if options.into is None:
        raise CommandError(
            "An external database is not replaced: name a new folder with --into, and let your "
            "PostgreSQL start on its postgres/data (docs/backup.md)."
        )
    home: Path = options.into.expanduser().resolve()
    if home.exists() and any(home.iterdir()):
        raise CommandError(f"{home} is not an empty folder.")
    began = time.monotonic()
    archive, way = place.archive(), _way(at, options)
    with recovering.recovered(archive, way, home) as room:
        proof = proving.prove(archive, room, with_keys=not recovering.lacking_keys(way))
        reached = proving.reached(room)
        if config.embedded:
            placing.make_ours(room, room.layout)
    took = round(time.monotonic() - began, 1)
    return _told(at, way, asdict(proof), reached, took) | {"folder": str(home), "former": None}


def _in_place(at: datetime, options: argparse.Namespace) -> dict[str, Any]:
    from huying import readiness
    from huying.backup import moving, place, placing, proving, recovering
    from huying.installation import config

    archive = place.archive()
    began = time.monotonic()
    moving.finish(config.home)
    try:
        placing.hand_over_the_rest()
    except RuntimeError as error:
        say(f"What the present database wrote last could not be taken in: {error}")
    way = _way(at, options)
    _ask(options, at)
    home = placing.room_for(config.home)
    with place.alone("base"), recovering.recovered(archive, way, home) as room:
        proof = proving.prove(archive, room, with_keys=not recovering.lacking_keys(way))
        reached = proving.reached(room)
        if proof.problems and not options.despite_differences:
            found = "; ".join(proof.problems[:10])
            raise CommandError(
                f"What was restored is not whole: {found}. Nothing was changed; it lies in {home}."
            )
        placing.make_ours(room, config.layout)
        placing.keep_timelines(archive, room)
    former = placing.take_place(room, config.home)
    readiness.note(config)
    # The log goes on beside the old one: only a base backup of its own leads into what comes now.
    place.remember(base_at=None)
    (config.home / "demo.begun").unlink(missing_ok=True)
    took = round(time.monotonic() - began, 1)
    return _told(at, way, asdict(proof), reached, took) | {"former": str(former)}


def _ask(options: argparse.Namespace, at: datetime) -> None:
    from huying.backup import reaching
    from huying.installation import config

    if options.yes or not config.layout.exists():
        return
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to ask; --yes says that what is here shall step aside.")
    say(
        f"{config.home} goes back to {reaching.told(at)}. What was done since is kept aside and is "
        "not in the pages any more."
    )
    sys.stderr.write(f'Type "{WORD}" to go on: ')
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != WORD:
        raise CommandError("Nothing was changed.")


def _told(
    at: datetime, way: Way, proof: dict[str, Any], reached: str | None, took: float
) -> dict[str, Any]:
    return {
        "ok": not proof["problems"],
        "at": at,
        "base": way.base.name,
        "segments": len(way.segments),
        "last_event_at": reached,
        **proof,
        "seconds": took,
        "proved_in_seconds": proof["seconds"],
    }


def drill(options: argparse.Namespace) -> dict[str, Any]:
    """`huying restore --drill`.

    Raises:
        CommandError: no archive is set up, or another is under way.
    """
    from datetime import UTC

    from huying.backup.manifest import BackupError

    del options
    with needed("django"):
        from huying.backup import drilling

        try:
            done = drilling.run(now=datetime.now(UTC))
        except BackupError as error:
            raise CommandError(str(error)) from error
    return {"drill": True, **asdict(done)}


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "drill" in result:
        said = "Restored and proved" if result["ok"] else "THE DRILL FAILED"
        lines = [f"{said}: {result['base']}, until {result['reached']}, {result['seconds']} s"]
    elif "checked_way" in result:
        return (
            f"Whole: the base {result['base']} and {result['segments']} segments, "
            f"{result['bytes'] / 1e6:,.1f} MB"
        )
    else:
        said = "Restored and proved" if result["ok"] else "NOT WHOLE"
        lines = [
            f"{said}: {result['at']}, from the base {result['base']} and {result['segments']} "
            f"segments, {result['seconds']} s",
            f"tables {result['tables']}, rows {result['rows']}, cases {result['cases']}, events "
            f"{result['events']}, heads compared {result['heads']}, seals {result['seals']}, "
            f"attachments {result['attachments']}, contacts read {result['contacts']}",
        ]
        if result["former"]:
            lines.append(f"What was there before is in {result['former']}.")
    return "\n".join([*lines, *(f"  {problem}" for problem in result["problems"])])
