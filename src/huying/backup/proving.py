"""Whether what was brought back is whole: rows, chains, seals, attachments, contacts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from huying import database
from huying.audit import sealing, verifying
from huying.audit.sm3 import hasher
from huying.backup import making, restoring, shipping
from huying.backup.manifest import BackupError
from huying.backup.place import Archive
from huying.backup.recovering import Room
from huying.cli import progress
from huying.embedded import private_folder
from huying.installation import database_from_url


@dataclass
class Proof:
    """What was looked at, and what of it is not as it should be."""

    tables: int = 0
    rows: int = 0
    cases: int = 0
    events: int = 0
    heads: int = 0
    """Heads of chains that were compared with those of the newest seal before the moment."""
    seals: int = 0
    attachments: int = 0
    attachment_bytes: int = 0
    contacts: int = 0
    migrated: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


@contextmanager
def entered(room: Room) -> Iterator[None]:
    """Sends Django's connections into the room, and back at the end."""
    from django.db import connections

    connections.close_all()
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    for alias, owner in (("default", False), ("owner", True)):
        described = database_from_url(room.url(owner=owner))
        settings = connections[alias].settings_dict
        # A pool would go on with the database that it began with.
        settings.update({**described, "OPTIONS": {}, "CONN_MAX_AGE": 0})
    try:
        yield
    finally:
        connections.close_all()
        for alias, settings in before.items():
            connections[alias].settings_dict.clear()
            connections[alias].settings_dict.update(settings)


def prove(archive: Archive, room: Room, *, with_keys: bool = True, keep: bool = True) -> Proof:
    """Proves the room's cluster; with ``keep`` its attachments are brought into the room too.

    Raises:
        BackupError: it is of a newer huying than this one.
    """
    began = time.monotonic()
    proof = Proof()
    with entered(room):
        _count(room, proof)
        _require_known(room)
        proof.migrated = database.pending("owner")
        if proof.migrated:
            with progress("Migrating"):
                database.migrate()
        _bring_seals(archive, room)
        _verify(room, proof, with_keys)
        _attachments(archive, room, proof, keep)
        if with_keys:
            _contacts(proof)
    proof.seconds = round(time.monotonic() - began, 1)
    return proof


def _count(room: Room, proof: Proof) -> None:
    """Reads every row of every table: a page that is damaged says so."""
    with psycopg.connect(room.url(owner=True), autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(making.statement("backup_tables"))]
        if "django_migrations" not in tables:
            raise BackupError("At that moment the database held nothing yet.")
        with progress("Counting rows", len(tables)) as advance:
            for name in tables:
                try:
                    row = connection.execute(
                        sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
                    ).fetchone()
                    proof.rows += row[0] if row else 0
                except psycopg.Error as error:
                    proof.problems.append(f"the table {name} cannot be read: {error}")
                proof.tables += 1
                advance(1)


def _require_known(room: Room) -> None:
    with psycopg.connect(room.url(owner=True), autocommit=True) as connection:
        applied = connection.execute("SELECT app || '.' || name FROM django_migrations")
        restoring.require_known_migrations([name for (name,) in applied], "")


def _bring_seals(archive: Archive, room: Room) -> None:
    """The seals that the room's rows know; what was sealed later is not of this moment."""
    from huying.audit.models import Seal

    newest = Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    known = archive.seals.entries()
    private_folder(room.seals)
    for name, entry in known.items():
        archive.seals.copy_to(entry, room.seals / name)
        if name == "seals.jsonl":
            lines = [one for one in sealing.read_lines(room.seals / name) if one]
            text = "".join(
                json.dumps(one, separators=(",", ":")) + "\n"
                for one in lines
                if one.get("number", 0) <= newest
            )
            (room.seals / name).write_text(text, encoding="utf-8")
        else:
            number = making.sealed_in(room.seals / name)
            if number is None or number > newest:
                (room.seals / name).unlink()


def _verify(room: Room, proof: Proof, with_keys: bool) -> None:
    with progress("Verifying events") as advance:
        found = verifying.verify(
            head_file=sealing.latest_heads(room.seals),
            folder=room.seals,
            provider=restoring.provider_for(with_keys),
            advance=advance,
        )
    for one in found.breaks:
        where = one.case or one.case_id or "seal"
        proof.problems.append(f"{where}: {one.kind}: {one.detail}")
    proof.cases, proof.events = found.cases, found.events
    proof.heads, proof.seals = found.held, found.seals


def _attachments(archive: Archive, room: Room, proof: Proof, keep: bool) -> None:
    from huying.cases.attaching import files_of
    from huying.cases.models import Attachment

    known = archive.attachments.entries()
    rows = Attachment.objects.order_by("pk").values_list("pk", "kind", "digest")
    with progress("Checking attachments", rows.count()) as advance:
        for pk, kind, digest in rows.iterator():
            for number, live in enumerate(files_of(pk, kind)):
                name = shipping.shelf(live.name)
                entry = known.get(name)
                if entry is None:
                    proof.problems.append(f"the attachment {name} is not in the archive")
                    continue
                seen = hasher()
                try:
                    _bring(archive, entry, room.attachments / name if keep else None, seen)
                except BackupError as error:
                    proof.problems.append(str(error))
                    continue
                if number == 0 and seen.digest() != bytes(digest):
                    proof.problems.append(f"the attachment {name} is not the one its row names")
                proof.attachment_bytes += entry["bytes"]
            proof.attachments += 1
            advance(1)


def _bring(archive: Archive, entry: dict[str, Any], target: Path | None, seen: Any) -> None:
    if target is not None:
        archive.attachments.copy_to(entry, target, seen)
        return
    for piece in archive.attachments.read(entry):
        seen.update(piece)


def _contacts(proof: Proof) -> None:
    result = restoring.Restored()
    restoring.check_contacts(result)
    proof.contacts, proof.problems = result.contacts, proof.problems + result.problems


def reached(room: Room) -> str | None:
    """The time of the last event in the room, in UTC; None where there is none."""
    with psycopg.connect(room.url(owner=True), autocommit=True) as connection:
        row = connection.execute("SELECT max(written_at) FROM case_event").fetchone()
    return row[0].isoformat() if row and row[0] else None
