"""先锋社区 (市桥), a month: 79 buildings, 7,939 residents, 524 of them old and 67 disabled, 113
party members in branches of the grids.

The figures are from the press (2019), as is that the community blows the whistle and members come
at once. The rest is made up: a table brings the register in, branches get their members and
members their households, those who need it are visited day by day, and one old woman is found on
her floor.
"""

from __future__ import annotations

import csv
import io
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from huying.branches import coming, linked
from huying.branches.linked import Rule
from huying.branches.models import Branch, Consent, HouseholdLink, Kind
from huying.care import listing, visiting
from huying.care.due import Outcome, Way
from huying.care.models import CareKind, CarePerson
from huying.care.models import Consent as CareConsent
from huying.cases import accepting, checking, closing
from huying.cases.models import Case
from huying.dispatch import levels, ordering
from huying.intake import visit_alarms
from huying.intake.excel.taking import from_command
from huying.intake.models import CaseImport
from huying.people.acting import Actor
from huying.people.models import Role
from huying.people.names import generated_name
from huying.places.models import Grid
from huying.registry.models import Address, Level, Person
from huying.response import answering, handling, whistling
from huying.response.whistles import Call
from huying.scenarios.community import (
    FIRST_DAY,
    Diary,
    at,
    branch,
    branches_of,
    days,
    grids_of,
    inside,
    members_of,
    take_in,
    takes_part,
)
from huying.scenarios.demo_words import dice
from huying.scenarios.petrol import photo
from huying.scenarios.players import department, desk, quiet

STORY: Final = "xianfeng"
TOWN, COMMUNITY = "440113007", "440113007050"
BUILDINGS, RESIDENTS, ELDERLY, DISABLED, MEMBERS = 79, 7_939, 524, 67, 113
STREETS: Final = ("先锋大街", "先锋东街", "先锋西街", "环秀街", "石榴街")
ALONE: Final = 131
"""So many of the old live alone; the press does not say."""
OLD: Final = 60
ALARM_DAY: Final = 11


def play(on_step: Any = quiet) -> dict[str, Any]:
    """Builds the community and lives its month; the figures are counted from the records."""
    diary, chance = Diary(on_step), dice("huying", STORY)
    begun = at(0, 8)
    with transaction.atomic():
        grids = grids_of(COMMUNITY, begun)
        desk(COMMUNITY, "先锋社区网格化服务管理工作站")
        committee = department(COMMUNITY, "先锋社区居民委员会", "村(社区)居委")
        by = takes_part(STORY, "desk", "何慧仪", Role.DISPATCHER, COMMUNITY)
        handler = takes_part(STORY, "committee", "冯国强", Role.HANDLER, COMMUNITY, committee)
        checker = takes_part(STORY, "checker", "梁秀琼", Role.CHECKER, TOWN)
        workers = {
            grid.code: takes_part(
                STORY, f"worker-{grid.code[-3:]}", generated_name(7_000 + n),
                Role.GRID_WORKER, grid.code,
            )
            for n, grid in enumerate(grids)
        }  # fmt: skip
    _register(grids, by, diary, chance)
    with transaction.atomic():
        members = _organise(grids, by, diary)
        cares = _list(by, diary, chance)
    for day in days():
        _visit(cares, workers, day, diary, chance)
        if day == ALARM_DAY:
            _fall(cares, workers, by, handler, checker, members, diary)
    return figures() | diary.told()


def figures() -> dict[str, int]:
    """What the records say of the community on the last day."""
    people = Person.objects.living().filter(area_code__startswith=COMMUNITY)
    cares = CarePerson.objects.standing().filter(area_code__startswith=COMMUNITY)
    houses = Address.objects.living().filter(community_code=COMMUNITY, level=Level.PLATE)
    return {
        "buildings": houses.count(),
        "residents": people.count(),
        "elderly": people.filter(birth_year__lte=FIRST_DAY.year - OLD).count(),
        "disabled": cares.filter(kinds__contains=["disabled"]).count(),
        "members": members_of(COMMUNITY),
    }


def _register(grids: list[Grid], by: Actor, diary: Diary, chance: random.Random) -> None:
    """The community's table, as a spreadsheet would have it, comes in by the door for tables."""
    if Person.objects.living().filter(area_code__startswith=COMMUNITY).exists():
        return
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("村(社区)", "地址", "户号", "姓名", "出生年份", "性别", "经度", "纬度"))
    table.writerows(_rows(grids, chance))
    made = from_command(
        text.getvalue().encode(), "先锋社区实有人口.csv", now=at(0, 9), tell=lambda done: True,
        seen=lambda made, look: True, only_good=False, again=True, into=CaseImport.Into.PEOPLE,
        by=by,
    )  # fmt: skip
    diary.note("import_people", by, at(0, 9), made.made)


def _rows(grids: list[Grid], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """One row a resident: three to a flat, old people dealt out evenly over all flats."""
    spots = [inside(grid, chance) for grid in grids for _each in range(len(STREETS) * 4)]
    old = {n * RESIDENTS // ELDERLY for n in range(ELDERLY)}
    for n in range(RESIDENTS):
        flat, head = divmod(n, 3)
        house = flat % BUILDINGS
        street, plate = STREETS[house % len(STREETS)], house // len(STREETS) * 2 + 1
        room = flat // BUILDINGS
        born = FIRST_DAY.year - (
            OLD + chance.randrange(30) if n in old else chance.randrange(1, OLD - 1)
        )
        lon, lat = spots[house % len(spots)]
        yield (
            "先锋社区", f"{street}{plate}号{room // 4 + 1}0{room % 4 + 1}", 1,
            generated_name(n), born, chance.choice("男女"),
            *((lon, lat) if not head else ("", "")),
        )  # fmt: skip


def _organise(grids: list[Grid], by: Actor, diary: Diary) -> list[Actor]:
    """A branch for each grid, 113 members in them, and each of them with households of the grid."""
    now = at(1, 10)
    top = branch(COMMUNITY, "先锋社区党委", Kind.COMMITTEE, by=by, now=now)
    for number, grid in enumerate(grids, 1):
        branch(
            COMMUNITY, f"先锋社区第{number}网格党支部", Kind.GRID, by=by, now=now,
            parent=top.pk, grids=[grid.code],
        )  # fmt: skip
    branches = branches_of(COMMUNITY)
    diary.note("found_branches", by, now, len(branches))
    members = [
        takes_part(STORY, f"member-{n}", generated_name(31_000 + n), Role.MEMBER, COMMUNITY,
                   each.unit)
        for n, each in enumerate(branches)
    ]  # fmt: skip
    new = take_in(COMMUNITY, (), MEMBERS, accounts=members, first=0, by=by, now=now)
    diary.note("take_in_members", by, now, new)
    linked_now = 0
    for each in branches:
        rule = Rule()
        found = linked.propose(each, rule)
        linked_now += linked.apply(each.pk, rule, found.seal, by=by, now=now)
    diary.note("link_households", by, now, linked_now)
    _consents(branches, by, diary)
    return members


def _consents(branches: list[Branch], by: Actor, diary: Diary) -> None:
    """One household of every branch is asked first, and agrees."""
    asked, now = 0, at(2, 19)
    for each in branches:
        links = HouseholdLink.objects.living().filter(member__branch=each, consent_at=None)
        if (link := links.order_by("id").first()) is not None:
            linked.agree(link.pk, Consent.VISIT, by=by, now=now)
            asked += 1
    diary.note("agree", by, now, asked)


def _list(by: Actor, diary: Diary, chance: random.Random) -> list[CarePerson]:
    """All who are old and all who are disabled come on the care list.

    Who lives alone is visited every week, one in four of them every third day; the others by age:
    from eighty on every other week, the rest once a month or every second month.
    """
    standing = CarePerson.objects.standing().filter(area_code__startswith=COMMUNITY)
    if not standing.exists():
        people = Person.objects.living().filter(area_code__startswith=COMMUNITY)
        old = people.filter(birth_year__lte=FIRST_DAY.year - OLD).order_by("made_at", "pk")
        young = people.filter(birth_year__gt=FIRST_DAY.year - OLD, birth_year__lt=2000)
        known = {"code": "elderly", "name": "高龄老人", "position": 1}
        CareKind.objects.get_or_create(code="elderly", defaults=known)
        told = [
            (person.pk, _told(["alone"], 2 if n % 4 else 1, chance))
            for n, person in enumerate(old[:ALONE])
        ]
        told += [
            (person.pk, _told(["elderly"], 3, chance, _every(person.birth_year)))
            for person in old[ALONE:]
        ]
        told += [
            (person.pk, _told(["disabled"], 3, chance))
            for person in young.order_by("made_at", "pk")[:DISABLED]
        ]
        listing.put_on_many(told, by=by, now=at(1, 15))
        diary.note("put_on_care_list", by, at(1, 15), len(told))
    return list(standing.order_by("pk"))


def _every(born: int | None) -> int | None:
    """Days between two visits of somebody old who does not live alone; None is the level's."""
    age = FIRST_DAY.year - (born or FIRST_DAY.year)
    return 14 if age >= 80 else None if age >= 70 else 60


def _told(
    kinds: list[str], level: int, chance: random.Random, every: int | None = None
) -> listing.Told:
    consent = chance.choice((CareConsent.SIGNED, CareConsent.SPOKEN))
    return listing.Told(kinds, level, consent, look_at=["spirits", "food"], every_days=every)


def _visit(
    cares: list[CarePerson],
    workers: dict[str, Actor],
    day: int,
    diary: Diary,
    chance: random.Random,
) -> None:
    """Most who are due on a day are visited on it; some are not at home."""
    today = FIRST_DAY + timedelta(days=day)
    rows = CarePerson.objects.filter(pk__in=[each.pk for each in cares], due_on__lte=today)
    for grid, worker in workers.items():
        due = [each for each in rows.order_by("pk") if each.area_code == grid]
        made = [
            visiting.Told(
                each.pk, uuid.UUID(int=chance.getrandbits(128)), Way.DOOR,
                Outcome.NOT_MET if chance.randrange(12) == 0 else Outcome.WELL,
                at=at(day, 9) + timedelta(minutes=6 * n),
            )
            for n, each in enumerate(due)
            if chance.randrange(100) < 85
        ]  # fmt: skip
        if made:
            now = at(day, 18)
            visiting.record_many(made, by=worker, now=now)
            diary.note("visit", worker, now, len(made))


def _fall(
    cares: list[CarePerson],
    workers: dict[str, Actor],
    by: Actor,
    handler: Actor,
    checker: Actor,
    members: list[Actor],
    diary: Diary,
) -> None:
    """Somebody is found on the floor: a case, a whistle, members at the door, all well by noon."""
    care = next(each for each in cares if each.area_code in workers and each.spot is not None)
    worker, start = workers[care.area_code], at(ALARM_DAY, 10)

    def after(minutes: int) -> Any:
        return start + timedelta(minutes=minutes)

    desk(TOWN, "市桥街城市运行综合指挥中心")
    town = takes_part(STORY, "town", "区志伟", Role.DISPATCHER, TOWN)
    told = visiting.Told(
        care.pk, uuid.uuid5(uuid.NAMESPACE_OID, STORY + str(care.pk)), Way.DOOR, Outcome.ALARM,
        at=start, words="倒在客厅地上，能说话，右腿不能动，已拨打 120。",
    )  # fmt: skip
    recorded = visit_alarms.record(told, sort="collapsed", by=worker, now=after(1))
    assert recorded.case is not None
    case = recorded.case
    diary.note("report", worker, after(1))
    lon, lat = care.spot or (0.0, 0.0)

    def step(verb: str, actor: Actor, minutes: int, done: Case) -> Case:
        diary.note(verb, actor, after(minutes))
        return done

    # An emergency is with the town at once, which leaves it to those who are nearest.
    case = accepting.accept(case, by=town, now=after(2), item=case.item_code)
    case = step("accept", town, 2, case)
    case = levels.send_down(
        case, by=town, now=after(2), to=COMMUNITY, reason="120 已出动，请社区就近组织党员协助。"
    )
    case = step("send_down", town, 2, case)
    home = Branch.objects.get(places__grid=care.area_code, places__until=None)
    member = next(each for each in members if each.unit_id == home.unit_id)
    secretary = takes_part(
        STORY, f"secretary-{care.area_code[-3:]}", "区丽珍", Role.HANDLER, COMMUNITY, home.unit
    )
    case = ordering.dispatch(case, by=by, now=after(3), unit=handler.unit_id)
    case = step("dispatch", by, 3, case)
    case = step("sign_for", handler, 4, ordering.sign_for(case, by=handler, now=after(4)))
    case = whistling.blow(
        case, by=by, now=after(5), sort="emergency", units=[home.unit_id],
        text="请附近党员到场协助：引导救护车，陪护老人。",
    )  # fmt: skip
    case = step("blow", by, 5, case)
    call = Call.objects.get(whistle__case=case, unit=home.unit)
    coming.say(call.pk, True, by=member, now=after(6))
    diary.note("come", member, after(6))
    case = answering.answer(case, by=secretary, now=after(7), text="两名党员已出门。")
    case = step("answer", secretary, 7, case)
    coming.check_in(call.pk, lon, lat, by=member, now=after(11))
    diary.note("check_in", member, after(11))
    case = answering.check_in(case, by=secretary, now=after(12), lon=lon, lat=lat)
    case = step("check_in", secretary, 12, case)
    case = step("release", by, 45, whistling.release(case, by=by, now=after(45)))
    photos = tuple(
        photo("care", kind, handler, after(60)).pk for kind in ("photo_before", "photo_after")
    )
    case = handling.handle(
        case, by=handler, now=after(60), result="救护车 10:14 到达，老人送院，家属已到；党员陪同。",
        photos=photos, lon=lon, lat=lat, form="已登记",
    )  # fmt: skip
    case = step("handle", handler, 60, case)
    case = step("check_pass", checker, 110, checking.check_pass(
        case, by=checker, now=after(110), text="电话回访医院和家属，情况稳定。"
    ))  # fmt: skip
    if case.is_open:  # else the setting has closed it with its check
        step("close", by, 115, closing.close(case, by=by, now=after(115)))


def said(result: dict[str, Any]) -> str:
    return (
        f"{result['buildings']} buildings, {result['residents']} residents, {result['elderly']} of "
        f"them old and {result['disabled']} disabled, {result['members']} members; "
        f"{len(result['steps'])} steps, chain {result['chain']}"
    )
