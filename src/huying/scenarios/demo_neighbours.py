"""The demo's neighbours: six teams, groups, wishes in every state, suggestions. All made up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from huying.cases.models import Attachment
from huying.neighbours import (
    circles,
    claiming,
    hours,
    meeting,
    photos,
    rating,
    suggesting,
    wishing,
)
from huying.neighbours.models import (
    Circle,
    CircleActivity,
    CircleAttendance,
    HoursCertificate,
    Joining,
    NeighbourPhoto,
    NeighbourStep,
    Suggestion,
    SuggestionTopic,
    Wish,
    WishClaim,
)
from huying.neighbours.models.circles import AttendanceState, Tie
from huying.people.acting import RESIDENT, Actor, actor_on
from huying.people.demo import AOYUAN, SHOWN_VILLAGE, SINCE, USERNAMES
from huying.people.models import Account, Post, Role, TeamSort, Unit, UnitKind
from huying.people.names import generated_name
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_pictures import VARIANTS, Pictures
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
MEMBERS: Final = 9
"""Members and volunteers of each community, beside those that are there already."""

SUGGESTIONS: Final = {SHOWN_VILLAGE: 14, AOYUAN: 40}
STORY_FORMS: Final = ("aoyuan/wish", *(f"aoyuan/{n}" for n in range(800)))
"""By which the suggestions of the story of that name are known."""

FIRST_NAME: Final = 61_000
"""Where the numbers of their names begin, so that they are unlike the grid workers'."""

TEAMS: Final = (
    ("微笑服务队", "在居委大厅引导、代填表格。"),
    ("治安巡逻队", "每周三、周六晚巡逻。"),
    ("关爱长者队", "上门探望独居老人。"),
    ("文艺队", "排练和社区演出。"),
    ("文明宣教队", "讲垃圾分类和文明养犬。"),
    ("关爱青少年队", "周末作业辅导和假期托管。"),
)
GROUPS: Final = (
    (Tie.ASPIRATION, "志愿读书会"), (Tie.INTEREST, "象棋小组"), (Tie.TRADE, "小店主联谊组"),
    (Tie.ORIGIN, "湘籍老乡组"), (Tie.BUILDING, "三栋楼友组"),
)  # fmt: skip
WISHES: Final = (
    ("wish", "想要一个二手轮椅", "家里老人出门不便，想借或领一个轮椅。", "done"),
    ("project", "楼道清理小分队", "清理三栋楼道杂物，重新贴消防提示。", "done"),
    ("wish", "陪老人去医院复诊", "独居老人下周复诊，需要一人陪同。", "reported"),
    ("project", "教老人用手机挂号", "每周一次，教长者挂号、视频通话。", "running"),
    ("wish", "给孩子找几本旧课本", "五年级下册语文、数学。", "running"),
    ("wish", "修一修凉亭的凳子", "凉亭凳子断了一条腿。", "stalled"),
    ("project", "小花园认养", "认养门口六个花池，浇水除草一季。", "free"),
    ("wish", "换楼道灯泡", "四楼灯坏了，老人上下不便。", "free"),
    ("project", "儿童图书角", "收集旧书，每周末开放半天。", "draft"),
    ("wish", "搬一台旧冰箱下楼", "物业已帮忙处理。", "closed"),
)
IDEAS: Final = (
    ("楼下垃圾桶周末总是满的，希望多收一次。", "已改为周末早晚各收一次。"),
    ("晚上没有车位，外来车乱停，希望划访客车位。", "已划出十二个访客车位。"),
    ("有人遛狗不牵绳，希望加强提醒。", "已设三处牵绳提示和拾便袋箱。"),
    ("想知道入学学位怎么安排，希望统一讲一次。", "已请学校来社区开说明会。"),
    ("广场舞音响太吵，九点后能不能停。", "与舞队约定八点半结束。"),
    ("门口路灯不亮，晚上走路看不清。", "路灯已更换。"),
    ("长者饭堂希望增加送餐。", "已增加行动不便长者送餐。"),
    ("健身器材松动，孩子玩不安全。", "器材已加固。"),
    ("希望周末办一场亲子读书活动。", "每月第二个周六举办。"),
    ("电动车上楼充电，不安全。", "已建集中充电棚。"),
)
REASONS: Final = (
    "该路段属市政管养，已转告并跟进，社区不能自行施工。",
    "需业主大会表决，请先联系楼长征求意见。",
    "目前没有场地，明年规划时再考虑。",
)


def load_neighbours(now: datetime) -> int:
    """Makes it all, unless some of the demo's is there; how many suggestions. After the teams."""
    if Wish.objects.filter(made_by__demo=True).exists():
        return 0
    cast, made = Cast(SINCE, dice(SEED, "neighbours")), 0
    for place, area in enumerate((SHOWN_VILLAGE, AOYUAN)):
        branches = cast.branches_at(area)
        if not branches:
            continue  # a district of one's own
        chance = dice(SEED, "neighbours", area)
        desk = cast.dispatcher(area, chance)
        members = _members(area, branches, place, chance)
        _teams(area, desk, members, now, chance)
        _wishes(area, desk, members, now, chance)
        made += _suggestions(area, desk, now, chance)
    return made


def _members(area: str, branches: list[Unit], place: int, chance: random.Random) -> list[Actor]:
    """Members of the community's branches; the one whose password is printed is the first."""
    shown = Post.objects.filter(
        account__username=USERNAMES[Role.MEMBER], role=Role.MEMBER, area_code=area
    ).select_related("account")
    found = [actor_on(post, [post]) for post in shown]
    for n in range(MEMBERS):
        account = Account(
            username=f"demo-volunteer-{area}-{n}",
            name=generated_name(FIRST_NAME + 100 * place + n),
            demo=True,
        )
        account.set_unusable_password()
        account.save()
        unit = chance.choice(branches)
        post = Post.objects.create(
            account=account,
            role=Role.MEMBER,
            area_code=area,
            district_code=area[:6],
            unit=unit,
            starts_on=SINCE,
        )
        found.append(actor_on(post, [post]))
    return found


def _teams(
    area: str, desk: Actor, members: list[Actor], now: datetime, chance: random.Random
) -> None:
    there = {
        unit.name: unit
        for unit in Unit.objects.filter(
            kind=UnitKind.TEAM, sort=TeamSort.VOLUNTEER, area_code=area[:9], circle=None
        )
    }
    begun = now - timedelta(days=90)
    for n, (name, words) in enumerate(TEAMS):
        told = circles.Told(Tie.TEAM, name, words)
        circle = circles.make(area, told, by=desk, now=begun, unit=there.get(name))
        people = [members[0], *chance.sample(members[1:], 4)] if n < 2 else members[n - 2 : n + 3]
        _joined(circle, desk, people, begun)
        _active(circle, desk, people, now, chance)
    for tie, name in GROUPS:
        circle = circles.make(area, circles.Told(tie, name), by=desk, now=begun)
        _joined(circle, desk, chance.sample(members[1:], 3), begun)
    _certified(members[0], now)
    waiting = next(each for each in members[::-1])
    circle = Circle.objects.filter(area_code=area, name=TEAMS[0][0]).get()
    if not circle.joinings.filter(account=waiting.account_id).exists():
        circles.ask(circle.pk, by=waiting, now=now - timedelta(hours=5))


def _certified(member: Actor, now: datetime) -> None:
    """The hours of a member's first team, as a certificate with a number to be checked."""
    given = next(iter(hours.given_by(member.account_id)), None)
    if given is not None:
        hours.certify(given.circle.pk, given.year, by=member, now=now)


def _joined(circle: Circle, desk: Actor, people: Sequence[Actor], at: datetime) -> None:
    for n, each in enumerate(people):
        joining = circles.ask(circle.pk, by=each, now=at)
        circles.decide(circle.pk, joining.pk, True, by=desk, now=at)
        if n == len(people) - 1:
            circles.let_lead(circle.pk, joining.pk, True, by=desk, now=at)


def _active(
    circle: Circle, desk: Actor, people: Sequence[Actor], now: datetime, chance: random.Random
) -> None:
    """Four activities that are over, with who was there, and one to come."""
    for weeks in (8, 5, 3, 1, -1):
        day = timezone.localtime(now - timedelta(weeks=weeks))
        begins = day.replace(hour=19, minute=0, second=0, microsecond=0)
        told = meeting.Told(
            f"{circle.name[:-1]}活动",
            chance.choice(("居委会门口", "榕树广场", "文化室")),
            begins,
            begins + timedelta(hours=2),
            chance.randrange(8, 20),
        )
        asked = begins - timedelta(days=3)
        made = meeting.plan(circle.pk, told, by=desk, now=min(asked, now))
        coming = [each for each in people if chance.randrange(5)]
        rows = [meeting.sign_up(made.pk, by=each, now=min(asked, now)) for each in coming]
        if weeks > 0:
            came = [row.pk for row in rows if chance.randrange(6)]
            meeting.confirm(made.pk, came, 120, by=desk, now=begins + timedelta(hours=3))
        elif rows:
            assert rows[0].state == AttendanceState.COMING


def _wishes(
    area: str, desk: Actor, members: list[Actor], now: datetime, chance: random.Random
) -> None:
    pictures = Pictures()
    for n, (sort, title, words, ends) in enumerate(WISHES):
        begun = now - timedelta(days=30 - n, hours=chance.randrange(9))
        capacity = 3 if sort == "project" and ends in ("free", "running") else 1
        told = wishing.Told(sort, title, words, capacity, stall_days=7)
        if ends == "done":
            said = suggesting.Said(area, f"{words}谢谢。", form=_form(area, 100 + n))
            idea, _code = suggesting.collect(said, by=RESIDENT, now=begun)
            wish = suggesting.to_wish(idea.pk, told, by=desk, now=begun)
        else:
            idea, wish = None, wishing.write(area, told, by=desk, now=begun)
        if ends == "draft":
            continue
        wishing.publish(wish.pk, by=desk, now=begun + timedelta(hours=2))
        if ends == "closed":
            wishing.close(wish.pk, "物业已帮忙处理。", by=desk, now=begun + timedelta(days=2))
        elif ends != "free":
            _claimed(wish, idea, ends, desk, members[n % len(members)], now, pictures, chance)


def _claimed(
    wish: Wish,
    idea: Suggestion | None,
    ends: str,
    desk: Actor,
    member: Actor,
    now: datetime,
    pictures: Pictures,
    chance: random.Random,
) -> None:
    since = now - (timedelta(days=9) if ends in ("done", "stalled") else timedelta(days=2))
    claim = claiming.claim(wish.pk, by=member, now=since)
    if ends == "stalled":
        from huying.neighbours import stalling

        stalling.see_to(now=now)
    if ends == "running":
        said = "已经联系好，这周末去。"
        claiming.tell_progress(wish.pk, said, by=member, now=since + timedelta(hours=8))
    if ends not in ("done", "reported"):
        return
    at = since + timedelta(days=1)
    variant = chance.randrange(VARIANTS)
    before = [pictures.stage(Attachment.Kind.PHOTO_BEFORE, member, at, variant).pk]
    after = [pictures.stage(Attachment.Kind.PHOTO_AFTER, member, at, variant).pk]
    claiming.tell_result(
        wish.pk, "已办好，居民看过了。", before=before, after=after, by=member, now=at
    )
    if ends == "done" and idea is not None:
        at += timedelta(hours=20)
        for photo in NeighbourPhoto.objects.filter(claim=claim):
            photos.show(photo.pk, True, by=desk, now=at)
        claiming.approve(wish.pk, claim.pk, by=desk, now=at)
        found = Suggestion.objects.get(pk=idea.pk)
        rating.by_resident(found, claim.pk, chance.choice((4, 5)), "很满意，谢谢。", now=at)
        rating.by_claimant(wish.pk, chance.choice((3, 4, 5)), "社区配合得好。", by=member, now=at)


def _suggestions(area: str, desk: Actor, now: datetime, chance: random.Random) -> int:
    """As many as are wanted, of which one in four is carried out; those of wishes count too."""
    wanted = SUGGESTIONS[area] - Suggestion.objects.filter(area_code=area).count()
    for n in range(wanted):
        words, done = IDEAS[n % len(IDEAS)]
        at = now - timedelta(days=chance.randrange(3, 60), hours=chance.randrange(12))
        said = suggesting.Said(area, f"{chance.randrange(1, 19)}栋：{words}", form=_form(area, n))
        found, _code = suggesting.collect(said, by=RESIDENT, now=at)
        later = at + timedelta(days=1)
        if n % 4 == 0:
            suggesting.adopt(found.pk, "采纳，马上办。", by=desk, now=later)
            suggesting.carry_out(found.pk, done, by=desk, now=later + timedelta(days=1))
        elif n % 4 == 1:
            suggesting.adopt(found.pk, by=desk, now=later)
        elif n % 4 == 2:
            suggesting.answer(found.pk, chance.choice(REASONS), by=desk, now=later)
    return SUGGESTIONS[area]


def _form(area: str, n: int) -> str:
    """The number of the form that a suggestion of the demo came with; by it they are known."""
    return f"demo/{area}/{n}"


def unload_neighbours(using: str) -> list[tuple[UUID, str]]:
    """Takes away what the demo's people made and suggested; the files that nothing names now.

    What real people suggested stays, undone from what is gone.
    """
    forms = [suggesting.form_hash(_form(area, n)) for area in SUGGESTIONS for n in range(200)]
    forms += [suggesting.form_hash(each) for each in STORY_FORMS]
    by_demo = Q(account__demo=True)
    ideas = Suggestion.objects.using(using).filter(by_demo | Q(form_hash__in=forms))
    wishes = Wish.objects.using(using).filter(made_by__demo=True)
    claims = WishClaim.objects.using(using).filter(by_demo | Q(wish__in=wishes))
    of_demo = Circle.objects.using(using).filter(made_by__demo=True)
    there = Q(circle__in=of_demo)
    activities = CircleActivity.objects.using(using).filter(there | Q(made_by__demo=True))
    people = Joining.objects.using(using).filter(there | by_demo)
    everything: tuple[Any, ...] = (ideas, claims, wishes, activities, people, of_demo)
    gone = [pk for rows in everything for pk in rows.values_list("pk", flat=True)]
    theirs = Q(claim__in=claims) | Q(suggestion__in=ideas)
    shots = NeighbourPhoto.objects.using(using).filter(theirs)
    files = list(shots.values_list("attachment", "attachment__kind"))
    topics = set(ideas.values_list("area_code", flat=True))
    shots.delete()
    Attachment.objects.using(using).filter(pk__in=[pk for pk, _kind in files]).delete()
    for rows in everything[:3]:
        rows.delete()
    Suggestion.objects.using(using).filter(decided_by__demo=True).update(decided_by=None)
    SuggestionTopic.objects.using(using).filter(area_code__in=topics, suggestions=None).delete()
    units = list(of_demo.filter(unit__code__contains="-vol-").values_list("unit", flat=True))
    HoursCertificate.objects.using(using).filter(there | by_demo).delete()
    CircleAttendance.objects.using(using).filter(by_demo | Q(confirmed_by__demo=True)).delete()
    for rows in everything[3:]:
        rows.delete()
    Unit.objects.using(using).filter(pk__in=units, posts=None).delete()
    NeighbourStep.objects.using(using).filter(subject_id__in=gone).delete()
    return files
