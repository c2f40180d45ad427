"""吹哨报到 in the demo: matters that a town cannot settle alone, and standing problems.

Whistles of all three sorts, answered and missed, refused and decided on, with what comes of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from huying.people.acting import Actor
from huying.people.demo import AOYUAN, SHOWN_TOWN, SHOWN_VILLAGE
from huying.people.models import Unit, UnitKind
from huying.response import answering, standing, unanswered, vetoing, whistling
from huying.response import neglected as neglecting
from huying.response.whistles import Call, Sort
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_life import DESK_HOURS, Life, Step

DISTRICT: Final = SHOWN_TOWN[:6]
NEEDED: Final = {
    Sort.PROBLEM: "涉及多个部门，请到场一起商定办法，各自认领任务。",
    Sort.JOINT: "请派员到场联合检查，带齐执法记录仪和文书。",
    Sort.EMERGENCY: "情况紧急，请立即到场处置，先疏散周边群众。",
}
ANSWERS: Final = ("已派两人前往。", "收到，马上出发。", "人员和车辆已安排。")
PRAISE: Final = ("到场及时，配合好。", "到场后主动承担，效果明显。", "按要求完成。")
BLAME: Final = ("未到场，影响处置。", "到场很晚，配合一般。")
REFUSED: Final = ("not_ours", "现场情况不属本单位职责，已建议由相关部门办理。")
BUSY: Final = ("at_another", "全部人员正在另一处突发事件现场，暂时抽不出人。")


def whistled(life: Life) -> Step:
    """Called units come, work together with the unit in charge, are released and rated."""
    yield from _under_way(life)
    sort = life.chance.choice(list(Sort))
    called = _some(life)
    yield from _blows(life, sort, called)
    for unit in called:
        yield life.after(4)
        life.do(answering.answer, _of(life, unit), text=life.say(ANSWERS))
    for unit in called:
        yield life.after(9)
        _checks_in(life, unit)
    yield life.after(20)
    for kind in ("inspection", "correction") if sort == Sort.PROBLEM else ("seizure",):
        life.records(kind)
    yield from _is_over(life)


def missed(life: Life) -> Step:
    """One does not come: the call climbs, the district stands in, and a veto is the end of it."""
    yield from _under_way(life)
    here, away = _some(life)[:2]
    yield from _blows(life, Sort.EMERGENCY, (here, away))
    yield life.after(4)
    life.do(answering.answer, _of(life, here), text=life.say(ANSWERS))
    yield life.after(12)
    _checks_in(life, here)
    call = _call(life, away)
    yield call.answer_by + timedelta(minutes=9)
    life.do(
        unanswered.stand_in,
        life.world.cast.dispatcher(DISTRICT, life.chance),
        call=call.pk,
        text="区级部门已派员到场，原因另行查明。",
    )
    yield from _is_over(life, blamed=away)
    yield from _veto(life, call, appealed=life.chance.random() < 0.6)


def refused(life: Life) -> Step:
    """Two refuse: one is excused; the other is told to come, and comes."""
    yield from _under_way(life)
    excused, told = _some(life)[:2]
    yield from _blows(life, Sort.JOINT, (excused, told))
    for unit, (code, reason) in ((excused, BUSY), (told, REFUSED)):
        yield life.after(6)
        life.do(answering.refuse_call, _of(life, unit), reason_code=code, reason=reason)
    district = life.world.cast.dispatcher(DISTRICT, life.chance)
    for unit, upheld, reason in (
        (excused, True, "情况属实，另行安排。"),
        (told, False, "属三定方案明确的职责，请立即到场。"),
    ):
        yield life.after(8)
        life.do(
            unanswered.arbitrate_call,
            district,
            call=_call(life, unit).pk,
            upheld=upheld,
            reason=reason,
        )
    yield life.after(5)
    life.do(answering.answer, _of(life, told))
    yield life.after(14)
    _checks_in(life, told)
    yield from _is_over(life)


def going_on(life: Life) -> Step:
    """Blown twenty minutes ago: one is on the spot, one on the way, one has not answered."""
    life.hurry = True
    yield from _under_way(life)
    first, second, third = _some(life)
    yield from _blows(life, Sort.EMERGENCY, (first, second, third))
    yield life.after(5)
    life.do(answering.answer, _of(life, first), text=life.say(ANSWERS))
    yield life.after(4)
    life.do(answering.answer, _of(life, second), text=life.say(ANSWERS))
    yield life.after(6)
    _checks_in(life, first)


def neglected(life: Life) -> Step:
    """One came; the other was pressed by the district as well, and its leaders know."""
    life.hurry = True
    yield from _under_way(life)
    here, away = _some(life)[:2]
    yield from _blows(life, Sort.EMERGENCY, (here, away))
    yield life.after(5)
    life.do(answering.answer, _of(life, here), text=life.say(ANSWERS))
    yield life.after(10)
    _checks_in(life, here)
    call = _call(life, away)
    yield call.answer_by + timedelta(minutes=11)
    district = life.world.cast.dispatcher(DISTRICT, life.chance)
    life.do(unanswered.press_call, district, call=call.pk, text="请立即报到，并说明原因。")
    yield life.after(20)
    _proposes(life, call)


def refused_open(life: Life) -> Step:
    """A refusal that the district has not decided on."""
    life.hurry = True
    yield from _under_way(life)
    first, second = _some(life)[:2]
    yield from _blows(life, Sort.JOINT, (first, second))
    yield life.after(6)
    code, reason = REFUSED
    life.do(answering.refuse_call, _of(life, first), reason_code=code, reason=reason)
    yield life.after(8)
    life.do(answering.answer, _of(life, second), text=life.say(ANSWERS))


# --- the parts ------------------------------------------------------------------------------------


def _under_way(life: Life) -> Step:
    """Reported, and with a unit of the town, which cannot do it alone."""
    life.report()
    yield from life.accepts(4)
    while len(life.case.holder_code) > 9:
        yield life.after(3, DESK_HOURS)
        life.escalates()
    yield from life.dispatches(3)
    yield from life.signs(3)


def _some(life: Life) -> list[Unit]:
    """Whom the town calls: a department, the branch of the community, and a team of its own."""
    here = [each for each in life.world.cast.units_at(life.case.holder_code) if _free(life, each)]
    departments = [unit for unit in here if unit.kind == UnitKind.DEPARTMENT]
    teams = [unit for unit in here if unit.kind == UnitKind.TEAM]
    branches = life.world.cast.branches_at(life.grid[:12])
    one, other = life.chance.sample(departments, 2)
    return [one, life.chance.choice(branches) if branches else other, (teams or [other])[0]]


def _free(life: Life, unit: Unit) -> bool:
    return unit.pk != life.case.lead_unit_id and str(unit.pk) not in life.case.parts


def _of(life: Life, unit: Unit) -> Actor:
    return life.world.cast.handler(unit.pk, life.chance)


def _call(life: Life, unit: Unit) -> Call:
    return Call.objects.filter(whistle__case=life.case, unit=unit).latest("asked_at")


def _blows(life: Life, sort: Sort, called: Sequence[Unit]) -> Step:
    yield life.after(6, DESK_HOURS)
    units = [unit.pk for unit in called]
    life.do(whistling.blow, life.desk(), sort=sort, units=units, text=NEEDED[sort])


def _checks_in(life: Life, unit: Unit) -> None:
    lon, lat = life.spot
    away = life.chance.uniform(-0.0004, 0.0004)
    life.do(answering.check_in, _of(life, unit), lon=lon + away, lat=lat + away)


def _is_over(life: Life, *, blamed: Unit | None = None) -> Step:
    """Released and rated; then the case goes its way to the end."""
    yield life.after(30)
    desk = life.desk()
    life.do(whistling.release, desk)
    yield life.after(12, DESK_HOURS)
    for call in _to_rate(Call.objects.filter(whistle__case=life.case)):
        life.do(whistling.rate, desk, call=call.pk, **_marks(call, blamed, life.chance))
    yield from life.handles(40)
    yield from life.finishes()


def _to_rate(calls: Iterable[Call]) -> list[Call]:
    return [each for each in calls if each.state in ("released", "stood_in")]


def _marks(call: Call, blamed: Unit | None, chance: random.Random) -> dict[str, int | str]:
    bad = blamed is not None and call.unit_id == blamed.pk
    best = 1 if bad else 5 if not call.late else 3
    low = max(1, best - 1)
    return {
        "attendance": best,
        "cooperation": chance.randint(low, best),
        "outcome": chance.randint(low, best),
        "text": chance.choice(BLAME if bad else PRAISE),
    }


def _proposes(life: Life, call: Call) -> None:
    vetoing.propose(
        call.pk,
        by=life.world.cast.dispatcher(call.whistle.caller_code, life.chance),
        now=life.now,
        evidence=("通话记录 3 次", life.case.number),
        text="三次催促无人到场，影响处置。",
    )


def _veto(life: Life, call: Call, *, appealed: bool) -> Step:
    """Proposed by the town, approved by the district; appealed against, and settled by a third."""
    cast, chance = life.world.cast, life.chance
    yield life.after(60, DESK_HOURS)
    _proposes(life, call)
    yield life.after(300, DESK_HOURS)
    leader = cast.leader(chance)
    vetoing.decide(call.veto.pk, by=leader, now=life.now, approve=True, text="情况属实，同意。")
    if not appealed:
        return
    yield life.after(900, DESK_HOURS)
    words = "当时全员在另一处现场，有派单记录。"
    vetoing.appeal(call.veto.pk, by=_of(life, call.unit), now=life.now, text=words)
    third = cast.dispatcher(DISTRICT, chance)
    if third.account_id != call.veto.proposed_by_id:  # one account of the demo works at both desks
        yield life.after(900, DESK_HOURS)
        words = "记录与时间不符，维持。"
        vetoing.settle(call.veto.pk, by=third, now=life.now, lift=False, text=words)


# --- standing problems ----------------------------------------------------------------------------


def standing_problems(cast: Cast, until: datetime, chance: random.Random) -> int:
    """Three that are no case: one that is over, one under way, one that nobody sees to."""
    departments = [u for u in cast.units_at(SHOWN_TOWN) if u.kind == UnitKind.DEPARTMENT]
    if len(departments) < 3 or not cast.branches_at(AOYUAN):
        return 0  # a district of one's own, without the demo's units
    _the_market(cast, departments[:3], until - timedelta(days=12), chance)
    _the_chargers(cast, until - timedelta(hours=5), chance)
    _the_low_ground(cast, departments[0], until, chance)
    return 3


def _the_market(cast: Cast, units: Sequence[Unit], begun: datetime, chance: random.Random) -> None:
    town = cast.dispatcher(SHOWN_TOWN, chance)
    made = standing.blow(
        by=town,
        now=begun,
        title="旧市场消防通道长期被占用",
        sort=Sort.JOINT,
        units=[unit.pk for unit in units],
        text="多部门多年未能解决，请联合清理，并约定每月一次回头看。",
        address="石碁镇旧市场",
    )
    for n, unit in enumerate(units):
        by = cast.handler(unit.pk, chance)
        standing.do("answer", made.pk, by=by, now=begun + timedelta(minutes=9 + 7 * n))
    over = begun + timedelta(hours=3)
    standing.do("release", made.pk, by=town, now=over, text="清理完毕，划线到位。")
    for call in _to_rate(made.calls.all()):
        given = _marks(call, None, chance)
        standing.do("rate", made.pk, by=town, now=over, call=call.pk, **given)


def _the_chargers(cast: Cast, begun: datetime, chance: random.Random) -> None:
    branches = cast.branches_at(AOYUAN)[:5]
    made = standing.blow(
        by=cast.dispatcher(AOYUAN, chance),
        now=begun,
        title="多栋楼电动车进楼充电屡禁不止",
        sort=Sort.PROBLEM,
        units=[unit.pk for unit in branches],
        text="请各楼栋党支部入户劝导，物业党支部当天提出充电棚选址。",
    )
    for n, unit in enumerate(branches[:-1]):
        by = cast.handler(unit.pk, chance)
        standing.do("answer", made.pk, by=by, now=begun + timedelta(minutes=12 + 5 * n))


def _the_low_ground(cast: Cast, unit: Unit, until: datetime, chance: random.Random) -> None:
    """Climbed from the village to the town and the district, whose leaders were told."""
    begun = until - timedelta(hours=3)
    made = standing.blow(
        by=cast.dispatcher(SHOWN_VILLAGE, chance),
        now=begun,
        title="低洼片区遇雨即涝，两户老人需转移",
        sort=Sort.EMERGENCY,
        units=[unit.pk, *(each.pk for each in cast.branches_at(SHOWN_VILLAGE))],
        text="请带抽水泵到场，协助转移老人。",
    )
    for branch in cast.branches_at(SHOWN_VILLAGE):
        by = cast.handler(branch.pk, chance)
        standing.do("answer", made.pk, by=by, now=begun + timedelta(minutes=6))
    for minutes in (31, 62, 93, 124, 155):
        now = begun + timedelta(minutes=minutes)
        unanswered.climb_all(now=now)
        neglecting.tell_all(now=now)
