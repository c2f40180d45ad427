"""The demo's service platforms: points with appointments, and what can be done online. Made up."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from huying.neighbours.models import NeighbourStep
from huying.people.acting import RESIDENT, Actor
from huying.people.demo import AOYUAN, SHOWN_VILLAGE, SINCE
from huying.people.names import generated_name
from huying.platforms import activities, appointing, canteen, free, joining, online, points
from huying.platforms.codes import BOOKABLE
from huying.platforms.hours import moment
from huying.platforms.models import (
    ActivitySignUp,
    Appointment,
    Booking,
    CanteenDay,
    ClosedDay,
    GuideKind,
    MealOrder,
    OnlineGuide,
    PlatformActivity,
    PointKind,
    ServiceMatter,
    ServicePoint,
    SignUpState,
    Way,
)
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
MATTERS: Final = (
    ("老年人优待证", "身份证原件、一寸彩照一张", 15, Booking.POSSIBLE),
    ("居住登记", "身份证、租赁合同或房产证明", 20, Booking.POSSIBLE),
    ("城乡居民医保参保", "户口簿、身份证、银行卡", 20, Booking.POSSIBLE),
    ("残疾人两项补贴", "残疾证、身份证、银行卡", 30, Booking.NEEDED),
    ("开具居住证明", "身份证", 10, Booking.NONE),
    ("盖章、复印", "所需材料原件", 5, Booking.NONE),
)
GUIDES: Final = (
    (GuideKind.REPORT, "随手拍，有事就报", "路灯不亮、垃圾没清、井盖松动，拍照上报。", ""),
    (GuideKind.FOLLOW, "查我的上报进度", "凭上报时的码查看。", ""),
    (GuideKind.LINK, "广东政务服务网", "网上申办、查询进度。", "https://www.gdzwfw.gov.cn/"),
    (GuideKind.LINK, "国家医保服务平台", "查参保、办异地就医备案。", "https://fuwu.nhsa.gov.cn/"),
    (GuideKind.SUGGEST, "给社区提建议", "凭码看社区怎么答复。", ""),
)
ACTIVITIES: Final = (
    ("八段锦晨练", "老师带练，动作可简可繁。", "文化广场", -6, 7, 40),
    ("长者智能手机班", "教挂号、视频通话、防诈骗。", "图书阅览室", -2, 15, 16),
    ("社区粤曲晚会", "街坊曲艺社演出，长者优先入座。", "文化楼礼堂", 3, 19, 10),
    ("亲子阅读会", "带一本旧书来交换。", "图书阅览室", 6, 10, 24),
    ("露天电影", "自带小凳。", "篮球场", 8, 19, 80),
)
MENUS: Final = (
    "白切鸡、炒菜心、老火汤", "清蒸鲩鱼、蒸水蛋、冬瓜汤", "豉汁排骨、炒生菜、番茄蛋汤",
    "梅菜蒸肉饼、炒西兰花、紫菜汤", "香菇滑鸡、上汤苋菜、例汤",
)  # fmt: skip
EARLY: Final = time(7)
WEEK: Final = ("08:30-12:00 14:00-17:30",) * 5 + ("09:00-12:00", "")


def load_platforms(now: datetime) -> int:
    """Makes it all, unless some of the demo's is there; how many appointments."""
    if ServicePoint.objects.filter(made_by__demo=True).exists():
        return 0
    cast, made = Cast(SINCE, dice(SEED, "platforms")), 0
    for area, spot in ((SHOWN_VILLAGE, "村委会一楼大厅"), (AOYUAN, "居委会一楼大厅")):
        if not cast.branches_at(area):
            continue  # a district of one's own
        chance = dice(SEED, "platforms", area)
        desk = cast.dispatcher(area, chance)
        made += _points(area, spot, desk, now, chance)
        _guides(area, desk, now)
        made += _activities(area, desk, now, chance)
        made += _meals(area, desk, now, chance)
    return made


def _points(area: str, spot: str, desk: Actor, now: datetime, chance: random.Random) -> int:
    setting = now - timedelta(days=12)
    told = points.Told(
        "党群服务中心", spot, phone="020-84000110", words="设长者优先窗口；行动不便可来电约上门。",
        week=WEEK, seats=2, order=1,
    )  # fmt: skip
    where = points.make(area, told, by=desk, now=setting)
    for order, (name, bring, minutes, booking) in enumerate(MATTERS):
        matter = points.MatterTold(name, bring, minutes, booking, order)
        points.put_matter(where.pk, matter, by=desk, now=setting)
    hall = points.Told(
        "图书阅览室", "文化楼二楼", words="凭身份证办借阅卡。", week=("14:00-21:00",) * 7,
        keeps_calendar=False, order=2,
    )  # fmt: skip
    points.make(area, hall, by=desk, now=setting)
    bookable = list(where.matters.exclude(booking=Booking.NONE))
    made, today = 0, timezone.localdate(now)
    for ahead in range(-7, 6):
        day = today + timedelta(days=ahead)
        asked = moment(day, EARLY) - timedelta(days=1)
        slots = free.day(where, day, asked).slots
        for slot in chance.sample(slots, min(len(slots), chance.randint(2, 6))):
            wanted = appointing.Wanted(
                day, slot.wall, chance.choice(bookable).pk,
                phone=f"1390000{chance.randint(1000, 9999)}" if chance.random() < 0.6 else "",
                form=f"demo/{area}/{made}",
            )  # fmt: skip
            row, _code = appointing.book(where.pk, wanted, by=RESIDENT, now=min(asked, now))
            made += 1
            if row.ends_at <= now:
                appointing.tell(row.pk, chance.random() < 0.85, by=desk, now=row.ends_at)
            elif chance.random() < 0.15:
                appointing.cancel(row.pk, by=RESIDENT, now=now)
    closed = _workday(where, today + timedelta(days=6), now)
    points.close_day(where.pk, closed, "大厅电路检修，暂停一天", by=desk, now=now)
    return made


def _workday(where: ServicePoint, day: date, now: datetime) -> date:
    """The first day from this one on which the point is open."""
    while not free.day(where, day, now).slots and free.within(where, day, now):
        day += timedelta(days=1)
    return day


def _guides(area: str, desk: Actor, now: datetime) -> None:
    for kind, title, words, link in GUIDES:
        online.put(area, online.Told(title, kind, words, link), by=desk, now=now)


def _activities(area: str, desk: Actor, now: datetime, chance: random.Random) -> int:
    """Some past ones with who came, some to come, one of them full; how many sign-ups."""
    made, today = 0, timezone.localdate(now)
    for place, (title, words, spot, ahead, hour, capacity) in enumerate(ACTIVITIES):
        begins = moment(today + timedelta(days=ahead), time(hour))
        planned = min(begins - timedelta(days=9), now - timedelta(days=1))
        told = activities.Told(
            title, spot, begins, begins + timedelta(hours=2), capacity, None, words
        )
        what = activities.plan(area, told, by=desk, now=planned)
        # The smallest is full, and some wait.
        for n in range(12 if capacity < 12 else chance.randint(5, 9)):
            phone = f"1390001{chance.randint(1000, 9999)}" if chance.random() < 0.6 else ""
            people, form = chance.choice((1, 1, 2, 2, 3)), f"demo/{area}/{place}/{n}"
            wanted = joining.Wanted(people, phone, form)
            joining.sign_up(what.pk, wanted, by=RESIDENT, now=planned + timedelta(hours=n + 1))
            made += 1
        if begins + timedelta(hours=2) < now:
            rows = what.sign_ups.filter(state=SignUpState.IN)
            came = {each.pk: each.people if chance.random() < 0.8 else 0 for each in rows}
            later = begins + timedelta(hours=2)
            activities.attend(what.pk, came, chance.randint(0, 12), by=desk, now=later)
        elif place == len(ACTIVITIES) - 1:
            activities.call_off(what.pk, "场地临时征用，改期另行通知", by=desk, now=now)
    return made


def _meals(area: str, desk: Actor, now: datetime, chance: random.Random) -> int:
    """A canteen's weekdays of this week and the next; how many orders."""
    setting, made, today = now - timedelta(days=12), 0, timezone.localdate(now)
    told = points.Told(
        "长者饭堂", "文化楼一楼", kind=PointKind.CANTEEN, phone="020-84000120",
        words="六十岁以上街坊凭长者卡优惠；行动不便可送餐。", week=("10:30-13:00",) * 5 + ("", ""),
    )  # fmt: skip
    where = points.make(area, told, by=desk, now=setting)
    monday = canteen.monday_of(today)
    for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11):
        day = monday + timedelta(days=n)
        early = min(moment(day, EARLY) - timedelta(days=2), now)
        menu = canteen.Told(MENUS[n % len(MENUS)], 60)
        meals = canteen.put_day(where.pk, day, menu, by=desk, now=early)
        if (day - today).days > 3:
            continue
        for order in range(chance.randint(6, 12)):
            way = chance.choice((Way.EAT_IN, Way.EAT_IN, Way.PICK_UP, Way.DELIVER))
            brought = way == Way.DELIVER
            canteen.order(
                meals.pk,
                canteen.Wanted(
                    chance.choice((1, 1, 1, 2)), way,
                    generated_name(70_000 + made) if brought or chance.random() < 0.4 else "",
                    f"1390002{chance.randint(1000, 9999)}" if brought else "",
                    f"{chance.randint(1, 9)}栋{chance.randint(2, 9)}0{chance.randint(1, 4)}"
                    if brought else "",
                    f"demo/{area}/meal/{n}/{order}",
                ),
                by=RESIDENT, now=early,
            )  # fmt: skip
            made += 1
        noon = moment(day, time(13))
        if noon < now:
            for each in meals.orders.all():
                canteen.hand_over([each.pk], chance.random() < 0.93, by=desk, now=noon)
    return made


def unload_platforms(using: str) -> None:
    """Takes away what the demo's people set up, with all that was booked there."""
    where = ServicePoint.objects.using(using).filter(made_by__demo=True)
    guides = OnlineGuide.objects.using(using).filter(made_by__demo=True)
    booked = Appointment.objects.using(using).filter(point__in=where)
    there = Q(point__in=where)
    planned = PlatformActivity.objects.using(using).filter(made_by__demo=True)
    rows: tuple[Any, ...] = (
        booked,
        MealOrder.objects.using(using).filter(
            Q(canteen__point__in=where) | Q(canteen__made_by__demo=True)
        ),
        CanteenDay.objects.using(using).filter(Q(point__in=where) | Q(made_by__demo=True)),
        ServiceMatter.objects.using(using).filter(there),
        ClosedDay.objects.using(using).filter(there),
        where,
        guides,
        ActivitySignUp.objects.using(using).filter(activity__in=planned),
        planned,
    )
    gone: list[UUID] = [pk for some in rows for pk in some.values_list("pk", flat=True)]
    for some in rows:
        some.delete()
    for model in BOOKABLE:
        model.objects.using(using).filter(account__demo=True).update(account=None)
    NeighbourStep.objects.using(using).filter(subject_id__in=gone).delete()
