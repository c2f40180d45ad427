"""One case of a year told in memory: its rows, what the door does around a step, and its report.

A year of a district is a third of a million steps; through the verbs themselves that takes an hour
of reading and writing. So a case is kept here with all its rows, the flow table is asked as the
verbs ask it, and the verbs' own `completed` works the deadlines out and makes the event. What each
verb does to the rows stands in `year_hand`. A test tells lives both ways and compares every row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from huying.audit.chain import SALT_SIZE, text_digest
from huying.audit.identifiers import IdentifierSource
from huying.cases import flow
from huying.cases.deadlines import Past
from huying.cases.entering import number_of
from huying.cases.finding import address_words
from huying.cases.first_desk import first_desk
from huying.cases.models import (
    Attachment,
    Case,
    CaseAddressWords,
    CaseEvent,
    CaseParty,
    CaseText,
    Channel,
    CheckRound,
    Extension,
    Hold,
    Suspension,
    TextKind,
)
from huying.cases.reports import kind_of
from huying.cases.states import State
from huying.cases.verbs import Act, columns, completed
from huying.catalogue.models import ItemVersion
from huying.clock.limits import Clock, Limit, Pause
from huying.dispatch.deciding import on_report
from huying.dispatch.models import Order
from huying.people.acting import Actor
from huying.response.residents import CallBack
from huying.scenarios.demo_pictures import own_look
from huying.supervision.models import Supervision


@dataclass(slots=True)
class Desk:
    """What the hands of one year share: identifiers by its own clock, serials, leaders.

    Attributes:
        now: the year's clock.
        supervisions: the last number of each office and year.
        leaders: who answers for an office's supervised cases, where somebody does.
    """

    chance: random.Random
    now: datetime
    serial: int = 0
    supervisions: dict[tuple[str, int], int] = field(default_factory=dict)
    leaders: dict[str, int | None] = field(default_factory=dict)
    ids: IdentifierSource = field(init=False)

    def __post_init__(self) -> None:
        self.ids = IdentifierSource(
            clock=lambda: int(self.now.timestamp() * 1000), random=self.chance.randbytes
        )

    def new_id(self) -> UUID:
        return self.ids.next()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a matter is: a grid, and a point in it (CGCS2000 degrees)."""

    grid: str
    lon: float
    lat: float
    address: str


@dataclass(slots=True, eq=False)
class Told:
    """One case, and all rows that belong to it."""

    desk: Desk
    case: Case
    told: str
    events: list[CaseEvent] = field(default_factory=list)
    texts: list[CaseText] = field(default_factory=list)
    parties: list[CaseParty] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    photos: list[Attachment] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    rounds: list[CheckRound] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    call_backs: list[CallBack] = field(default_factory=list)
    address: CaseAddressWords | None = None

    # --- the door -----------------------------------------------------------------------------

    @contextmanager
    def step(self, verb: str, by: Actor) -> Iterator[Act]:
        """What the door does before and after a verb's body; raises as the flow table does."""
        case, now = self.case, self.desk.now
        flow.check(verb, by, case)
        act = Act(
            verb=verb,
            case=case,
            by=by,
            now=now,
            written_at=now + timedelta(milliseconds=self.desk.chance.randint(2, 60)),
            seq=case.last_seq + 1,
            from_state=State(case.state),
            due_before=case.due_at,
            before=columns(case) if verb in flow.UNDOABLE else None,
        )
        yield act
        self.keep(act)

    def keep(self, act: Act) -> None:
        self.events.append(completed(act, self.past()))
        self.texts += act.texts

    def past(self) -> Past:
        case = self.case
        if case.accepted_at is None:
            return Past()
        since = case.dispatched_at or case.accepted_at
        return Past(
            pauses=tuple(Pause(each.starts_at, each.ended_at) for each in self.suspensions),
            failed=tuple(
                Pause(each.starts_at, each.ended_at)
                for each in self.rounds
                if not each.passed and each.starts_at >= since
            ),
            granted=tuple(
                Limit(each.amount, Clock(each.clock))
                for each in self.extensions
                if each.granted and each.asked_at >= since
            ),
        )

    def say(self, act: Act, kind: TextKind, body: str) -> None:
        if not body:
            return
        salt = self.desk.chance.randbytes(SALT_SIZE)
        act.texts.append(
            CaseText(
                id=self.desk.new_id(),
                case=act.case,
                district_code=act.case.district_code,
                kind=str(kind),
                seq=act.seq,
                body=body,
                salt=salt,
                digest=text_digest(salt, str(kind), body),
            )
        )

    def joins(self, act: Act, part: CaseParty.Part, **who: int) -> None:
        if any(
            each.part == part and each.until_seq is None and each.unit_id == who.get("unit_id")
            for each in self.parties
        ):
            return
        self.parties.append(
            CaseParty(
                id=self.desk.new_id(),
                case=act.case,
                district_code=act.case.district_code,
                part=str(part),
                since_seq=act.seq,
                **who,
            )
        )

    def leaves(self, act: Act, *parts: CaseParty.Part) -> None:
        for each in self.parties:
            if each.part in parts and each.until_seq is None:
                each.until_seq = act.seq

    def take_photo(self, like: Attachment, by: Actor) -> UUID:
        """A photo of the step that comes next: the stored file of ``like`` under its own id."""
        pk = self.desk.new_id()
        made = Attachment(
            id=pk,
            case=self.case,
            district_code=self.case.district_code,
            kind=like.kind,
            seq=self.case.last_seq + 1,
            width=like.width,
            height=like.height,
            size=like.size,
            digest=like.digest,
            look=own_look(pk),
            uploaded_at=self.desk.now,
            uploader_kind=str(by.kind),
            uploader_id=by.account_id,
        )
        self.photos.append(made)
        return made.pk

    def order(self) -> Order:
        """The lead unit's, which has not ended."""
        return next(each for each in self.orders if each.ended_at is None)

    def end_orders(self, act: Act) -> None:
        for each in self.orders:
            if each.ended_at is None:
                each.ended_at = act.now
        self.leaves(act, CaseParty.Part.LEAD)


T = TypeVar("T", bound=Told)


def report(
    made: type[T],
    desk: Desk,
    by: Actor,
    *,
    channel: Channel,
    spot: Spot,
    text: str,
    version: ItemVersion | None,
    suggested: str,
    told_before: timedelta,
    photo: Attachment | None,
    accuracy_m: float,
) -> T:
    """上报: a case in state `reported` with its first event.

    ``version`` is of the item that was said, None where nobody said one; ``suggested`` the one that
    the words suggest then.
    """
    now, case_id = desk.now, desk.new_id()
    ruled = on_report(
        area_code=spot.grid,
        channel=channel.value,
        text=text,
        item_code=version.item_id if version is not None else suggested,
        kind=kind_of(version),
        alarming=False,
        now=now,
    )
    place = first_desk(spot.grid, version, rule_level=ruled.level)
    desk.serial += 1
    case = Case(
        id=case_id,
        district_code=spot.grid[:6],
        number=number_of(spot.grid, now, desk.serial),
        state=State.REPORTED,
        channel=channel.value,
        kind=kind_of(version),
        level=place.level.value,
        item_code=version.item_id if version is not None else "",
        item_version=version,
        suggested_item="" if version is not None else suggested,
        holder_code=place.holder,
        area_code=spot.grid,
        grid_code=spot.grid,
        address=spot.address,
        lon=spot.lon,
        lat=spot.lat,
        told_lon=spot.lon,
        told_lat=spot.lat,
        told_datum="wgs84",
        accuracy_m=accuracy_m,
        occurred_at=now - told_before,
        received_at=now,
        desk_since=now,
        reporter_id=by.account_id,
        last_seq=0,
        last_hash=b"",
    )
    told = made(desk, case, text)
    act = Act(
        verb="report",
        case=case,
        by=by,
        now=now,
        written_at=now + timedelta(milliseconds=desk.chance.randint(2, 60)),
        seq=1,
        from_state=None,
        due_before=None,
    )
    told.say(act, TextKind.DESCRIPTION, text)
    act.data |= {
        "area": spot.grid,
        "channel": channel.value,
        "holder": place.holder,
        "level": place.level.value,
        "why": [each.value for each in place.why],
    }
    if version is not None:
        act.data["item"] = version.item_id
    if place.by_rule:
        act.data |= {"rule": ruled.rule, "rulebook": ruled.rulebook}
    if photo is not None:
        act.data["photos"] = [str(told.take_photo(photo, by))]
    if by.account_id is not None:
        told.joins(act, CaseParty.Part.REPORTER, account_id=by.account_id)
    told.address = CaseAddressWords(
        case=case, district_code=case.district_code, words=address_words(spot.address)
    )
    told.keep(act)
    return told
