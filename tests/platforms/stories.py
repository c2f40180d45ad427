"""Sentences that the tests about service platforms are told with."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.people.acting import RESIDENT
from huying.platforms.hours import moment
from tests.desk.world import COMMUNITY

if TYPE_CHECKING:
    from huying.platforms.models import (
        ActivitySignUp,
        Appointment,
        CanteenDay,
        MealOrder,
        PlatformActivity,
        ServiceMatter,
        ServicePoint,
    )
    from tests.desk.world import World

EVERY_DAY = ("08:30-12:00 14:00-17:30",) * 7


def now() -> datetime:
    return timezone.now()


def ahead(n: int = 1) -> date:
    return timezone.localdate() + timedelta(days=n)


def at(day: date, wall: str = "07:00") -> datetime:
    return moment(day, time.fromisoformat(wall))


def point(world: World, name: str = "小龙村党群服务中心", **more: Any) -> ServicePoint:
    """A point of the village that is open each day, holidays too, and serves one at a time."""
    from huying.platforms import points

    told = {
        "name": name, "spot": "村委会一楼大厅", "phone": "020-34567890",
        "week": EVERY_DAY, "keeps_calendar": False, "seats": 1, "slot_minutes": 30,
    }  # fmt: skip
    area = more.pop("area_code", COMMUNITY)
    return points.make(area, points.Told(**(told | more)), by=world.actor("dispatcher"), now=now())


def matter(
    world: World, where: ServicePoint, name: str = "老年优待证", **more: Any
) -> ServiceMatter:
    from huying.platforms import points

    told = points.MatterTold(
        name, **({"bring": "身份证、一寸照片", "minutes": 15, "booking": "possible"} | more)
    )
    return points.put_matter(where.pk, told, by=world.actor("dispatcher"), now=now())


def booked(where: ServicePoint, day: date | None = None, wall: str = "09:00", **more: Any) -> tuple[
    Appointment, str
]:  # fmt: skip
    """A resident's appointment by the public page, and its code."""
    from huying.platforms import appointing

    moment_ = more.pop("now", None) or now()
    wanted = appointing.Wanted(day or ahead(), wall, **more)
    return appointing.book(where.pk, wanted, by=RESIDENT, now=moment_)


def planned(world: World, by: str = "dispatcher", **more: Any) -> PlatformActivity:
    """An activity in two days for twenty."""
    from huying.platforms import activities

    told = {
        "title": "重阳敬老文艺汇演", "spot": "文化广场", "capacity": 20,
        "begins_at": now() + timedelta(days=2), "ends_at": now() + timedelta(days=2, hours=2),
    }  # fmt: skip
    area = more.pop("area_code", COMMUNITY)
    return activities.plan(area, activities.Told(**(told | more)), by=world.actor(by), now=now())


def signed(
    what: PlatformActivity, people: int = 1, at: datetime | None = None, **more: Any
) -> tuple[ActivitySignUp, str]:
    """A resident's sign-up by the public page, and its code."""
    from huying.platforms import joining

    wanted = joining.Wanted(people, **more)
    return joining.sign_up(what.pk, wanted, by=RESIDENT, now=at or now())


def kitchen(world: World) -> ServicePoint:
    """The village's elder canteen."""
    return point(world, "小龙村长者饭堂", kind="canteen", seats=0, spot="文化楼一楼")


def cooked(
    world: World,
    where: ServicePoint,
    day: date | None = None,
    menu: str = "白切鸡、炒菜心",
    meals: int = 60,
) -> CanteenDay:
    """A day of the canteen; tomorrow."""
    from huying.platforms import canteen

    told = canteen.Told(menu, meals)
    by = world.actor("dispatcher")
    return canteen.put_day(where.pk, day or ahead(), told, by=by, now=now())


def ordered(
    day: CanteenDay, meals: int = 1, at: datetime | None = None, **more: Any
) -> tuple[MealOrder, str]:
    """A resident's order by the public page, and its code."""
    from huying.platforms import canteen

    wanted = canteen.Wanted(meals, **more)
    return canteen.order(day.pk, wanted, by=RESIDENT, now=at or now())
