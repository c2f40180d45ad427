"""The demo's tasks from above: one that is late, one under way, one that is over. All made up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huying.cases.models import Attachment, Case, Channel
from huying.clock.calendar import CIVIL_TZ
from huying.people.acting import Actor
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE, SINCE
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_pictures import VARIANTS, Pictures
from huying.scenarios.demo_words import dice
from huying.tasks import checking, climbing, doing, issuing
from huying.tasks.asking import Asked
from huying.tasks.models import GridTask, State, Task

SEED: Final = "huying"


@dataclass(frozen=True, slots=True)
class Plan:
    """One task to be told, and how far it is.

    Attributes:
        days: how long ago it was issued, and when it is due after that.
        done: how many in a hundred grids have done it.
        passed: how many in a hundred of those were looked at.
        shown: whether the grid whose account is printed has done it, too.
    """

    item: str
    title: str
    words: str
    area: str
    days: tuple[float, float]
    done: int
    passed: int
    questions: tuple[Asked, ...]
    said: tuple[str, ...]
    shown: bool = False


PLANS: Final = (
    Plan(
        item="0301",
        title="城乡居民医保集中缴费入户宣传",
        words="逐户派发宣传单，讲清缴费时间和方式，对老人手把手演示手机缴费。",
        area=SHOWN_VILLAGE,
        days=(20, 8),
        done=100,
        passed=60,
        questions=(Asked("走访了几户？", "number"), Asked("有几户还没有缴费？", "number")),
        said=("逐户走访，宣传单已派完。", "重点走访老人家庭，帮三位老人完成缴费。"),
        shown=True,
    ),
    Plan(
        item="0302",
        title="电动车入户充电专项宣传",
        words="沿街商铺和出租屋逐户上门，讲清入户充电的危险，签承诺书；发现飞线充电的当场劝导，不改的上报。",
        area=SHOWN_TOWN,
        days=(5, 4),
        done=86,
        passed=20,
        questions=(
            Asked("走访了几户？", "number"),
            Asked("签承诺书了吗？", "yes_no"),
            Asked("飞线充电情况", "one_of", "没有、个别、较多"),
        ),
        said=("逐户上门，承诺书已签。", "走访沿街商铺，劝导两处飞线充电。", "出租屋全部走完。"),
    ),
    Plan(
        item="0404",
        title="登革热防控：清积水灭蚊",
        words="翻盆倒罐，重点是空地、工地和房前屋后的积水容器；每处拍清理后的照片。",
        area=SHOWN_TOWN,
        days=(1, 4),
        done=30,
        passed=0,
        questions=(Asked("清理了几处积水？", "number"),),
        said=("清理积水容器若干处。", "空地旧轮胎已清走。"),
    ),
)
GIVEN_BACK: Final = "本格已整体拆迁，没有住户。"
ASKED_AGAIN: Final = "照片看不清门牌，请重拍。"


def load_tasks(now: datetime) -> int:
    """Makes the tasks, unless some of the demo's are there; how many. People must be there."""
    if Task.objects.filter(issued_by__demo=True).exists():
        return 0
    cast, pictures = Cast(SINCE, dice(SEED, "tasks")), Pictures()
    if not cast.grids(SHOWN_VILLAGE):
        return 0  # a district of one's own
    for number, plan in enumerate(PLANS):
        with transaction.atomic():
            _tell(plan, cast, pictures, now, dice(SEED, "task", number))
    return len(PLANS)


def _tell(plan: Plan, cast: Cast, pictures: Pictures, now: datetime, chance: random.Random) -> None:
    begun = now - timedelta(days=plan.days[0])
    task = issuing.issue(
        by=cast.dispatcher(SHOWN_TOWN, chance),
        now=begun,
        item=plan.item,
        title=plan.title,
        words=plan.words,
        areas=[plan.area],
        due_at=begun + timedelta(days=plan.days[1]),
        questions=plan.questions,
    )
    shown = cast.grids(SHOWN_VILLAGE)[0]
    parts = list(task.parts.order_by("grid_code"))
    for place, part in enumerate(parts):
        mine = part.grid_code == shown
        if plan.shown if mine else chance.randrange(100) < plan.done:
            _do(plan, part, cast, pictures, now, chance)
        elif not mine and place % 31 == 7:
            worker = cast.worker(part.grid_code, chance)
            doing.give_back(
                part.pk, by=worker, now=_some_time(part, now, chance), reason=GIVEN_BACK
            )
    _look_at(plan, task, cast, now, chance)
    climbing.climb(task.pk, now=now)


def _do(
    plan: Plan,
    part: GridTask,
    cast: Cast,
    pictures: Pictures,
    now: datetime,
    chance: random.Random,
) -> None:
    worker, at = cast.worker(part.grid_code, chance), _some_time(part, now, chance)
    photo = pictures.stage(Attachment.Kind.PHOTO_AFTER, worker, at, chance.randrange(VARIANTS))
    lon, lat = cast.spot(part.grid_code, chance)
    doing.complete(
        part.pk,
        by=worker,
        now=at,
        words=chance.choice(plan.said),
        answers=_answers(plan.questions, chance),
        photos=[photo.pk],
        lon=lon,
        lat=lat,
        accuracy_m=float(chance.randint(4, 25)),
    )
    _found(part, worker, at)


def _some_time(part: GridTask, now: datetime, chance: random.Random) -> datetime:
    """A moment by day between issue and deadline that is not ahead of us."""
    until = min(part.due_at, now)
    at = part.issued_at + (until - part.issued_at) * chance.uniform(0.1, 0.98)
    local = at.astimezone(CIVIL_TZ)
    by_day = local.replace(hour=8 + local.hour * 10 // 24)
    return by_day if part.issued_at < by_day < until else at


def _answers(questions: Sequence[Asked], chance: random.Random) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for number, asked in enumerate(questions, start=1):
        match asked.kind:
            case "number":
                given[f"q{number}"] = chance.randint(3, 40)
            case "yes_no":
                given[f"q{number}"] = chance.random() < 0.9
            case "one_of":
                given[f"q{number}"] = chance.choice(asked.choices.split("、"))
    return given


def _found(part: GridTask, worker: Actor, at: datetime) -> None:
    """The worker's own report of that time, if there is one, was made on this round."""
    reports = Case.objects.filter(
        reporter=worker.account_id,
        channel=Channel.PATROL,
        grid_code=part.grid_code,
        received_at__range=(part.issued_at, at),
        found_by_task=None,
    )
    case = reports.first()
    if case is not None:
        doing.found(part.pk, by=worker, now=at, number=case.number)


def _look_at(plan: Plan, task: Task, cast: Cast, now: datetime, chance: random.Random) -> None:
    """The communities' desks look at some; one is not good enough."""
    asked = False
    for part in task.parts.filter(state=State.DONE).order_by("grid_code"):
        if chance.randrange(100) >= plan.passed:
            continue
        assert part.done_at is not None
        desk = cast.dispatcher(part.grid_code[:12], chance)
        at = part.done_at + (now - part.done_at) * chance.uniform(0.1, 0.6)
        if not asked and not plan.shown:
            checking.ask_again(part.pk, by=desk, now=at, reason=ASKED_AGAIN)
            asked = True
        else:
            checking.let_pass(part.pk, by=desk, now=at)
