"""Sentences that the tests about organisations together are told with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.branches import founding, together
from huying.joint import booking, resources
from huying.joint.times import Opening
from huying.people.acting import Actor
from huying.people.models import Account, Post, Role
from tests.desk.world import COMMUNITY, DISTRICT, TOWN, hashed

if TYPE_CHECKING:
    from huying.branches.models import Branch, MemberOrganisation
    from huying.joint.models import SharedBooking, SharedResource
    from tests.desk.world import World

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ALL_DAY = (Opening(EVERY_DAY, 8 * 60, 22 * 60),)


def tomorrow(hour: int, minute: int = 0, *, days: int = 1) -> datetime:
    """A time of tomorrow, or of a later day."""
    local = timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0)
    return local + timedelta(days=days)


class Village:
    """小龙村: its desk, a school of the 大党委, and the branch's secretary."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = timezone.now()
        self.hold("village_dispatcher", "村值班员", Role.DISPATCHER, "community")
        self.school = self.organisation("小龙小学")

    @property
    def desk(self) -> Actor:
        return self.world.actor("village_dispatcher")

    @property
    def member(self) -> Actor:
        return self.world.actor("member")

    def hold(self, key: str, name: str, role: Role, unit: str = "", area: str = COMMUNITY) -> Actor:
        account = Account(username=f"t-{key}", name=name, tour_seen_at=self.now)
        account.password = hashed()
        account.save()
        self.world.accounts[key] = account
        self.world.posts[key] = Post.objects.create(
            account=account, role=role, area_code=area, district_code=DISTRICT,
            unit=self.world.units[unit] if unit else None,
            starts_on=timezone.localdate() - timedelta(days=30),
        )  # fmt: skip
        return self.world.actor(key)

    def organisation(self, name: str, **more: Any) -> MemberOrganisation:
        told = together.OrganisationTold(name, "school", **more)
        made: MemberOrganisation = together.add(COMMUNITY, told, by=self.desk, now=self.now)
        return made

    def branch(self, name: str = "小龙小学党支部") -> Branch:
        told = founding.Told(name, "unit", founded_on=timezone.localdate())
        return founding.found(COMMUNITY, told, by=self.desk, now=self.now)

    def lends_itself(self) -> Actor:
        """The school gets a branch of its own, whose secretary decides from now on."""
        branch = self.branch()
        self.world.units["school"] = branch.unit
        self.school.branch = branch
        self.school.save()
        return self.hold("school_secretary", "陈书记", Role.HANDLER, "school")

    def hall(self, name: str = "会议室", **more: Any) -> SharedResource:
        told = {"kind": "hall", "openings": ALL_DAY, "people": 40, "spot": "教学楼一楼"} | more
        return resources.add(
            COMMUNITY, resources.Told(self.school.pk, name=name, **told),
            by=self.desk, now=self.now,
        )  # fmt: skip

    def parking(self, quantity: int = 40) -> SharedResource:
        nights = (Opening(EVERY_DAY, 19 * 60, 7 * 60),)
        return self.hall("夜间车位", kind="parking", quantity=quantity, openings=nights)

    def booked(
        self,
        resource: SharedResource,
        begins: datetime,
        ends: datetime,
        who: str = "member",
        **more: Any,
    ) -> SharedBooking:
        told = booking.Told(begins, ends, **({"purpose": "支部学习"} | more))
        return booking.book(resource.pk, told, by=self.world.actor(who), now=self.now)


__all__ = ["COMMUNITY", "TOWN", "Village", "tomorrow"]
