"""The demo's units and people, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Count, Q

from huying.people import names
from huying.people.demo import (
    PrintedAccount,
    busiest,
    departments,
    load_demo_people,
    unload_demo_people,
)
from huying.people.finding import desk_of
from huying.people.models import Account, Post, Role, Unit
from huying.places.loading import load_demo_grids
from huying.places.models import Grid

SHIQI, XIAOLONG, DISTRICT = "440113120", "440113120213", "440113"
IN_XIANFENG = 5
"""Grids that the demo draws in 先锋社区."""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[PrintedAccount]]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo_grids(NOW)
        yield load_demo_people(NOW)
        transaction.set_rollback(True)


@pytest.fixture
def printed(loaded: list[PrintedAccount], django_db_blocker: Any) -> Iterator[list[PrintedAccount]]:
    """Those whom one can sign in as; what a test changes is there again for the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield loaded
        transaction.set_rollback(True)


def posts(role: Role) -> Any:
    return Post.objects.filter(role=role)


def test_every_grid_has_one_lead_and_the_busiest_one_more(printed: Any) -> None:
    leads = posts(Role.GRID_WORKER).filter(duty=Post.Duty.LEAD)
    assert set(leads.values_list("area_code", flat=True)) == set(
        Grid.objects.values_list("code", flat=True)
    )
    assert leads.count() == 2025
    others = posts(Role.GRID_WORKER).exclude(duty=Post.Duty.LEAD)
    assert Counter(others.values_list("duty", flat=True)) == {"second": 159, "relief": 159}
    assert others.values("area_code").distinct().count() == 318
    assert posts(Role.GRID_WORKER).values("account").distinct().count() == 2343
    in_shiqi = posts(Role.GRID_WORKER).filter(area_code__startswith=SHIQI)
    assert in_shiqi.count() == 100
    assert not others.filter(area_code__startswith=SHIQI).exists()


def test_busiest_are_the_smallest_outside_shiqi() -> None:
    grids = [
        Grid(code="440113120213001", area_m2=1.0),
        Grid(code="440113007001002", area_m2=5.0),
        Grid(code="440113007001001", area_m2=5.0),
        Grid(code="440113007001003", area_m2=9.0),
    ]
    assert [grid.code[-3:] for grid in busiest(grids, 2)] == ["001", "002"]
    assert busiest(grids, 99) == busiest(grids, 3)


def test_desks_departments_and_teams(printed: Any) -> None:
    assert Counter(Unit.objects.values_list("kind", flat=True)) == {
        "desk": 1 + 16 + 276,
        "department": 16 + 16 * 16 + 276,
        "team": 2 * 16,
        # One a community, but 23 in 番奥社区 and one a grid in 先锋社区.
        "branch": 274 + 23 + IN_XIANFENG,
    }
    branches = Unit.objects.filter(kind="branch")
    assert branches.filter(area_code="440113010008").count() == 23
    assert branches.get(area_code=XIAOLONG).name == "小龙村党支部"
    assert set(branches.values_list("level", flat=True)) == {"community"}
    assert desk_of(SHIQI).code == f"{SHIQI}-desk"
    assert Unit.objects.get(code=f"{SHIQI}-yjglb").name == "石碁镇应急管理办"
    assert Unit.objects.get(code=f"{DISTRICT}-yjglb").name == "番禺区应急管理局"
    assert Unit.objects.get(code=f"{DISTRICT}-yjglb").department == "应急管理办"
    assert Unit.objects.get(area_code=XIAOLONG, kind="department").name == "小龙村村民委员会"
    teams = Unit.objects.filter(area_code=SHIQI, kind="team").order_by("code")
    assert [(team.code[-6:], team.duty) for team in teams] == [
        ("team-1", "企业商铺类"),
        ("team-2", "社会面类"),
    ]
    known = {department.name for department in departments()}
    assert set(Unit.objects.filter(kind="department").values_list("department", flat=True)) == known


def test_every_unit_has_its_people(printed: Any) -> None:
    held = Unit.objects.annotate(number=Count("posts", filter=~Q(posts__role=Role.MEMBER)))
    assert set(held.values_list("number", flat=True)) == {1}
    assert posts(Role.DISPATCHER).count() == 293
    assert posts(Role.HANDLER).count() == 580 + 274 + 23 + IN_XIANFENG
    assert [post.unit.name for post in posts(Role.MEMBER)] == ["小龙村党支部"]
    assert posts(Role.CHECKER).count() == 17  # the towns and, for what lies nowhere, the district
    assert posts(Role.COMMUNITY_LEADER).count() == 276
    assert posts(Role.TOWN_LEADER).count() == 16


def test_one_account_a_role_can_sign_in_and_a_second_administrator(
    printed: list[PrintedAccount],
) -> None:
    assert [each.role for each in printed] == [*Role, Role.ADMINISTRATOR]
    usable = {each.username for each in Account.objects.all() if each.has_usable_password()}
    assert usable == {each.username for each in printed}
    assert len({each.password for each in printed}) == 13
    for each in printed:
        account = Account.objects.get(username=each.username)
        assert account.check_password(each.password)
        assert account.name == each.name
        validate_password(each.password, account)


def test_the_printed_ones_work_around_xiaolong(printed: list[PrintedAccount]) -> None:
    def held(username: str) -> list[tuple[str, str]]:
        found = Post.objects.filter(account__username=username).order_by("id")
        return [(p.area_code, p.unit.code.split("-", 1)[1] if p.unit else "") for p in found]

    assert held("dispatcher") == [(SHIQI, "desk"), (XIAOLONG, "desk"), (DISTRICT, "desk")]
    assert held("handler") == [
        (SHIQI, "team-1"),
        (SHIQI, "team-2"),
        (SHIQI, "yjglb"),
        (SHIQI, "cgzfd"),
        (XIAOLONG, "csqjw"),
    ]
    assert held("worker")[0][0].startswith(XIAOLONG)
    assert Post.objects.get(account__username="worker").duty == Post.Duty.LEAD
    assert held("checker") == [(SHIQI, "")]
    by_role = {each.role: each for each in reversed(printed)}
    assert by_role[Role.DISPATCHER].posts[0] == "派遣员 · 石碁镇城市运行综合指挥中心"
    assert by_role[Role.CHECKER].posts == ("核查员 · 石碁镇",)
    assert len(by_role[Role.HANDLER].posts) == 5


def test_loading_again_changes_nothing_and_unloading_takes_all(printed: Any) -> None:
    before = Account.objects.count(), Post.objects.count(), Unit.objects.count()
    assert load_demo_people(NOW) == []
    assert (Account.objects.count(), Post.objects.count(), Unit.objects.count()) == before
    kept = Unit.objects.create(
        code="own", name="x", kind="team", level="town", area_code=SHIQI, district_code=DISTRICT
    )
    assert unload_demo_people() == before[0]
    assert list(Unit.objects.all()) == [kept]
    assert len(load_demo_people(NOW)) == 13


def test_names_are_many_and_plainly_made_up() -> None:
    made = [names.generated_name(number) for number in range(names.DIFFERENT)]
    assert len(set(made)) == len(made) > 3600
    assert all(name[-1] in names.SECOND and len(name) == 3 for name in made)
    assert made[0] == names.generated_name(names.DIFFERENT)
