"""Acting on a post: only while it holds, and never for another unit of one's own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huying.cases.models import Case
from huying.errors import NotAllowed
from huying.people.acting import actor_for, posts_of
from huying.people.finding import desk_of, holders, units_in
from huying.people.models import GUARDIANS, Role, Unit

pytestmark = pytest.mark.django_db

TOWN = "440113120"


def test_the_actor_is_the_post_with_every_unit_of_the_account(
    person: Any, post_of: Any, desk: Unit, team: Unit, today: date
) -> None:
    account = person("one")
    post = post_of(account, "checker", TOWN)
    post_of(account, "handler", TOWN, unit=team)
    post_of(account, "dispatcher", TOWN, unit=desk, ends_on=today - timedelta(days=1))
    actor = actor_for(post, today)
    assert (actor.role, actor.area_code, actor.unit_id) == (Role.CHECKER, TOWN, None)
    assert actor.units == {team.pk}  # of a post that ended nothing remains
    assert actor.name == account.name


@pytest.mark.parametrize(
    ("starts", "ends", "held"),
    [(0, None, True), (-9, 0, True), (-9, -1, False), (1, None, False), (0, 0, True)],
)
def test_a_post_holds_from_its_first_to_its_last_day(
    person: Any, post_of: Any, today: date, starts: int, ends: int | None, held: bool
) -> None:
    account = person("one")
    last = None if ends is None else today + timedelta(days=ends)
    post = post_of(account, "checker", TOWN, starts_on=today + timedelta(days=starts), ends_on=last)
    assert posts_of(account, today) == ([post] if held else [])
    if held:
        assert actor_for(post, today).post_id == post.pk
    else:
        with pytest.raises(NotAllowed):
            actor_for(post, today)


def test_a_blocked_account_holds_no_post(person: Any, today: date) -> None:
    account = person("one", "checker")
    account.is_active = False
    account.save()
    with pytest.raises(NotAllowed):
        actor_for(account.posts.get(), today)


def test_accounts_have_no_power_of_their_own(person: Any) -> None:
    account = person("one", "administrator")
    for flag in ("is_superuser", "is_staff", "user_permissions", "groups"):
        assert not hasattr(account, flag)


@pytest.mark.parametrize("role", sorted(GUARDIANS))
def test_guardians_see_no_case(person: Any, today: date, role: str) -> None:
    account = person("one", role)
    actor = actor_for(account.posts.get(), today)
    assert Case.objects.visible_to(actor).query.is_empty()


def test_finding_who_is_where(person: Any, desk: Unit, team: Unit, today: date) -> None:
    person("one", "checker", area=TOWN)
    old = person("two", "checker", area=TOWN).posts.get()
    old.ends_on = today - timedelta(days=1)
    old.save()
    assert desk_of(TOWN) == desk
    assert desk_of("440113") is None
    assert set(units_in("440113")) == {desk, team}
    team.active = False
    team.save()
    assert list(units_in(TOWN)) == [desk]
    found = holders(Role.CHECKER, "440113", today)
    assert [post.account.username for post in found] == ["one"]
    assert not holders(Role.CHECKER, "440113007", today).exists()
