"""The way back: everything is proved in a place of its own before it takes the old one's.

On the embedded server the dump goes into a new database, which is migrated and verified and only
then renamed; whatever fails before that leaves the old one as it was. Files need no such place:
a photo never changes under its id, so those of the backup can lie beside those that are there.
An external server's database has to be empty, and is filled in one transaction.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from huying import database, embedded, embedded_roles, readiness
from huying.audit import crypto, sealing, verifying
from huying.audit.crypto import CryptoProvider, Signature
from huying.audit.keys import KeyPurpose
from huying.audit.sm3 import sm3
from huying.backup import manifest, programs
from huying.backup.manifest import BackupError, Manifest, told
from huying.cli import progress
from huying.installation import config

INCOMING: Final = "huying_incoming"
"""The database in which a dump is proved before it takes the place of the old one."""

FORMER: Final = "huying_former"
"""The old database, for the moment between renaming and dropping it."""


@dataclass
class Restored:
    """What came back, and what of it is not as it was."""

    cases: int = 0
    events: int = 0
    heads: int = 0
    seals: int = 0
    tables: int = 0
    attachments: int = 0
    contacts: int = 0
    migrated: int = 0
    keys_missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


class NotRestored(BackupError):
    """What was restored is not what was backed up; the message says what differs."""


def require_known(backup: Manifest) -> None:
    """Raises BackupError if the backup's tables are of a newer huying than this one."""
    require_known_migrations(backup.migrations, f" ({backup.huying})")


def require_known_migrations(applied: Iterable[str], version: str) -> None:
    """Raises BackupError if tables went through migrations that are unknown here."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    here = {f"{app}.{name}" for app, name in loader.disk_migrations}
    for migration in loader.disk_migrations.values():
        here |= {f"{app}.{name}" for app, name in migration.replaces}
    if unknown := [name for name in applied if name not in here]:
        raise BackupError(
            f"This backup was made by a newer huying{version}: its tables went through "
            f"{told(unknown)}, which is unknown here. Install that version, then restore."
        )


def missing_keys(folder: Path, backup: Manifest) -> list[str]:
    """The key files that the backup's rows need and that are neither in it nor here.

    Raises:
        BackupError: a key here has the name of one in the backup, and is another.
    """
    lacking = []
    for name in backup.keys:
        here, there = crypto.keys_folder() / name, folder / manifest.KEYS / name
        if backup.keys_included and here.exists() and here.read_bytes() != there.read_bytes():
            raise BackupError(f"{here} is another key than the one of this name in the backup.")
        if not backup.keys_included and not here.exists():
            lacking.append(name)
    return lacking


@dataclass(frozen=True)
class Present:
    """What the target holds before anything is restored."""

    tables: int
    cases: int
    accounts: int
    sessions: int
    """Connections of other huying processes."""
    server_version: int


def present() -> Present:
    """Looks at the target database as its owner."""
    with psycopg.connect(_owner_url(), application_name="huying restore") as connection:

        def count(statement: str) -> int:
            row = connection.execute(statement).fetchone()
            return int(row[0]) if row else 0

        def rows(table: str) -> int:
            there = count(f"SELECT count(to_regclass('public.{table}'))")
            return count(f'SELECT count(*) FROM public."{table}"') if there else 0  # noqa: S608

        return Present(
            tables=count(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p')"
            ),
            cases=rows("case"),
            accounts=rows("account"),
            sessions=count(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND (application_name = 'huying' OR starts_with(application_name, 'huying-'))"
            ),
            server_version=connection.info.server_version,
        )


def _owner_url() -> str:
    url = config.url(owner=True)
    if not url:
        raise BackupError("Only the owner can make the tables: set DATABASE_OWNER_URL.")
    return url


def restore(folder: Path, backup: Manifest, found: Present, *, despite: bool = False) -> Restored:
    """Restores a checked backup into the embedded server, or an empty external database.

    ``despite`` puts it in place although it is not what was backed up: for a log that was broken
    before, say. What differs stands in the result.

    Raises:
        BackupError: a step failed. The embedded server's database is as it was before; so is
            an external one unless it is `NotRestored`.
    """
    began = time.monotonic()
    if found.server_version // 10000 < backup.server_version // 10000:
        raise BackupError(
            f"The backup is of PostgreSQL {backup.server_version // 10000}; this server is "
            f"{found.server_version // 10000}, and PostgreSQL cannot go back."
        )
    tools = programs.for_major(max(found.server_version // 10000, backup.program_version))
    result = Restored(keys_missing=missing_keys(folder, backup))
    if backup.keys_included:
        _place_keys(folder, backup)
    archive = folder / manifest.DATABASE
    with _incoming(folder) as incoming:
        if config.embedded:
            _into_embedded(folder, backup, incoming, tools, result, despite)
        else:
            programs.entries(tools, archive)
            with progress("Restoring the database"):
                programs.load_at_once(tools, _owner_url(), archive)
            _prove(folder, backup, incoming, result)
            _accept(result, despite, "The database must not be used as it is.")
            incoming.move_photos()
        incoming.move_seals()
    readiness.note(config)
    _forget_other_photos()
    # The demo of what was replaced is not to be finished.
    (config.home / "demo.begun").unlink(missing_ok=True)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _into_embedded(
    folder: Path,
    backup: Manifest,
    incoming: _Incoming,
    tools: programs.Programs,
    result: Restored,
    despite: bool,
) -> None:
    archive = folder / manifest.DATABASE
    steps = programs.entries(tools, archive)
    with _superuser() as server:
        _drop(server, INCOMING)
        embedded_roles.create_database(server, INCOMING)
        try:
            with progress("Restoring the database", steps) as advance:
                url = config.layout.url(embedded.OWNER, INCOMING)
                programs.load(tools, url, archive, advance)
            _enter(INCOMING)
            _prove(folder, backup, incoming, result)
            _accept(result, despite, "Nothing was changed.")
            incoming.move_photos()
            _enter(embedded.DATABASE)
            _take_place(server)
        finally:
            _enter(embedded.DATABASE)
            _drop(server, INCOMING)
        _drop(server, FORMER)


@contextmanager
def _superuser() -> Iterator[psycopg.Connection[Any]]:
    url = config.layout.url(embedded.SUPERUSER, "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _enter(name: str) -> None:
    """Sends Django's connections to a database of the embedded server."""
    from django.db import connections

    connections.close_all()
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name
        # A pool would go on with the database that it began with.
        connections[alias].settings_dict["OPTIONS"].pop("pool", None)


def _take_place(server: psycopg.Connection[Any]) -> None:
    """The proved database gets the name of the old one: both in one transaction."""
    _drop(server, FORMER)
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)",
        [[embedded.DATABASE, INCOMING]],
    )
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with server.transaction():
        for old, new in ((embedded.DATABASE, FORMER), (INCOMING, embedded.DATABASE)):
            server.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))


# --- files --------------------------------------------------------------------------------------


def _place_keys(folder: Path, backup: Manifest) -> None:
    target = embedded.private_folder(crypto.keys_folder())
    for name in backup.keys:
        if not (target / name).exists():
            embedded.private_file(target / name, (folder / manifest.KEYS / name).read_text())


@dataclass(frozen=True)
class _Incoming:
    """The backup's photos and seals, on the data folder's disk but not yet in their places."""

    root: Path

    @property
    def photos(self) -> Path:
        return self.root / manifest.ATTACHMENTS

    @property
    def seals(self) -> Path:
        return self.root / manifest.SEALS

    def move_photos(self) -> None:
        """Beside those that are there: a photo never changes under its id."""
        for path in self.photos.rglob("*"):
            if path.is_file():
                target = config.attachments / path.relative_to(self.photos)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.replace(target)

    def move_seals(self) -> None:
        former = self.root / "seals.former"
        if sealing.seals_folder().exists():
            sealing.seals_folder().rename(former)
        self.seals.rename(sealing.seals_folder())


@contextmanager
def _incoming(folder: Path) -> Iterator[_Incoming]:
    waiting = _Incoming(config.home / "incoming")
    shutil.rmtree(waiting.root, ignore_errors=True)
    for path in (waiting.photos, waiting.seals):
        embedded.private_folder(path)
    kept = (manifest.ATTACHMENTS, manifest.SEALS)
    try:
        paths = [path for _, path in manifest.sums(folder) if path.parts[0] in kept]
        with progress("Copying photos and seals", len(paths)) as advance:
            for path in paths:
                manifest.copied(folder / path, waiting.root / path)
                advance(1)
        yield waiting
    finally:
        shutil.rmtree(waiting.root, ignore_errors=True)


def _forget_other_photos() -> None:
    """Removes photos that no row names any more: those of what was replaced."""
    from huying.cases.attaching import files_of
    from huying.cases.models import Attachment

    named = {
        path
        for pk, kind in Attachment.objects.values_list("pk", "kind").iterator()
        for path in files_of(pk, kind)
    }
    for path in config.attachments.rglob("*"):
        if path.is_file() and path not in named:
            path.unlink()


# --- the proof ----------------------------------------------------------------------------------


def _prove(folder: Path, backup: Manifest, incoming: _Incoming, result: Restored) -> None:
    """Compares everything with the manifest, migrating in between; `result` gets what differs."""
    _compare_tables(backup, result)
    if result.problems:
        return  # nothing that follows would tell more
    result.migrated = database.pending("owner")
    database.migrate()
    _renew_statistics()
    _verify_log(folder, backup, incoming.seals, result)
    _check_photos(backup, incoming.photos, result)
    if not result.keys_missing:
        check_contacts(result)


def _accept(result: Restored, despite: bool, consequence: str) -> None:
    if result.problems and not despite:
        raise NotRestored(
            f"What was restored is not what was backed up: {told(result.problems)}. {consequence}"
        )


def _compare_tables(backup: Manifest, result: Restored) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor, progress("Counting rows") as advance:
        for name, expected in backup.tables.items():
            cursor.execute("SELECT to_regclass('public.' || quote_ident(%s))", [name])
            if cursor.fetchone()[0] is None:
                result.problems.append(f"the table {name} is missing")
                continue
            cursor.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name)))
            (found,) = cursor.fetchone()
            if found != expected:
                result.problems.append(f"the table {name} has {found} rows instead of {expected}")
            result.tables += 1
            advance(1)


def _renew_statistics() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor, progress("Gathering statistics"):
        cursor.execute("ANALYZE")


class _WithoutKeys:
    """A provider that does not count as false what it has no key for."""

    def __init__(self, provider: CryptoProvider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def verify(self, message: bytes, signature: Signature) -> bool:
        known = signature.key_id in self._provider.key_ids(KeyPurpose.SEAL)
        return not known or self._provider.verify(message, signature)


def provider_for(with_keys: bool) -> Any:
    """What checks seals: without keys only those whose key is here."""
    return crypto.provider() if with_keys else _WithoutKeys(crypto.provider())


def _verify_log(folder: Path, backup: Manifest, seals: Path, result: Restored) -> None:
    provider = provider_for(with_keys=not result.keys_missing)
    heads = [folder / manifest.HEADS]
    # The newest seal's own heads too: they are signed, and those of the backup are not.
    if newest := sealing.latest_heads(seals):
        heads.append(newest)
    for number, path in enumerate(heads):
        with progress("Verifying events" if number == 0 else "Verifying the last seal") as advance:
            found = verifying.verify(
                head_file=path, folder=seals, provider=provider, advance=advance
            )
        for one in found.breaks:
            place = one.case or one.case_id or "seal"
            result.problems.append(f"{place}: {one.kind}: {one.detail}")
        if number == 0:
            result.cases, result.events = found.cases, found.events
            result.heads, result.seals = found.held, found.seals
            if found.held != backup.cases:
                result.problems.append(
                    f"{manifest.HEADS} has {found.held} heads instead of {backup.cases}"
                )


def _check_photos(backup: Manifest, photos: Path, result: Restored) -> None:
    from huying.cases.attaching import files_of, folder
    from huying.cases.models import Attachment

    rows = Attachment.objects.order_by("pk").values_list("pk", "kind", "digest")
    known = set(backup.attachments_missing)
    with progress("Checking photos", rows.count()) as advance:
        for pk, kind, digest in rows.iterator():
            for number, place in enumerate(files_of(pk, kind)):
                name = str(place.relative_to(folder()))
                path = photos / name
                if name in known:
                    continue
                if not path.is_file():
                    result.problems.append(f"the photo {name} is missing")
                elif number == 0 and sm3(path.read_bytes()) != bytes(digest):
                    result.problems.append(f"the photo {name} is not the one that its row names")
            result.attachments += 1
            advance(1)


def check_contacts(result: Restored) -> None:
    """Whether the keys that are here now read every name and phone number."""
    from huying.audit.crypto import CryptoError, decrypt_text
    from huying.audit.keys import KeyFileError
    from huying.cases.models import CaseContact

    rows = CaseContact.objects.values_list("pk", "name_enc", "phone_enc")
    with progress("Reading contacts", rows.count()) as advance:
        for pk, name, phone in rows.iterator():
            try:
                for column, sealed in (("name_enc", name), ("phone_enc", phone)):
                    if sealed is not None:
                        decrypt_text(sealed, context=f"case_contact.{column}.{pk}")
            except (CryptoError, KeyFileError) as error:
                result.problems.append(f"the contact {pk} cannot be read: {error}")
            result.contacts += 1
            advance(1)
