"""A small town with everyone who works on a case, for the tests of pages and browsers."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from PIL import Image

from huying.cases.attaching import stage
from huying.cases.models import Case, Channel
from huying.intake.reporting import Told, take
from huying.intake.verbs import VERBS
from huying.people.acting import SYSTEM, Actor, actor_for
from huying.people.models import Account, Post, Role, TeamSort, Unit, UnitKind
from huying.places.locating import refresh
from huying.places.models import Grid
from huying.response import rostering

DISTRICT = "440113"
TOWN = "440113120"
COMMUNITY = "440113120213"
GRID = "440113120213001"
OTHER_GRID = "440113120213002"
ELSEWHERE = "440113102"
FAR_COMMUNITY = "440113102003"
ITEM = "0211"
LON, LAT = 113.4210, 22.9550


def outline(lon: float, lat: float, side: float = 0.004) -> dict[str, Any]:
    """A square of degrees around a point."""
    a, b = side / 2, side / 2
    ring = [
        [lon - a, lat - b],
        [lon + a, lat - b],
        [lon + a, lat + b],
        [lon - a, lat + b],
        [lon - a, lat - b],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def picture(colour: str = "#5a7d4c") -> io.BytesIO:
    """A photo as a phone would send it, only smaller."""
    target = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(target, "JPEG")
    target.seek(0)
    return target


@dataclass
class World:
    """The town's people by role, its units, and shortcuts that read as sentences."""

    accounts: dict[str, Account] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        post = self.posts[name]
        return actor_for(
            Post.objects.select_related("account").get(pk=post.pk), timezone.localdate()
        )

    def photo(self, name: str, kind: str) -> Any:
        return stage(picture(), kind=kind, by=self.actor(name), now=timezone.now()).pk

    def reported(self, text: str = "东街口垃圾堆了三天，臭味很大。", **more: Any) -> Case:
        told = {"channel": Channel.HOTLINE, "text": text, "item": ITEM, "lon": LON, "lat": LAT}
        return take(Told(**(told | more)), by=self.actor("dispatcher"), now=timezone.now())

    def do(
        self, case: Case, verb: str, name: str, now: datetime | None = None, **inputs: Any
    ) -> Case:
        return VERBS[verb].do(case, by=self.actor(name), now=now or timezone.now(), **inputs)

    def accepted(self, **more: Any) -> Case:
        case = self.held_by_town(self.reported(**more))
        return self.do(case, "accept", "dispatcher", item=ITEM)

    def held_by_town(self, case: Case) -> Case:
        """Whatever the item's level, the town's desk has it."""
        Case.objects.filter(pk=case.pk).update(holder_code=TOWN)
        case.refresh_from_db()
        return case

    def dispatched(self, **more: Any) -> Case:
        return self.do(self.accepted(**more), "dispatch", "dispatcher", unit=self.units["lead"].pk)

    def handling(self, **more: Any) -> Case:
        return self.do(self.dispatched(**more), "sign_for", "handler")

    def handled(self, **more: Any) -> Case:
        photos = [self.photo("handler", "photo_before"), self.photo("handler", "photo_after")]
        return self.do(
            self.handling(**more),
            "handle",
            "handler",
            result="已清运垃圾，地面冲洗干净。",
            photos=photos,
            lon=LON,
            lat=LAT,
            form="清运两车。",
        )

    def checked(self, **more: Any) -> Case:
        return self.do(self.handled(**more), "check_pass", "checker", text="现场已整洁。")

    def team(self, name: str = "石碁镇联合执法队", *, on_duty: bool = True) -> Unit:
        """A team of the town whose one member, its lead, is on duty day and night."""
        team = Unit.objects.create(
            code=f"test-team-{Unit.objects.count()}",
            name=name,
            kind=UnitKind.TEAM,
            sort=TeamSort.JOINT,
            area_code=TOWN,
            level="town",
            district_code=DISTRICT,
        )
        key = f"member-{team.code}"
        account = Account(username=f"t-{key}", name="区队长", tour_seen_at=timezone.now())
        account.password = hashed()
        account.save()
        self.accounts[key] = account
        today = timezone.localdate()
        self.posts[key] = Post.objects.create(
            account=account,
            role=Role.HANDLER,
            area_code=TOWN,
            district_code=DISTRICT,
            unit=team,
            starts_on=today - timedelta(days=30),
        )
        member = rostering.take_in(team, account, home=self.units["lead"], leading=True, by=SYSTEM)
        midnight, now = time(0), timezone.now()
        shift = rostering.add_shift(team, "全天", midnight, midnight, by=SYSTEM, now=now)
        if on_duty:
            days = [today + timedelta(days=n) for n in range(-1, 7)]
            rostering.put_on(shift, [member], days, by=SYSTEM, now=now)
        return team

    def colleague(self, name: str = "second_dispatcher", called: str = "李梅") -> Actor:
        """Another dispatcher at the town's desk."""
        account = Account(username=f"t-{name}", name=called, tour_seen_at=timezone.now())
        account.password = hashed()
        account.save()
        self.accounts[name] = account
        self.posts[name] = Post.objects.create(
            account=account,
            role=Role.DISPATCHER,
            area_code=TOWN,
            district_code=DISTRICT,
            unit=self.units["town"],
            starts_on=timezone.localdate() - timedelta(days=30),
        )
        return self.actor(name)

    def closed(self, **more: Any) -> Case:
        return self.do(self.checked(**more), "close", "dispatcher")


PASSWORD = "Nan-Cun-7788"


@cache
def hashed() -> str:
    """Hashing is slow on purpose; once is enough."""
    return make_password(PASSWORD)


def build() -> World:
    """Makes the town: two grids, three desks, two departments, and one person a role."""
    now = timezone.now()
    Grid.objects.bulk_create(
        Grid(
            code=code,
            community_id=COMMUNITY,
            name=f"小龙村第{int(code[-3:])}网格",
            outline=outline(lon, LAT),
            changed_at=now,
        )
        for code, lon in ((GRID, LON), (OTHER_GRID, LON + 0.004))
    )
    refresh()
    world = World()
    units = (
        ("district", "desk-d", "番禺区指挥中心", UnitKind.DESK, DISTRICT, "district", ""),
        ("town", "desk-t", "石碁镇指挥中心", UnitKind.DESK, TOWN, "town", ""),
        ("community", "desk-c", "小龙村指挥室", UnitKind.DESK, COMMUNITY, "community", ""),
        ("far", "desk-f", "外镇指挥中心", UnitKind.DESK, ELSEWHERE, "town", ""),
        ("lead", "dep-1", "石碁镇城管执法队", UnitKind.DEPARTMENT, TOWN, "town", "城管执法队"),
        ("second", "dep-2", "石碁镇环卫站", UnitKind.DEPARTMENT, TOWN, "town", "环卫"),
        ("other", "dep-3", "外镇城管执法队", UnitKind.DEPARTMENT, ELSEWHERE, "town", "城管执法队"),
        ("branch", "branch-1", "小龙村党支部", UnitKind.BRANCH, COMMUNITY, "community", ""),
        ("far_branch", "branch-2", "外村党支部", UnitKind.BRANCH, FAR_COMMUNITY, "community", ""),
    )
    made = Unit.objects.bulk_create(
        Unit(
            code=f"test-{code}",
            name=name,
            kind=kind,
            area_code=area,
            level=level,
            department=department,
            district_code=DISTRICT,
        )
        for _key, code, name, kind, area, level, department in units
    )
    world.units |= zip((key for key, *_rest in units), made, strict=True)
    people = (
        ("worker", "陈小妹", Role.GRID_WORKER, GRID, None),
        ("dispatcher", "李建华", Role.DISPATCHER, TOWN, "town"),
        ("handler", "黄志强", Role.HANDLER, TOWN, "lead"),
        ("checker", "梁永康", Role.CHECKER, TOWN, None),
        ("leader", "周镇长", Role.TOWN_LEADER, TOWN, None),
        ("member", "何党员", Role.MEMBER, COMMUNITY, "branch"),
        ("far_member", "外村党员", Role.MEMBER, FAR_COMMUNITY, "far_branch"),
        ("district_dispatcher", "何值班", Role.DISPATCHER, DISTRICT, "district"),
        ("far_dispatcher", "外镇值班员", Role.DISPATCHER, ELSEWHERE, "far"),
        ("far_handler", "外镇队员", Role.HANDLER, ELSEWHERE, "other"),
        ("far_checker", "外镇核查员", Role.CHECKER, ELSEWHERE, None),
        ("far_worker", "邻格网格员", Role.GRID_WORKER, OTHER_GRID, None),
    )
    keys = [key for key, *_rest in people]
    accounts = Account.objects.bulk_create(
        Account(username=f"t-{key}", name=name, tour_seen_at=now, password=hashed())
        for key, name, *_rest in people
    )
    world.accounts |= zip(keys, accounts, strict=True)
    posts = Post.objects.bulk_create(
        Post(
            account=world.accounts[key],
            role=role,
            area_code=area,
            district_code=DISTRICT,
            unit=world.units[unit] if unit else None,
            starts_on=timezone.localdate() - timedelta(days=30),
        )
        for key, _name, role, area, unit in people
    )
    world.posts |= zip(keys, posts, strict=True)
    return world
