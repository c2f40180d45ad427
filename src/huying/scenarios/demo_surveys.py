"""The demo's registers and a survey under way: entries of a village, some looked at. Made up."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huying.cases.models import Attachment
from huying.clock.calendar import CIVIL_TZ
from huying.forms import versions
from huying.forms.definition import Kind
from huying.forms.versions import Form
from huying.people.acting import Actor
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE, SINCE
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_pictures import VARIANTS, Pictures
from huying.scenarios.demo_questions import answered
from huying.scenarios.demo_words import dice
from huying.surveys import collecting, designing, looking, targeting
from huying.surveys.collecting import Spot
from huying.surveys.designing import Told
from huying.surveys.loading import register_id
from huying.surveys.models import Survey, SurveyEntry, SurveyTarget

SEED: Final = "huying"
ENTERED: Final = {
    "drainage": (
        "阿婆濑粉店", "村口大排档", "小龙洗车行", "康乐卫生站", "顺发木器加工场", "兴业公寓",
        "龙腾电动车行", "小龙菜市场", "祠堂东街发廊", "宗祠工地", "小龙五金店",
    ),
    "pollution": (
        "顺发木器加工场", "兴业喷涂作坊", "村口废品站", "小龙印刷部", "东街铝窗店", "河边养鸭场",
        "村口大排档", "宗祠工地堆场",
    ),
    "sheds": (
        "村口鱼塘边", "河涌水闸旁", "旧砖厂后面", "兴业大道高压线下", "西边菜地", "香蕉林路口",
        "村尾桥底", "养鸭场旁", "东边菜地", "砂石堆场边",
    ),
}  # fmt: skip
"""What each register holds, by its name or, of sheds, its place."""
TITLE: Final = "“三合一”场所消防隐患专项排查"
WHY: Final = (
    "逐家走访沿街店铺和作坊：有没有住人、通道是否畅通、电动车是否入户充电；发现险情先劝离再上报。"
)
ASKS: Final = [
    {"id": "lived_in", "kind": "yes_no", "label": "店内或阁楼是否住人", "required": True},
    {"id": "people", "kind": "number", "label": "住了几人", "unit": "人", "min": 1, "max": 60,
     "whole": True, "required": True, "when": "lived_in = yes"},
    {"id": "exit", "kind": "one_of", "label": "疏散通道", "required": True, "choices": [
        {"value": "clear", "label": "畅通"}, {"value": "narrow", "label": "被占用"},
        {"value": "none", "label": "只有一个出口"}]},
    {"id": "barred", "kind": "yes_no", "label": "窗户是否装了不能打开的防盗网"},
    {"id": "charging", "kind": "yes_no", "label": "是否室内给电动车充电", "required": True},
    {"id": "extinguishers", "kind": "number", "label": "灭火器", "unit": "个", "min": 0, "max": 99,
     "whole": True, "required": True},
    {"id": "shot", "kind": "photo", "label": "店面和通道照片", "required": True},
    {"id": "told", "kind": "yes_no", "label": "已当面劝导并签承诺书",
     "when": "lived_in = yes or charging = yes or exit in (\"narrow\", \"none\")"},
    {"id": "who", "kind": "section", "label": "负责人"},
    {"id": "contact", "kind": "text", "label": "负责人姓名", "sensitive": True},
    {"id": "phone", "kind": "phone", "label": "负责人电话"},
]  # fmt: skip
SENT_BACK: Final = "照片看不到疏散通道，请补拍。"


def load_surveys(now: datetime) -> int:
    """Enters things in the three registers and makes the survey, unless it is there; how many."""
    cast = Cast(SINCE, dice(SEED, "surveys"))
    grids = cast.grids(SHOWN_VILLAGE)[:3]
    if not grids or Survey.objects.filter(title=TITLE).exists():
        return 0  # a district of one's own, or it is there
    pictures, made = Pictures(), 0
    with transaction.atomic():
        for key, names in ENTERED.items():
            register = Survey.objects.filter(pk=register_id(SHOWN_TOWN[:6], key)).first()
            if register is not None:
                chance = dice(SEED, "surveys", key)
                made += _fill(register, key == "sheds", names, grids, cast, pictures, now, chance)
        made += _survey(cast, pictures, grids, now, dice(SEED, "survey"))
    return made


def _fill(
    register: Survey,
    of_places: bool,
    names: Sequence[str],
    grids: Sequence[str],
    cast: Cast,
    pictures: Pictures,
    now: datetime,
    chance: random.Random,
) -> int:
    form = versions.in_force(register.owner)
    if form is None:
        return 0
    entries = []
    for number, name in enumerate(names):
        grid = grids[number % len(grids)]
        place = name if of_places else ""
        spot = Spot(*cast.spot(grid, chance), place)
        known = {"area": chance.choice((12, 18, 24, 40, 65))} if of_places else {"name": name}
        then = _by_day(now - timedelta(days=chance.randrange(1, 60)), now, chance)
        worker = cast.worker(grid, chance)
        entries.append(_enter(register, form, spot, worker, then, known, pictures, chance))
    _look(entries, cast, now, chance, back=None)
    return len(entries)


def _enter(
    survey: Survey,
    form: Form,
    spot: Spot,
    worker: Actor,
    then: datetime,
    known: dict[str, Any],
    pictures: Pictures,
    chance: random.Random,
    target: uuid.UUID | None = None,
) -> SurveyEntry:
    given = answered(form, then, chance, known)
    for question in form.definition.asks:
        if question.kind == Kind.PHOTO:
            shot = pictures.stage(Attachment.Kind.OTHER, worker, then, chance.randrange(VARIANTS))
            given[question.id] = [str(shot.pk)]
    return collecting.collect(
        survey.pk,
        entry=uuid.UUID(int=chance.getrandbits(128)),
        answers=uuid.UUID(int=chance.getrandbits(128)),
        by=worker,
        now=then,
        given=given,
        target=target,
        spot=spot,
        at=then,
    )


def _by_day(then: datetime, now: datetime, chance: random.Random) -> datetime:
    by_day = then.astimezone(CIVIL_TZ).replace(hour=9 + chance.randrange(8))
    return by_day if by_day < now else now - timedelta(minutes=chance.randrange(5, 50))


def _survey(
    cast: Cast, pictures: Pictures, grids: Sequence[str], now: datetime, chance: random.Random
) -> int:
    """The town's: most shops were visited, one cannot be, one entry came back."""
    by, begun = cast.dispatcher(SHOWN_TOWN, chance), now - timedelta(days=5)
    told = Told("survey", TITLE, WHY, now + timedelta(days=3), 40, 180, [SHOWN_VILLAGE])
    survey = designing.make(told, by=by, now=begun)
    designing.write_questions(survey.pk, {"questions": ASKS}, by=by, now=begun, seen=None)
    if not targeting.take(survey.pk, "units", by=by, now=begun):
        lines = [f"{name},{lon},{lat}" for name, (lon, lat) in _spots(cast, grids, chance)]
        targeting.add_lines(survey.pk, "\n".join(lines), by=by, now=begun)
    designing.open_(survey.pk, by=by, now=begun)
    form = versions.in_force(survey.owner)
    assert form is not None
    entries: list[SurveyEntry] = []
    met: Counter[str] = Counter()
    for target in survey.targets.order_by("area_code", "name"):
        # Of each grid somebody is left, and of the first, whose account is printed, two.
        met[target.area_code] += 1
        left = 2 if target.area_code == grids[0] else 1
        if len(target.area_code) < 15 or met[target.area_code] <= left:
            continue
        worker = cast.worker(target.area_code, chance)
        then = _by_day(begun + timedelta(hours=chance.randrange(4, 110)), now, chance)
        if len(entries) == 2 and not survey.targets.exclude(obstacle="").exists():
            nobody = SurveyTarget.Obstacle.NOBODY
            collecting.hinder(target.pk, by=worker, now=then, why=nobody)
            continue
        entries.append(_enter(survey, form, Spot(), worker, then, {}, pictures, chance, target.pk))
    _look(entries, cast, now, chance, back=grids[0])
    return len(entries)


def _spots(
    cast: Cast, grids: Sequence[str], chance: random.Random
) -> list[tuple[str, tuple[float, float]]]:
    return [
        (name, cast.spot(grids[number % len(grids)], chance))
        for number, name in enumerate(ENTERED["drainage"])
    ]


def _look(
    entries: Sequence[SurveyEntry],
    cast: Cast,
    now: datetime,
    chance: random.Random,
    *,
    back: str | None,
) -> None:
    """The village's desk looked at some; in one grid one was not good enough."""
    desk = cast.dispatcher(SHOWN_VILLAGE, chance)
    for number, entry in enumerate(entries):
        at = entry.told_at + (now - entry.told_at) * chance.uniform(0.1, 0.6)
        if back is not None and entry.area_code == back:
            looking.send_back(entry.pk, by=desk, now=at, reason=SENT_BACK)
            back = None
        elif number % 4 == 1:
            looking.let_pass(entry.pk, by=desk, now=at)
