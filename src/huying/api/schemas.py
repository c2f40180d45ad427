"""What the interface takes and gives, as typed models; the OpenAPI description is made of these.

What is taken is strict about form only; whether it may be is the domain's to say. Text never
holds NUL, which the database cannot keep.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from huying.cases.models import Channel
from huying.cases.states import State
from huying.catalogue.models import Clock, Kind
from huying.clock.lights import Light
from huying.places.models import Level

WITHOUT_NUL = r"^[^\u0000]*$"
AREA = r"^[0-9]{6}([0-9]{3}){0,3}$"

Text = Annotated[str, Field(max_length=20_000, pattern=WITHOUT_NUL)]
Line = Annotated[str, Field(max_length=200, pattern=WITHOUT_NUL)]
Area = Annotated[
    str, Field(pattern=AREA, description="6, 9, 12 or 15 digits: 区, 镇街, 村社区, 网格")
]
ItemCode = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="事项代码, four digits")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Datum = Annotated[
    Literal["wgs84", "cgcs2000", "gcj02", "bd09"],
    Field(description="坐标系: of longitude and latitude"),
]


def _written_out(value: Any) -> Any:
    """A time comes as text; a bare number could be seconds or milliseconds of anything."""
    if not isinstance(value, str) or value[4:5] != "-":
        raise PydanticCustomError("datetime_type", "not a time")
    return value


def _of_our_time(value: datetime) -> datetime:
    """In UTC. The first and last years of the calendar cannot be told in every time zone, and
    not every offset that can be written is one that the database knows."""
    if not 1900 <= value.year <= 2999:
        raise PydanticCustomError("datetime_type", "not a time")
    return value.astimezone(UTC)


TimeIn = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_our_time)]
PhotoKind = Literal["photo_before", "photo_after", "other"]
"""``Attachment.Kind``; as an enumeration it would stand beside the catalogue's of the same name."""
AttachmentKind = Literal["photo_before", "photo_after", "other", "document"]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class Taken(BaseModel):
    """Something that comes in: unknown inputs are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """Something that goes out."""

    model_config = ConfigDict(from_attributes=True)


class Fault(Given):
    field: str
    detail: str
    detail_zh: str


class Problem(Given):
    """Why something was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str = Field(description="for programs; stays the same")
    detail: str = Field(description="a sentence in English")
    detail_zh: str = Field(description="the same in Chinese")
    field: str | None = None
    extra: dict[str, Any] | None = None
    errors: list[Fault] | None = None


# --- Places -----------------------------------------------------------------------------------


class Position(Taken):
    """A position in degrees."""

    lon: Number
    lat: Number
    datum: Datum = "wgs84"
    accuracy_m: Annotated[Number, Field(ge=0, le=1_000_000)] | None = Field(
        None, description="the radius in metres that the position is good to"
    )


class Place(Given):
    code: str
    name: str


class LocatedOut(Given):
    """Where a position lies."""

    outcome: Literal["inside", "border", "outside"] = Field(
        description="border: nearer to a border than the accuracy; see candidates"
    )
    lon: float = Field(description="CGCS2000 degrees")
    lat: float = Field(description="CGCS2000 degrees")
    grid: Place | None
    community: Place | None
    town: Place | None
    candidates: list[Place]


class DivisionOut(Given):
    code: str
    level: Level
    name: str
    short_name: str
    parent: str | None
    lon: float | None
    lat: float | None


class Divisions(Given):
    items: list[DivisionOut]


# --- Catalogue --------------------------------------------------------------------------------


class ItemOut(Given):
    """事项: what it is and what it demands, in the version in force."""

    code: str
    category_code: str
    category: str
    version: int
    valid_from: Moment
    name: str
    description: str
    default_level: Level
    lead_department: str
    assisting_departments: list[str]
    kind: Kind
    settle: bool
    accept_limit_min: int
    sign_limit_min: int
    handle_limit: int
    handle_clock: Clock
    check_limit: int
    check_clock: Clock
    total_limit_hours: int | None
    evidence: str
    photo_rule: str
    example: str


class FormOut(Given):
    """What an item asks: docs/forms.md describes the definition whole."""

    version: int
    questions: list[dict[str, Any]] = Field(description="as an administrator wrote them")
    sheet: dict[str, Any] = Field(
        description="the same for a renderer: conditions as trees and in words, texts of the fields"
    )


class ItemDetail(ItemOut):
    """An item with its questions."""

    form: FormOut | None = Field(description="null when it asks nothing")


class Items(Given):
    items: list[ItemOut]


# --- Cases ------------------------------------------------------------------------------------


class ContactIn(Taken):
    """Who reports. Encrypted at once; nothing but a masked form ever comes out again."""

    name: Annotated[str, Field(max_length=40, pattern=WITHOUT_NUL)] = ""
    phone: Annotated[str, Field(max_length=40, pattern=WITHOUT_NUL)] = ""


class ReportIn(Taken):
    """上报: what somebody tells."""

    text: Annotated[str, Field(min_length=1, max_length=20_000, pattern=WITHOUT_NUL)]
    channel: Channel | None = Field(
        None, description="默认: api for a connected system, patrol for a grid worker, else desk"
    )
    position: Position | None = None
    area: Area | None = Field(None, description="where no position is known")
    address: Line = ""
    item: ItemCode | None = None
    occurred_at: TimeIn | None = Field(None, description="发生时间, as told")
    contact: ContactIn | None = None
    photos: Annotated[list[uuid.UUID], Field(max_length=9)] = Field(
        default_factory=list, description="ids of uploaded attachments"
    )
    answers: Annotated[dict[str, Any], Field(max_length=60)] | None = Field(
        None,
        description="to the item's questions, by id; left out, nothing is demanded",
    )


class KeyedReportIn(ReportIn):
    """A report in a batch, with its own key."""

    key: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[!-~]+$")]


class Receipt(Given):
    """The case as a write leaves it. Holds no words and no address: it is kept with the key."""

    id: uuid.UUID
    number: str
    state: State
    level: Level
    held_by: str
    area: str
    item: str
    suggested_item: str
    emergency_words: list[str]
    received_at: Moment
    due_at: Moment | None
    last_seq: int = Field(description="give it back as expect_seq")


class Answer(Given):
    """What became of one report of a batch."""

    key: str | None
    status: int
    replayed: bool = False
    body: Receipt | None = None
    problem: Problem | None = None


class Answers(Given):
    """One answer for each report, in their order."""

    answers: list[Answer]


class UnitOut(Given):
    id: int
    name: str


class CaseOut(Given):
    """A case in a list."""

    id: uuid.UUID
    number: str
    state: State
    channel: Channel
    kind: Kind
    level: Level
    item: str
    item_name: str
    suggested_item: str
    emergency: bool
    emergency_words: list[str]
    held_by: str
    area: str
    place: str = Field(description="the area in words")
    address: str
    lon: float | None
    lat: float | None
    unit: UnitOut | None
    occurred_at: Moment | None
    received_at: Moment
    changed_at: Moment
    due_at: Moment | None
    ended_at: Moment | None
    light: Light | None = Field(description="none once it has ended")
    last_seq: int


class Cases(Given):
    items: list[CaseOut]
    next: str | None = Field(description="the next page's cursor")


class ContactOut(Given):
    """Masked."""

    name: str
    phone: str


class AnswerOut(Given):
    """An answer to one of the item's questions, in words; masked where it tells of a person."""

    id: str
    label: str
    words: str
    section: str
    sensitive: bool


class TextOut(Given):
    kind: str
    body: str | None = Field(description="null when it was erased")


class PhotoOut(Given):
    id: uuid.UUID
    kind: PhotoKind
    width: int
    height: int
    taken_at: Moment | None = Field(
        description="as the phone that took it says; null if it did not"
    )
    lon: float | None
    lat: float | None
    accuracy_m: float | None


class DocumentOut(Given):
    id: uuid.UUID
    name: str
    size: int = Field(description="bytes")


class Deadlines(Given):
    accept: Moment | None
    sign: Moment | None
    handle: Moment | None
    check: Moment | None
    total: Moment | None


class CaseDetail(CaseOut):
    """A case with its words."""

    text: str | None = Field(description="the report's words; null when they were erased")
    contacts: list[ContactOut]
    answers: list[AnswerOut]
    photos: list[PhotoOut]
    documents: list[DocumentOut]
    deadlines: Deadlines
    why_due: list[str]
    why_here: list[str] = Field(description="why the case lies on the desk that holds it")
    suspended_until: Moment | None
    returns: int
    reworks: int
    extensions: int
    reopened: int
    self_handled: bool
    merged_into: str | None


class Fact(Given):
    label: str
    value: str


class EventOut(Given):
    seq: int
    verb: str
    label: str
    at: Moment
    by: str
    role: str
    from_state: str
    to_state: str
    undone: bool = Field(description="whether the step was taken back by a later `undo`")
    texts: list[TextOut]
    facts: list[Fact]
    photos: list[PhotoOut]
    documents: list[DocumentOut]


class Events(Given):
    items: list[EventOut]


class VerbOut(Given):
    verb: str
    label: str
    allowed: bool
    why_not: str | None
    needs: list[str]


class Verbs(Given):
    items: list[VerbOut]
    last_seq: int


class SuggestedUnit(Given):
    unit: UnitOut
    open_cases: int
    reasons: list[str]
    due_at: Moment | None


class RuleOut(Given):
    """派遣规则: a routing rule of the version that was asked."""

    code: str = Field(description="names the rule for ever, as in events and in the log")
    name: str = Field(description="its title")


class PassedRule(RuleOut):
    """A rule that did not decide."""

    why_not: str = Field(description="the condition that failed, or the more specific rule")


class RulingOut(Given):
    """裁决规则: which rule decides a case, and why the others do not."""

    version: int | None = Field(description="of the rules that were asked; null without any")
    rule: RuleOut | None = Field(
        description="null where no rule meets the case: the item's lead department in the case's "
        "own place"
    )
    outcome: list[Fact] = Field(description="what the rule wants, in words")
    others: list[PassedRule] = Field(
        description="the rules for such an item, the nearest to deciding first"
    )
    for_other_items: int = Field(description="how many rules are for other items")


class SuggestionOut(Given):
    """建议派遣: the best unit, the others, and why."""

    level: Level
    best: SuggestedUnit | None
    others: list[SuggestedUnit]
    assist: list[UnitOut] = Field(description="whom the deciding rule wants beside the best unit")
    ruling: RulingOut | None = Field(description="null while the case has no item")


class DuplicateOut(Given):
    number: str
    state: State
    received_at: Moment
    metres: int | None = Field(description="null where one of the places is not known exactly")
    likeness: float = Field(description="of the words, 0 to 1")
    same_item: bool
    reason: str


class RepeatOut(Given):
    number: str
    closed_at: Moment
    metres: int


class DuplicatesOut(Given):
    """疑似重复和重复发生: open cases that may be the same matter, closed ones that came again."""

    likely: list[DuplicateOut]
    repeats: list[RepeatOut]


class AttachmentOut(Given):
    id: uuid.UUID
    kind: AttachmentKind
    name: str = Field(description="a document's file name; empty for a photo")
    width: int | None = Field(description="pixels; null for a document")
    height: int | None
    size: int = Field(description="bytes, as kept")
