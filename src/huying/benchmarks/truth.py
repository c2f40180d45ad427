"""What a database and its attachments are at a moment: all that a restore must give back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from huying.audit.sm3 import hasher

HEADS = 'SELECT id::text, last_seq, last_hash FROM "case" ORDER BY id'
EVENTS = "SELECT case_id::text, seq, hash FROM case_event ORDER BY case_id, seq"
PHOTOS = "SELECT id::text, kind, digest FROM attachment ORDER BY id"


@dataclass(frozen=True)
class Truth:
    """A moment.

    Attributes:
        tables: rows of each.
        heads: SM3 over the head of every case's chain, in the order of their ids.
        events: SM3 over every event's hash, in the order of cases and numbers.
        attachments: of each attachment's file its SHA-256; None where it is missing.
    """

    tables: dict[str, int]
    heads: str
    events: str
    attachments: dict[str, str | None]


def look(url: str, folder: Path) -> Truth:
    """The truth of a database and the folder of its attachments: of one snapshot."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        tables = {}
        for (name,) in names:
            query = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
            row = connection.execute(query).fetchone()
            tables[name] = row[0] if row else 0
        return Truth(
            tables=tables,
            heads=_digest(connection, HEADS),
            events=_digest(connection, EVENTS),
            attachments=_files(connection, folder),
        )


def _digest(connection: psycopg.Connection[Any], query: str) -> str:
    digest = hasher()
    for case, seq, held in connection.execute(query):
        digest.update(f"{case} {seq} ".encode() + bytes(held))
    return digest.digest().hex()


def _files(connection: psycopg.Connection[Any], folder: Path) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for photo, kind, digest in connection.execute(PHOTOS):
        name = photo.replace("-", "")
        endings = (".pdf",) if kind == "document" else (".jpg", ".thumb.jpg")
        for ending in endings:
            path = folder / name[-2:] / f"{name}{ending}"
            held = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            found[f"{name}{ending}"] = held
        found[f"{name} by its row"] = bytes(digest).hex()
    return found


def differences(was: Truth, is_: Truth) -> list[str]:
    """What is not as it was, in words; nothing when all is."""
    told = []
    for name in sorted(set(was.tables) | set(is_.tables)):
        before, after = was.tables.get(name), is_.tables.get(name)
        if before != after:
            told.append(f"the table {name} has {after} rows and had {before}")
    if was.heads != is_.heads:
        told.append("the heads of the chains are others")
    if was.events != is_.events:
        told.append("the events are others")
    for name in sorted(set(was.attachments) | set(is_.attachments)):
        if was.attachments.get(name) != is_.attachments.get(name):
            told.append(f"the attachment {name} is another, missing, or too many")
    return told
