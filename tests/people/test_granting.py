"""Posts: where a role can be held, who may grant, and what the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.utils.translation import override

from huying.audit.models import AccessLog
from huying.errors import BadInput, NotAllowed
from huying.people.acting import Actor, ActorKind
from huying.people.granting import end_at_once, end_post, grant_post
from huying.people.models import Account, Post, Role, Unit

pytestmark = pytest.mark.django_db

TOWN, VILLAGE, GRID = "440113120", "440113120213", "440113120213001"
Make = Callable[..., Account]


@pytest.fixture
def grant(security: Actor, now: datetime, today: date) -> Callable[..., Post]:
    def do(account: Account, role: Role, area: str = "", **more: Any) -> Post:
        more = {"starts_on": today, "by": security, "now": now} | more
        return grant_post(account, role, area_code=area, **more)

    return do


@pytest.mark.parametrize(
    ("role", "area"),
    [
        (Role.GRID_WORKER, VILLAGE),
        (Role.GRID_HEAD, TOWN),
        (Role.CHECKER, GRID),
        (Role.COMMUNITY_LEADER, TOWN),
        (Role.TOWN_LEADER, VILLAGE),
        (Role.DISTRICT_LEADER, TOWN),
        (Role.AUDITOR, TOWN),
        (Role.CHECKER, "44011312"),
        (Role.CHECKER, "440113999"),
        (Role.GRID_WORKER, "440113120213999"),
        (Role.DISPATCHER, VILLAGE),  # no command centre there
    ],
)
def test_a_role_is_held_at_its_level_in_a_place_that_exists(
    person: Make, grant: Any, grid: str, desk: Unit, role: Role, area: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        grant(person("someone"), role, area)
    assert refusal.value.field == "area_code"
    assert not Post.objects.exists()


def test_a_dispatcher_works_at_the_areas_desk_and_a_handler_in_the_units_area(
    person: Make, grant: Any, desk: Unit, team: Unit
) -> None:
    dispatcher = grant(person("one"), Role.DISPATCHER, TOWN)
    handler = grant(person("two"), Role.HANDLER, unit=team)
    assert (dispatcher.unit, dispatcher.area_code) == (desk, TOWN)
    assert (handler.unit, handler.area_code, handler.district_code) == (team, TOWN, "440113")
    with pytest.raises(BadInput, match="须指定责任单位"):
        grant(person("three"), Role.HANDLER, TOWN)


def test_a_grid_has_one_lead_and_any_number_beside(person: Make, grant: Any, grid: str) -> None:
    grant(person("one"), Role.GRID_WORKER, grid)
    grant(person("two"), Role.GRID_WORKER, grid, duty=Post.Duty.SECOND)
    with pytest.raises(BadInput) as refusal:
        grant(person("three"), Role.GRID_WORKER, grid)
    with override("zh-hans"):
        assert str(refusal.value) == "该网格在此期间已有一名主责网格员。"


def test_the_next_lead_begins_the_day_after_the_last(
    person: Make, grant: Any, grid: str, today: date
) -> None:
    last = today + timedelta(days=9)
    grant(person("one"), Role.GRID_WORKER, grid, ends_on=last)
    with pytest.raises(BadInput):
        grant(person("two"), Role.GRID_WORKER, grid, starts_on=last)
    grant(person("three"), Role.GRID_WORKER, grid, starts_on=last + timedelta(days=1))


def test_guardians_exclude_each_other_while_they_last(
    person: Make, grant: Any, today: date
) -> None:
    one = person("one")
    grant(one, Role.ADMINISTRATOR, "440113", ends_on=today)
    with pytest.raises(BadInput) as refusal:
        grant(one, Role.AUDITOR, "440113")
    assert refusal.value.extra["constraint"] == "post_guardians_exclude_each_other"
    with override("zh-hans"):
        assert "互斥" in str(refusal.value)
    grant(one, Role.AUDITOR, "440113", starts_on=today + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_cannot_both_win(
    person: Make, security: Actor, now: datetime, today: date, owner_connection: Any
) -> None:
    account = person("one")
    insert = """
        INSERT INTO post (account_id, role, area_code, district_code, duty, title, starts_on)
        VALUES (%s, 'administrator', '440113', '440113', 'lead', '', %s)
        """

    def grant_the_other() -> Post:
        return grant_post(
            account, Role.AUDITOR, area_code="440113", starts_on=today, by=security, now=now
        )

    with psycopg.connect(owner_connection.info.dsn, password=owner_connection.info.password) as one:
        one.execute(insert, [account.pk, today])
        # The first has not committed: the second has to wait for its outcome.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
                grant_the_other()
        one.commit()
    with pytest.raises(BadInput):
        grant_the_other()
    assert Post.objects.get().role == Role.ADMINISTRATOR


@pytest.mark.parametrize(
    "role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.DISPATCHER, Role.DISTRICT_LEADER]
)
def test_only_the_security_administrator_grants_and_ends(
    person: Make, grant: Any, post_of: Any, now: datetime, today: date, role: Role
) -> None:
    other = Actor(ActorKind.ACCOUNT, account_id=0, role=role, area_code="440113")
    account = person("one", Role.CHECKER)
    with pytest.raises(NotAllowed):
        grant(account, Role.CHECKER, TOWN, by=other)
    with pytest.raises(NotAllowed):
        end_post(account.posts.get(), on=today, by=other, now=now)


def test_nobody_grants_to_themselves(person: Make, grant: Any) -> None:
    account = person("sec", Role.SECURITY_ADMINISTRATOR)
    by = Actor(ActorKind.ACCOUNT, account_id=account.pk, role=Role.SECURITY_ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="本人"):
        grant(account, Role.CHECKER, TOWN, by=by)


@pytest.mark.parametrize("whose", ["own", "other"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "present"])
def test_no_post_is_made_longer_by_ending_it(
    person: Make, now: datetime, today: date, whose: str, ended: bool
) -> None:
    account = person("sec", Role.SECURITY_ADMINISTRATOR)
    holder = account if whose == "own" else person("one", Role.ADMINISTRATOR)
    by = Actor(ActorKind.ACCOUNT, account_id=account.pk, role=Role.SECURITY_ADMINISTRATOR)
    last = today + timedelta(days=-9 if ended else 9)
    post = end_post(holder.posts.get(), on=last, by=by, now=now)
    assert post is not None
    for later in (last + timedelta(days=1), today + timedelta(days=366)):
        with pytest.raises(BadInput) as refusal:
            end_post(post, on=later, by=by, now=now)
        assert refusal.value.field == "ends_on"
        with override("zh-hans"):
            assert "不能延长" in str(refusal.value)
    assert holder.posts.get().ends_on == last
    # What was refused is no ending: one record, of the first.
    assert AccessLog.objects.filter(action="end_post").count() == 1
    sooner = last - timedelta(days=3)
    end_post(post, on=sooner, by=by, now=now)
    assert holder.posts.get().ends_on == sooner


def test_ending_at_once_leaves_yesterday_or_takes_back_what_never_began(
    person: Make, grant: Any, security: Actor, now: datetime, today: date
) -> None:
    old = grant(person("one"), Role.CHECKER, TOWN, starts_on=today - timedelta(days=30))
    new = grant(person("two"), Role.CHECKER, TOWN)
    assert end_at_once(old, by=security, now=now, today=today).ends_on == today - timedelta(days=1)
    assert end_at_once(new, by=security, now=now, today=today) is None
    assert list(Post.objects.all()) == [old]


def test_each_change_leaves_a_record(
    person: Make, grant: Any, security: Actor, now: datetime, today: date
) -> None:
    post = grant(person("one"), Role.CHECKER, TOWN)
    end_post(post, on=today, by=security, now=now)
    records = AccessLog.objects.filter(subject_type="post", subject_id=str(post.pk))
    assert {record.action for record in records} == {"grant_post", "end_post"}
    assert {record.purpose for record in records} == {f"checker@{TOWN}"}
    assert {record.role for record in records} == {"security_administrator"}
