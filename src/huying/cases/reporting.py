"""上报 report: how a case begins. And how who reported takes it back.

A report is the one verb that makes its row instead of locking it, and the one that comes in
crowds. So it has a many-form: everything is decided row by row in plain Python, and written by
one statement (``sql/report.sql``). The single form is a crowd of one.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit.chain import (
    SALT_SIZE,
    EventFields,
    event_hash,
    genesis,
    plain,
    text_digest,
    timestamp,
)
from huying.audit.identifiers import new_id
from huying.cases.attaching import take_up
from huying.cases.contacts import new_contact
from huying.cases.deadlines import FirstDues, first_dues
from huying.cases.models import Case, Channel, IdempotencyKey, TextKind
from huying.cases.states import State
from huying.cases.verbs import Act, keepable, verb
from huying.catalogue.limits import States
from huying.catalogue.models import Kind
from huying.errors import BadInput, HuyingError, KeyReused, Missing, NotAllowed
from huying.people.acting import Actor, ActorKind
from huying.people.models import Role
from huying.places.models import CODE_LENGTH, Level

TOWN_LENGTH = CODE_LENGTH[Level.TOWN]
DISTRICT_LENGTH = CODE_LENGTH[Level.DISTRICT]
GRID_LENGTH = CODE_LENGTH[Level.GRID]

STATEMENT = (Path(__file__).resolve().parent.parent / "sql" / "report.sql").read_text("utf-8")


class ReportJob(Protocol):
    """Work to be done once a case is in, with its id as ``case_id``: a procrastinate task."""

    name: str
    queue: str


class ReportItem(States, Protocol):
    """What a report needs of an item's version: ``ItemVersion`` and ``ItemSnapshot`` have it."""

    @property
    def default_level(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter is, as told and as found.

    Attributes:
        area_code: the most specific code known: grid, community, town or the district.
        lon, lat: CGCS2000 degrees; None when nobody has pinned it.
        told_*: as the position came in, before any conversion.
    """

    area_code: str
    lon: float | None = None
    lat: float | None = None
    told_lon: float | None = None
    told_lat: float | None = None
    told_datum: str = ""
    accuracy_m: float | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What comes in by a door, already located and read. Made by ``intake.reporting``.

    Attributes:
        item: the item's version in force, with its code and id beside it; None if not chosen.
    """

    channel: Channel
    text: str
    place: Place
    item: ReportItem | None = None
    item_code: str = ""
    item_version_id: int | None = None
    suggested_item: str = ""
    emergency_words: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    contact_name: str = ""
    contact_phone: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    alarms: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: who sends, the key, and the SM3 digest of what was sent."""

    caller: str
    key: str
    body_digest: bytes


@dataclass(frozen=True, slots=True)
class Reported:
    """The answer to a report. Under a key that was used before: the answer given then."""

    id: uuid.UUID
    number: str
    state: str
    holder_code: str
    level: str
    area_code: str
    received_at: str
    due_at: str | None
    suggested_item: str
    emergency_words: str
    replayed: bool = False


Answer = Reported | HuyingError


def may_report(by: Actor) -> None:
    """Everybody may, but for the three who keep the system.

    Raises:
        NotAllowed: one of them tries.
    """
    if by.kind in (ActorKind.RESIDENT, ActorKind.SYSTEM):
        return
    if by.role is None or by.is_guardian:
        raise NotAllowed()


def number_of(area_code: str, received_at: datetime, serial: int) -> str:
    """案件编号: nine digits of the town (or the district's six and 000), the day, a serial.

    The day is Asia/Shanghai's. The serial comes from one sequence for the whole installation and
    never starts again, so a number issued later ends in a larger serial; gaps are allowed.
    """
    town = area_code[:TOWN_LENGTH].ljust(TOWN_LENGTH, "0")
    return f"{town}{_day(received_at)}{serial:08d}"


@lru_cache(maxsize=64)
def _day(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y%m%d}"


def first_holder(area_code: str, item: ReportItem | None, *, alarming: bool) -> tuple[Level, str]:
    """Which level a new case is for, and whose desk it reaches.

    小问题不出网格, 大问题不出村(社区), 复杂问题不出镇街: the item says which. A grid has no desk,
    so the community's holds its cases; what may be an emergency is seen by the town at once; what
    nobody has located lies on the district's desk.
    """
    level = Level(item.default_level) if item is not None else Level.TOWN
    if alarming and level in (Level.GRID, Level.COMMUNITY):
        level = Level.TOWN
    if len(area_code) < TOWN_LENGTH:
        return level, area_code[:DISTRICT_LENGTH]
    wanted = CODE_LENGTH[Level.COMMUNITY if level is Level.GRID else level]
    return level, area_code[:wanted]


def report(
    what: Report,
    *,
    by: Actor,
    now: datetime,
    jobs: Sequence[ReportJob] = (),
    key: Key | None = None,
) -> Case:
    """上报: makes the case, in state `reported`, with its first event, in one transaction.

    ``now`` is when it was received; the told time of the matter is ``what.occurred_at``. A grid
    worker's own report needs a position and a photo; a resident's, a caller's or an import's
    needs neither. ``jobs`` are deferred with the case's id, in the same transaction. Under a
    ``key`` that was used before, the case made then is returned.

    Raises:
        NotAllowed: the actor's role may not report.
        Missing: no words; or a grid worker's report without position or photo.
        BadInput: the text is too long; it happened after now; a photo is not the reporter's.
        KeyReused: the key came with another body before.
    """
    answer = report_many([(what, key)], by=by, now=now, jobs=jobs)[0]
    if isinstance(answer, HuyingError):
        raise answer
    return Case.objects.for_pages().get(pk=answer.id)


def report_many(
    what: Sequence[tuple[Report, Key | None]],
    *,
    by: Actor,
    now: datetime,
    jobs: Sequence[ReportJob] = (),
) -> list[Answer]:
    """Many reports at once, each with its own answer, in the order they came.

    What one lacks does not keep out the others: all are checked, the good ones are written by one
    statement, and if the database refuses that, one by one in savepoints. The same key twice in
    one call makes one case and gives the same answer twice.
    """
    answers: list[Answer | None] = [None] * len(what)
    rows: list[dict[str, Any]] = []
    first_of: dict[tuple[str, str], int] = {}
    for position, (each, key) in enumerate(what):
        if key is not None:
            first = first_of.setdefault((key.caller, key.key), position)
            if first != position:
                continue
        try:
            rows.append(_row(position, each, key, by, now, jobs))
        except HuyingError as error:
            answers[position] = error
    if rows:
        _number(rows, now)
        for position, answer in _write(rows, what, by).items():
            answers[position] = answer
    for position, (_each, key) in enumerate(what):
        if answers[position] is None and key is not None:
            answers[position] = _same(what, answers, first_of[key.caller, key.key], key)
    return [answer if answer is not None else HuyingError() for answer in answers]


def _same(
    what: Sequence[tuple[Report, Key | None]],
    answers: Sequence[Answer | None],
    first: int,
    key: Key,
) -> Answer:
    """The answer to a key that stands in one call a second time."""
    before = what[first][1]
    if before is not None and before.body_digest != key.body_digest:
        return KeyReused()
    answer = answers[first]
    return answer if answer is not None else HuyingError()


def _row(
    position: int,
    what: Report,
    key: Key | None,
    by: Actor,
    now: datetime,
    jobs: Sequence[ReportJob],
) -> dict[str, Any]:
    """Everything about one new case but its number and what hangs on the database's time."""
    may_report(by)
    body = _checked(what, by, now)
    place, item = what.place, what.item
    case_id, text_id, salt = new_id(), new_id(), os.urandom(SALT_SIZE)
    level, holder = first_holder(place.area_code, item, alarming=bool(what.emergency_words))
    digest = text_digest(salt, TextKind.DESCRIPTION.value, body)
    data: dict[str, Any] = {
        "area": place.area_code,
        "channel": what.channel.value,
        "holder": holder,
        "level": level.value,
        "texts": [{"id": str(text_id), "kind": "description", "digest": digest.hex()}],
    }
    if what.item_code:
        data["item"] = what.item_code
    if what.emergency_words:
        data["emergency_words"] = list(what.emergency_words)
    district = place.area_code[:DISTRICT_LENGTH]
    contact = None
    if what.contact_name or what.contact_phone:
        contact = _contact(case_id, district, what, data)
    if what.photos:
        data["photos"] = [str(photo) for photo in what.photos]
    dues = first_dues(district, item, bool(what.emergency_words), now)
    row = _case_columns(what, by, now, dues)
    row |= {
        "position": position,
        "id": case_id,
        "district_code": district,
        "level": level.value,
        "holder_code": holder,
        "data": data,
        "text_id": text_id,
        "body": body,
        "salt": salt.hex(),
        "digest": digest.hex(),
        "contact": contact,
        "party_id": new_id() if by.account_id is not None else None,
        "jobs": [{"queue": job.queue, "task": job.name} for job in jobs],
    }
    if key is not None:
        row |= {
            "caller": key.caller,
            "key": key.key,
            "body_digest": key.body_digest.hex(),
        }
    return row


def _case_columns(what: Report, by: Actor, now: datetime, dues: FirstDues) -> dict[str, Any]:
    place, item = what.place, what.item
    return {
        "channel": what.channel.value,
        "kind": str(item.kind) if item is not None else Kind.COMPLEX.value,
        "item_code": what.item_code,
        "item_version_id": what.item_version_id,
        "suggested_item": what.suggested_item,
        "emergency_words": ";".join(what.emergency_words)[:120],
        "area_code": place.area_code,
        "grid_code": place.area_code if len(place.area_code) == GRID_LENGTH else "",
        "address": place.address[:200],
        "lon": place.lon,
        "lat": place.lat,
        "told_lon": place.told_lon,
        "told_lat": place.told_lat,
        "told_datum": place.told_datum,
        "accuracy_m": place.accuracy_m,
        "occurred_at": what.occurred_at,
        "received_at": now,
        "accept_due": dues.accept,
        "total_due": dues.total,
        "due_at": dues.accept,
        "yellow_at": dues.yellow,
        "wake_at": dues.accept if what.alarms else None,
        "alarms": what.alarms,
        "reporter_id": by.account_id,
        "actor_kind": by.kind.value,
        "actor_id": by.integration_id if by.integration_id is not None else by.account_id,
        "post_id": by.post_id,
        "role": by.role.value if by.role else None,
    }


def _checked(what: Report, by: Actor, now: datetime) -> str:
    body = what.text.strip()
    if not body:
        raise Missing(_("Please say it in words."), field="text")
    if not keepable(body) or not keepable(what.place.address):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="text"
        )
    if what.occurred_at is not None and what.occurred_at > now:
        raise BadInput(_("It cannot have happened later than now."), field="occurred_at")
    if what.channel == Channel.PATROL and by.role in (Role.GRID_WORKER, Role.GRID_HEAD):
        if what.place.told_lon is None:
            raise Missing(_("A grid worker's report needs a position."), field="position")
        if not what.photos:
            raise Missing(_("A grid worker's report needs a photo."), field="photos")
    return body


def _contact(
    case_id: uuid.UUID, district: str, what: Report, data: dict[str, Any]
) -> dict[str, Any]:
    contact = new_contact(case_id, district, what.contact_name, what.contact_phone, seq=1)
    data["contacts"] = [{"id": str(contact.pk), "digest": contact.digest.hex()}]
    index = contact.phone_index
    return {
        "id": contact.pk,
        "name_enc": contact.name_enc.hex(),
        "phone_enc": contact.phone_enc.hex(),
        "name_masked": contact.name_masked,
        "phone_masked": contact.phone_masked,
        "phone_index": index.hex() if index is not None else None,
        "salt": contact.salt.hex(),
        "digest": contact.digest.hex(),
    }


def _number(rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Gives each row its number, and the first event its hash, with the database's time in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('case_serial'), clock_timestamp() FROM generate_series(1, %s)",
            [len(rows)],
        )
        issued = cursor.fetchall()
    for row, (serial, written_at) in zip(rows, issued, strict=True):
        prev = genesis(row["id"])
        fields = EventFields(
            case_id=row["id"],
            seq=1,
            verb="report",
            at=now,
            written_at=written_at,
            actor_kind=row["actor_kind"],
            actor_id=row["actor_id"],
            post_id=row["post_id"],
            role=row["role"],
            from_state=None,
            to_state=State.REPORTED.value,
            data=row["data"],
            district_code=row["district_code"],
        )
        row["number"] = number_of(row["area_code"], now, serial)
        row["written_at"] = written_at
        row["prev"] = prev.hex()
        row["hash"] = event_hash(fields, prev).hex()
        if "key" in row:
            row["answer"] = plain(_answer_fields(row))


def _answer_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    due = row["due_at"]
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "state": State.REPORTED.value,
        "holder_code": row["holder_code"],
        "level": row["level"],
        "area_code": row["area_code"],
        "received_at": timestamp(row["received_at"]),
        "due_at": timestamp(due) if due is not None else None,
        "suggested_item": row["suggested_item"],
        "emergency_words": row["emergency_words"],
    }


def _write(
    rows: list[dict[str, Any]], what: Sequence[tuple[Report, Key | None]], by: Actor
) -> dict[int, Answer]:
    """Writes all rows at once; one by one if the database refuses them together."""
    photos = any(what[row["position"]][0].photos for row in rows)
    if len(rows) == 1 or not photos:
        # One statement is one transaction; only where more follows must one be opened.
        try:
            with transaction.atomic() if photos or connection.in_atomic_block else nullcontext():
                return _write_together(rows, what, by)
        except (DatabaseError, HuyingError) as error:
            if len(rows) == 1:
                return {rows[0]["position"]: _refusal(error)}
    answers: dict[int, Answer] = {}
    with transaction.atomic():
        for row in rows:
            try:
                with transaction.atomic():
                    answers |= _write_together([row], what, by)
            except (DatabaseError, HuyingError) as error:
                answers[row["position"]] = _refusal(error)
    return answers


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


def _write_together(
    rows: Sequence[dict[str, Any]], what: Sequence[tuple[Report, Key | None]], by: Actor
) -> dict[int, Answer]:
    told = orjson.dumps(rows, default=str).decode()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"told": told})
        written = {position for (position,) in cursor.fetchall()}
    answers: dict[int, Answer] = {}
    for row in rows:
        position = row["position"]
        report_, key = what[position]
        if position not in written:
            assert key is not None  # only a key that is known keeps a case from being written
            answers[position] = _answer_before(key)
            continue
        if report_.photos:
            case = Case(id=row["id"], district_code=row["district_code"])
            take_up(case, report_.photos, by=by, seq=1)
        answers[position] = Reported(**(_answer_fields(row) | {"id": row["id"]}))
    return answers


def _answer_before(key: Key) -> Answer:
    before = IdempotencyKey.objects.get(caller=key.caller, verb="report", key=key.key)
    if bytes(before.body_digest) != key.body_digest:
        return KeyReused()
    answer = dict(before.answer or {})
    return Reported(**(answer | {"id": uuid.UUID(answer["id"]), "replayed": True}))


@verb("withdraw")
def withdraw(act: Act, *, reason: str = "") -> None:
    """撤回: who reported takes it back, with a reason, before it is accepted."""
    act.text(TextKind.REASON, reason, needed="reason")
    act.goes_to(State.WITHDRAWN)
