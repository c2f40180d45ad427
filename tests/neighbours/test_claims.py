"""Wishes are published, claimed, told of, approved and rated; what stalls returns to the list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.neighbours import claiming, figures, rating, stalling, suggesting, wishing
from huying.neighbours.models import NeighbourStep, Wish, WishClaim
from huying.notices.models import Notice
from tests.desk.world import COMMUNITY
from tests.neighbours.stories import (
    another_member,
    approved,
    at_once,
    now,
    published,
    reported,
    suggested,
)

if TYPE_CHECKING:
    from tests.desk.world import World

TOLD = wishing.Told("wish", "修一修凉亭", "凉亭的凳子断了。")


def told_of(world: World, name: str) -> list[str]:
    rows = Notice.objects.filter(account=world.accounts[name]).order_by("created_at")
    return list(rows.values_list("kind", flat=True))


def test_a_wish_is_claimed_done_with_a_photo_and_approved(world: World) -> None:
    wish = published(world)
    claim = approved(world, wish)
    wish.refresh_from_db()
    assert (wish.state, claim.state) == ("done", "done")
    assert claim.unit.name == "小龙村党支部"
    assert "neighbours_approved" in told_of(world, "member")
    verbs = NeighbourStep.objects.values_list("verb", flat=True)
    assert set(verbs) == {"write", "publish", "claim", "result", "approve", "done"}


def test_nobody_outside_sees_a_wish_before_it_is_published(world: World) -> None:
    by = world.actor("dispatcher")
    wish = wishing.write(COMMUNITY, TOLD, by=by, now=now())
    assert not Wish.objects.public().exists()
    assert not Wish.objects.visible_to(world.actor("member")).exists()
    with pytest.raises(NotFound):
        claiming.claim(wish.pk, by=world.actor("member"), now=now())


def test_only_the_desk_of_the_area_writes_and_publishes(world: World) -> None:
    for name in ("member", "leader", "far_dispatcher", "worker"):
        with pytest.raises(NotAllowed):
            wishing.write(COMMUNITY, TOLD, by=world.actor(name), now=now())
    wish = published(world)
    with pytest.raises(NotFound):
        wishing.close(wish.pk, "不办了", by=world.actor("far_dispatcher"), now=now())


def test_members_claim_for_themselves_and_handlers_for_their_unit(world: World) -> None:
    wish = published(world, capacity=3)
    mine = claiming.claim(wish.pk, by=world.actor("member"), now=now())
    theirs = claiming.claim(wish.pk, by=world.actor("handler"), now=now())
    assert (mine.for_unit, theirs.for_unit) == (False, True)
    assert theirs.unit == world.units["lead"]
    with pytest.raises(WrongState):
        claiming.claim(wish.pk, by=world.actor("handler"), now=now())
    with pytest.raises(NotFound):
        claiming.claim(wish.pk, by=world.actor("far_member"), now=now())
    with pytest.raises(NotAllowed):
        claiming.claim(wish.pk, by=world.actor("worker"), now=now())


def test_no_more_claim_it_than_there_are_places(world: World) -> None:
    wish, second = published(world), another_member(world)
    claiming.claim(wish.pk, by=world.actor("member"), now=now())
    with pytest.raises(WrongState):
        claiming.claim(wish.pk, by=world.actor(second), now=now())
    claiming.give_up(wish.pk, "出差", by=world.actor("member"), now=now())
    claiming.claim(wish.pk, by=world.actor(second), now=now())


def test_the_last_day_for_claiming_counts_to_its_end(world: World) -> None:
    today = timezone.localdate()
    wish = published(world, claim_by=today, capacity=2)
    claiming.claim(wish.pk, by=world.actor("member"), now=now())
    second = another_member(world)
    with pytest.raises(WrongState):
        claiming.claim(wish.pk, by=world.actor(second), now=now() + timedelta(days=1))


def test_the_database_refuses_a_second_claim_of_one_person(world: World) -> None:
    wish = published(world, capacity=5)
    first = claiming.claim(wish.pk, by=world.actor("member"), now=now())
    first.pk = None
    twin = WishClaim(
        district_code=first.district_code, wish=wish, account_id=first.account_id,
        unit_id=first.unit_id, claimed_at=now(), heard_at=now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="wish_claim_once_a_person"), transaction.atomic():
        twin.save(force_insert=True)


def test_a_result_needs_words_and_a_photo_and_somebody_else_approves(world: World) -> None:
    wish, by = published(world), world.actor("member")
    claiming.claim(wish.pk, by=by, now=now())
    with pytest.raises(Missing):
        claiming.tell_result(wish.pk, "好了", by=by, now=now())
    photo = world.photo("member", "photo_after")
    with pytest.raises(Missing):
        claiming.tell_result(wish.pk, " ", after=[photo], by=by, now=now())
    claiming.tell_result(wish.pk, "好了", after=[photo], by=by, now=now())
    claim = WishClaim.objects.get()
    # The desk's clerk who claimed it as a member cannot approve it as the desk.
    WishClaim.objects.update(account=world.accounts["dispatcher"])
    with pytest.raises(NotAllowed):
        claiming.approve(wish.pk, claim.pk, by=world.actor("dispatcher"), now=now())


def test_the_desk_may_ask_for_more(world: World) -> None:
    wish = published(world)
    claim = reported(world, wish)
    by = world.actor("dispatcher")
    claiming.ask_more(wish.pk, claim.pk, "请补拍开关", by=by, now=now())
    claim.refresh_from_db()
    assert (claim.state, claim.asked) == ("running", "请补拍开关")
    # The photo from before is there still.
    claiming.tell_result(wish.pk, "补好了", by=world.actor("member"), now=now())
    claiming.approve(wish.pk, claim.pk, by=by, now=now())


def test_with_several_places_it_is_done_when_the_desk_or_the_last_day_says(world: World) -> None:
    wish = published(world, capacity=2, claim_by=timezone.localdate())
    approved(world, wish)
    wish.refresh_from_db()
    assert wish.state == "open"
    stalling.see_to(now=now() + timedelta(days=1))
    wish.refresh_from_db()
    assert wish.state == "done"
    other = published(world, capacity=2)
    claim = reported(world, other)
    with pytest.raises(WrongState):
        wishing.finish(other.pk, by=world.actor("dispatcher"), now=now())
    claiming.approve(other.pk, claim.pk, by=world.actor("dispatcher"), now=now())
    assert wishing.finish(other.pk, by=world.actor("dispatcher"), now=now()).state == "done"


def test_a_claim_of_which_nothing_is_heard_returns_to_the_list(world: World) -> None:
    wish, start = published(world, stall_days=7), now()
    claiming.claim(wish.pk, by=world.actor("member"), now=start)
    assert stalling.see_to(now=start + timedelta(days=4, hours=23)) == 0
    assert stalling.see_to(now=start + timedelta(days=5)) == 1
    assert stalling.see_to(now=start + timedelta(days=5, hours=1)) == 0
    assert told_of(world, "member") == ["neighbours_urged"]
    # A word keeps it.
    claiming.tell_progress(
        wish.pk, "灯泡买到了", by=world.actor("member"), now=start + timedelta(days=6)
    )
    assert stalling.see_to(now=start + timedelta(days=8)) == 0
    stalling.see_to(now=start + timedelta(days=12))
    stalling.see_to(now=start + timedelta(days=13))
    claim = WishClaim.objects.get()
    assert claim.state == "stalled"
    assert told_of(world, "member")[-1] == "neighbours_stalled"
    assert wishing.places_left(wish) == 1
    claiming.claim(wish.pk, by=world.actor("member"), now=start + timedelta(days=14))


def test_a_result_that_waits_for_the_desk_does_not_stall(world: World) -> None:
    wish = published(world, stall_days=1)
    reported(world, wish)
    stalling.see_to(now=now() + timedelta(days=30))
    assert WishClaim.objects.get().state == "reported"


def test_taking_it_off_the_list_tells_who_claimed_it(world: World) -> None:
    wish = published(world)
    claiming.claim(wish.pk, by=world.actor("member"), now=now())
    with pytest.raises(Missing):
        wishing.close(wish.pk, "", by=world.actor("dispatcher"), now=now())
    wishing.close(wish.pk, "已由物业修好", by=world.actor("dispatcher"), now=now())
    assert WishClaim.objects.get().state == "closed"
    assert told_of(world, "member") == ["neighbours_ended"]


def test_a_stale_page_and_impossible_numbers_are_refused(world: World) -> None:
    wish, by = published(world, capacity=2), world.actor("dispatcher")
    with pytest.raises(StalePage):
        wishing.change(wish.pk, TOLD, by=by, now=now(), version=1)
    claiming.claim(wish.pk, by=world.actor("member"), now=now())
    claiming.claim(wish.pk, by=world.actor(another_member(world)), now=now())
    with pytest.raises(BadInput) as refused:
        wishing.change(wish.pk, TOLD, by=by, now=now())
    assert refused.value.field == "capacity"
    for wrong in ({"capacity": 0}, {"stall_days": 0}, {"sort": "x"}, {"title": ""}):
        with pytest.raises((BadInput, Missing)):
            wishing.write(
                COMMUNITY, wishing.Told(**({"sort": "wish", "title": "a", "words": "b"} | wrong)),
                by=by, now=now(),
            )  # fmt: skip


def test_numbers_of_people_in_words_are_masked(world: World) -> None:
    wish = published(world, words="请打13926187754，身份证440113198001010018")
    assert "13926187754" not in wish.words
    assert "139****7754" in wish.words
    assert "440113198001010018" not in wish.words


def test_both_sides_rate_once_and_the_branch_is_counted_in_figures(world: World) -> None:
    found, _code = suggested()
    by = world.actor("dispatcher")
    wish = suggesting.to_wish(found.pk, TOLD, by=by, now=now())
    wishing.publish(wish.pk, by=by, now=now())
    claim = approved(world, wish)
    found.refresh_from_db()
    assert found.state == "done"
    assert rating.to_rate(found) == [claim]
    for stars in (None, 0, 6):
        with pytest.raises(BadInput):
            rating.by_resident(found, claim.pk, stars, "", now=now())
    rating.by_resident(found, claim.pk, 5, "很满意", now=now())
    rating.by_claimant(wish.pk, 3, "工具借得慢", by=world.actor("member"), now=now())
    for again in (
        lambda: rating.by_resident(found, claim.pk, 1, "", now=now()),
        lambda: rating.by_claimant(wish.pk, 1, "", by=world.actor("member"), now=now()),
    ):
        with pytest.raises(WrongState):
            again()
    with pytest.raises(NotFound):
        rating.by_claimant(wish.pk, 5, "", by=world.actor("handler"), now=now())
    (line,) = figures.by_unit(COMMUNITY)
    assert (line.name, line.claims, line.done, line.stars, line.support) == (
        "小龙村党支部", 1, 1, 5.0, 3.0,
    )  # fmt: skip
    assert figures.of_area("440113102003").stars is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_the_last_place_at_once_one_has_it(world: World) -> None:
    wish, second = published(world), another_member(world)
    actors = [world.actor("member"), world.actor(second)]
    results = at_once(
        [lambda by=by: claiming.claim(wish.pk, by=by, now=now()) for by in actors]  # type: ignore[misc]
    )
    assert sorted(type(each).__name__ for each in results) == ["WishClaim", "WrongState"]
    assert WishClaim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_who_taps_twice_has_one_claim(world: World) -> None:
    wish, by = published(world, capacity=5), world.actor("member")
    results = at_once([lambda: claiming.claim(wish.pk, by=by, now=now())] * 2)
    assert sorted(type(each).__name__ for each in results) == ["WishClaim", "WrongState"]
    assert WishClaim.objects.count() == 1
