"""What becomes of a matter of the year: step by step, at hours when somebody is there.

A life is a generator: it yields the moment of its next step and is resumed then; what would come
later than the year's end never comes, and the case stays open as it is. Departments differ: one is
quick, two are slow, and the slow ones have their work sent back more often, too.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from huying.cases.models import Attachment, Case, Channel
from huying.cases.states import State
from huying.catalogue.evidence import EvidenceKind, parse
from huying.catalogue.models import Clock, ItemVersion
from huying.people.acting import Actor
from huying.people.models import Unit, UnitKind
from huying.response.residents import CallBack
from huying.scenarios import demo_texts as texts
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_life import DESK_HOURS, FIELD_HOURS, UNIT_HOURS, Hours, staffed
from huying.scenarios.demo_words import Scene
from huying.scenarios.year_case import Desk, Spot, report
from huying.scenarios.year_hand import Hand
from huying.scenarios.year_plan import Matter

Step = Iterator[datetime]

PACE: Final = {"城管执法队": 0.65, "水务(河长办)": 2.3, "住建": 1.9}
"""How long a department takes, of what others take: one is quick, two are slow."""

FORM: Final = "登记表：已逐项填写，当事人签名确认。"


@dataclass
class Year:
    """What all lives of a year share.

    Attributes:
        photos: a stored photo of each kind and drawing.
        versions: the items, in the version that holds.
        open: cases of each town and item that are open now; what a repeat is merged into.
    """

    desk: Desk
    cast: Cast
    photos: dict[tuple[str, int], Attachment]
    versions: dict[str, ItemVersion]
    open: dict[tuple[str, str], list[Hand]] = field(default_factory=dict)
    paces: dict[str, float] = field(default_factory=dict)

    def pace(self, unit: Unit) -> float:
        """How slow a unit is; communities differ a little, each for the whole year."""
        if unit.department in PACE:
            return PACE[unit.department]
        return self.paces.get(unit.area_code, 1.0)


@dataclass
class Life:
    """One matter under way.

    Attributes:
        next_at: when its next step is.
    """

    year: Year
    matter: Matter
    chance: random.Random
    next_at: datetime | None = field(init=False, default=None)
    hand: Hand = field(init=False)
    reporter: Actor = field(init=False)
    unit: Unit | None = field(init=False, default=None)

    @property
    def now(self) -> datetime:
        return self.year.desk.now

    @property
    def case(self) -> Case:
        return self.hand.case

    @property
    def cast(self) -> Cast:
        return self.year.cast

    @property
    def version(self) -> ItemVersion:
        return self.year.versions[self.matter.item]

    @cached_property
    def scene(self) -> Scene:
        return Scene(self.chance)

    @property
    def urgent(self) -> bool:
        return self.version.kind == "emergency"

    def say(self, sentences: tuple[str, ...]) -> str:
        return self.chance.choice(sentences)

    def odds(self, share: float) -> bool:
        return self.chance.random() < share

    def after(self, minutes: float, hours: Hours | None = None, spread: float = 0.5) -> datetime:
        """About so many minutes from now, at an hour when somebody is there."""
        moment = self.now + timedelta(minutes=minutes * self.chance.lognormvariate(0, spread))
        return moment if self.urgent or hours is None else staffed(moment, hours, self.chance)

    # --- the whole of it ----------------------------------------------------------------------

    def tell(self) -> Step:
        self.reports()
        if self.settles_it():
            yield from self.settled()
            return
        if (yield from self.weeded_out()):
            return
        yield self.after(9 if self.urgent else 24, DESK_HOURS)
        self.hand.accept(self.at_desk(), self.version)
        self.year.open.setdefault((self.matter.town, self.matter.item), []).append(self.hand)
        yield from self.gone_up()
        yield from self.worked()
        if self.case.state == State.CLOSED:
            yield from self.afterwards()

    def reports(self) -> None:
        chance, matter = self.chance, self.matter
        grid = chance.choice(self.cast.grids(matter.town))
        lon, lat = self.cast.spot(grid, chance)
        patrol = matter.channel is Channel.PATROL
        self.reporter = (
            self.cast.worker(grid, chance) if patrol else self.cast.dispatcher(grid[:9], chance)
        )
        knows = patrol or self.odds(0.6)
        self.hand = report(
            Hand,
            self.year.desk,
            self.reporter,
            channel=matter.channel,
            spot=Spot(grid, lon, lat, self.scene.address),
            text=self.scene.report(matter.item),
            version=self.version if knows else None,
            suggested=matter.item,
            told_before=timedelta(
                minutes=chance.randint(1, 9) if patrol else chance.randint(5, 300)
            ),
            photo=self.photo(Attachment.Kind.PHOTO_BEFORE) if patrol else None,
            accuracy_m=chance.choice((5.0, 8.0, 12.0, 20.0, 30.0)) if patrol else 30.0,
        )

    def settles_it(self) -> bool:
        return self.matter.channel is Channel.PATROL and self.version.settle and self.odds(0.46)

    def settled(self) -> Step:
        """The grid worker does it on the spot; one in ten is drawn for a check."""
        yield self.after(17)
        drawn = self.odds(0.1)
        photos, form = self.evidence(self.reporter)
        self.lifts()
        self.hand.settle(
            self.reporter,
            self.version,
            self.say(texts.SETTLED),
            photos=photos,
            form=form,
            drawn=drawn,
        )
        if drawn:
            yield from self.passes()
            yield from self.closes()

    def weeded_out(self) -> Generator[datetime, None, bool]:
        """What is not true, not the district's, or told already ends here; whether it did."""
        if self.matter.channel is not Channel.PATROL and self.odds(0.4):
            yield self.after(10, DESK_HOURS)
            self.hand.ask_verify(self.at_desk(), "请到现场看一下是否属实。")
            yield self.after(70, FIELD_HOURS)
            true = self.odds(0.74)
            words = self.say(texts.VERIFIED if true else texts.NOT_VERIFIED)
            looker = self.cast.worker(self.case.grid_code, self.chance)
            self.hand.verify(looker, true=true, text=words)
            if not true:
                yield from self.declined()
                return True
        if not self.urgent and self.odds(0.06):
            yield from self.declined()
            return True
        if self.odds(0.035):
            yield self.after(20, DESK_HOURS)
            known = self.year.open.get((self.matter.town, self.matter.item), [])
            there = [each for each in known if each.case.is_open]
            self.year.open[self.matter.town, self.matter.item] = there
            desk = self.case.holder_code
            there = [each for each in there if each.case.holder_code == desk]
            if there:
                self.lifts()
                self.hand.merge(self.at_desk(), there[-1].case, self.say(texts.MERGES))
                return True
        return False

    def declined(self) -> Step:
        yield self.after(15, DESK_HOURS)
        self.lifts()
        code, words = self.say_code(texts.DECLINES)
        self.hand.decline(self.at_desk(), reason_code=code, reason=words)

    def gone_up(self) -> Step:
        """A desk without a unit for it, and a community with more than it can do, escalates."""
        while not self.units() or (len(self.case.holder_code) == 12 and self.odds(0.07)):
            yield self.after(12, DESK_HOURS)
            words = self.say(texts.ESCALATIONS), self.say(texts.TRIED)
            self.hand.escalate(self.at_desk(), *words)

    def worked(self) -> Step:
        """Dispatched and handled until it holds."""
        yield from self.dispatched()
        if not self.urgent and len(self.units()) > 1 and self.odds(0.045):
            yield self.after(50 * self.pace, UNIT_HOURS)
            code, words = self.say_code(texts.RETURNS)
            other = next(unit for unit in self.units() if unit != self.unit)
            self.hand.return_(
                self.handler(), reason_code=code, suggested_unit=other.pk, reason=words
            )
            yield from self.dispatched(other)
        yield self.after(4 if self.urgent else 26 * self.pace, UNIT_HOURS)
        self.hand.sign_for(self.handler())
        if self.odds(0.7):
            yield self.after(15 if self.urgent else 40 * self.pace, UNIT_HOURS)
            self.hand.arrive(self.handler())
        yield from self.handled()
        while True:
            if self.odds(0.25):
                yield self.after(12, DESK_HOURS)
                self.hand.ask_check(self.at_desk())
            fails = 0.035 * self.pace if self.case.reworks < 2 else 0.0
            if not self.odds(fails):
                break
            yield self.after(70, FIELD_HOURS)
            checker = self.cast.checker(self.case, self.chance)
            self.hand.check(checker, passed=False, words=self.say(texts.REWORKS))
            yield from self.handled(again=True)
        yield from self.passes()
        yield from self.closes()

    def dispatched(self, to: Unit | None = None) -> Step:
        yield self.after(6 if self.urgent else 20, DESK_HOURS)
        units = self.units()
        self.unit = to or units[0]
        requirement = self.say(texts.REQUIREMENTS) if self.odds(0.4) else ""
        self.hand.dispatch(
            self.at_desk(),
            self.unit.pk,
            suggested=self.unit == units[0],
            requirement=requirement,
        )

    def handled(self, *, again: bool = False) -> Step:
        long = self.version.handle_clock == Clock.WORK_DAY
        if long and not again and self.odds(0.06):
            yield from self.suspended()
        if long and not again and self.odds(0.07):
            yield from self.extended()
        usual = 60 if self.urgent else 1900 if long else 230
        yield self.after(usual * self.pace * (0.5 if again else 1), UNIT_HOURS, spread=0.9)
        while self.case.is_suspended:
            yield self.now + timedelta(days=1)
        by = self.handler()
        photos, form = self.evidence(by, again=again)
        result = self.say(texts.RESULTS[self.matter.item[:2]])
        self.hand.handle(by, result, photos=photos, form=form)

    def suspended(self) -> Step:
        yield self.after(300, DESK_HOURS)
        # A third are works that wait for a budget or a season.
        days = self.chance.randint(60, 175) if self.odds(0.35) else self.chance.randint(3, 20)
        until = (self.now + timedelta(days=days)).replace(second=0, microsecond=0)
        self.hand.suspend(self.at_desk(), until, self.say(texts.SUSPENSIONS))

    def extended(self) -> Step:
        """More time is asked for, before the deadline; what comes too late is not asked."""
        yield self.after(500, UNIT_HOURS)
        case = self.case
        if case.handle_due is None or case.handle_due <= self.now or case.is_suspended:
            return
        amount = self.chance.randint(1, 3)
        words = self.say(texts.EXTENSIONS)
        self.hand.request_extension(self.handler(), amount, Clock.WORK_DAY, words)
        yield from self.decided_on()

    def decided_on(self) -> Step:
        yield self.after(60, DESK_HOURS)
        granted = self.odds(0.75)
        words = "" if granted else self.say(texts.REFUSALS)
        self.hand.decide_extension(self.at_desk(), granted=granted, text=words)

    def passes(self) -> Step:
        yield self.after(20 if self.urgent else 65, FIELD_HOURS)
        checker = self.cast.checker(self.case, self.chance)
        self.hand.check(checker, passed=True, words=self.say(texts.CHECKS))

    def closes(self) -> Step:
        yield self.after(18, DESK_HOURS)
        self.lifts()
        self.hand.close(self.at_desk())

    def lifts(self) -> None:
        """What the clock has put under supervision is let go before it ends."""
        if self.case.supervised:
            self.hand.lift_supervision(self.cast.leader(self.chance), self.say(texts.LIFTINGS))

    def afterwards(self) -> Step:
        """Whoever called is called back; a few are not content, and it is taken up once more."""
        if self.matter.channel is Channel.PATROL or not self.odds(0.55):
            return
        yield self.after(1500, DESK_HOURS)
        if not self.odds(0.8):
            self.hand.call_back(self.at_desk(), CallBack.Outcome.NOT_REACHED)
            return
        slow = self.pace > 1.5
        solved, content = self.odds(0.82 if slow else 0.94), self.chance.random()
        self.hand.call_back(
            self.at_desk(),
            CallBack.Outcome.REACHED,
            responded=self.odds(0.97),
            solved=solved,
            satisfied=solved and content < 0.75,
            fairly_satisfied=solved and 0.75 <= content < 0.93,
        )
        if solved or not self.odds(0.5):
            return
        yield self.after(400, DESK_HOURS)
        self.hand.reopen(self.at_desk(), self.say(texts.REOPENS))
        yield from self.worked()

    # --- who ----------------------------------------------------------------------------------

    def at_desk(self) -> Actor:
        return self.cast.dispatcher(self.case.holder_code, self.chance)

    def handler(self) -> Actor:
        assert self.case.lead_unit_id is not None
        return self.cast.handler(self.case.lead_unit_id, self.chance)

    def units(self) -> list[Unit]:
        """Whom the desk that holds it may send it to: the item's department, then who helps."""
        helps = self.version.assisting_departments
        lead = self.version.lead_department

        def fitness(unit: Unit) -> int:
            if unit.department == lead:
                return 0
            return 1 if unit.department in helps else 2

        departments = [
            unit
            for unit in self.cast.units_at(self.case.holder_code)
            if unit.kind == UnitKind.DEPARTMENT
        ]
        return sorted(departments, key=fitness)

    @property
    def pace(self) -> float:
        return self.year.pace(self.unit) if self.unit is not None else 1.0

    # --- what is shown ------------------------------------------------------------------------

    def say_code(self, reasons: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        return self.chance.choice(reasons)

    def photo(self, kind: Attachment.Kind) -> Attachment:
        variants = [drawn for of, drawn in self.year.photos if of == kind]
        return self.year.photos[str(kind), self.chance.choice(variants)]

    def evidence(self, by: Actor, *, again: bool = False) -> tuple[list[UUID], str]:
        """What the item asks for, as far as the case has it not yet; after a rework all anew."""
        have = {photo.kind for photo in self.hand.photos}
        photos: list[UUID] = []
        form = ""
        for demand in parse(self.version.evidence).demands:
            if demand.kind is EvidenceKind.FORM:
                form = FORM
            elif demand.kind is not EvidenceKind.GPS:
                kind = Attachment.Kind(str(demand.kind))
                lacks = kind not in have or (again and kind == Attachment.Kind.PHOTO_AFTER)
                photos += [self.hand.take_photo(self.photo(kind), by) for _n in range(lacks)]
        return photos, form
