"""The demo's branches: the tree of three communities, members, households and a whistle. Made up.

番奥 has its 23 branches and 378 members as published, 先锋 a branch for each grid and 113 members;
小龙村 has households in the registers; the two others get a few with their branches, and so links.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from huying.branches import cadres, coming, founding, linked, together
from huying.branches.founding import Told
from huying.branches.linked import Rule
from huying.branches.models import (
    Branch,
    BranchChange,
    BranchPlace,
    CadreAssignment,
    Consent,
    HouseholdLink,
    MemberOrganisation,
    PartyMember,
    Undertaking,
)
from huying.people.acting import Actor, actor_for, in_force
from huying.people.demo import AOYUAN, BY_GRID, SHOWN_VILLAGE, SINCE
from huying.people.models import Account, Post, Role, Unit
from huying.people.names import generated_name
from huying.registry import addressing, recording, sealing
from huying.registry.addressing import Spot
from huying.registry.models import Dwelling, Level, Person, Source
from huying.registry.recording import DwellingTold, PersonTold
from huying.response import standing
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
PHONES: Final = "1990001"
MEMBERS: Final = {SHOWN_VILLAGE: 24, AOYUAN: 378, BY_GRID: 113}
"""Members of each community: 378 and 113 as published for the two."""
HALL: Final = "党群服务中心一楼，工作日 8:30–17:30"
PLATE: Final = "有呼必应，我是党员我先上"
HEADS: Final = "1990002"
FLATS: Final = ("101", "102", "201", "202")
_FIRST_NAME: Final = 8000
_FIRST_HEAD: Final = 20_000
ORGANISATIONS: Final = (
    ("小龙小学", "school", ("操场（周末开放）", "会议室")),
    ("小龙卫生站", "clinic", ("健康讲座", "急救培训")),
    ("兴业物业公司", "property", ("夜间停车位 40 个", "保安巡逻")),
    ("石碁供电所", "enterprise", ("电工 2 名", "应急发电车")),
)
UNDERTAKINGS: Final = (
    ("team", "党员突击队", "汛期、台风和火灾时先到现场。"),
    ("team", "邻里调解队", "家门口的纠纷先由老党员劝解。"),
    ("team", "银龄志愿队", "退休党员陪伴独居老人。"),
    ("platform", "网格议事厅", "每月第一个周六在祠堂议事。"),
    ("platform", "党群服务站", "代办、咨询、借用工具。"),
    ("platform", "楼栋微信群", "每栋一名党员值守，有问必答。"),
    ("project", "内街停车整治", "划线 120 个，消防通道全部畅通。"),
    ("project", "长者饭堂", "工作日供应午餐，送餐上门。"),
    ("project", "出租屋电动车充电棚", "建成 6 处，楼道不再充电。"),
)
HEARD: Final = (
    "内街夜间停车占道，消防车进不来。",
    "几位老人希望卫生站每周来量一次血压。",
    "雨天排水慢，东街口积水。",
    "租客多，希望晚上多巡一次。",
)


@dataclass(slots=True)
class _Made:
    """Branches of a community, and who takes their members in."""

    community: str
    by: Actor
    branches: list[Branch] = field(default_factory=list)


def load_branches(now: datetime) -> int:
    """Founds the branches, unless there are some; how many. People and registers must be there."""
    if Branch.objects.exists():
        return 0
    cast = Cast(SINCE, dice(SEED, "branches"))
    if not cast.grids(SHOWN_VILLAGE):
        return 0  # a district of one's own
    then, number = now - timedelta(days=30), 0
    with transaction.atomic():
        for community, build in ((SHOWN_VILLAGE, _village), (AOYUAN, _aoyuan), (BY_GRID, _grids)):
            made = _Made(community, cast.dispatcher(community, dice(SEED, "branches", community)))
            build(made, cast, then)
            members = list(_members(made, _homes(community), then, number))
            PartyMember.objects.bulk_create(members, batch_size=1000)
            number += len(members)
            _secretaries(made)
        _links(then)
        _together(cast, then)
    _cadres(cast, now)
    _whistle(cast, now)
    return Branch.objects.count()


def unload_branches() -> None:
    """Takes away what the demo's people founded, with all that hangs on it, and its new units."""
    demo = list(Account.objects.filter(demo=True).values_list("pk", flat=True))
    mine = Branch.objects.using("owner").filter(made_by__in=demo)
    branches = list(mine.values_list("pk", flat=True))
    units = list(mine.values_list("unit", flat=True))
    for model in (Undertaking, MemberOrganisation):
        model.objects.using("owner").filter(made_by__in=demo).delete()
    CadreAssignment.objects.using("owner").filter(made_by__in=demo).delete()
    links = HouseholdLink.objects.using("owner").filter(member__branch__in=branches)
    links.update(before=None)
    links.delete()
    mine.update(secretary=None, parent=None)
    PartyMember.objects.using("owner").filter(branch__in=branches).delete()
    BranchPlace.objects.using("owner").filter(branch__in=branches).delete()
    BranchChange.objects.using("owner").filter(branch__in=branches).delete()
    mine.delete()
    Unit.objects.using("owner").filter(pk__in=units, posts=None, calls=None).delete()


def _together(cast: Cast, now: datetime) -> None:
    """小龙村's 大党委 with what its organisations share, and its three times three."""
    by = cast.dispatcher(SHOWN_VILLAGE, dice(SEED, "together"))
    for number, (name, kind, shares) in enumerate(ORGANISATIONS):
        contact, phone = generated_name(9900 + number), f"{PHONES}{9900 + number}"
        told = together.OrganisationTold(name, kind, shares, None, contact, phone)
        together.add(SHOWN_VILLAGE, told, by=by, now=now)
    lead = Branch.objects.filter(area_code=SHOWN_VILLAGE, kind="grid").earliest("made_at")
    for kind, name, about in UNDERTAKINGS:
        told_of = together.UndertakingTold(kind, name, about, lead.pk)
        together.add(SHOWN_VILLAGE, told_of, by=by, now=now)


def _cadres(cast: Cast, now: datetime) -> None:
    """Cadres of the town keep in touch with 小龙村's first grids, and were there."""
    chance, by = dice(SEED, "cadres"), cast.dispatcher(SHOWN_VILLAGE, dice(SEED, "together"))
    today = timezone.localdate(now)
    begun = today - timedelta(days=20)
    seen: set[int] = set()
    for grid in cast.grids(SHOWN_VILLAGE)[:3]:
        posts = [
            post
            for post in cadres.candidates(grid, begun)
            if post.account.demo
            and post.role == Role.HANDLER
            and post.account_id not in seen
            and post.area_code == SHOWN_VILLAGE[:9]
        ]
        if not posts:
            continue
        post = chance.choice(posts)
        seen.add(post.account_id)
        made = cadres.assign(grid, post.account_id, 2, by=by, now=now - timedelta(days=20))
        who = actor_for(post, today)
        for back in (15, 4):
            cadres.log(
                made.pk, by=who, now=now, day=today - timedelta(days=back),
                households=chance.randrange(2, 9), heard=chance.choice(HEARD),
                settled=chance.choice(("已请村委会跟进。", "当场与店主说定。", "")),
            )  # fmt: skip


def _found(made: _Made, name: str, kind: str, now: datetime, **more: object) -> Branch:
    unit = Unit.objects.filter(
        area_code=made.community, kind="branch", name=name, branch=None
    ).first()
    told = Told(name, kind, plate=PLATE, reach=HALL, founded_on=date(2019, 3, 1), **more)  # type: ignore[arg-type]
    branch = founding.found(made.community, told, by=made.by, now=now, unit=unit)
    if kind not in ("committee", "general"):
        made.branches.append(branch)
    return branch


def _village(made: _Made, cast: Cast, now: datetime) -> None:
    grids = cast.grids(made.community)
    top = _found(made, "小龙村党总支", "general", now)
    _found(made, "小龙村党支部", "grid", now, parent=top.pk, grids=grids[:2])
    _found(made, "小龙村第3网格党支部", "grid", now, parent=top.pk, grids=grids[2:3])
    house = addressing.find(made.community, "宗祠东街1号")
    if house is not None:
        _found(made, "宗祠东街1号楼党支部", "building", now, parent=top.pk, buildings=[house.pk])


def _aoyuan(made: _Made, cast: Cast, now: datetime) -> None:
    top = _found(made, "番奥社区党委", "committee", now)
    grids, chance = cast.grids(made.community), dice(SEED, "aoyuan")
    _found(made, "番奥社区居委中心党支部", "grid", now, parent=top.pk, grids=grids[:1])
    for name in ("奥园物业党支部", "流动党员党支部"):
        _found(made, name, "unit", now, parent=top.pk)
    for number in range(1, 21):
        spot = Spot(*cast.spot(grids[number % len(grids)], chance))
        house = addressing.ensure(
            made.community, f"奥园路{number}号", by=made.by, now=now, spot=spot
        )
        _live(made, f"奥园路{number}号", FLATS[: 2 + number % 2], now)
        name = f"番奥社区第{number}楼栋党支部"
        _found(made, name, "building", now, parent=top.pk, buildings=[house.pk])


def _grids(made: _Made, cast: Cast, now: datetime) -> None:
    top = _found(made, "先锋社区党委", "committee", now)
    chance = dice(SEED, "grids")
    for number, grid in enumerate(cast.grids(made.community), 1):
        text, spot = f"先锋大街{number * 2}号", Spot(*cast.spot(grid, chance))
        addressing.ensure(made.community, text, by=made.by, now=now, spot=spot)
        _live(made, text, FLATS, now)
        name = f"先锋社区第{number}网格党支部"
        _found(made, name, "grid", now, parent=top.pk, grids=[grid])


def _live(made: _Made, house: str, flats: Sequence[str], now: datetime) -> None:
    """A household in each of some flats, of which only who heads it is registered."""
    chance = dice(SEED, "live", house)
    for number, flat in enumerate(flats):
        at = addressing.ensure(made.community, f"{house}{flat}", by=made.by, now=now)
        home = recording.add(
            DwellingTold(at, Dwelling.Use.OWNER), by=made.by, now=now, source=Source.VISIT
        )
        head = PersonTold(
            generated_name(_FIRST_HEAD + chance.randrange(4000) + number),
            phone=f"{HEADS}{chance.randrange(10_000):04}",
            birth_year=1945 + chance.randrange(50),
            sex=chance.choice(("male", "female")),
            dwelling=home,
            household=1,
            relation=Person.Relation.HEAD,
        )
        recording.add(head, by=made.by, now=now, source=Source.VISIT)


def _homes(community: str) -> list[Dwelling]:
    """Where members may live."""
    rows = Dwelling.objects.living().filter(
        address__community_code=community, address__level=Level.ROOM
    )
    return list(rows.order_by("address__full_name"))


def _members(
    made: _Made, homes: Sequence[Dwelling], now: datetime, first: int
) -> Iterator[PartyMember]:
    """As many as the community has, dealt out over its branches; written in bulk by the caller."""
    chance, accounts = dice(SEED, "members", made.community), _accounts(made)
    for n in range(MEMBERS[made.community]):
        branch = made.branches[n % len(made.branches)]
        member = PartyMember(
            branch=branch,
            district_code=branch.district_code,
            since=date(2010 + chance.randrange(9), 1 + chance.randrange(12), 1),
            dwelling=homes[chance.randrange(len(homes))] if homes else None,
            account_id=accounts.pop(branch.unit_id, None),
            made_at=now,
            made_by=made.by.account_id,
        )
        if chance.randrange(4) == 0:
            member.reported_code = made.community
            member.reported_on = timezone.localdate(now)
        sealing.put(member, "name", generated_name(_FIRST_NAME + first + n))
        sealing.put(member, "phone", f"{PHONES}{first + n:04}")
        yield member


def _accounts(made: _Made) -> dict[int, int]:
    """The account of who holds a member's post, by unit."""
    units = [branch.unit_id for branch in made.branches]
    posts = Post.objects.filter(role=Role.MEMBER, unit__in=units, account__demo=True)
    return {post.unit_id: post.account_id for post in posts if post.unit_id is not None}


def _secretaries(made: _Made) -> None:
    for branch in made.branches:
        branch.secretary = branch.members.order_by("since", "id").first()
    Branch.objects.bulk_update(made.branches, ["secretary"])


def _links(now: datetime) -> None:
    """The secretaries deal the households out; half are asked: most agree, some do not.

    Where nobody holds a secretary's post the community's desk does it.
    """
    cast, chance = Cast(SINCE, dice(SEED, "links")), dice(SEED, "asked")
    on_the_grid = Branch.objects.living().filter(kind__in=("grid", "building"))
    for branch in on_the_grid.filter(area_code__in=MEMBERS).order_by("area_code", "made_at", "id"):
        if branch.area_code == SHOWN_VILLAGE:
            by = cast.handler(branch.unit_id, chance)
        else:
            by = cast.dispatcher(branch.area_code, dice(SEED, "branches", branch.area_code))
        rule = Rule()
        seal = linked.propose(branch, rule).seal
        linked.apply(branch.pk, rule, seal, by=by, now=now)
        links = HouseholdLink.objects.living().filter(member__branch=branch)
        _ask(list(links.order_by("household__dwelling__address__full_name", "id")), by, chance, now)


def _ask(links: list[HouseholdLink], by: Actor, chance: random.Random, now: datetime) -> None:
    for link in links:
        at = now + timedelta(days=chance.randrange(1, 25))
        answer = chance.randrange(20)
        if answer < 12:
            linked.agree(link.pk, chance.choice(Consent.values), by=by, now=at)
        elif answer == 12:
            linked.refuse(link.pk, by=by, now=at)


def _whistle(cast: Cast, now: datetime) -> None:
    """小龙村 calls its branch just now, and the member's page has something to answer."""
    unit = Branch.objects.filter(area_code=SHOWN_VILLAGE, kind="grid").earliest("made_at").unit
    by, at = cast.dispatcher(SHOWN_VILLAGE, dice(SEED, "whistle")), now - timedelta(minutes=20)
    lon, lat = cast.spot(cast.grids(SHOWN_VILLAGE)[0], dice(SEED, "whistle"))
    whistle = standing.blow(
        by=by,
        now=at,
        title="暴雨前转移低洼处住户",
        sort="joint",
        units=[unit.pk],
        text="请到祠堂前集合，分三组上门，帮助老人和孩子转移到村委会。",
        address="宗祠东街1号",
        lon=lon,
        lat=lat,
    )
    call = whistle.calls.get()
    today = timezone.localdate(now)
    posts = Post.objects.filter(in_force(today), role=Role.MEMBER, unit=unit, account__demo=True)
    for post in posts.select_related("account")[1:]:
        coming.say(call.pk, True, by=actor_for(post, today), now=now - timedelta(minutes=12))
