"""What the pages about organisations together show, for the tests that open every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.branches import together
from huying.joint import booking, resources
from huying.joint.times import Opening
from tests.desk.world import COMMUNITY
from tests.joint.stories import ALL_DAY, EVERY_DAY, tomorrow

if TYPE_CHECKING:
    from tests.desk.world import World


@dataclass(frozen=True)
class Shown:
    """Rows of the pages about organisations together."""

    hall: Any
    parking: Any
    waiting: Any
    confirmed: Any
    used: Any


def with_joint(world: World) -> Shown:
    """A property company's hall and parking spaces, with bookings. The village has its desk."""
    by, now = world.actor("village_dispatcher"), timezone.now()
    company = together.add(
        COMMUNITY, together.OrganisationTold("兴业物业公司", "property"), by=by, now=now
    )

    def shared(name: str, kind: str, **more: Any) -> Any:
        told = resources.Told(company.pk, kind, name, **more)
        return resources.add(COMMUNITY, told, by=by, now=now)

    hall = shared(
        "一楼多功能厅", "hall", people=60, spot="兴业大厦一楼", contact="客服中心",
        words="用后关空调、摆好桌椅。", openings=ALL_DAY,
    )  # fmt: skip
    nights = (Opening(EVERY_DAY, 19 * 60, 7 * 60),)
    parking = shared("夜间车位", "parking", quantity=40, openings=nights)

    def booked(of: Any, begins: Any, ends: Any, who: str = "member", quantity: int = 1) -> Any:
        told = booking.Told(begins, ends, "支部主题党日", quantity)
        return booking.book(of.pk, told, by=world.actor(who), now=now)

    waiting = booked(hall, tomorrow(9), tomorrow(11))
    confirmed = booked(hall, tomorrow(14), tomorrow(16, 30))
    booking.decide(confirmed.pk, True, by=by, now=now)
    booked(parking, tomorrow(20), tomorrow(6, days=2), quantity=12)
    booked(parking, tomorrow(22), tomorrow(23), "village_dispatcher", quantity=28)
    used = booked(hall, tomorrow(9, days=2), tomorrow(10, days=2), "village_dispatcher")
    used.begins_at, used.ends_at = tomorrow(9, days=-2), tomorrow(10, days=-2)
    used.save()
    return Shown(hall, parking, waiting, confirmed, used)


def joint_pages(shown: Shown) -> dict[str, list[tuple[str, str]]]:
    """Names and addresses, by the person who opens them."""
    hall = f"/desk/joint/resources/{shown.hall.pk}"
    day = f"{tomorrow(9):%Y-%m-%d}"
    return {
        "dispatcher": [
            ("joint-figures", "/desk/joint/"),
            ("joint-none", "/desk/joint/?kind=skill"),
        ],
        "village_dispatcher": [
            ("joint", "/desk/joint/"),
            ("joint-new", "/desk/joint/resources/new"),
            ("joint-edit", f"{hall}/edit"),
            ("joint-hall", f"{hall}?week={day}"),
            ("joint-parking", f"/desk/joint/resources/{shown.parking.pk}?week={day}"),
            ("joint-bookings", "/desk/joint/bookings/"),
            ("joint-waiting", f"/desk/joint/bookings/{shown.waiting.pk}"),
            ("joint-used", f"/desk/joint/bookings/{shown.used.pk}"),
        ],
        "member": [
            ("joint-mine", "/desk/joint/"),
            ("joint-mine-hall", f"{hall}?begins={day}T11:00&ends={day}T12:00"),
            ("joint-mine-booking", f"/desk/joint/bookings/{shown.confirmed.pk}"),
        ],
    }
