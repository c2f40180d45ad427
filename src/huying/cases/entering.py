"""How new cases get into the tables: numbered, hashed, and written by one statement.

`reporting` decides what a case's first row says; here nothing is decided any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from huying.audit.chain import EventFields, event_hash, genesis, timestamp
from huying.cases.attaching import take_up
from huying.cases.gathering import Gathering
from huying.cases.idempotency import settle
from huying.cases.models import Case, IdempotencyKey
from huying.cases.reports import Answer, Key, Report, Reported, ReportJob
from huying.cases.states import State
from huying.errors import BadInput, HuyingError, KeyReused
from huying.people.acting import Actor
from huying.places.models import CODE_LENGTH, Level
from huying.postgres import NotAnswered
from huying.postgres.prepared import rows_of, statement
from huying.telemetry.carrying import carried

SERIALS = statement("report_serials")
STATEMENT = statement("report")
TOWN_LENGTH = CODE_LENGTH[Level.TOWN]


@dataclass(frozen=True, slots=True, eq=False)
class Occasion:
    """What the reports of one call share: who reports, when, and what work follows.

    Attributes:
        fields: the same as report.sql names it, but for the database's time.
    """

    by: Actor
    now: datetime
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, by: Actor, now: datetime, jobs: Sequence[ReportJob]) -> Self:
        integration = by.integration_id
        beside = carried()
        fields = {
            "received_at": now,
            "reporter_id": by.account_id,
            "actor_kind": by.kind.value,
            "actor_id": integration if integration is not None else by.account_id,
            "post_id": by.post_id,
            "role": by.role.value if by.role else None,
            "jobs": [{"queue": job.queue, "task": job.name, "carried": beside} for job in jobs],
        }
        return cls(by, now, fields)


@dataclass(slots=True)
class Entry:
    """A new case on its way in.

    Attributes:
        row: its columns as report.sql names them, but for what `enter` adds.
        data: of its first event.
        answer: what will be answered, and is kept with the key.
    """

    occasion: Occasion
    report: Report
    key: Key | None
    row: dict[str, Any]
    data: dict[str, Any]
    answer: dict[str, Any]


def number_of(area_code: str, received_at: datetime, serial: int) -> str:
    """案件编号: nine digits of the town (or the district's six and 000), the day, a serial.

    The day is Asia/Shanghai's. The serial comes from one sequence for the whole installation and
    never starts again, so a number issued later ends in a larger serial; gaps are allowed.
    """
    town = area_code[:TOWN_LENGTH].ljust(TOWN_LENGTH, "0")
    # No zone's day begins within a quarter of an hour: one answer for all of its reports.
    quarter = received_at.replace(minute=received_at.minute // 15 * 15, second=0, microsecond=0)
    return f"{town}{_day(quarter)}{serial:08d}"


@lru_cache(maxsize=64)
def _day(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y%m%d}"


def enter(entries: Sequence[Entry]) -> list[Answer]:
    """Writes new cases, each with its event, words, key and jobs; the answer to each.

    One that comes alone is written together with those that come at the same moment.
    """
    if len(entries) == 1 and not entries[0].report.photos and not connection.in_atomic_block:
        return [_gathering.enter(entries[0])]
    return _enter(entries)


def _enter(entries: Sequence[Entry]) -> list[Answer]:
    """All at once; one by one in savepoints if the database refuses them together."""
    written_at = _number(entries)
    photos = any(entry.report.photos for entry in entries)
    if len(entries) == 1 or not photos:
        # One statement is one transaction; only where more follows must one be opened.
        try:
            with transaction.atomic() if photos or connection.in_atomic_block else nullcontext():
                return _write(entries, written_at)
        except (DatabaseError, HuyingError) as error:
            refusal = _refusal(error)  # before all else: a lost database is no refusal of anybody
            if len(entries) == 1:
                return [refusal]
    answers: list[Answer] = []
    with transaction.atomic(), connection.cursor() as cursor:
        # References to other rows are else looked at with the commit, and then refuse all.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for entry in entries:
            try:
                with transaction.atomic():
                    answers += _write([entry], written_at)
            except (DatabaseError, HuyingError) as error:
                answers.append(_refusal(error))
    return answers


_gathering: Gathering[Entry, Answer] = Gathering(_enter)


def _number(entries: Sequence[Entry]) -> datetime:
    """Gives each case its number, and its first event the hash; the database's time, in them."""
    ((written_at, serials),) = rows_of(SERIALS, {"cases": len(entries)})
    for entry, serial in zip(entries, serials, strict=True):
        row, common, now = entry.row, entry.occasion.fields, entry.occasion.now
        prev = genesis(row["id"])
        fields = EventFields(
            case_id=row["id"],
            seq=1,
            verb="report",
            at=now,
            written_at=written_at,
            actor_kind=common["actor_kind"],
            actor_id=common["actor_id"],
            post_id=common["post_id"],
            role=common["role"],
            from_state=None,
            to_state=State.REPORTED.value,
            data=entry.data,
            district_code=row["district_code"],
        )
        row["prev"] = prev.hex()
        row["hash"] = event_hash(fields, prev).hex()
        row["number"] = entry.answer["number"] = number_of(row["area_code"], now, serial)
    return cast(datetime, written_at)


def _refusal(error: Exception) -> HuyingError:
    """What the database refuses that was not foreseen is bad input, not a fault of the server.

    Raises:
        DatabaseError: it is no matter of what was sent (a lost connection, a full disk).
    """
    if isinstance(error, HuyingError):
        return error
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state[:2] in ("22", "23"):  # data exceptions, and constraints
        return BadInput()
    raise error


def _write(entries: Sequence[Entry], written_at: datetime) -> list[Answer]:
    places: dict[Occasion, int] = {}
    for position, entry in enumerate(entries):
        entry.row["position"] = position
        entry.row["occasion"] = places.setdefault(entry.occasion, len(places))
    common = [
        {**occasion.fields, "occasion": place, "written_at": written_at}
        for occasion, place in places.items()
    ]
    values = {"common": _json(common), "told": _json([entry.row for entry in entries])}
    written = {position for (position,) in rows_of(STATEMENT, values)}
    try:
        return _answers(entries, written)
    except (OperationalError, InterfaceError) as error:
        if connection.in_atomic_block:
            raise
        # The statement was its own commit: it is done.
        raise NotAnswered("the line was lost after a write") from error


def _answers(entries: Sequence[Entry], written: Collection[int]) -> list[Answer]:
    """What is answered, once those at these positions are written.

    Raises:
        BadInput: a photo is not there.
    """
    if len(written) < len(entries):
        settle()
    answers: list[Answer] = []
    for position, entry in enumerate(entries):
        if position not in written:
            assert entry.key is not None  # only a known key keeps a case from being written
            answers.append(_answer_before(entry.key))
            continue
        case_id = entry.row["id"]
        if entry.report.photos:
            case = Case(id=case_id, district_code=entry.row["district_code"])
            take_up(case, entry.report.photos, by=entry.occasion.by, seq=1)
        answers.append(Reported(**entry.answer | {"id": case_id}))
    return answers


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _answer_before(key: Key) -> Answer:
    before = IdempotencyKey.objects.get(caller=key.caller, verb="report", key=key.key)
    if bytes(before.body_digest) != key.body_digest:
        return KeyReused()
    answer = dict(before.answer or {})
    return Reported(**(answer | {"id": uuid.UUID(answer["id"]), "replayed": True}))


def first_answer(row: Mapping[str, Any], due: datetime | None, now: datetime) -> dict[str, Any]:
    """What is answered to a report, but for the number, which comes with the writing."""
    return {
        "id": str(row["id"]),
        "number": "",
        "state": State.REPORTED.value,
        "holder_code": row["holder_code"],
        "level": row["level"],
        "area_code": row["area_code"],
        "received_at": timestamp(now),
        "due_at": timestamp(due) if due is not None else None,
        "suggested_item": row["suggested_item"],
        "emergency_words": row["emergency_words"],
    }
