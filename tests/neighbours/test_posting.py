"""Who is accepted into a team is called with it once the security administrator gave the post."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from huying.branches import coming
from huying.errors import NotAllowed, NotFound
from huying.neighbours import circles, posting
from huying.notices.models import Notice
from huying.people.acting import actor_for
from huying.people.models import Account, Post, Role
from huying.response import whistling
from tests.desk.world import DISTRICT
from tests.neighbours.stories import another_member, belongs, now, team

if TYPE_CHECKING:
    from huying.neighbours.models import Circle, Joining
    from huying.people.acting import Actor
    from tests.desk.world import World


@pytest.fixture
def security(world: World) -> Actor:
    account = Account.objects.create(username="t-security", name="安管员")
    post = Post.objects.create(
        account=account, role=Role.SECURITY_ADMINISTRATOR, area_code=DISTRICT,
        district_code=DISTRICT, starts_on=timezone.localdate() - timedelta(days=9),
    )  # fmt: skip
    return actor_for(post, timezone.localdate())


def joined(circle: Circle) -> Joining:
    found: Joining = circle.joinings.get()
    return found


def in_team(world: World, circle: Circle, who: str = "member") -> list[Post]:
    return list(posting.posts_in(circle, now()).filter(account=world.accounts[who]))


def test_acceptance_gives_no_post_and_only_the_security_administrator_does(
    world: World, security: Actor
) -> None:
    circle, group = team(world), team(world, "象棋小组", "interest")
    belongs(world, circle, leads=True)
    belongs(world, group)
    assert in_team(world, circle) == []
    assert [each.circle for each in posting.wanting(now())] == [circle]  # a group is never called
    for who in ("dispatcher", "leader", "member"):
        with pytest.raises(NotAllowed):
            posting.give(joined(circle).pk, by=world.actor(who), now=now())
    post = posting.give(joined(circle).pk, by=security, now=now())
    assert in_team(world, circle) == [post]
    assert Notice.objects.filter(kind="neighbours_called", account=post.account).count() == 1
    with pytest.raises(NotFound):
        posting.give(joined(circle).pk, by=security, now=now())


def test_a_whistle_reaches_them_with_the_post_and_no_more_once_they_left(
    world: World, security: Actor
) -> None:
    circle = team(world)
    belongs(world, circle)
    posting.give(joined(circle).pk, by=security, now=now())
    assert circle.unit is not None
    case = world.dispatched()
    whistling.blow(
        case, by=world.actor("dispatcher"), now=now(), sort="emergency", units=[circle.unit.pk],
        text="请到村口。",
    )  # fmt: skip
    (post,) = in_team(world, circle)
    volunteer = actor_for(post, timezone.localdate())
    (call,) = coming.calling(volunteer)
    coming.say(call.pk, True, by=volunteer, now=now())
    others = Post.objects.filter(account=world.accounts["member"]).exclude(pk=post.pk).count()
    circles.leave(circle.pk, by=world.actor("member"), now=now())
    assert in_team(world, circle) == []
    assert Post.objects.filter(account=world.accounts["member"]).count() == others


def test_a_team_that_ends_takes_its_posts_along_and_no_others(
    world: World, security: Actor
) -> None:
    circle, second = team(world), another_member(world)
    for who in ("member", second):
        belongs(world, circle, who)
    for each in list(posting.wanting(now())):
        posting.give(each.pk, by=security, now=now())
    later = now() + timedelta(days=3)
    circles.leave(circle.pk, by=world.actor(second), now=later)
    assert [each.account for each in posting.posts_in(circle, later)] == [world.accounts["member"]]
    circles.end(circle.pk, by=world.actor("dispatcher"), now=later)
    assert not posting.posts_in(circle, later).exists()
    assert Post.objects.filter(unit=world.units["branch"], ends_on=None).count() == 2


def test_the_first_page_of_administration_says_who_waits_and_a_press_gives_the_post(
    world: World, security: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    circle = team(world)
    belongs(world, circle)
    client = Client()
    client.force_login(Account.objects.get(pk=security.account_id))
    assert "有 1 名志愿者已被队伍接收" in client.get("/admin/").text
    page = client.get("/admin/volunteers/")
    assert circle.name in page.text
    sent = {"joining": joined(circle).pk}
    assert "已授予何" in client.post("/admin/volunteers/", sent, follow=True).text
    assert len(in_team(world, circle)) == 1
    assert client.post("/admin/volunteers/", sent).status_code == 404
    assert client.post("/admin/volunteers/", {"joining": "x"}).status_code == 404
    assert "等待授予岗位" not in client.get("/admin/").text
