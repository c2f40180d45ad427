"""上报 report: how a case begins. And how who reported takes it back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.attaching import take_up
from huying.cases.contacts import new_contact
from huying.cases.deadlines import recompute
from huying.cases.models import Case, CaseParty, Channel, TextKind
from huying.cases.states import State
from huying.cases.verbs import (
    Act,
    make_event,
    text_reference,
    verb,
)
from huying.catalogue.models import ItemVersion, Kind
from huying.errors import BadInput, Missing, NotAllowed
from huying.people.acting import Actor, ActorKind
from huying.people.models import Role
from huying.places.models import CODE_LENGTH, Level

TOWN_LENGTH = CODE_LENGTH[Level.TOWN]
COMMUNITY_LENGTH = CODE_LENGTH[Level.COMMUNITY]
DISTRICT_LENGTH = CODE_LENGTH[Level.DISTRICT]


class ReportJob(Protocol):
    """Work to be done once a case is in."""

    def defer(self, *, case_id: str) -> object: ...


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
    """What comes in by a door, already located and read. Made by ``intake.reporting``."""

    channel: Channel
    text: str
    place: Place
    item: ItemVersion | None = None
    suggested_item: str = ""
    emergency_words: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    contact_name: str = ""
    contact_phone: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    alarms: bool = True


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
    day = received_at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{town}{day:%Y%m%d}{serial:08d}"


def first_holder(area_code: str, item: ItemVersion | None, *, alarming: bool) -> tuple[Level, str]:
    """Which level a new case is for, and whose desk it reaches.

    小问题不出网格, 大问题不出村(社区), 复杂问题不出镇街: the item says which. A grid has no desk,
    so the community's holds its cases; what may be an emergency is seen by the town at once; what
    nobody has located lies on the district's desk.
    """
    level = Level(item.default_level) if item is not None else Level.TOWN
    if alarming and level in (Level.GRID, Level.COMMUNITY):
        level = Level.TOWN
    wanted = COMMUNITY_LENGTH if level is Level.GRID else CODE_LENGTH[level]
    if len(area_code) < TOWN_LENGTH:
        return level, area_code[:DISTRICT_LENGTH]
    return level, area_code[: min(wanted, max(len(area_code), TOWN_LENGTH))]


def report(what: Report, *, by: Actor, now: datetime, jobs: Sequence[ReportJob] = ()) -> Case:
    """上报: makes the case, in state `reported`, with its first event, in one transaction.

    ``now`` is when it was received; the told time of the matter is ``what.occurred_at``. A grid
    worker's own report needs a position and a photo; a resident's, a caller's or an import's
    needs neither. ``jobs`` are deferred with the case's id, in the same transaction.

    Raises:
        NotAllowed: the actor's role may not report.
        Missing: no words; or a grid worker's report without position or photo.
        BadInput: the text is too long; it happened after now; a photo is not the reporter's.
    """
    may_report(by)
    _check(what, by, now)
    with transaction.atomic():
        serial, written_at = _serial_and_time()
        case = _new_case(what, by, now, serial)
        act = Act("report", case, by, now, written_at, 1, None)
        act.text(TextKind.DESCRIPTION, what.text, needed="text")
        act.data |= {
            "channel": str(what.channel),
            "area": case.area_code,
            "holder": case.holder_code,
            "level": case.level,
        }
        if case.item_code:
            act.data["item"] = case.item_code
        if what.emergency_words:
            act.data["emergency_words"] = list(what.emergency_words)
        contact = None
        if what.contact_name or what.contact_phone:
            contact = new_contact(case, what.contact_name, what.contact_phone, seq=1)
            act.data["contacts"] = [{"id": contact.pk, "digest": contact.digest}]
        act.data["texts"] = [text_reference(text) for text in act.texts]
        if what.photos:
            act.data["photos"] = [str(photo) for photo in what.photos]
        recompute(case, now)
        event = make_event(act)
        case.last_hash = event.hash
        case.save(force_insert=True)
        event.save(force_insert=True)
        for text in act.texts:
            text.save(force_insert=True)
        if contact is not None:
            contact.save(force_insert=True)
        if what.photos:
            take_up(case, what.photos, by=by, seq=1)
        if by.account_id is not None:
            act.joins(CaseParty.Part.REPORTER, account=by.account_id)
        for job in jobs:
            job.defer(case_id=str(case.pk))
    return case


def _check(what: Report, by: Actor, now: datetime) -> None:
    if not what.text.strip():
        raise Missing(_("Please say it in words."), field="text")
    if what.occurred_at is not None and what.occurred_at > now:
        raise BadInput(_("It cannot have happened later than now."), field="occurred_at")
    if what.channel == Channel.PATROL and by.role in (Role.GRID_WORKER, Role.GRID_HEAD):
        if what.place.told_lon is None:
            raise Missing(_("A grid worker's report needs a position."), field="position")
        if not what.photos:
            raise Missing(_("A grid worker's report needs a photo."), field="photos")


def _serial_and_time() -> tuple[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_serial'), clock_timestamp()")
        serial, written_at = cursor.fetchone()
    return serial, written_at


def _new_case(what: Report, by: Actor, now: datetime, serial: int) -> Case:
    place, item = what.place, what.item
    level, holder = first_holder(place.area_code, item, alarming=bool(what.emergency_words))
    return Case(
        id=new_id(),
        district_code=place.area_code[:DISTRICT_LENGTH],
        number=number_of(place.area_code, now, serial),
        state=State.REPORTED,
        channel=what.channel,
        kind=item.kind if item is not None else Kind.COMPLEX,
        level=level,
        item_code=item.item_id if item is not None else "",
        item_version=item,
        suggested_item=what.suggested_item,
        emergency_words=";".join(what.emergency_words)[:120],
        holder_code=holder,
        area_code=place.area_code,
        grid_code=place.area_code if len(place.area_code) == CODE_LENGTH[Level.GRID] else "",
        address=place.address[:200],
        lon=place.lon,
        lat=place.lat,
        told_lon=place.told_lon,
        told_lat=place.told_lat,
        told_datum=place.told_datum,
        accuracy_m=place.accuracy_m,
        occurred_at=what.occurred_at,
        received_at=now,
        desk_since=now,
        alarms=what.alarms,
        reporter_id=by.account_id,
        last_seq=1,
        changed_at=now,
    )


@verb("withdraw")
def withdraw(act: Act, *, reason: str = "") -> None:
    """撤回: who reported takes it back, with a reason, before it is accepted."""
    act.text(TextKind.REASON, reason, needed="reason")
    act.goes_to(State.WITHDRAWN)
