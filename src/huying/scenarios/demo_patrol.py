"""The demo's patrols: plans, places, three weeks of visits, and a morning's track. All made up."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from huying.cases.answers import owner_of
from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.forms import versions
from huying.patrol import duty, planning, tracking, visiting
from huying.patrol.due import Rhythm, due_on
from huying.patrol.models import PatrolPlace, PatrolPlan
from huying.patrol.planning import Spot, Told
from huying.patrol.tracking import Point
from huying.patrol.visiting import Shown
from huying.people.acting import Actor
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE, SINCE
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_questions import answers_to
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
DAYS: Final = 21


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan: who made it, how often, and what its places are called and looked at for.

    Attributes:
        each: places in each of the grids that it is for.
        share: how many in a hundred of the visits that were due were made.
        form: the item's questions are the checklist.
    """

    area: str
    item: str
    title: str
    rhythm: Rhythm
    times: int
    names: tuple[str, ...]
    points: tuple[str, ...]
    share: int
    form: bool = False


PLANS: Final = (
    Plan(SHOWN_VILLAGE, "0204", "仓库和作坊消防巡查", Rhythm.WORKDAY, 1,
         ("东街仓库", "西巷作坊", "村口五金店"),
         ("消防通道畅通", "灭火器在有效期内", "没有违规住人"), 82),
    Plan(SHOWN_VILLAGE, "0203", "液化气站和加油点巡查", Rhythm.WEEK, 2,
         ("祠堂东街便利店", "液化气供应点"), ("没有违规存放油桶", "气瓶间通风"), 70),
    Plan(SHOWN_TOWN, "0213", "学校周边治安巡查", Rhythm.DAY, 1,
         ("小学正门", "中学后巷"), ("没有流动摊贩占道", "监控和路灯完好"), 60),
    Plan(SHOWN_TOWN, "0208", "河涌排口月度巡查", Rhythm.MONTH, 1,
         ("排口", "排涝泵站"), (), 50, form=True),
)  # fmt: skip


def load_patrols(now: datetime) -> int:
    """Makes the plans, unless some of the demo's are there; how many. People must be there."""
    if PatrolPlan.objects.filter(made_by__demo=True).exists():
        return 0
    cast = Cast(SINCE, dice(SEED, "patrol"))
    grids = cast.grids(SHOWN_VILLAGE)[:3]
    if not grids:
        return 0  # a district of one's own
    for number, plan in enumerate(PLANS):
        _tell(plan, grids, cast, now, dice(SEED, "patrol", number))
    _walk(cast, grids[0], now, dice(SEED, "walk"))
    return len(PLANS)


def _tell(plan: Plan, grids: list[str], cast: Cast, now: datetime, chance: random.Random) -> None:
    by = cast.dispatcher(plan.area, chance)
    begun = now - timedelta(days=DAYS)
    asks = versions.in_force(owner_of(plan.item)) if plan.form else None
    first = timezone.localdate(begun)
    form = asks.id if asks is not None else None
    told = Told(plan.item, plan.title, plan.rhythm, plan.times, first, form=form)
    made = planning.make(told, by=by, now=begun)
    for grid in grids:
        names = plan.names if plan.rhythm != Rhythm.MONTH else plan.names[:1]
        spots = [Spot(name, *cast.spot(grid, chance), 60, plan.points) for name in names]
        for place in planning.put(made.pk, spots, by=by, now=begun):
            _visits(place, plan, cast.worker(grid, chance), now, chance)


def _visits(
    place: PatrolPlace, plan: Plan, worker: Actor, now: datetime, chance: random.Random
) -> None:
    """What was due was made more often than not; of today about half so far."""
    calendar, days = calendar_for(place.grid_code), list[date]()
    for back in range(DAYS, -1, -1):
        day = timezone.localdate(now) - timedelta(days=back)
        share = plan.share if back else plan.share // 2
        if not due_on(place.plan.turns, day, days, calendar).due or chance.randrange(100) >= share:
            continue
        at = datetime.combine(day, time(9), CIVIL_TZ) + timedelta(minutes=chance.randrange(400))
        if at > now:
            at = now - timedelta(minutes=chance.randrange(1, 30))
        if timezone.localdate(at) != day:
            continue
        coded = chance.randrange(5) == 0
        off = chance.uniform(-0.0003, 0.0003)
        visiting.check_in(
            place.pk,
            visit=uuid.UUID(int=chance.getrandbits(128)),
            by=worker,
            now=at,
            shown=Shown(place.code if coded else "", place.lon + off, place.lat, 12.0),
            answers=[chance.randrange(20) != 0 for _point in place.points],
            form=place.plan.form_id,
            given=answers_to(plan.item, at, chance) if place.plan.form_id else None,
        )
        days.append(day)


def _walk(cast: Cast, grid: str, now: datetime, chance: random.Random) -> None:
    """The grid's worker is on duty for up to two hours now, and walks from place to place."""
    worker = cast.worker(grid, chance)
    begun = now - timedelta(minutes=100)
    duty.go_on(by=worker, now=begun, at=begun)
    spots = [cast.spot(grid, chance) for _each in range(5)]
    points, n = [], 200
    for step in range(n):
        leg, along = divmod(step * (len(spots) - 1) / n, 1)
        (x, y), (to_x, to_y) = spots[int(leg)], spots[int(leg) + 1]
        points.append(
            Point(
                begun + timedelta(seconds=30 * step),
                x + (to_x - x) * along + chance.uniform(-3e-5, 3e-5),
                y + (to_y - y) * along + chance.uniform(-3e-5, 3e-5),
                chance.choice((5.0, 8.0, 12.0)),
            )
        )
    tracking.store(points, by=worker, now=now)
