"""The demo's teams: their people, skills and rosters, and who is on duty where now.

Joint enforcement teams are composed of people whom the town's departments send; 275 party
commandos, as published for 2019, one for each community but one, of people who work there anyway;
a volunteer team a town, and the six of 番禺奥园. All made up, and the same at every load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction

from huying.clock.calendar import CIVIL_TZ
from huying.people.demo import COMMITTEE, SINCE
from huying.people.models import Post, Role, TeamSort, Unit, UnitKind
from huying.places.drawn import outline_code
from huying.places.locating import index
from huying.places.models import Division, Level
from huying.response.duty import hours
from huying.response.models import AlarmLimit, LastPosition, Member, Shift, Skill, Turn
from huying.scenarios.demo_words import dice

COMMANDOS: Final = 275
DAYS: Final = 14
"""How far the rosters reach; they begin with the present week."""

SKILLS: Final = {
    "危化品处置": ("0203", "0204"),
    "消防救援": ("0201", "0202", "0203"),
    "燃气抢修": ("0203",),
    "治安处突": ("0213", "0402"),
    "环境执法": ("0208", "0209"),
    "三防抢险": ("0403", "0208", "0205"),
    "医疗急救": ("0404", "0106"),
}
SENT_BY: Final = {
    "企业商铺类": ("应急管理办", "消防", "市场监管", "生态环境", "来穗人员服务", "卫生健康"),
    "社会面类": ("城管执法队", "公安派出所", "来穗人员服务", "消防", "生态环境", "应急管理办"),
}
"""Whom the departments of a town send into its two joint enforcement teams."""

ABLE: Final = {
    "应急管理办": "危化品处置",
    "消防": "消防救援",
    "公安派出所": "治安处突",
    "生态环境": "环境执法",
    "城管执法队": "燃气抢修",
    "卫生健康": "医疗急救",
}
THREE_SHIFTS: Final = (
    ("早班", time(8), time(16)),
    ("中班", time(16), time(0)),
    ("夜班", time(0), time(8)),
)
WHOLE_DAY: Final = (("全天值班", time(8), time(8)),)
BY_DAY: Final = (("日班", time(8, 30), time(17, 30)),)
SPECIAL: Final = ("治水护河", "环境整治")
"""Every ninth commando is one of these."""

AT_AOYUAN: Final = (
    "微笑服务队",
    "治安巡逻队",
    "关爱长者队",
    "文艺队",
    "文明宣教队",
    "关爱青少年队",
)
AOYUAN: Final = "440113010"
"""The town of 番禺奥园."""

_BATCH = 1000


@dataclass
class _Plan:
    """One team to be made: who is in it, with which skill, and in which shifts."""

    unit: Unit
    shifts: tuple[tuple[str, time, time], ...]
    people: list[tuple[int, Unit | None, str]] = field(default_factory=list)
    together: int = 1


def load_teams(now: datetime) -> int:
    """Makes the teams, unless they are there; how many. Units and people must be there."""
    district = outline_code()
    if Unit.objects.filter(sort=TeamSort.COMMANDO, district_code=district).exists():
        return 0
    with transaction.atomic():
        plans = _plans(district)
        Unit.objects.bulk_create([plan.unit for plan in plans if plan.unit.pk is None])
        _people(plans, now)
        _limits(district)
    return len(plans)


def unload_teams() -> int:
    """Takes the teams away that only `load_teams` makes, once nobody holds a post in them."""
    sorts = [TeamSort.COMMANDO, TeamSort.VOLUNTEER]
    made = Unit.objects.filter(sort__in=sorts, code__contains="-demo-", posts__isnull=True)
    number, _rows = made.delete()
    Skill.objects.filter(name__in=SKILLS, members__isnull=True).delete()
    return number


def _plans(district: str) -> list[_Plan]:
    """The teams of the district, with the accounts that are in them."""
    at_unit: dict[int, list[int]] = defaultdict(list)
    in_area: dict[str, list[int]] = defaultdict(list)
    posts = Post.objects.filter(district_code=district, account__demo=True)
    for account, role, area, at in posts.values_list("account", "role", "area_code", "unit"):
        if role == Role.HANDLER:
            at_unit[at].append(account)
        elif role in (Role.GRID_WORKER, Role.COMMUNITY_LEADER):
            in_area[area[:12]].append(account)
    units: dict[str, list[Unit]] = defaultdict(list)
    for unit in Unit.objects.filter(district_code=district, active=True).order_by("code"):
        units[unit.area_code].append(unit)
    plans = []
    communities = []
    for division in Division.objects.within(district).order_by("code"):
        if division.level == Level.TOWN:
            plans += [
                _joint(team, units[division.code], at_unit)
                for team in units[division.code]
                if team.kind == UnitKind.TEAM and team.sort == TeamSort.JOINT
            ]
            names = AT_AOYUAN if division.code == AOYUAN else ("志愿服务队",)
            plans += [_volunteers(division, n, name) for n, name in enumerate(names, 1)]
        elif division.level == Level.COMMUNITY:
            communities.append(division)
    for n, division in enumerate(communities[:COMMANDOS]):
        plans.append(_commando(division, n, units[division.code], at_unit, in_area))
    near: dict[str, list[int]] = defaultdict(list)
    for area, accounts in in_area.items():
        near[area[:9]] += accounts[1:3]
    for plan in plans:
        if plan.unit.sort == TeamSort.VOLUNTEER:
            first = 5 * int(plan.unit.code[-1])
            some = near[plan.unit.area_code][first : first + 5]
            plan.people = [
                (account, None, "" if k else "医疗急救") for k, account in enumerate(some)
            ]
    for plan in plans:
        # Somebody of the demo works in several units of a town, but is in a team once.
        once = {account: (account, home, skill) for account, home, skill in reversed(plan.people)}
        plan.people = list(reversed(once.values()))
    return [plan for plan in plans if plan.people]


def _joint(team: Unit, there: list[Unit], at_unit: dict[int, list[int]]) -> _Plan:
    plan = _Plan(team, THREE_SHIFTS, together=2)
    plan.people = [(account, None, "") for account in at_unit[team.pk][:1]]
    by_name = {unit.department: unit for unit in there if unit.kind == UnitKind.DEPARTMENT}
    for name in SENT_BY.get(team.duty, ()):
        home = by_name.get(name)
        if home is not None:
            plan.people += [(each, home, ABLE.get(name, "")) for each in at_unit[home.pk][:1]]
    return plan


def _commando(
    division: Division,
    number: int,
    there: list[Unit],
    at_unit: dict[int, list[int]],
    in_area: dict[str, list[int]],
) -> _Plan:
    duty = SPECIAL[number // 9 % 2] if number % 9 == 0 else "综合"
    unit = _unit(division, "commando", f"{division.short_name}党员突击队", TeamSort.COMMANDO, duty)
    plan = _Plan(unit, WHOLE_DAY if number % 4 == 0 else BY_DAY)
    committee = next((each for each in there if each.department == COMMITTEE), None)
    at_committee = at_unit[committee.pk][:1] if committee is not None else []
    skills = ("三防抢险", "医疗急救", "") if duty != SPECIAL[1] else ("环境执法", "三防抢险", "")
    accounts = dict.fromkeys([*at_committee, *in_area[division.code][:2]])
    plan.people = [
        (account, committee, skill) for account, skill in zip(accounts, skills, strict=False)
    ]
    return plan


def _volunteers(division: Division, number: int, name: str) -> _Plan:
    place = "番禺奥园" if division.code == AOYUAN else division.short_name
    unit = _unit(division, f"volunteer-{number}", f"{place}{name}", TeamSort.VOLUNTEER, "")
    return _Plan(unit, BY_DAY)


def _unit(division: Division, short: str, name: str, sort: TeamSort, duty: str) -> Unit:
    return Unit(
        code=f"{division.code}-demo-{short}",
        name=name,
        kind=UnitKind.TEAM,
        sort=sort,
        duty=duty,
        level=division.level,
        area_code=division.code,
        district_code=division.code[:6],
    )


def _people(plans: list[_Plan], now: datetime) -> None:
    """Posts, members, shifts, turns and the positions of those on duty now."""
    district = plans[0].unit.district_code
    skills = {
        name: Skill.objects.get_or_create(
            district_code=district, name=name, defaults={"items": list(items)}
        )[0]
        for name, items in SKILLS.items()
    }
    held = set(Post.objects.filter(unit__isnull=False).values_list("account", "unit"))
    today = now.astimezone(CIVIL_TZ).date()
    posts, members, able, shifts = [], [], [], []
    turns: list[Turn] = []
    for plan in plans:
        team = plan.unit
        mine = []
        for n, (account, home, skill) in enumerate(plan.people):
            if (account, team.pk) not in held:
                posts.append(
                    Post(
                        account_id=account,
                        role=Role.HANDLER,
                        area_code=team.area_code,
                        district_code=district,
                        unit=team,
                        duty=Post.Duty.SECOND,
                        starts_on=SINCE,
                    )
                )
            member = Member(
                district_code=district, team=team, account_id=account, home=home, leads=n == 0
            )
            mine.append(member)
            if skill:
                able.append(Member.skills.through(member=member, skill=skills[skill]))
        members += mine
        made = [
            Shift(district_code=district, team=team, name=name, begins=begins, ends=ends)
            for name, begins, ends in plan.shifts
        ]
        shifts += made
        turns += _turns(plan, made, mine, today, now)
    Post.objects.bulk_create(posts, batch_size=_BATCH)
    Member.objects.bulk_create(members, batch_size=_BATCH)
    Member.skills.through.objects.bulk_create(
        [type(each)(member_id=each.member.pk, skill_id=each.skill.pk) for each in able],
        batch_size=_BATCH,
    )
    Shift.objects.bulk_create(shifts, batch_size=_BATCH)
    Turn.objects.bulk_create(turns, batch_size=_BATCH)
    LastPosition.objects.bulk_create(_positions(turns, now), batch_size=_BATCH)


def _turns(
    plan: _Plan, shifts: list[Shift], members: list[Member], today: date, now: datetime
) -> Iterable[Turn]:
    """Members take the shifts in turn; most of those whose turn has begun have come."""
    chance = dice("teams", plan.unit.code)
    place = 0
    for n in range(-max(1, today.weekday()), DAYS):
        day = today + timedelta(days=n)
        for shift in shifts:
            begins_at, ends_at = hours(day, shift.begins, shift.ends)
            for _each in range(min(plan.together, len(members))):
                member = members[place % len(members)]
                place += 1
                came = begins_at + timedelta(minutes=chance.randint(1, 9))
                yield Turn(
                    district_code=member.district_code,
                    team=plan.unit,
                    member=member,
                    shift=shift,
                    day=day,
                    begins_at=begins_at,
                    ends_at=ends_at,
                    on_leave=chance.random() < 0.03 and n > 0,
                    came_at=came if came <= now and chance.random() < 0.8 else None,
                    written_at=now,
                )


def _positions(turns: list[Turn], now: datetime) -> Iterable[LastPosition]:
    """Where those are who came: somewhere in their area, told a quarter of an hour ago at most."""
    areas = index().areas
    for turn in turns:
        area = areas.get(turn.team.area_code)
        if turn.came_at is None or area is None or not turn.begins_at <= now < turn.ends_at:
            continue
        chance = dice("where", turn.team.code, turn.day, turn.shift.name)
        spread = 0.25
        yield LastPosition(
            turn=turn,
            district_code=turn.district_code,
            lon=area.lon + (area.east - area.west) * chance.uniform(-spread, spread),
            lat=area.lat + (area.north - area.south) * chance.uniform(-spread, spread),
            at=max(turn.came_at, now - timedelta(minutes=chance.randint(0, 14))),
            until=turn.ends_at,
        )


def _limits(district: str) -> None:
    for item, minutes in (("", 5), ("0203", 3)):
        AlarmLimit.objects.get_or_create(
            district_code=district, item_code=item, defaults={"minutes": minutes}
        )
