"""Sentences that the tests about neighbours are told with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.people.acting import RESIDENT
from huying.people.models import Account, Post, Role
from tests.desk.world import COMMUNITY, DISTRICT, hashed

if TYPE_CHECKING:
    from huying.neighbours.models import Circle, Suggestion, Wish, WishClaim
    from tests.desk.world import World


def now() -> datetime:
    return timezone.now()


def another_member(world: World, key: str = "member2", name: str = "陈志愿") -> str:
    """A second member of the village's branch."""
    account = Account(username=f"t-{key}", name=name, tour_seen_at=now())
    account.password = hashed()
    account.save()
    world.accounts[key] = account
    world.posts[key] = Post.objects.create(
        account=account,
        role=Role.MEMBER,
        area_code=COMMUNITY,
        district_code=DISTRICT,
        unit=world.units["branch"],
        starts_on=timezone.localdate() - timedelta(days=30),
    )
    return key


def published(world: World, at: datetime | None = None, **more: Any) -> Wish:
    """A wish of the village that everybody may read."""
    from huying.neighbours import wishing

    told = {"sort": "wish", "title": "给独居老人换灯泡", "words": "楼道灯坏了，老人上下楼不便。"}
    by, at = world.actor("dispatcher"), at or now()
    made = wishing.write(COMMUNITY, wishing.Told(**(told | more)), by=by, now=at)
    return wishing.publish(made.pk, by=by, now=at)


def reported(world: World, wish: Wish, who: str = "member", **more: Any) -> WishClaim:
    """Claimed by somebody, who tells the result with a photo."""
    from huying.neighbours import claiming

    by = world.actor(who)
    claiming.claim(wish.pk, by=by, now=now())
    after = [world.photo(who, "photo_after")]
    return claiming.tell_result(
        wish.pk, "灯泡换好了，试过亮。", after=after, by=by, now=now(), **more
    )


def approved(world: World, wish: Wish, who: str = "member") -> WishClaim:
    from huying.neighbours import claiming

    claim = reported(world, wish, who)
    by = world.actor("dispatcher")
    return claiming.approve(wish.pk, claim.pk, by=by, now=now())


def suggested(words: str = "小区门口垃圾没人清扫。", **more: Any) -> tuple[Suggestion, str]:
    """A resident's suggestion by the public page, and its code."""
    from huying.neighbours import suggesting

    said = suggesting.Said(**({"area_code": COMMUNITY, "words": words} | more))
    return suggesting.collect(said, by=RESIDENT, now=now())


def team(world: World, name: str = "治安巡逻队", tie: str = "team") -> Circle:
    from huying.neighbours import circles

    told = circles.Told(tie, name, "每周三晚巡逻。")
    return circles.make(COMMUNITY, told, by=world.actor("dispatcher"), now=now())


def belongs(world: World, circle: Circle, who: str = "member", *, leads: bool = False) -> None:
    """Somebody signs up and is accepted by the desk."""
    from huying.neighbours import circles

    desk = world.actor("dispatcher")
    joining = circles.ask(circle.pk, by=world.actor(who), now=now())
    circles.decide(circle.pk, joining.pk, True, by=desk, now=now())
    if leads:
        circles.let_lead(circle.pk, joining.pk, True, by=desk, now=now())


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Each job in a thread of its own, all at once; what each gave, or its error."""
    import threading

    from django.db import connection

    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(n: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[n] = job()
        except Exception as error:
            results[n] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
