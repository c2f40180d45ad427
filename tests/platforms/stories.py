"""Sentences that the tests about service platforms are told with."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.people.acting import RESIDENT
from huying.platforms.hours import moment
from tests.desk.world import COMMUNITY

if TYPE_CHECKING:
    from huying.platforms.models import Appointment, ServiceMatter, ServicePoint
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
