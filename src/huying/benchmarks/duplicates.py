"""Which reports are one matter: precision and recall on generated reports with a known answer.

Each matter is told by one to three people in other words, some by phone without a pin. Beside it
lie near misses: another item at the same spot, the same item eighty metres on, the same words
another day. The other side is the plain rule (same item, 50 m, 24 h) on the same reports. How
long one look-up takes is measured with 100,000 open cases present.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, pi, radians, sin
from time import perf_counter
from typing import Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_least, digits, figures, percentile
from huying.benchmarks.filling import fill, people
from huying.cli import say

GOAL = at_least(1.0)
FEWEST, MATTERS = 60, 1_000
OPEN = 100_000
LOOK_UPS = 300
SEED = 440113

TROUBLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # item: (what it is about, what is wrong with it), each in words that people use for one thing
    "0211": (
        ("路边垃圾", "一堆生活垃圾", "垃圾袋和纸箱"),
        ("堆了三天没人清，臭味很大", "没有人清运，又臭又招苍蝇", "堆着好几天，气味难闻"),
    ),
    "0212": (
        ("路灯", "两盏路灯", "街灯"),
        ("不亮了，晚上很黑", "坏了，夜里看不见路", "一直不亮，走路害怕"),
    ),
    "0201": (
        ("楼道里的电动车", "电单车", "一楼过道的电瓶车"),
        ("堵住消防通道还拉线充电", "飞线充电，把通道占满了", "违规充电，消防通道走不通"),
    ),
    "0209": (
        ("烧烤档的油烟", "楼下大排档的烟", "夜宵档油烟"),
        ("整晚往楼上飘，窗户不敢开", "呛得睡不着", "直排上来，家里全是味"),
    ),
    "0208": (
        ("下水道", "排水井", "沙井"),
        ("堵塞污水漫到路面", "冒污水，满地都是", "往外溢脏水，过不去人"),
    ),
    "0205": (
        ("外墙瓷砖", "墙面批荡", "旧楼外墙"),
        ("松脱往下掉，很危险", "掉了几块下来，怕砸到人", "开裂要脱落，下面有人走"),
    ),
}
STREETS = ("和兴路", "长堤街", "市莲路", "东秀街", "清河路", "万丰街")
OPENINGS = ("", "您好，", "反映一下，", "我要投诉：", "请尽快处理，", "住户来电：")
ENDINGS = ("。", "，请派人处理。", "，希望尽快解决。", "，麻烦来看看。", "，已经反映过了。")
HELD_OUT_TROUBLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "0203": (
        ("煤气瓶", "液化气罐", "小餐馆的气瓶"),
        ("摆在过道里没人管，怕出事", "违规存放好几个，住户很担心", "放在楼梯口，天气热很吓人"),
    ),
    "0206": (
        ("工地夜里施工", "打桩声", "隔壁楼盘赶工"),
        ("吵到半夜，孩子没法睡", "噪声太大影响休息", "凌晨还在响，老人受不了"),
    ),
    "0212": (
        ("路面", "机动车道", "人行道地砖"),
        ("塌了一块，车子过不去", "有个大坑，昨晚有人摔倒", "下陷得厉害，骑车要绕开"),
    ),
    "0209": (
        ("五金厂", "小作坊", "加工点"),
        ("排出来的废水发黑", "污水直接倒进河涌", "把脏水放到水沟里，颜色不对"),
    ),
    "0213": (
        ("两家住户", "邻居之间", "楼上楼下"),
        ("为漏水吵起来了，要人调解", "闹得很凶，请来劝一劝", "因为渗水的事僵着，谈不拢"),
    ),
}
HELD_OUT_STREETS = ("桥南路", "富华西路", "禺山大道", "环城东路", "大北路", "康乐巷", "平康路")
HELD_OUT_OPENINGS = ("", "喂，", "想问一下，", "麻烦你们管管，", "跟你们说个事，")
HELD_OUT_ENDINGS = ("。", "，能不能尽快来人。", "，拖了很久了。", "，谢谢。", "，等你们答复。")


@dataclass(frozen=True, slots=True)
class Telling:
    """How people tell of matters: their words, and how well they know the place.

    Attributes:
        apart_m: how far from the first report a later one is pinned, at most.
        pinned: the share of later reports that have a pin.
        itemised: the share of reports for which an item was chosen.
        next_m: how far off the next matter of the same item lies.
    """

    troubles: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    streets: tuple[str, ...]
    openings: tuple[str, ...]
    endings: tuple[str, ...]
    apart_m: float
    pinned: float
    itemised: float
    next_m: tuple[float, float]


TUNED = Telling(TROUBLES, STREETS, OPENINGS, ENDINGS, 30, 0.8, 0.7, (75, 90))
"""What the thresholds were chosen on."""
HELD_OUT = Telling(
    HELD_OUT_TROUBLES,
    HELD_OUT_STREETS,
    HELD_OUT_OPENINGS,
    HELD_OUT_ENDINGS,
    45,
    0.65,
    0.5,
    (60, 120),
)
"""What nobody looked at while choosing them: other matters, words and streets, poorer pins."""
HELD_OUT_SEED = 20260711


@dataclass(frozen=True, slots=True)
class Report:
    """A generated report and the matter that it is of."""

    matter: int
    text: str
    lon: float | None
    lat: float | None
    area: str
    item: str
    at: datetime


def say_it(dice: random.Random, telling: Telling, item: str, place: str) -> str:
    """A matter in somebody's words."""
    things, wrongs = telling.troubles[item]
    where = dice.choice((place, f"{place}门口", f"{place}旁边", ""))
    return (
        dice.choice(telling.openings)
        + where
        + dice.choice(things)
        + dice.choice(wrongs)
        + dice.choice(telling.endings)
    )


def moved(lon: float, lat: float, metres: float, dice: random.Random) -> tuple[float, float]:
    """A point that many metres off, in any direction."""
    turn = dice.uniform(0, 2 * pi)
    north, east = metres * cos(turn), metres * sin(turn)
    return lon + east / 111_320 / cos(radians(lat)), lat + north / 111_320


def generate(
    matters: int,
    spots: list[tuple[float, float, str]],
    start: datetime,
    seed: int = SEED,
    telling: Telling = TUNED,
) -> list[Report]:
    """Reports in the order of their time. The same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - the same reports at every run
    made: list[Report] = []
    number = 0

    def add(text: str, spot: Any, area: str, item: str, at: datetime) -> None:
        lon, lat = spot if spot is not None else (None, None)
        chosen = item if dice.random() < telling.itemised else ""
        made.append(Report(number, text, lon, lat, area, chosen, at))

    for _each in range(matters):
        number += 1
        lon, lat, area = dice.choice(spots)
        lon, lat = moved(lon, lat, dice.uniform(0, 120), dice)
        street = dice.choice(telling.streets)
        door = dice.randrange(1, 200)
        item = dice.choice(tuple(telling.troubles))
        at = start + timedelta(minutes=dice.uniform(0, 60 * 24 * 20))
        place = f"{street}{door}号"
        first = say_it(dice, telling, item, place)
        add(first, moved(lon, lat, dice.uniform(0, 10), dice), area, item, at)
        for _again in range(dice.choice((0, 0, 1, 1, 2))):
            later = at + timedelta(hours=dice.uniform(0.1, 20))
            pinned = dice.random() < telling.pinned
            spot = moved(lon, lat, dice.uniform(0, telling.apart_m), dice) if pinned else None
            text = say_it(dice, telling, item, place)
            add(text, spot, area if pinned else area[:12], item, later)
        # Near misses, each a matter of its own.
        number += 1
        other = dice.choice([each for each in telling.troubles if each != item])
        add(
            say_it(dice, telling, other, place),
            moved(lon, lat, dice.uniform(0, 20), dice),
            area,
            other,
            at + timedelta(hours=dice.uniform(0.1, 20)),
        )
        number += 1
        add(
            say_it(dice, telling, item, f"{street}{door + dice.choice((8, 10, 12))}号"),
            moved(lon, lat, dice.uniform(*telling.next_m), dice),
            area,
            item,
            at + timedelta(hours=dice.uniform(0.1, 20)),
        )
        number += 1
        add(
            first,
            moved(lon, lat, dice.uniform(0, 10), dice),
            area,
            item,
            at + timedelta(hours=dice.uniform(26, 90)),
        )
    return sorted(made, key=lambda each: each.at)


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case

    people(bed)
    bed.copy("duplicates")
    bed.enter("duplicates")
    matters = max(FEWEST, min(MATTERS, options.rows // 100))
    cases = enter(generate(matters, _spots(), datetime(2024, 3, 1, tzinfo=UTC)))
    ours = rates(cases, plain=False)
    plain = rates(cases, plain=True)
    say(f"duplicates: precision {ours[0]:.3f}, recall {ours[1]:.3f} of {len(cases)} reports")
    # A month later: none of the reports before is within the hours of one of these.
    later = generate(matters, _spots(), datetime(2024, 6, 1, tzinfo=UTC), HELD_OUT_SEED, HELD_OUT)
    others = enter(later)
    held_out, held_out_plain = rates(others, plain=False), rates(others, plain=True)
    say(f"held out: precision {held_out[0]:.3f}, recall {held_out[1]:.3f} of {len(others)} reports")
    fill(bed, min(options.rows, OPEN), open_per_mille=1000)
    took = look_ups(min(LOOK_UPS, len(cases)))
    rows = Case.objects.open().count()
    bed.drop("duplicates")
    return figures(
        "duplicates",
        "F1",
        [ours[2]],
        [plain[2]],
        GOAL,
        n=len(cases),
        precision=ours[0],
        recall=ours[1],
        plain_precision=plain[0],
        plain_recall=plain[1],
        rows=rows,
    ) | {
        "held_out_n": len(others),
        "held_out_precision": digits(held_out[0]),
        "held_out_recall": digits(held_out[1]),
        "held_out_plain_precision": digits(held_out_plain[0]),
        "held_out_plain_recall": digits(held_out_plain[1]),
        "lookup_p50_ms": digits(percentile(sorted(took), 0.5)),
        "lookup_p95_ms": digits(percentile(sorted(took), 0.95)),
    }


def _spots() -> list[tuple[float, float, str]]:
    """A point in each grid."""
    import shapely

    from huying.places.locating import index

    grids = index()
    points = shapely.get_coordinates(shapely.point_on_surface(grids.outlines))
    return [
        (float(lon), float(lat), code) for (lon, lat), code in zip(points, grids.codes, strict=True)
    ]


def enter(reports: list[Report]) -> list[tuple[Any, Report]]:
    """The reports as cases, by the one door."""
    from huying.cases.models import Case, Channel
    from huying.errors import HuyingError
    from huying.intake.reporting import Told, take_many
    from huying.people.acting import SYSTEM

    found: list[tuple[Any, Report]] = []
    for each in reports:
        told = Told(
            Channel.API,
            each.text,
            lon=each.lon,
            lat=each.lat,
            area="" if each.lon is not None else each.area,
            item=each.item,
            alarms=False,
        )
        (made,) = take_many([(told, None)], by=SYSTEM, now=each.at)
        if isinstance(made, HuyingError):
            continue  # moved over the district's border
        found.append((Case.objects.get(pk=made.id), each))
    return found


def rates(cases: list[tuple[Any, Report]], *, plain: bool) -> tuple[float, float, float]:
    """Precision, recall and F1 of the pairs that are found, against the pairs that are one."""
    from huying.dispatch.duplicates import Limits, candidates, choose, descriptions, told_of

    limits = Limits()
    matter = {case.pk: each.matter for case, each in cases}
    found: set[frozenset[Any]] = set()
    for case, each in cases:
        told = told_of(case, each.text)
        rows = candidates(told, limits)
        texts = {} if plain else descriptions(row.pk for row in rows)
        others = [told_of(row, texts.get(row.pk, "")) for row in rows]
        for one in choose(told, others, limits):
            if plain and not (one.same_item and one.metres is not None and one.metres <= 50):
                continue
            found.add(frozenset((case.pk, one.case_id)))
    members: dict[int, list[Any]] = {}
    for pk, number in matter.items():
        members.setdefault(number, []).append(pk)
    true = {
        frozenset((a, b))
        for each in members.values()
        for a in each
        for b in each
        if str(a) < str(b)
    }
    right = len(found & true)
    precision, recall = right / max(1, len(found)), right / max(1, len(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def look_ups(many: int) -> list[float]:
    """Milliseconds of looking up what may be the same as an open case, each another one."""
    from huying.cases.models import Case
    from huying.dispatch.duplicates import likely_of, repeats_of

    dice = random.Random(SEED)  # noqa: S311 - the same cases at every run
    numbers = list(Case.objects.open().order_by("number").values_list("pk", flat=True))
    took = []
    for pk in dice.sample(numbers, many):
        case = Case.objects.get(pk=pk)
        started = perf_counter()
        likely_of(case)
        repeats_of(case)
        took.append((perf_counter() - started) * 1000)
    return took
