"""Where what was planted is looked for: tables, caches, sessions and files, each as who means no
good would read it, unpacked and decoded."""

from __future__ import annotations

import base64
import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from zipfile import ZipFile, is_zipfile

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import caches
from django.db import connection

PACKED: Final = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""How what gzip and zlib made begins."""


def everything() -> list[tuple[str, str]]:
    """Each row of each table as text, with the bytes as letters too; caches and sessions opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            " AND has_table_privilege(c.oid, 'SELECT')"
        )
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t.*, t::text FROM {table} t")
            for row in cursor.fetchall():
                loose = [bytes(x).decode("latin-1") for x in row if isinstance(x, memoryview)]
                utf8 = [bytes(x).decode(errors="replace") for x in row if isinstance(x, memoryview)]
                rows.append((table, "\n".join([str(row[-1]), *loose, *utf8])))
    return [*rows, *cached(), *in_sessions()]


def cached() -> Iterator[tuple[str, str]]:
    """What the caches hold: letters that stand for bytes, in which words are as they were."""
    for name in settings.CACHES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT cache_key, value FROM {caches[name]._table}")
            for key, value in cursor.fetchall():
                yield f"cache {name}", f"{key}\n{base64.b64decode(value).decode(errors='replace')}"


def in_sessions() -> Iterator[tuple[str, str]]:
    """What sessions hold. They are signed and not sealed: no key is needed to read one."""
    for (data,) in Session.objects.values_list("session_data"):
        words = data.rsplit(":", 2)[0]
        body = signing.b64_decode(words.removeprefix(".").encode())
        if words.startswith("."):
            body = zlib.decompress(body)
        yield "sessions", str(json.loads(body))


def files(*roots: Path) -> Iterator[Path]:
    """Each file below, but for the database's own: those are what `everything` reads, and its log.

    Their folder is not entered: other tests drop databases while this one looks.
    """
    for root in roots:
        for folder, below, names in os.walk(root):
            below[:] = [each for each in below if each != "postgres"]
            yield from (path for name in names if (path := Path(folder, name)).is_file())


def unpacked(body: bytes) -> Iterator[bytes]:
    """A file's content, and what is packed in it, however deep."""
    yield body
    if is_zipfile(io.BytesIO(body)):
        with ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield from unpacked(packed.read(name))
    if body.startswith(PACKED):
        with suppress(zlib.error):
            yield from unpacked(zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body))


def held(body: bytes, looked_for: Iterable[str]) -> list[str]:
    """What of it stands in a file, or in what is packed in it."""
    parts = list(unpacked(body))
    return [each for each in looked_for if any(each.encode() in part for part in parts)]


def in_files(looked_for: Iterable[str], *roots: Path) -> list[tuple[Path, list[str]]]:
    wanted = list(looked_for)
    return [(path, found) for path in files(*roots) if (found := held(path.read_bytes(), wanted))]
