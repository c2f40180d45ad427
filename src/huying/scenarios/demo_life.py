"""One matter of the demo, from report to its end, step by step through the real verbs.

A step is a generator: it yields the moment at which it goes on, and is resumed when the demo's
clock has come to that moment; what would happen later than now never happens, and the case stays
as it is. People keep plausible hours: a desk is staffed from early to late, units work by day.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from huying.cases import accepting, checking, closing, merging, reporting, suspending
from huying.cases.models import Attachment, Case, Channel
from huying.cases.states import PartState, State
from huying.catalogue.evidence import EvidenceKind
from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.versions import snapshot
from huying.dispatch import arbitrating, assisting, levels, ordering
from huying.intake.reporting import Told, take
from huying.people.acting import Actor
from huying.people.models import Unit
from huying.people.names import generated_name
from huying.response import handling, recording
from huying.response.models import RecordKind
from huying.scenarios import demo_texts as texts
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_pictures import VARIANTS, Pictures
from huying.scenarios.demo_questions import answers_to
from huying.scenarios.demo_words import Scene, dice, phone_of_nobody
from huying.supervision.formal import lift_supervision

Step = Iterator[datetime]

DESK_HOURS: Final = (time(7, 30), time(22, 0))
FIELD_HOURS: Final = (time(8, 0), time(21, 0))
UNIT_HOURS: Final = (time(8, 0), time(20, 30))
Hours = tuple[time, time]

ENDING: Final = (
    accepting.decline,
    closing.close,
    handling.settle,
    merging.merge,
    reporting.withdraw,
)
"""Verbs that a supervised case refuses."""


@dataclass
class World:
    """What all matters of a demo share.

    Attributes:
        now: the demo's clock.
        watch: told of each case after each verb, so that its deadlines are heard.
    """

    cast: Cast
    pictures: Pictures
    now: datetime
    until: datetime
    watch: Callable[[Case], None] = lambda case: None
    contacts: int = 0
    made: int = 0


@dataclass
class Life:
    """One matter under way.

    Attributes:
        item_code: what it really is; whoever reports may not know.
        grid: where it is.
        channel, area: how it is reported, and the area named instead of a position; empty: any.
        hurry: every step takes exactly its minutes, at any hour: for matters that must stand
            somewhere at a given moment.
    """

    world: World
    chance: random.Random
    item_code: str
    grid: str
    channel: Channel | None = None
    area: str = ""
    hurry: bool = False
    emergency: bool = False
    case: Case = field(init=False)
    reporter: Actor = field(init=False)
    unit: Unit | None = field(init=False, default=None)

    @cached_property
    def scene(self) -> Scene:
        return Scene(self.chance)

    @cached_property
    def spot(self) -> tuple[float, float]:
        return self.world.cast.spot(self.grid, self.chance)

    @cached_property
    def house(self) -> int:
        """Which drawing: the photos from before and after are of the same house."""
        return self.chance.randrange(VARIANTS)

    @property
    def now(self) -> datetime:
        return self.world.now

    @property
    def item(self) -> ItemSnapshot:
        return snapshot(self.now)[self.item_code]

    def say(self, sentences: tuple[str, ...]) -> str:
        return self.scene.say(sentences)

    # --- time ---------------------------------------------------------------------------------

    def after(self, minutes: float, hours: Hours | None = None) -> datetime:
        """About so many minutes from now, at an hour when somebody is there."""
        if self.hurry:
            return self.now + timedelta(minutes=minutes)
        moment = self.now + timedelta(minutes=minutes * self.chance.lognormvariate(0, 0.45))
        if self.emergency or hours is None:
            return moment
        return staffed(moment, hours, self.chance)

    # --- verbs --------------------------------------------------------------------------------

    def do(self, verb: Callable[..., Case], by: Actor, **inputs: Any) -> Case:
        if verb in ENDING:
            self._lift()
        self.case = verb(self.case.pk, by=by, now=self.now, **inputs)
        self.world.watch(self.case)
        return self.case

    def _lift(self) -> None:
        """What the clock has put under supervision is let go before it ends."""
        if Case.objects.filter(pk=self.case.pk, supervised=True).exists():
            # By a chance of its own: what follows does not hang on whether the clock was late.
            chance = dice(self.case.number, "lift")
            leader, reason = self.world.cast.leader(chance), chance.choice(texts.LIFTINGS)
            self.world.watch(lift_supervision(self.case.pk, by=leader, now=self.now, reason=reason))

    def desk(self) -> Actor:
        return self.world.cast.dispatcher(self.case.holder_code, self.chance)

    def handler(self) -> Actor:
        assert self.case.lead_unit_id is not None
        return self.world.cast.handler(self.case.lead_unit_id, self.chance)

    def photo(self, kind: Attachment.Kind, by: Actor) -> Any:
        return self.world.pictures.stage(kind, by, self.now, self.house).pk

    def report(self, text: str = "", channel: Channel | None = None, area: str = "") -> Case:
        """By a grid worker on patrol, or by whoever calls or comes to a desk."""
        channel = (
            channel
            or self.chance.choices(
                (Channel.PATROL, Channel.HOTLINE, Channel.WALK_IN, Channel.DESK), (62, 22, 8, 8)
            )[0]
        )
        text = text or self.scene.report(self.item_code)
        if channel is Channel.PATROL:
            told, self.reporter = self._told_on_patrol(text)
        else:
            told, self.reporter = self._told_at_a_desk(text, channel, area)
        # By a chance of its own: the stories are the same whatever is asked.
        answers = answers_to(told.item, self.now, dice(text, "answers"))
        self.case = take(replace(told, answers=answers), by=self.reporter, now=self.now)
        self.world.made += 1
        self.world.watch(self.case)
        return self.case

    def _told_on_patrol(self, text: str) -> tuple[Told, Actor]:
        by = self.world.cast.worker(self.grid, self.chance)
        lon, lat = self.spot
        return (
            Told(
                channel=Channel.PATROL,
                text=text,
                lon=lon,
                lat=lat,
                accuracy_m=self.chance.choice((5, 8, 12, 20, 30)),
                address=self.scene.address,
                item=self.item_code,
                photos=(self.photo(Attachment.Kind.PHOTO_BEFORE, by),),
                occurred_at=self.now - timedelta(minutes=self.chance.randint(1, 9)),
            ),
            by,
        )

    def _told_at_a_desk(self, text: str, channel: Channel, area: str) -> tuple[Told, Actor]:
        """Somebody calls, comes or writes; the desk that listens writes it down."""
        unlocated = channel is Channel.MESSAGE or area == self.grid[:6]
        listens = self.grid[:6] if unlocated else self.grid[:9]
        self.world.contacts += 1
        lon, lat = (None, None) if unlocated or area else self.spot
        return (
            Told(
                channel=channel,
                text=text,
                lon=lon,
                lat=lat,
                accuracy_m=None if lon is None else 30,
                area=area,
                address="" if unlocated else self.scene.address,
                # Who calls knows no catalogue; the desk sometimes does at once.
                item="" if unlocated or self.chance.random() < 0.3 else self.item_code,
                contact_name=generated_name(self.chance.randrange(100_000)),
                contact_phone=phone_of_nobody(self.world.contacts),
                occurred_at=self.now - timedelta(minutes=self.chance.randint(5, 600)),
            ),
            self.world.cast.dispatcher(listens, self.chance),
        )

    # --- steps --------------------------------------------------------------------------------

    def accepts(self, minutes: float = 14) -> Step:
        yield self.after(minutes, DESK_HOURS)
        self.do(accepting.accept, self.desk(), item=self.item_code, emergency=self.emergency)

    def to_a_desk_with_units(self) -> Step:
        """A community has one unit; what that cannot do goes up to the town."""
        while not self.world.cast.units_for(self.case, self.item):
            yield self.after(8, DESK_HOURS)
            self.escalates()

    def escalates(self) -> None:
        self.do(
            levels.escalate,
            self.desk(),
            reason=self.say(texts.ESCALATIONS),
            tried=self.say(texts.TRIED),
        )

    def arbitrates(self, minutes: float) -> Step:
        """The desk above names who is responsible, and the case goes there."""
        yield from self.to_a_desk_with_units()
        yield self.after(minutes, DESK_HOURS)
        self.unit = self.world.cast.units_for(self.case, self.item)[0]
        self.do(
            arbitrating.arbitrate,
            self.desk(),
            unit=self.unit.pk,
            reason=self.say(texts.ARBITRATIONS),
        )

    def dispatches(self, minutes: float = 12, to: Unit | None = None) -> Step:
        yield from self.to_a_desk_with_units()
        yield self.after(minutes, DESK_HOURS)
        units = self.world.cast.units_for(self.case, self.item)
        lead = to or (units[0] if self.chance.random() < 0.85 else self.chance.choice(units[:4]))
        helpers = [
            unit.pk
            for unit in units[:6]
            if unit.pk != lead.pk and unit.department in self.item.assisting_departments
        ]
        self.unit = lead
        self.do(
            ordering.dispatch,
            self.desk(),
            unit=lead.pk,
            assist=helpers[:1] if self.chance.random() < 0.25 else (),
            requirement=self.say(texts.REQUIREMENTS) if self.chance.random() < 0.6 else "",
            suggested=lead.pk == units[0].pk,
        )

    def signs(self, minutes: float = 18) -> Step:
        yield self.after(3 if self.emergency else minutes, UNIT_HOURS)
        self.do(ordering.sign_for, self.handler())
        for unit in self.case.parts:
            self.do(assisting.assist_sign, self.world.cast.handler(int(unit), self.chance))

    def arrives(self, minutes: float = 35) -> Step:
        yield self.after(14 if self.emergency else minutes, UNIT_HOURS)
        lon, lat = self.spot
        self.do(handling.arrive, self.handler(), lon=lon, lat=lat)

    def handles(self, minutes: float | None = None) -> Step:
        long = self.item.handle_clock == "work_day"
        usual = 45 if self.emergency else 1500 if long else 150
        yield self.after(minutes if minutes is not None else usual, UNIT_HOURS)
        by = self.handler()
        sentences = texts.RESULTS[self.item_code[:2]]
        self.parts_end(by)
        self.do(handling.handle, by, result=self.say(sentences), **self.evidence(by))

    def parts_end(self, by: Actor) -> None:
        """The units that assist have done their part, and the lead unit takes it."""
        for unit, state in list(self.case.parts.items()):
            helper = self.world.cast.handler(int(unit), self.chance)
            if state == PartState.ASKED:
                self.do(assisting.assist_sign, helper)
            lon, lat = self.spot
            self.do(assisting.assist_done, helper, result=self.say(texts.PARTS), lon=lon, lat=lat)
            self.do(assisting.sign_off, by, unit=int(unit))

    def records(self, kind: str) -> None:
        """The unit that has it writes an inspection, an order to correct, or a seizure."""
        given = dict(self.chance.choice(texts.RECORDS[kind]))
        if kind == RecordKind.CORRECTION:
            given["correct_by"] = (self.now + timedelta(days=self.chance.randint(3, 15))).date()
        self.do(recording.record, self.handler(), kind=kind, **given)

    def evidence(self, by: Actor) -> dict[str, Any]:
        """What the item asks for, as far as the case has it not yet."""
        lon, lat = self.spot
        given: dict[str, Any] = {"lon": lon, "lat": lat, "photos": [], "form": ""}
        have = handling.evidence_so_far(self.case)
        for demand in self.item.demands.demands:
            if demand.kind is EvidenceKind.FORM:
                given["form"] = "登记表：已逐项填写，当事人签名确认。"
            elif demand.kind is not EvidenceKind.GPS:
                lack = demand.least - have[str(demand.kind)]
                kind = Attachment.Kind(str(demand.kind))
                given["photos"] += [self.photo(kind, by) for _n in range(lack)]
        return given

    def passes(self, minutes: float = 55) -> Step:
        if not self.hurry and self.chance.random() < 0.3:
            yield self.after(10, DESK_HOURS)
            self.do(checking.ask_check, self.desk())
        yield self.after(15 if self.emergency else minutes, FIELD_HOURS)
        checker = self.world.cast.checker(self.case, self.chance)
        self.do(checking.check_pass, checker, text=self.say(texts.CHECKS))

    def fails(self, minutes: float = 60) -> Step:
        yield self.after(minutes, FIELD_HOURS)
        checker = self.world.cast.checker(self.case, self.chance)
        self.do(checking.check_fail, checker, reason=self.say(texts.REWORKS))

    def closes(self, minutes: float = 20) -> Step:
        yield self.after(minutes, DESK_HOURS)
        self.do(closing.close, self.desk())

    def works(self) -> Step:
        yield from self.signs()
        yield from self.arrives()
        if self.chance.random() < 0.15:
            self.records(self.chance.choices(list(texts.RECORDS), (5, 3, 2))[0])
        yield from self.handles()

    def finishes(self) -> Step:
        yield from self.passes()
        yield from self.closes()

    def suspends(self, days: float, minutes: float = 60) -> Step:
        yield self.after(minutes, DESK_HOURS)
        until = (self.now + timedelta(days=days)).replace(second=0, microsecond=0)
        self.do(suspending.suspend, self.desk(), until=until, reason=self.say(texts.SUSPENSIONS))

    def settles(self, minutes: float = 16) -> Step:
        """The grid worker does it on the spot; what was drawn for a check is checked."""
        yield self.after(minutes)
        by = self.reporter
        self.do(handling.settle, by, result=self.say(texts.SETTLED), **self.evidence(by))
        if self.case.state == State.HANDLED:
            yield from self.finishes()


def staffed(moment: datetime, hours: Hours, chance: random.Random) -> datetime:
    """The moment itself if somebody is there then, else soon after the next opening."""
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    opens, shuts = hours
    if local.time() < opens:
        day = local.date()
    elif local.time() >= shuts:
        day = local.date() + timedelta(days=1)
    else:
        return moment
    late = timedelta(minutes=chance.randint(1, 40))
    return datetime.combine(day, opens, local.tzinfo) + late
