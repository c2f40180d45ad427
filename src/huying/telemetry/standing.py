"""How the whole installation stands: what its database, its notes and its disks tell, just now.

The database is asked a handful of short questions, in one transaction with a bound on its time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count, Min
from django.db.models.functions import Length
from django.utils import timezone

from huying import upkeep
from huying.assessment import following
from huying.assessment.models import OpenCase
from huying.audit.models import Seal
from huying.backup import watching
from huying.cases.models import Case
from huying.installation import Settings
from huying.notices.models import Outgoing
from huying.postgres.prepared import statement

PATIENCE_MS: Final = 3000
"""How long one question to the database may take."""

WORKS_S: Final = 30
"""A worker says every ten seconds that it is alive."""

LEVELS: Final = {6: "district", 9: "town", 12: "community"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one kind: how many could begin, and for how long the oldest has waited."""

    kind: str
    jobs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica of the database server; ``seconds`` is None where we may not know."""

    name: str
    seconds: float | None
    bytes: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database tells.

    Attributes:
        open_cases: by state and by the level of the desk that holds them.
        oldest_emergency_s: for how long the oldest emergency waits for a unit to sign; 0: none.
        behind_s: by how much the sums of figures are behind the log; None: it was never followed.
        sealed_at: when the last seal was made.
        workers: how many say that they are alive.
    """

    open_cases: dict[tuple[str, str], int]
    oldest_emergency_s: float
    waiting: list[Waiting]
    dead_letters: dict[str, int]
    behind_s: float | None
    sealed_at: datetime | None
    workers: int
    replicas: list[Replica] = field(default_factory=list)


def standing(now: datetime | None = None) -> Standing:
    """Asks the database.

    Raises:
        django.db.Error: it did not answer, or not in time.
    """
    now = now or timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        behind = following.behind_by(now)
        oldest = Case.objects.unsigned_emergencies().aggregate(at=Min("received_at"))["at"]
        seal = Seal.objects.order_by("-number").values_list("at", flat=True).first()
        return Standing(
            open_cases=_open_cases(behind),
            oldest_emergency_s=0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()),
            waiting=[Waiting(*row) for row in _rows("waiting_jobs")],
            dead_letters=dict(
                Outgoing.objects.filter(state=Outgoing.State.DEAD)
                .values_list("channel")
                .annotate(n=Count("pk"))
                .order_by("channel")
            ),
            behind_s=None if behind is None else behind.total_seconds(),
            sealed_at=seal,
            workers=_workers(now),
            replicas=_replicas(),
        )


def _open_cases(behind: timedelta | None) -> dict[tuple[str, str], int]:
    """From the narrow table that follows the log where that has caught up, else from the cases."""
    caught_up = behind is not None and behind <= following.NEAR
    found = OpenCase.objects.all() if caught_up else Case.objects.open()
    rows: Iterable[Any] = (
        found.annotate(held=Length("holder_code"))
        .values_list("state", "held")
        .annotate(n=Count("pk"))
        .order_by("state", "held")
    )
    return {(state, LEVELS.get(held, "other")): n for state, held, n in rows}


def _rows(name: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name))
        return cursor.fetchall()


def _workers(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s",
            [now - timedelta(seconds=WORKS_S)],
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def _replicas() -> list[Replica]:
    return [
        Replica(name, seconds if seen else None, size if seen else None)
        for name, seen, seconds, size in _rows("replicas")
    ]


def since_upkeep(home: Path, now: datetime) -> dict[str, timedelta]:
    """For how long each thing that must be done from time to time was not done; what never was is
    not in it.

    A base backup in the archive is a backup, and a drill that succeeded is a proof.
    """
    archive, found = watching.state(now=now), {}
    for name, hours in (
        (upkeep.BACKUP, archive.base_hours),
        (upkeep.RESTORED, archive.proved_hours),
    ):
        note = upkeep.last(home, name)
        ages = [now - note.at] if note else []
        if hours is not None:
            ages.append(timedelta(hours=hours))
        if ages:
            found[name] = min(ages)
    return found


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of a data folder, in bytes."""

    folder: str
    free: int
    size: int


FOLDERS: Final = (".", "attachments", "exports", "imports", "keys", "postgres", "seals")


def _of_backups(home: Path) -> Path | None:
    """Where the last backup was put: each has a folder of its own there."""
    note = upkeep.last(home, upkeep.BACKUP)
    folder = note.facts.get("folder") if note else None
    return Path(folder).parent if isinstance(folder, str) else None


def disks(config: Settings) -> list[Disk]:
    """The room of each data folder, of the database's where it is known, and of where backups go;
    of those that are there. Several of them may be on one disk."""
    places = {"home" if name == "." else name: config.home / name for name in FOLDERS}
    for name, path in (
        ("database", config.database_disk),
        ("archive", config.backup_dir),
        ("incoming", config.backup_incoming),
        ("backups", _of_backups(config.home)),
    ):
        if path is not None:
            places[name] = path
    found = []
    for name, path in places.items():
        try:
            told = os.statvfs(path)
        except OSError:
            continue
        size = told.f_blocks * told.f_frsize
        found.append(Disk(name, told.f_bavail * told.f_frsize, size))
    return found
