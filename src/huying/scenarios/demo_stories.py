"""The ways a matter can go in the demo: one short story for each, told in verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from huying.cases import (
    accepting,
    closing,
    commenting,
    extending,
    merging,
    suspending,
    verifying,
)
from huying.cases import reporting as reports
from huying.cases.models import Attachment, Channel
from huying.cases.states import State
from huying.catalogue.models import Clock
from huying.dispatch import assisting, levels, ordering
from huying.people.acting import RESIDENT
from huying.scenarios import demo_texts as texts
from huying.scenarios import demo_whistles as whistles
from huying.scenarios.demo_life import DESK_HOURS, FIELD_HOURS, UNIT_HOURS, Life, Step

Story = Callable[[Life], Step]


def plain(life: Life) -> Step:
    """Reported, accepted, dispatched, handled, checked, closed; now and then with a remark."""
    life.report()
    yield from life.accepts()
    if life.chance.random() < 0.15:
        yield from comments(life)
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def comments(life: Life) -> Step:
    yield life.after(25, DESK_HOURS)
    life.do(commenting.comment, life.desk(), text=life.say(texts.COMMENTS))


def on_the_spot(life: Life) -> Step:
    """The grid worker settles it; one in ten is drawn for a check."""
    life.report(channel=Channel.PATROL)
    yield from life.settles()


def declined(life: Life) -> Step:
    life.report(channel=Channel.HOTLINE)
    yield life.after(20, DESK_HOURS)
    code, reason = life.chance.choice(texts.DECLINES)
    life.do(accepting.decline, life.desk(), reason_code=code, reason=reason)


def not_true(life: Life) -> Step:
    """Asked to verify; somebody looks, and there is nothing."""
    yield from _looked_at(life, true=False)
    yield life.after(10, DESK_HOURS)
    life.do(
        accepting.decline,
        life.desk(),
        reason_code="not_true",
        reason="经核实，未发现所反映的情况。",
    )


def verified(life: Life) -> Step:
    """Asked to verify; it is true, and goes its way."""
    yield from _looked_at(life, true=True)
    yield from life.accepts(8)
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def _looked_at(life: Life, *, true: bool) -> Step:
    life.report(channel=Channel.HOTLINE)
    yield life.after(9, DESK_HOURS)
    life.do(verifying.ask_verify, life.desk(), text="请到现场看一下是否属实。")
    yield life.after(30, FIELD_HOURS)
    by = life.world.cast.worker(life.grid, life.chance)
    said = texts.VERIFIED if true else texts.NOT_VERIFIED
    life.do(verifying.verify, by, true=true, text=life.say(said))


def withdrawn(life: Life) -> Step:
    life.report(channel=Channel.PATROL)
    yield life.after(7)
    life.do(reports.withdraw, life.reporter, reason=life.say(texts.WITHDRAWALS))


def merged(life: Life) -> Step:
    """A second report of the same matter; the desk makes one case of the two."""
    text = life.scene.report(life.item_code)
    first = life.report(text=text, channel=Channel.PATROL)
    yield from life.accepts()
    first = life.case
    yield life.after(25)
    again = f"打电话反映：{text}"
    second = life.report(text=again, channel=Channel.HOTLINE, area=life.grid)
    yield life.after(6, DESK_HOURS)
    life.do(merging.merge, life.desk(), into=first.pk, reason=life.say(texts.MERGES))
    assert second.pk == life.case.pk
    life.case = first
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def suspended(life: Life) -> Step:
    """Stands still for some days and goes on by itself."""
    life.report()
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.signs()
    yield from life.suspends(life.chance.uniform(1.5, 4))
    until = life.case.suspended_until
    assert until is not None
    yield until + timedelta(hours=1)
    yield from life.arrives()
    yield from life.handles(90)
    yield from life.finishes()


def suspended_and_resumed(life: Life) -> Step:
    """The desk lets the clock run again before the set end."""
    life.report()
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.signs()
    yield from life.suspends(12)
    yield life.after(2 * 1440, DESK_HOURS)
    life.do(suspending.resume, life.desk(), text="所需意见已收到，恢复办理。")
    yield from life.handles(120)
    yield from life.finishes()


def returned(life: Life) -> Step:
    """The unit gives it back and names another, which does it."""
    life.report()
    yield from life.accepts()
    yield from _goes_out_and_back(life)
    yield from life.dispatches(to=life.unit)
    yield from life.works()
    yield from life.finishes()


def returned_twice(life: Life) -> Step:
    """After the second return the desk above decides."""
    life.report()
    yield from life.accepts()
    yield from _goes_out_and_back(life)
    yield from _goes_out_and_back(life)
    yield from life.arbitrates(40)
    yield from life.works()
    yield from life.finishes()


def returned_twice_open(life: Life) -> Step:
    """Moved up, and the desk above has not decided yet."""
    life.report()
    yield from life.accepts()
    yield from _goes_out_and_back(life)
    yield from _goes_out_and_back(life)


def _goes_out_and_back(life: Life) -> Step:
    yield from life.dispatches(to=life.unit)
    units = life.world.cast.units_for(life.case, life.item)
    other = next((unit for unit in units if unit.pk != life.case.lead_unit_id), None)
    yield life.after(40, UNIT_HOURS)
    code, reason = life.chance.choice(texts.RETURNS)
    if other is None:
        # A community has one unit only: it names the town's.
        town = life.world.cast.units_at(life.grid[:9])
        other = next(unit for unit in town if unit.pk != life.case.lead_unit_id)
    life.do(
        ordering.return_,
        life.handler(),
        reason_code=code,
        reason=reason,
        suggested_unit=other.pk,
    )
    life.unit = other if other.area_code == life.case.holder_code else None


def together_open(life: Life) -> Step:
    """Several units work on it: one goes on with its part, the others have none any more."""
    life.report()
    yield from life.accepts()
    while len(life.world.cast.units_for(life.case, life.item)) < 5:
        yield life.after(8, DESK_HOURS)
        life.do(levels.escalate, life.desk(), reason=life.say(texts.ESCALATIONS))
    yield from life.dispatches()
    yield life.after(6, DESK_HOURS)
    busy = {life.case.lead_unit_id, *map(int, life.case.parts)}
    units = [
        unit.pk for unit in life.world.cast.units_for(life.case, life.item) if unit.pk not in busy
    ][:3]
    life.do(assisting.add_assist, life.desk(), units=units, amount=2, clock="work_day")
    yield from life.signs()
    does, gives_back, released = (life.world.cast.handler(unit, life.chance) for unit in units)
    yield life.after(15, UNIT_HOURS)
    reason = "经核实，现场不涉及本单位职责。"
    life.do(assisting.assist_return, gives_back, reason_code="not_ours", reason=reason)
    yield life.after(20, UNIT_HOURS)
    life.do(assisting.assist_arrive, does)
    lon, lat = life.spot
    done = {"result": life.say(texts.PARTS), "lon": lon, "lat": lat}
    yield life.after(50, UNIT_HOURS)
    life.do(assisting.assist_done, does, **done)
    yield life.after(15, UNIT_HOURS)
    reason = "还差一处没有处理，请补齐。"
    life.do(assisting.send_part_back, life.handler(), unit=units[0], reason=reason)
    life.do(assisting.release_part, life.handler(), unit=released.unit_id, reason="已无需配合。")


def extended(life: Life) -> Step:
    yield from _asks_for_time(life)
    yield life.after(30, DESK_HOURS)
    life.do(extending.grant_extension, life.desk(), text="同意延期，请抓紧。")
    yield from life.handles()
    yield from life.finishes()


def extension_refused(life: Life) -> Step:
    yield from _asks_for_time(life)
    yield life.after(30, DESK_HOURS)
    life.do(extending.refuse_extension, life.desk(), reason=life.say(texts.REFUSALS))
    yield from life.handles(90)
    yield from life.finishes()


def extension_open(life: Life) -> Step:
    """Asked for, and nobody has decided yet."""
    yield from _asks_for_time(life)


def _asks_for_time(life: Life) -> Step:
    life.report()
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.signs()
    # Before the deadline only, and an evening must not come in between.
    yield life.now + timedelta(minutes=life.chance.randint(20, 90))
    life.do(
        extending.request_extension,
        life.handler(),
        amount=life.chance.choice((1, 2, 3)),
        clock=Clock.WORK_DAY,
        reason=life.say(texts.EXTENSIONS),
    )


def reworked(life: Life) -> Step:
    life.report()
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.works()
    yield from life.fails()
    yield from life.handles(110)
    yield from life.finishes()


def reopened(life: Life) -> Step:
    """Closed, and two days later the resident says it is back."""
    yield from _closed_and_back(life, hours=48)
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def reopened_open(life: Life) -> Step:
    yield from _closed_and_back(life, hours=10)
    yield from life.dispatches(25)


def _closed_and_back(life: Life, *, hours: float) -> Step:
    life.report(channel=Channel.HOTLINE)
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()
    yield life.now + timedelta(hours=hours * life.chance.uniform(0.8, 1.2))
    life.unit = None
    life.do(closing.reopen, RESIDENT, reason=life.say(texts.REOPENS))


def emergency(life: Life) -> Step:
    """The words propose it, the desk confirms, and everybody hurries."""
    life.emergency = True
    life.report(text=life.scene.alarm(life.item_code))
    yield from life.accepts(3)
    yield from life.dispatches(2)
    yield from life.works()
    yield from life.finishes()


def emergency_open(life: Life) -> Step:
    """The words propose one, and the desk has not looked yet."""
    life.report(text=life.scene.alarm(life.item_code), channel=Channel.PATROL)
    yield from ()


def no_emergency(life: Life) -> Step:
    """The words propose one, and the desk finds that it can wait."""
    life.report(text=life.scene.alarm(life.item_code), channel=Channel.HOTLINE)
    yield from life.accepts(6)
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def denied_words(life: Life) -> Step:
    """没有泄漏 is no alarm."""
    life.item_code, text = life.scene.denial()
    life.report(text=text)
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def escalated(life: Life) -> Step:
    """A community cannot do it; the town can."""
    life.report(channel=Channel.PATROL)
    yield from life.accepts()
    if len(life.case.holder_code) == 12:
        yield life.after(30, DESK_HOURS)
        life.escalates()
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def message(life: Life) -> Step:
    """A resident's message: pinned by the district's desk, sent down, and done in the town."""
    life.item_code, text = life.scene.message()
    life.report(text=text, channel=Channel.MESSAGE)
    yield life.after(35, DESK_HOURS)
    lon, lat = life.spot
    life.do(accepting.pin, life.desk(), lon=lon, lat=lat, address=life.scene.address)
    yield life.after(6, DESK_HOURS)
    life.do(levels.send_down, life.desk(), to=life.grid[:9], reason=life.say(texts.SENT_DOWN))
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def changed_item(life: Life) -> Step:
    """Taken for one thing, and found to be another."""
    life.report()
    meant = life.item_code
    yield from life.accepts()
    life.item_code = "0211" if meant != "0211" else "0212"
    yield life.after(20, DESK_HOURS)
    life.do(accepting.change_item, life.desk(), item=life.item_code, reason=life.say(texts.CHANGES))
    yield from life.dispatches()
    yield from life.works()
    yield from life.finishes()


def with_photos(life: Life) -> Step:
    """More photos and a remark come in while it is under way."""
    life.report()
    yield from life.accepts()
    yield from life.dispatches()
    yield from life.signs()
    yield life.after(20, UNIT_HOURS)
    by = life.handler()
    life.do(commenting.attach, by, photos=[life.photo(Attachment.Kind.OTHER, by)])
    yield from comments(life)
    yield from life.handles()
    yield from life.finishes()


def to(state: State) -> Story:
    """A matter that comes to a state in a few minutes, and waits there."""

    def story(life: Life) -> Step:
        life.hurry = True
        life.report(channel=life.channel, area=life.area)
        for reached, step in (
            (State.ACCEPTED, life.accepts),
            (State.DISPATCHED, life.dispatches),
            (State.HANDLING, life.signs),
            (State.HANDLED, life.handles),
            (State.CHECKED, life.passes),
        ):
            if life.case.state == state:
                return
            yield from step(EACH_MINUTES)
            assert life.case.state == reached

    return story


EACH_MINUTES: Final = 2.0
"""What a step takes in a hurry."""


def paused(life: Life) -> Step:
    """Suspended for some days yet."""
    yield from to(State.HANDLING)(life)
    yield from life.suspends(life.chance.uniform(4, 12), EACH_MINUTES)


STORIES: Final[dict[str, tuple[Story, float]]] = {
    "plain": (plain, 24),
    "on_the_spot": (on_the_spot, 24),
    "declined": (declined, 3),
    "not_true": (not_true, 2),
    "verified": (verified, 3),
    "withdrawn": (withdrawn, 2),
    "merged": (merged, 2),
    "suspended": (suspended, 2),
    "suspended_and_resumed": (suspended_and_resumed, 1),
    "returned": (returned, 3),
    "returned_twice": (returned_twice, 1.5),
    "extended": (extended, 2),
    "extension_refused": (extension_refused, 1.5),
    "reworked": (reworked, 4),
    "reopened": (reopened, 2),
    "emergency": (emergency, 4),
    "no_emergency": (no_emergency, 1.5),
    "denied_words": (denied_words, 1),
    "escalated": (escalated, 5),
    "message": (message, 6),
    "changed_item": (changed_item, 2),
    "with_photos": (with_photos, 2),
    "whistled": (whistles.whistled, 3),
    "whistle_missed": (whistles.missed, 0.7),
    "whistle_refused": (whistles.refused, 0.7),
}
"""Each story, and how often it is told in a hundred."""

OPEN_STORIES: Final[dict[str, tuple[Story, float]]] = {
    "emergency_open": (emergency_open, 0.08),
    "returned_twice_open": (returned_twice_open, 5),
    "extension_open": (extension_open, 5),
    "reopened_open": (reopened_open, 54),
    "together_open": (together_open, 60),
    "whistle_open": (whistles.going_on, 0.6),
    "whistle_neglected": (whistles.neglected, 7),
    "whistle_refused_open": (whistles.refused_open, 5),
}
"""Stories that end open, and how many hours before now they begin."""
