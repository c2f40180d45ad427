"""The demo's units and people: a whole district at work, made up and the same at every load.

Desks for the district, its towns and communities; the departments of ``data/departments.csv``;
two joint enforcement teams a town; the party branches of communities; 2,343 grid workers, as
published for 2019. Nobody can sign in but the few whose passwords are printed; everybody else
would have to be invited.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from huying.errors import Missing
from huying.people.accounts import random_password
from huying.people.models import Account, Post, Role, TeamSort, Unit, UnitKind
from huying.people.names import generated_name
from huying.places import naming
from huying.places.drawn import GRIDS_FIXED, outline_code
from huying.places.models import Division, Grid, Level

WORKERS: Final = 2343
"""Grid workers of the district, as published (2019)."""

SHOWN_TOWN: Final = "440113120"  # 石碁镇
SHOWN_VILLAGE: Final = "440113120213"  # 小龙村
SHOWN_DEPARTMENTS: Final = ("应急管理办", "城管执法队")
"""Where the accounts with a printed password work."""

COMMITTEE: Final = "村(社区)居委"
AOYUAN: Final = "440113010008"  # 番奥社区
BRANCHES: Final = {
    AOYUAN: (
        "番奥社区居委中心党支部",
        "奥园物业党支部",
        "流动党员党支部",
        *(f"番奥社区第{number}楼栋党支部" for number in range(1, 21)),
    ),
}
"""Communities whose branches are known: 番奥 had 23 in 2019, 20 of them of its buildings."""
BY_GRID: Final = "440113007050"  # 先锋社区
"""Where members are placed in a branch of each grid."""

TEAM_DUTIES: Final = ("企业商铺类", "社会面类")
SINCE: Final = date(2019, 1, 1)
"""From when all posts hold: before any of the demo's cases."""

USERNAMES: Final = {
    Role.GRID_WORKER: "worker",
    Role.GRID_HEAD: "gridhead",
    Role.DISPATCHER: "dispatcher",
    Role.HANDLER: "handler",
    Role.CHECKER: "checker",
    Role.MEMBER: "member",
    Role.COMMUNITY_LEADER: "community",
    Role.TOWN_LEADER: "town",
    Role.DISTRICT_LEADER: "district",
    Role.ADMINISTRATOR: "admin",
    Role.SECURITY_ADMINISTRATOR: "security",
    Role.AUDITOR: "auditor",
}

SECOND_ADMINISTRATOR: Final = "admin2"

_LEVELS = {"村社区": Level.COMMUNITY, "镇街": Level.TOWN, "区": Level.DISTRICT}
_LEADERS = {
    Level.COMMUNITY: Role.COMMUNITY_LEADER,
    Level.TOWN: Role.TOWN_LEADER,
    Level.DISTRICT: Role.DISTRICT_LEADER,
}
_BATCH = 1000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PrintedAccount:
    """An account to be told to whoever starts the demo.

    Attributes:
        password: known to nobody else, and kept nowhere.
        posts: what the account may act as, in words.
    """

    role: Role
    username: str
    name: str
    password: str
    posts: tuple[str, ...]


@dataclass
class _Person:
    """Somebody to be made: an account and the posts it will hold."""

    username: str
    posts: list[Post] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Department:
    """One line of the carried list of departments."""

    name: str
    levels: frozenset[Level]
    district_name: str


@cache
def departments() -> tuple[Department, ...]:
    """The carried departments, in the list's order."""
    source = (files("huying") / "data" / "departments.csv").read_text(encoding="utf-8-sig")
    return tuple(
        Department(
            row["name"],
            frozenset(_LEVELS[level] for level in row["levels"].split(";")),
            row["district_name"],
        )
        for row in csv.DictReader(source.splitlines())
    )


def planned_units(divisions: Iterable[Division]) -> list[Unit]:
    """Every unit of the demo, for these divisions; nothing is saved."""
    grids = Grid.objects.within(BY_GRID).live().count()
    units: list[Unit] = []
    for division in divisions:
        level = Level(division.level)
        units.append(_unit(division, "desk", _desk_name(division), UnitKind.DESK))
        taken: set[str] = set()
        for department in departments():
            if level in department.levels:
                short = _initials(department.name, taken)
                unit = _unit(
                    division, short, _department_name(department, division), UnitKind.DEPARTMENT
                )
                unit.department = department.name
                units.append(unit)
        if level is Level.COMMUNITY:
            for number, name in enumerate(_branches(division, grids), 1):
                units.append(_unit(division, f"branch-{number}", name, UnitKind.BRANCH))
        if level is Level.TOWN:
            for number, duty in enumerate(TEAM_DUTIES, 1):
                name = f"{division.short_name}联合执法队（{duty}）"
                unit = _unit(division, f"team-{number}", name, UnitKind.TEAM)
                unit.duty = duty
                unit.sort = TeamSort.JOINT
                units.append(unit)
    return units


def busiest(grids: Iterable[Grid], number: int) -> list[Grid]:
    """The grids that get a second worker.

    Nobody has counted the demo's grids. The smallest ones by area stand for the busiest, since
    grids are drawn small where many people live; towns whose number of workers is published get
    none. Equal areas go by code.
    """
    others = [grid for grid in grids if not grid.code.startswith(tuple(GRIDS_FIXED))]
    return sorted(others, key=lambda grid: (grid.area_m2, grid.code))[:number]


def load_demo_people(now: datetime, progress: Progress = lambda rows: None) -> list[PrintedAccount]:
    """Make the demo's units, accounts and posts; gives the accounts to print.

    Does nothing, and prints nothing, where they are already. Units that are there stay as they
    are. ``progress`` is told of rows as they are written. One transaction: all of it or nothing.

    Raises:
        Missing: there are no grids yet; ``places.loading.load_demo_grids`` comes first.
    """
    district = outline_code()
    if Account.objects.filter(username__in=USERNAMES.values()).exists():
        return []
    grids = list(
        Grid.objects.within(district).live().only("code", "area_m2", "name").order_by("code")
    )
    if not grids:
        raise Missing(_("The grids come first: people work in them."))
    naming.refresh()
    with transaction.atomic():
        divisions = list(Division.objects.within(district).order_by("code"))
        units = _save_units(planned_units(divisions), progress)
        shown = _shown(units, grids)
        # Rules hold only once a second administrator has published them.
        second = _Person(SECOND_ADMINISTRATOR, [_post(Role.ADMINISTRATOR, district)])
        people = [
            *shown.values(),
            *_grid_workers(grids, shown[Role.GRID_WORKER]),
            *_office(divisions, units, list(shown.values())),
            second,
        ]
        printed = [*shown.items(), (Role.ADMINISTRATOR, second)]
        return _save_people(people, printed, now, progress)


def unload_demo_people() -> int:
    """Take the demo's accounts away, and those of its units that nobody holds a post in.

    Gives the number of accounts. Cases, orders and attachments that name them must be gone.
    """
    with transaction.atomic():
        Post.objects.filter(account__demo=True).delete()
        number, _rows = Account.objects.filter(demo=True).delete()
        planned = planned_units(Division.objects.within(outline_code()))
        codes = [unit.code for unit in planned]
        Unit.objects.filter(code__in=codes, posts__isnull=True).delete()
    return number


def _save_units(planned: list[Unit], progress: Progress) -> dict[str, Unit]:
    codes = [unit.code for unit in planned]
    present = set(Unit.objects.filter(code__in=codes).values_list("code", flat=True))
    missing = [unit for unit in planned if unit.code not in present]
    Unit.objects.bulk_create(missing, batch_size=_BATCH)
    progress(len(planned))
    return {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}


def _save_people(
    people: list[_Person],
    printed: list[tuple[Role, _Person]],
    now: datetime,
    progress: Progress,
) -> list[PrintedAccount]:
    passwords = {person.username: random_password() for _role, person in printed}
    # Hashing is slow on purpose, and runs without the interpreter's lock.
    with ThreadPoolExecutor(max_workers=4) as pool:
        hashes = dict(zip(passwords, pool.map(make_password, passwords.values()), strict=True))
    accounts = [
        Account(
            username=person.username,
            name=generated_name(number),
            demo=True,
            created_at=now,
            password=hashes.get(person.username) or make_password(None),
        )
        for number, person in enumerate(people)
    ]
    Account.objects.bulk_create(accounts, batch_size=_BATCH)
    progress(len(accounts))
    posts = []
    for person, account in zip(people, accounts, strict=True):
        for post in person.posts:
            post.account = account
            posts.append(post)
    Post.objects.bulk_create(posts, batch_size=_BATCH)
    progress(len(posts))
    named = {account.username: account.name for account in accounts}
    return [
        PrintedAccount(
            role=role,
            username=person.username,
            name=named[person.username],
            password=passwords[person.username],
            posts=tuple(_in_words(post) for post in person.posts),
        )
        for role, person in printed
    ]


def _shown(units: dict[str, Unit], grids: list[Grid]) -> dict[Role, _Person]:
    """The people whose passwords are printed, one a role, around one village."""
    grid = next(grid.code for grid in grids if grid.code.startswith(SHOWN_VILLAGE))
    district = SHOWN_TOWN[:6]
    desks = [units[f"{area}-desk"] for area in (SHOWN_TOWN, SHOWN_VILLAGE, district)]
    handled = [
        *(u for u in units.values() if u.area_code == SHOWN_TOWN and u.kind == UnitKind.TEAM),
        *(
            unit
            for name, area in (
                *((name, SHOWN_TOWN) for name in SHOWN_DEPARTMENTS),
                (COMMITTEE, SHOWN_VILLAGE),
            )
            for unit in units.values()
            if unit.area_code == area and unit.department == name
        ),
    ]
    branch = units[f"{SHOWN_VILLAGE}-branch-1"]
    posts: dict[Role, list[Post]] = {
        Role.GRID_WORKER: [_post(Role.GRID_WORKER, grid)],
        Role.GRID_HEAD: [_post(Role.GRID_HEAD, grid)],
        Role.DISPATCHER: [_post(Role.DISPATCHER, desk.area_code, desk) for desk in desks],
        Role.HANDLER: [_post(Role.HANDLER, unit.area_code, unit) for unit in handled],
        Role.CHECKER: [_post(Role.CHECKER, SHOWN_TOWN)],
        Role.MEMBER: [_post(Role.MEMBER, branch.area_code, branch)],
        Role.COMMUNITY_LEADER: [_post(Role.COMMUNITY_LEADER, SHOWN_VILLAGE)],
        Role.TOWN_LEADER: [_post(Role.TOWN_LEADER, SHOWN_TOWN)],
        Role.DISTRICT_LEADER: [_post(Role.DISTRICT_LEADER, district)],
        Role.ADMINISTRATOR: [_post(Role.ADMINISTRATOR, district)],
        Role.SECURITY_ADMINISTRATOR: [_post(Role.SECURITY_ADMINISTRATOR, district)],
        Role.AUDITOR: [_post(Role.AUDITOR, district)],
    }
    return {role: _Person(USERNAMES[role], posts[role]) for role in USERNAMES}


def _grid_workers(grids: list[Grid], shown: _Person) -> list[_Person]:
    """A lead for each grid that has none, and second and relief workers up to 2,343 in all."""
    led = set(
        Post.objects.filter(
            role=Role.GRID_WORKER, duty=Post.Duty.LEAD, ends_on__isnull=True
        ).values_list("area_code", flat=True)
    )
    led |= {post.area_code for post in shown.posts}
    people = [
        _Person(f"gw{grid.code}", [_post(Role.GRID_WORKER, grid.code)])
        for grid in grids
        if grid.code not in led
    ]
    for number, grid in enumerate(busiest(grids, max(0, WORKERS - len(grids)))):
        duty, mark = ((Post.Duty.SECOND, "s"), (Post.Duty.RELIEF, "r"))[number % 2]
        people.append(
            _Person(f"gw{grid.code}{mark}", [_post(Role.GRID_WORKER, grid.code, duty=duty)])
        )
    return people


def _office(
    divisions: list[Division], units: dict[str, Unit], shown: list[_Person]
) -> list[_Person]:
    """A dispatcher a desk, a handler a unit, a leader an area, a checker a town and the district.

    Where one of the people shown works already, nobody else is added.
    """
    filled = {
        (post.role, post.area_code, post.unit_id) for person in shown for post in person.posts
    }
    people: list[_Person] = []

    def add(username: str, post: Post) -> None:
        if (post.role, post.area_code, post.unit_id) not in filled:
            people.append(_Person(username, [post]))

    for division in divisions:
        code, level = division.code, Level(division.level)
        add(f"desk{code}", _post(Role.DISPATCHER, code, units[f"{code}-desk"]))
        add(f"leader{code}", _post(_LEADERS[level], code))
        if level is not Level.COMMUNITY:
            add(f"checker{code}", _post(Role.CHECKER, code))
    for unit in units.values():
        if unit.kind != UnitKind.DESK:
            add(unit.code, _post(Role.HANDLER, unit.area_code, unit))
    return people


def _post(
    role: Role, area_code: str, unit: Unit | None = None, *, duty: Post.Duty = Post.Duty.LEAD
) -> Post:
    return Post(
        role=role,
        area_code=area_code,
        district_code=area_code[:6],
        unit=unit,
        duty=duty,
        starts_on=SINCE,
    )


def _in_words(post: Post) -> str:
    where = post.unit.name if post.unit else naming.own_name(post.area_code)
    return f"{post.get_role_display()} · {where}"


def _unit(division: Division, short: str, name: str, kind: UnitKind) -> Unit:
    return Unit(
        code=f"{division.code}-{short}",
        name=name,
        kind=kind,
        level=division.level,
        area_code=division.code,
        district_code=division.code[:6],
    )


def _branches(division: Division, grids: int) -> tuple[str, ...]:
    """The party branches of a community: as published where they were, else one."""
    if division.code == BY_GRID:
        return tuple(f"{division.short_name}第{number}网格党支部" for number in range(1, grids + 1))
    return BRANCHES.get(division.code) or (f"{division.short_name}党支部",)


def _desk_name(division: Division) -> str:
    if division.level == Level.COMMUNITY:
        return f"{division.short_name}网格化服务管理工作站"
    return f"{division.short_name}城市运行综合指挥中心"


def _department_name(department: Department, division: Division) -> str:
    if division.level == Level.DISTRICT:
        return f"{division.short_name}{department.district_name.removeprefix('区')}"
    if department.name == COMMITTEE:
        short = division.short_name
        return f"{short}村民委员会" if short.endswith("村") else f"{short}居民委员会"
    return f"{division.short_name}{department.name.removeprefix('镇街')}"


def _initials(name: str, taken: set[str]) -> str:
    """The first letters of a name's sounds (应急管理办 → yjglb), made unique within an area."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore")).lower()
    short, number = letters, 1
    while short in taken:
        number += 1
        short = f"{letters}{number}"
    taken.add(short)
    return short
