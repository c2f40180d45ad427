"""What the pages of responsibilities show: a list in force, a draft, a matter outside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from huying.desk.admission_forms import MAIN
from huying.duties import admitting, drafting, listing, mapping
from huying.people.acting import SYSTEM
from huying.people.models import Account, Post, Role
from tests.desk.world import DISTRICT, TOWN, hashed

if TYPE_CHECKING:
    from huying.duties.models import Admission, DutyList
    from huying.people.acting import Actor
    from tests.desk.world import World


@dataclass(frozen=True)
class Shown:
    holding: DutyList
    draft: DutyList
    applied: Admission
    returned: Admission
    trial: Admission


def entry_of(number: int = 0, **more: object) -> listing.Entry:
    """An entry as somebody writes it."""
    made = listing.Entry(
        number=number,
        title="市容环境和占道经营巡查处置",
        department="城管执法队",
        level="town",
        items=("0211",),
        basis="《城市市容和环境卫生管理条例》第十四条",
        limits="小区红线内由物业服务的区域不在内",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def published(world: World) -> DutyList:
    """A list of the town, drafted by its desk and published by its leader."""
    now = timezone.now()
    desk, leader = world.actor("dispatcher"), world.actor("leader")
    row = drafting.begin(TOWN, by=desk, now=now)
    number = next(each.number for each in listing.entries_of(row) if "0211" in each.items)
    drafting.put(row.pk, entry_of(number), by=desk, now=now)
    return drafting.publish(row.pk, timezone.localdate(now), by=leader, now=now)


def with_duties(world: World) -> Shown:
    """A list in force, a draft of the next one, and a case that was declined by the list."""
    holding = published(world)
    case = world.held_by_town(world.reported("小区地下车库照明坏了，请城管来修。"))
    world.do(
        case,
        "decline",
        "dispatcher",
        reason_code="outside_list",
        reason="属物业服务范围。",
        entry=18,
    )
    draft = drafting.begin(TOWN, by=world.actor("dispatcher"), now=timezone.now())
    mapping.bring_in(mapping.package_rows(), DISTRICT, by=SYSTEM, now=timezone.now())
    head = leader_of_district(world)
    applied, returned = applied_for(world), applied_for(world, name="楼顶种植和堆放巡查")
    office = world.actor("district_dispatcher")
    now = timezone.now()
    admitting.give_back(returned.pk, "请写明经费从哪里来。", by=office, now=now)
    trial = applied_for(world, name="电动自行车集中充电点巡查")
    admitting.pass_on(trial.pk, "与 0201 有重叠，限定在集中充电点。", by=office, now=now)
    until = timezone.localdate() + timedelta(days=60)
    trial = admitting.approve(trial.pk, [TOWN], until, "先试一个镇。", by=head, now=now)
    return Shown(holding, draft, applied, returned, trial)


def leader_of_district(world: World) -> Actor:
    """Who decides on new items."""
    account = Account(username="t-district_leader", name="郑区长", tour_seen_at=timezone.now())
    account.password = hashed()
    account.save()
    world.accounts["district_leader"] = account
    world.posts["district_leader"] = Post.objects.create(
        account=account,
        role=Role.DISTRICT_LEADER,
        area_code=DISTRICT,
        district_code=DISTRICT,
        starts_on=timezone.localdate() - timedelta(days=30),
    )
    return world.actor("district_leader")


def told_of(**more: object) -> admitting.Told:
    """What a department says of the item that it wants."""
    proposed = MAIN | {
        "name": "充电桩和充电场所巡查",
        "description": "电动自行车集中充电点的线路、消防器材和占用情况",
        "default_level": "town",
        "lead_department": "城管执法队",
        "kind": "simple",
        "settle": False,
        "accept_limit_min": 60,
        "sign_limit_min": 120,
        "handle_limit": 3,
        "handle_clock": "work_day",
        "check_limit": 1,
        "check_clock": "work_day",
        "evidence": "photo_before>=1;photo_after>=1;gps",
        "example": "村口充电棚灭火器过期。",
    }
    return admitting.Told(
        category_code="02",
        proposed=proposed | more,
        duties="每周看一次，发现问题上报，不作处罚。",
        flow="上报、派遣到城管执法队、处置、核查、结案。",
        resources="每镇增配一名专员，培训两次，经费由区局承担。",
        basis="《广东省电动自行车管理条例》",
    )


def applied_for(world: World, **more: object) -> Admission:
    """An application of the town's unit."""
    return admitting.apply(told_of(**more), by=world.actor("handler"), now=timezone.now())


def duty_pages(shown: Shown) -> dict[str, list[tuple[str, str]]]:
    """Names and addresses, by the person who opens them."""
    return {
        "dispatcher": [
            ("duties", "/desk/duties/"),
            ("duties-none", "/desk/duties/?q=没有这样的词"),
            ("duty-declined", "/desk/duties/declined"),
            ("duty-declined-none", "/desk/duties/declined?month=2026-01"),
            ("duty-versions", "/desk/duties/versions/"),
            ("duty-version", f"/desk/duties/versions/{shown.holding.pk}"),
            ("old-items", "/desk/duties/map/?item=0211"),
            ("admissions", "/desk/duties/admissions/"),
            ("admission-trial", f"/desk/duties/admissions/{shown.trial.pk}"),
            ("duty-draft", f"/desk/duties/versions/{shown.draft.pk}?entry=18"),
        ],
        "handler": [
            ("admission-new", "/desk/duties/admissions/new"),
            ("admission-returned", f"/desk/duties/admissions/{shown.returned.pk}"),
        ],
        "district_dispatcher": [
            ("old-items-kept", "/desk/duties/map/?q=占道经营"),
            ("admission-review", f"/desk/duties/admissions/{shown.applied.pk}"),
            ("admissions-none", "/desk/duties/admissions/?show=admitted"),
        ],
    }
