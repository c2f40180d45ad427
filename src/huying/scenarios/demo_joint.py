"""The demo's organisations together: what is shared in two communities, and booked. Made up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from huying.branches import together
from huying.branches.models import MemberOrganisation
from huying.joint import booking, resources
from huying.joint.models import JointStep, SharedBooking, SharedResource
from huying.joint.times import Opening
from huying.people.acting import Actor, actor_on
from huying.people.demo import AOYUAN, SHOWN_VILLAGE, SINCE
from huying.people.models import Post, Role
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_joint_work import load_work, unload_work
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
EVERY: Final = (1, 2, 3, 4, 5, 6, 7)
WORKDAYS: Final = (1, 2, 3, 4, 5)
WEEKEND: Final = (6, 7)

NEW: Final = (
    ("奥园物业公司", "property", ("会所多功能厅", "地下车位")),
    ("奥园小学", "school", ("操场", "音乐教室")),
    ("社区卫生服务站", "clinic", ("健康讲座", "量血压")),
)
"""Organisations of 番奥社区; 小龙村's are there with its branches."""

Row = tuple[str, str, str, str, int, int | None, str, str, tuple[Opening, ...]]
_EVENINGS: Final = (Opening(WORKDAYS, 18 * 60, 21 * 60), Opening(WEEKEND, 8 * 60, 21 * 60))
_WEEKENDS: Final = (Opening(WEEKEND, 8 * 60, 18 * 60),)
_OFFICE: Final = (Opening(WORKDAYS, 8 * 60 + 30, 17 * 60 + 30),)
_NIGHTS: Final = (Opening(EVERY, 19 * 60, 7 * 60),)
SHARED: Final[dict[str, tuple[Row, ...]]] = {
    SHOWN_VILLAGE: (
        ("小龙小学", "hall", "会议室", "教学楼一楼东侧", 1, 60, "总务处", "用后关空调、摆好桌椅。",
         _EVENINGS),
        ("小龙小学", "hall", "操场", "校园西侧", 1, 500, "体育组", "不穿钉鞋，不带宠物。",
         _WEEKENDS),
        ("兴业物业公司", "parking", "夜间车位", "兴业大厦地面停车场", 40, None, "停车管理处",
         "早上七点前开走。", _NIGHTS),
        ("兴业物业公司", "equipment", "折叠桌椅", "大厦仓库", 80, None, "工程部",
         "自行搬运，损坏照价。", _OFFICE),
        ("小龙卫生站", "skill", "急救培训讲师", "", 2, None, "公共卫生科", "提前三天约。", _OFFICE),
        ("石碁供电所", "equipment", "应急发电车", "供电所", 1, None, "配电班", "由专人操作。", ()),
    ),
    AOYUAN: (
        ("奥园物业公司", "hall", "会所多功能厅", "会所二楼", 1, 120, "客服中心", "自带垃圾袋。",
         (Opening(EVERY, 9 * 60, 21 * 60),)),
        ("奥园物业公司", "parking", "访客车位", "地下一层", 15, None, "车管处", "凭确认入场。", ()),
        ("奥园小学", "hall", "音乐教室", "艺术楼三楼", 1, 45, "教导处", "乐器不外借。", _EVENINGS),
        ("奥园小学", "hall", "操场", "", 1, 600, "体育组", "", _WEEKENDS),
        ("社区卫生服务站", "skill", "血压义诊", "", 3, None, "护理组", "", _OFFICE),
    ),
}  # fmt: skip

PURPOSES: Final = (
    "支部主题党日", "志愿者培训", "邻里读书会", "议事协商会", "消防演练说明会", "儿童暑期托管",
    "长者生日会", "来访车辆停放", "文艺队排练",
)  # fmt: skip
REFUSALS: Final = ("当天学校考试。", "设备检修，下周可借。")
LEFT: Final = ("桌椅已归位，灯和空调已关。", "场地已打扫，垃圾带走。", "少了一把椅子，已登记补回。")


@dataclass(slots=True)
class Place:
    """One of the two communities, and who acts in it."""

    area: str
    desk: Actor
    members: list[Actor]
    now: datetime
    chance: random.Random


def load_joint(now: datetime) -> int:
    """Makes it all, unless some of the demo's is there; how many bookings. After the branches."""
    if SharedResource.objects.filter(made_by__demo=True).exists():
        return 0
    cast = Cast(SINCE, dice(SEED, "joint"))
    for area in (SHOWN_VILLAGE, AOYUAN):
        members = _members(area)
        if not members:
            continue  # a district of one's own
        chance = dice(SEED, "joint", area)
        place = Place(area, cast.dispatcher(area, chance), members, now, chance)
        _organisations(place)
        _bookings(place, _resources(place))
        load_work(place)
    return SharedBooking.objects.filter(account__demo=True).count()


def _members(area: str) -> list[Actor]:
    posts = Post.objects.filter(role=Role.MEMBER, area_code=area, account__demo=True, ends_on=None)
    posts = posts.select_related("account").order_by("id")
    return [actor_on(post, [post]) for post in posts]


def _organisations(place: Place) -> None:
    here = MemberOrganisation.objects.living().filter(area_code=place.area)
    there = set(here.values_list("name", flat=True))
    then = place.now - timedelta(days=30)
    for name, kind, shares in NEW if place.area == AOYUAN else ():
        if name not in there:
            told = together.OrganisationTold(name, kind, shares)
            together.add(place.area, told, by=place.desk, now=then)


def _resources(place: Place) -> list[SharedResource]:
    here = MemberOrganisation.objects.living().filter(area_code=place.area)
    owners = dict(here.values_list("name", "pk"))
    made = []
    for owner, kind, name, spot, quantity, people, contact, words, openings in SHARED[place.area]:
        if owner not in owners:
            continue
        told = resources.Told(
            owners[owner], kind, name, spot, quantity, people, contact, words, openings
        )
        then = place.now - timedelta(days=28)
        made.append(resources.add(place.area, told, by=place.desk, now=then))
    return made


def _bookings(place: Place, shared: list[SharedResource]) -> None:
    """Of each resource some that are over and some to come, in every state."""
    zone, chance = timezone.get_current_timezone(), place.chance
    for n, resource in enumerate(shared):
        for week in (-2, -1, 0, 0, 1):
            at = place.now + timedelta(weeks=week, days=chance.randrange(1, 6))
            wanted = min(resource.quantity, chance.randrange(1, 6))
            asked_at = at - timedelta(days=6)
            length = timedelta(hours=chance.choice((2, 3)))
            free = booking.free_near(
                resource,
                booking.Span(at.astimezone(zone), at.astimezone(zone) + length),
                wanted,
                asked_at,
            )
            if not free:
                continue
            span = chance.choice(free)
            told = booking.Told(span.begins, span.ends, chance.choice(PURPOSES), wanted)
            by = chance.choice(place.members) if chance.randrange(4) else place.desk
            asked_at = min(asked_at, place.now - timedelta(hours=chance.randrange(1, 40)))
            if span.begins <= asked_at:
                continue
            made = booking.book(resource.pk, told, by=by, now=asked_at)
            _followed(made, place, n + week)


def _followed(made: SharedBooking, place: Place, turn: int) -> None:
    """What became of a booking: most are confirmed and handed back, a few not."""
    now, by, chance = place.now, place.desk, place.chance
    later = min(made.asked_at + timedelta(hours=5), now)
    told: dict[str, Any] = {"by": by, "now": later}
    if made.state == "asked":
        over = made.begins_at <= now
        if turn % 7 == 3:
            booking.decide(made.pk, False, chance.choice(REFUSALS), **told)
            return
        if not over and turn % 3 == 0:
            return  # it waits
        booking.decide(made.pk, True, **told)
    if made.begins_at > now:
        if turn % 6 == 5:
            booking.cancel(made.pk, "活动改期。", **told)
    elif made.ends_at <= now and turn % 5 != 4:
        after = min(made.ends_at + timedelta(minutes=20), now)
        booking.hand_back(made.pk, chance.choice(LEFT), by=by, now=after)


def unload_joint(using: str) -> None:
    """Takes away what the demo's people wrote down and booked, before their organisations go."""
    gone: list[Any] = unload_work(using, _demo(using))
    shared = SharedResource.objects.using(using).filter(
        Q(made_by__demo=True) | Q(organisation__made_by__in=_demo(using))
    )
    hands = Q(resource__in=shared) | Q(account__demo=True) | Q(decided_by__demo=True)
    bookings = SharedBooking.objects.using(using).filter(hands)
    gone += [*shared.values_list("pk", flat=True), *bookings.values_list("pk", flat=True)]
    bookings.delete()
    shared.delete()
    JointStep.objects.using(using).filter(subject_id__in=gone).delete()


def _demo(using: str) -> list[int]:
    from huying.people.models import Account

    return list(Account.objects.using(using).filter(demo=True).values_list("pk", flat=True))
