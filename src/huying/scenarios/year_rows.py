"""Gets the rows of a told year into the tables, a thousand cases at a time, by COPY."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection, connections
from django.db.models import CompositePrimaryKey, Field, Model

from huying.cases.attaching import file_of, folder
from huying.cases.models import Attachment
from huying.embedded import private_folder
from huying.scenarios.demo_reset import OWNER
from huying.scenarios.year_case import Told

PARTITION: Final = (
    Path(__file__).resolve().parent.parent / "sql" / "year_partitions.sql"
).read_text("utf-8")

AT_ONCE: Final = 1000
"""Cases that are written together."""

_FIVE_DAYS: Final = timedelta(days=5)

BESIDE: Final = (
    "texts",
    "parties",
    "orders",
    "photos",
    "suspensions",
    "extensions",
    "rounds",
    "supervisions",
    "holds",
    "call_backs",
)
"""The rows beside a case and its events, by the names that `Told` has for them."""


@dataclass(slots=True)
class Writing:
    """Writes cases whose lives are told. Inside a transaction: all of a year, or nothing.

    References are looked at with the commit, so that a case may name one that comes later.

    Attributes:
        originals: the stored photo that those of its kind and digest are links to.
    """

    originals: dict[bytes, Attachment]
    cases: int = 0
    events: int = 0
    _waiting: list[Told] = field(default_factory=list)

    def add(self, told: Told) -> None:
        self._waiting.append(told)
        if len(self._waiting) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        copy([told.case for told in waiting])
        events = [event for told in waiting for event in told.events]
        copy(events)
        copy([told.address for told in waiting if told.address is not None])
        for name in BESIDE:
            copy([row for told in waiting for row in getattr(told, name)])
        self._link([photo for told in waiting for photo in told.photos])
        self.cases += len(waiting)
        self.events += len(events)

    def _link(self, photos: Iterable[Attachment]) -> None:
        """The photos' files: the one that was stored, under each photo's name."""
        places: set[Path] = set()
        for photo in photos:
            known = self.originals[bytes(photo.digest)]
            for thumb in (False, True):
                target = file_of(photo.pk, thumb=thumb)
                if target.parent not in places:
                    private_folder(folder())
                    private_folder(target.parent)
                    places.add(target.parent)
                with suppress(FileExistsError):  # of a load that failed after it
                    os.link(file_of(known.pk, thumb=thumb), target)


def copy(rows: Sequence[Model]) -> None:
    """Writes rows of one table."""
    if not rows:
        return
    meta = rows[0]._meta
    fields: list[Field[Any, Any]] = [
        each for each in meta.concrete_fields if not isinstance(each, CompositePrimaryKey)
    ]
    names = ", ".join(f'"{each.column}"' for each in fields)
    prepare = [(each.attname, each.get_db_prep_save) for each in fields]
    statement = f'COPY "{meta.db_table}" ({names}) FROM STDIN'  # names of ours
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            out.write_row([prep(getattr(row, name), connection) for name, prep in prepare])


def make_months(first: datetime, last: datetime) -> int:
    """The event log's partitions of the months between; how many were new. As the owner."""
    month, made = first.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0), 0
    with connections[OWNER].cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS pg_temp.partition_of(timestamptz)")
        cursor.execute(PARTITION)
        while month <= last:
            cursor.execute("SELECT pg_temp.partition_of(%s)", [month])
            made += bool(cursor.fetchone()[0])
            month = (month.replace(day=28) + _FIVE_DAYS).replace(day=1)
    return made


def analyze() -> None:
    """Tells the planner how much there is now."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute('ANALYZE "case", case_event, case_text, case_party, dispatch_order')
