"""What a report is when it comes to the cases, and what is answered to it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from huying.cases.models import Channel
from huying.cases.ruled import Ruled
from huying.catalogue.limits import States
from huying.catalogue.models import Kind
from huying.errors import HuyingError
from huying.forms.answering import Answer as Answered
from huying.forms.versions import Form


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
        form, answers: what the item asks, and the checked answers; no form where nobody asked.
        ruled: what the routing rules say of it as it comes in; only the level counts by then.
        parent_id, holder_code: of a sub-case: its main case, and the desk that holds both.
    """

    channel: Channel
    text: str
    place: Place
    item: ReportItem | None = None
    item_code: str = ""
    item_version_id: int | None = None
    suggested_item: str = ""
    emergency_words: tuple[str, ...] = ()
    ruled: Ruled = field(default_factory=Ruled)
    occurred_at: datetime | None = None
    contact_name: str = ""
    contact_phone: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    form: Form | None = None
    answers: Mapping[str, Answered] = field(default_factory=dict)
    alarms: bool = True
    parent_id: uuid.UUID | None = None
    holder_code: str = ""


def kind_of(item: ReportItem | None) -> str:
    """The kind of a matter as it comes in; what nobody has classified counts as complex."""
    return str(item.kind) if item is not None else str(Kind.COMPLEX)


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
