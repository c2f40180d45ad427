"""A year told in memory: that its lives leave what the verbs leave, and that a small one holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from huying.audit.verifying import verify
from huying.cases import reporting
from huying.cases.models import (
    Attachment,
    Case,
    CaseEvent,
    CaseParty,
    CaseText,
    Channel,
    CheckRound,
    Extension,
    Hold,
    Suspension,
)
from huying.cases.reports import Place, Report
from huying.cases.states import OPEN_STATES, State
from huying.catalogue.models import Clock, ItemVersion
from huying.catalogue.versions import current
from huying.clock.reading import calendar_for
from huying.dispatch.models import Order
from huying.intake.verbs import VERBS
from huying.people.acting import SYSTEM, Actor
from huying.people.demo import SHOWN_TOWN, load_demo_people
from huying.places import locating, naming
from huying.places.loading import load_demo_grids
from huying.response.residents import CallBack
from huying.scenarios import year
from huying.scenarios.demo_words import dice
from huying.scenarios.year_case import Desk, Spot, report
from huying.scenarios.year_clock import wake, wakes_at
from huying.scenarios.year_hand import Hand
from huying.scenarios.year_plan import USUAL, ZONE, by_month, matters, storms
from huying.scenarios.year_rows import BESIDE
from huying.supervision.concerned import leaders_over
from huying.supervision.models import Supervision
from tests.desk.world import DISTRICT, GRID, LAT, LON, TOWN, World, build

# --- one life, both ways --------------------------------------------------------------------------


@dataclass
class Twice:
    """The same steps at the same moments: through the verbs into the tables, and in memory."""

    world: World
    start: datetime = field(default_factory=lambda: timezone.now() - timedelta(days=25))
    desk: Desk = field(init=False)
    hand: Hand = field(init=False)
    case: Case = field(init=False)
    version: ItemVersion = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(dice("twice"), self.start)
        for code in (TOWN, GRID[:12], DISTRICT):
            posts = leaders_over(Case(holder_code=code), self.start)
            self.desk.leaders[code] = posts[0].account_id if posts else None

    def actor(self, name: str) -> Actor:
        return self.world.actor(name)

    def reported(self, channel: Channel, who: str, item: str | None = "0211") -> None:
        version = self.version = current(item or "0211", self.start)
        by, text, address = self.world.actor(who), "东街口垃圾堆了三天，臭味很大。", "东街12号"
        photo = self.photo(who, "photo_before") if channel is Channel.PATROL else None
        place = Place(GRID, LON, LAT, LON, LAT, "wgs84", 8.0, address)
        told = Report(
            channel=channel,
            text=text,
            place=place,
            item=version if item else None,
            item_code=item or "",
            item_version_id=version.pk if item else None,
            suggested_item="" if item else "0211",
            photos=(photo.pk,) if photo is not None else (),
            occurred_at=self.start - timedelta(minutes=5),
        )
        self.case = reporting.report(told, by=by, now=self.start)
        self.hand = report(
            Hand,
            self.desk,
            by,
            channel=channel,
            spot=Spot(GRID, LON, LAT, address),
            text=text,
            version=version if item else None,
            suggested="0211",
            told_before=timedelta(minutes=5),
            photo=photo,
            accuracy_m=8.0,
        )

    def photo(self, who: str, kind: str) -> Attachment:
        return Attachment.objects.get(pk=self.world.photo(who, kind))

    def after(self, **span: float) -> None:
        """Time goes on, and the worker comes round."""
        moment = self.desk.now + timedelta(**span)
        while (turn := wakes_at(self.hand)) is not None and turn <= moment:
            self.desk.now = max(turn, self.desk.now)
            wake(self.hand)
            self.real(self.hand.events[-1].verb, None)
        self.desk.now = moment

    def real(self, verb: str, who: str | None, **inputs: Any) -> None:
        by = self.world.actor(who) if who else SYSTEM
        self.case = VERBS[verb].do(self.case.pk, by=by, now=self.desk.now, **inputs)

    def compare(self) -> None:
        """Everything that the tables hold of the case is what the hand holds."""
        case = Case.objects.get(pk=self.case.pk)
        for ours, theirs in zip(self.hand.events, case.events.order_by("seq"), strict=True):
            assert event(ours) == event(theirs)
        assert columns(self.hand.case) == columns(case)
        for name in BESIDE:
            ours = getattr(self.hand, name)
            model = RELATED[name]
            assert beside(ours) == beside(model.objects.filter(case=case)), name


RELATED: dict[str, type[Model]] = {
    "texts": CaseText,
    "parties": CaseParty,
    "orders": Order,
    "photos": Attachment,
    "suspensions": Suspension,
    "extensions": Extension,
    "rounds": CheckRound,
    "supervisions": Supervision,
    "holds": Hold,
    "call_backs": CallBack,
}
ITS_OWN = {
    "id",
    "case_id",
    "salt",
    "digest",
    "number",
    "last_hash",
    "ref",
    "size",
    "look",
    "uploaded_at",
}
"""Columns in which two cases that had the same life differ."""


def event(found: CaseEvent) -> dict[str, Any]:
    """What was noted, without the identifiers of what was noted beside it."""
    data = dict(found.data)
    data["texts"] = [each["kind"] for each in data.get("texts", ())]
    data["photos"] = len(data.get("photos", ()))
    names = ("seq", "verb", "at", "actor_kind", "actor_id", "post_id", "role")
    return {name: getattr(found, name) for name in (*names, "from_state", "to_state")} | data


def columns(row: Model) -> dict[str, Any]:
    names = (each.attname for each in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in ITS_OWN}


def beside(rows: Iterable[Model]) -> list[dict[str, Any]]:
    """In an order that hangs on what they say."""
    return sorted((columns(row) for row in rows), key=lambda row: sorted(map(str, row.items())))


@pytest.fixture
def twice(db: None) -> Twice:
    return Twice(build())


def accepts(twice: Twice) -> None:
    twice.hand.accept(twice.actor("dispatcher"), twice.version)
    twice.real("accept", "dispatcher", item=twice.version.item_id)


def dispatches(twice: Twice, unit: str = "lead", requirement: str = "") -> None:
    pk = twice.world.units[unit].pk
    twice.hand.dispatch(twice.actor("dispatcher"), pk, suggested=True, requirement=requirement)
    twice.real("dispatch", "dispatcher", unit=pk, suggested=True, requirement=requirement)


def signs(twice: Twice) -> None:
    twice.hand.sign_for(twice.actor("handler"))
    twice.real("sign_for", "handler")


def evidence(twice: Twice, who: str, *kinds: str) -> tuple[list[Any], dict[str, Any]]:
    """Photos for the hand, and what the verb is told."""
    by = twice.actor(who)
    stored = [twice.photo(who, kind) for kind in kinds]
    photos = [twice.hand.take_photo(each, by) for each in stored]
    return photos, {"photos": [each.pk for each in stored], "lon": LON, "lat": LAT}


def handles(twice: Twice, *kinds: str) -> None:
    photos, given = evidence(twice, "handler", *kinds)
    twice.hand.handle(twice.actor("handler"), "已清运。", photos=photos, form="清运两车。")
    twice.real("handle", "handler", result="已清运。", form="清运两车。", **given)


def checks(twice: Twice, *, passed: bool) -> None:
    twice.hand.check(twice.actor("checker"), passed=passed, words="看过。")
    verb, said = ("check_pass", "text") if passed else ("check_fail", "reason")
    twice.real(verb, "checker", **{said: "看过。"})


def closes(twice: Twice) -> None:
    if twice.case.supervised:
        twice.hand.lift_supervision(twice.actor("leader"), "已督促到位。")
        twice.real("lift_supervision", "leader", reason="已督促到位。")
    twice.hand.close(twice.actor("dispatcher"))
    twice.real("close", "dispatcher")


def test_a_long_life(twice: Twice) -> None:
    """Verified, late, sent back by the unit and by the checker, supervised, taken up again."""
    twice.reported(Channel.HOTLINE, "dispatcher", item=None)
    hand, units, actor = twice.hand, twice.world.units, twice.actor
    twice.after(minutes=10)
    hand.ask_verify(actor("dispatcher"), "请看一下。")
    twice.real("ask_verify", "dispatcher", text="请看一下。")
    twice.after(minutes=30)
    hand.verify(actor("checker"), true=True, text="属实。")
    twice.real("verify", "checker", true=True, text="属实。")
    twice.after(hours=7)  # reminded, overdue, told, and supervised
    accepts(twice)
    twice.after(minutes=12)
    dispatches(twice, requirement="请今天办。")
    twice.after(minutes=20)
    other = units["second"].pk
    hand.return_(actor("handler"), reason_code="no_means", suggested_unit=other, reason="没有。")
    twice.real("return", "handler", reason_code="no_means", suggested_unit=other, reason="没有。")
    twice.after(minutes=20)
    dispatches(twice)
    twice.after(minutes=100)
    signs(twice)
    twice.after(minutes=30)
    hand.arrive(actor("handler"))
    twice.real("arrive", "handler", lon=LON, lat=LAT)
    twice.after(hours=30)
    handles(twice, "photo_before", "photo_after")
    for _round in range(2):
        twice.after(hours=1)
        checks(twice, passed=False)
        twice.after(hours=3)
        handles(twice, "photo_after")
    twice.after(hours=1)
    hand.ask_check(actor("dispatcher"))
    twice.real("ask_check", "dispatcher")
    checks(twice, passed=True)
    twice.after(minutes=20)
    closes(twice)
    twice.after(days=1)
    answers = {"responded": True, "solved": False, "satisfied": False, "fairly_satisfied": True}
    hand.call_back(actor("dispatcher"), CallBack.Outcome.REACHED, **answers)
    twice.real("call_back", "dispatcher", outcome="reached", **answers)
    twice.after(hours=1)
    hand.reopen(actor("dispatcher"), "又出现了。")
    twice.real("reopen", "dispatcher", reason="又出现了。")
    twice.after(minutes=20)
    dispatches(twice)
    twice.after(days=4)  # nobody signs
    verbs = {event.verb for event in hand.events}
    assert {"remind", "overdue", "tell_leader", "supervise", "supervision_overdue"} <= verbs
    twice.compare()


def test_more_time_and_time_out(twice: Twice) -> None:
    """What takes days: more time is asked for, refused and granted, and the clocks stand still."""
    twice.reported(Channel.HOTLINE, "dispatcher", item="0208")
    hand, actor = twice.hand, twice.actor
    twice.after(minutes=30)
    accepts(twice)
    dispatches(twice)
    signs(twice)
    for granted in (False, True):
        twice.after(hours=2)
        hand.request_extension(actor("handler"), 2, Clock.WORK_DAY, "缺配件。")
        twice.real(
            "request_extension", "handler", amount=2, clock=Clock.WORK_DAY, reason="缺配件。"
        )
        twice.after(hours=1)
        hand.decide_extension(actor("dispatcher"), granted=granted, text="好")
        verb, said = ("grant_extension", "text") if granted else ("refuse_extension", "reason")
        twice.real(verb, "dispatcher", **{said: "好"})
    twice.after(hours=1)
    until = (twice.desk.now + timedelta(days=3)).replace(second=0, microsecond=0)
    hand.suspend(actor("dispatcher"), until, "等鉴定。")
    twice.real("suspend", "dispatcher", until=until, reason="等鉴定。")
    twice.after(days=5)  # resumed by itself
    handles(twice, "photo_before", "photo_after")
    checks(twice, passed=True)
    closes(twice)
    assert "resume" in {event.verb for event in hand.events}
    twice.compare()


@pytest.mark.parametrize("drawn", [True, False])
def test_settled_on_the_spot(twice: Twice, drawn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.response.handling.drawn", lambda *_: drawn)
    twice.reported(Channel.PATROL, "worker")
    twice.after(minutes=15)
    photos, given = evidence(twice, "worker", "photo_after")
    worker = twice.actor("worker")
    twice.hand.settle(worker, twice.version, "已清。", photos=photos, form="", drawn=drawn)
    twice.real("settle", "worker", result="已清。", **given)
    twice.compare()


def test_what_ends_before_it_begins(twice: Twice) -> None:
    """Goes up, and is declined with a reason from the list."""
    twice.reported(Channel.HOTLINE, "dispatcher", item=None)
    twice.after(minutes=10)
    twice.hand.escalate(twice.actor("dispatcher"), "跨村。", "劝过。")
    twice.real("escalate", "dispatcher", reason="跨村。", tried="劝过。")
    twice.after(minutes=10)
    twice.hand.decline(twice.actor("district_dispatcher"), reason_code="outside", reason="在邻区。")
    twice.real("decline", "district_dispatcher", reason_code="outside", reason="在邻区。")
    twice.compare()


def test_merged(twice: Twice) -> None:
    into = twice.world.held_by_town(twice.world.reported("同一堆垃圾"))
    twice.reported(Channel.HOTLINE, "dispatcher", item=None)
    twice.after(minutes=10)
    twice.hand.merge(twice.actor("dispatcher"), into, "同一件事。")
    twice.real("merge", "dispatcher", into=into.pk, reason="同一件事。")
    twice.compare()


# --- what comes up, and when ----------------------------------------------------------------------

FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
TOWNS = {"440113120": 4000, "440113102": 300}


def planned(seed: str = "seed") -> list[Any]:
    calendar = calendar_for(DISTRICT)
    return matters(seed, FIRST, LAST, TOWNS, calendar, items=list(USUAL))


@pytest.mark.django_db
def test_the_same_seed_plans_the_same_year() -> None:
    assert planned() == planned()
    assert planned() != planned("another")


@pytest.mark.django_db
def test_as_many_come_up_as_were_asked_for_and_in_order() -> None:
    found = planned()
    assert Counter(each.town for each in found) == TOWNS
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert [each.number for each in found] == list(range(4300))
    assert {each.at.astimezone(ZONE).date() for each in found} <= {
        FIRST + timedelta(days=n) for n in range(365)
    }
    assert sum(number for _month, number in by_month(found)) == 4300


@pytest.mark.django_db
def test_nights_weekends_holidays_and_storms_show() -> None:
    found = [each for each in planned() if each.town == "440113120"]
    days = Counter(each.at.astimezone(ZONE).date() for each in found)
    stormy = storms("seed", FIRST, LAST)
    assert 4 <= len(stormy) <= 8
    assert all(6 <= day.month <= 10 for day in stormy)
    calendar = calendar_for(DISTRICT)
    work = [days[d] for d in days if calendar.is_work_day(d) and d not in stormy]
    off = [days[d] for d in days if not calendar.is_work_day(d) and d not in stormy]
    mean = sum(work) / len(work)
    assert sum(off) / len(off) < 0.8 * mean
    assert sum(days[d] for d in stormy) / len(stormy) > 1.3 * mean
    hours = Counter(each.at.astimezone(ZONE).hour for each in found if not each.stormy)
    assert hours[10] > 20 * max(1, hours[3])
    flooded = Counter(each.item for each in found if each.stormy)
    assert flooded["0208"] > flooded["0201"]


def test_a_year_without_days_is_none() -> None:
    with pytest.raises(ValueError, match="has days"):
        matters("seed", LAST, FIRST, TOWNS, None, items=[])  # type: ignore[arg-type]


# --- a small year, whole --------------------------------------------------------------------------

Small = list[tuple[year.Told, dict[str, bytes]]]

UNTIL = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def small(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Small]:
    """A small year, and the same one over again on the same ground."""
    folder: Path = tmp_path_factory.mktemp("attachments")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr("huying.cases.attaching.folder", lambda: folder)
        patch.setattr("huying.scenarios.year_rows.folder", lambda: folder)
        with transaction.atomic():
            load_demo_grids(UNTIL)
            locating.refresh()
            naming.refresh()
            load_demo_people(UNTIL)
            told, heads = [], []
            for last in (False, True):
                sid = transaction.savepoint()
                patch.setattr("huying.scenarios.year._serials", lambda _number: 0)
                told.append(year.tell(UNTIL, shown=220, others=4))
                heads.append(
                    {n: bytes(h) for n, h in Case.objects.values_list("number", "last_hash")}
                )
                if not last:
                    transaction.savepoint_rollback(sid)
            yield list(zip(told, heads, strict=True))
            transaction.set_rollback(True)
        locating.refresh()
        naming.refresh()


def test_a_small_year_is_whole(small: Small) -> None:
    """The chain holds, nobody stands in a state without its rows, and every town has something."""
    told, _heads = small[-1]
    proof = verify()
    assert (proof.ok, proof.cases, proof.events) == (True, told.cases, told.events)
    cases = Case.objects.all()
    assert {case.area_code[:9] for case in cases} >= {SHOWN_TOWN}
    assert len({case.area_code[:9] for case in cases}) == 16
    assert told.shown == cases.filter(area_code__startswith=SHOWN_TOWN).count()
    assert 0.8 < told.closed < 0.97
    assert 0.8 < told.simple_in_a_day < 1
    assert cases.filter(state__in=OPEN_STATES).exists()
    assert cases.filter(state=State.CLOSED).exclude(events__verb="report").count() == 0
    assert not cases.filter(ended_at__gt=UNTIL).exists()


def test_the_same_year_twice_is_the_same_to_the_last_hash(small: Small) -> None:
    (first, heads), (second, heads_again) = small
    assert first.states == second.states
    assert heads == heads_again
