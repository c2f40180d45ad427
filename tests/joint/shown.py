"""What the pages about organisations together show, for the tests that open every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from huying.branches import together
from huying.branches.models import MemberOrganisation
from huying.joint import booking, meetings, needs, projects, resolving, resources
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
    meeting: Any
    coming: Any
    running: Any
    resolution: Any
    need: Any
    project: Any


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
    return Shown(
        hall, parking, waiting, confirmed, used, *_meetings(world, company), *_project(world, hall)
    )


def _meetings(world: World, company: Any) -> tuple[Any, Any, Any, Any]:
    """One whose minutes are confirmed, one to come, one at which somebody writes; a resolution
    that is overdue."""
    by, then = world.actor("village_dispatcher"), timezone.now() - timedelta(days=40)
    school = MemberOrganisation.objects.filter(area_code=COMMUNITY).exclude(pk=company.pk).get()
    agenda = ["通报内街停车整治进展", "商量长者饭堂送餐", "成员单位资源认领"]

    def called(title: str, at: Any, now: Any) -> Any:
        told = meetings.Told(
            title, at, "村委会三楼会议室", "社区党总支书记", agenda, [school.pk, company.pk]
        )
        return meetings.call(COMMUNITY, told, by=by, now=now)

    past = called("第三季度联席会议", then + timedelta(hours=1), then)
    at = then + timedelta(hours=2)
    rows = {each.organisation_id: each.pk for each in past.invitations.all()}
    came = {
        rows[school.pk]: meetings.Came("came", "副校长"),
        rows[company.pk]: meetings.Came("excused", "", "经理外出培训"),
    }
    meetings.attend(past.pk, came, by=by, now=at)
    unit = world.units["lead"].pk
    due = timezone.localdate() - timedelta(days=4)
    told = resolving.Told("在宗祠东街划出消防通道并立牌", due, unit)
    resolution = resolving.resolve(past.pk, told, by=by, now=at)
    later = resolving.Told("周末开放操场停车 30 个", timezone.localdate(), None, school.pk)
    resolving.resolve(past.pk, later, by=by, now=at)
    words = "一、停车整治已划线 120 个。\n二、送餐由物业和志愿队轮流。\n三、各单位本月报资源清单。"
    meetings.write(past.pk, words, by=by, now=at)
    meetings.confirm(past.pk, by=by, now=at)
    meetings.correct(past.pk, "“120 个”应为“112 个”。", by=by, now=at + timedelta(days=1))
    resolving.tell(resolution.pk, "标线材料已到，下周施工。", by=world.actor("handler"), now=at)
    now = timezone.now()
    coming = called("第四季度联席会议", tomorrow(15, days=6), now)
    running = called("停车专题会", now + timedelta(minutes=5), now)
    running.begins_at = now - timedelta(minutes=5)
    running.save()
    heard = {each.pk: meetings.Came("came", "总务主任") for each in running.invitations.all()[:1]}
    meetings.attend(running.pk, heard, by=by, now=now)
    resolving.follow(running.pk, resolution.pk, "材料已到，月底完工。", by=by, now=now)
    meetings.write(running.pk, "先听上次决议。", by=by, now=now)
    return past, coming, running, resolution


def _project(world: World, hall: Any) -> tuple[Any, Any]:
    """A need that a resource may meet, and a published project of another, half done."""
    by, now = world.actor("village_dispatcher"), timezone.now()
    need = needs.raise_one(
        COMMUNITY, needs.Told("hall", "借多功能厅开议事会", "三十人，有投影。"), by=by, now=now
    )
    other = needs.raise_one(COMMUNITY, needs.Told("parking", "晚上停车"), by=by, now=now)
    project = projects.begin(
        COMMUNITY,
        projects.Told(
            "夜间错峰停车", "单位车位夜间向居民开放，早上七点前开走。", None,
            hall.organisation_id, [other.pk], [hall.pk], [hall.organisation_id],
        ),
        by=by, now=now,
    )  # fmt: skip
    today = timezone.localdate()
    first = projects.plan(project.pk, "签错峰停车约定", today, by=by, now=now)
    projects.plan(project.pk, "试运行一个月", today - timedelta(days=1), by=by, now=now)
    projects.plan(project.pk, "全面开放", today + timedelta(days=40), by=by, now=now)
    projects.reach(project.pk, first.pk, True, by=by, now=now)
    projects.tell(project.pk, "物业公司已在门岗贴了告示。", by=by, now=now)
    projects.offer(project.pk, 5, None, by=by, now=now)
    return need, project


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
            ("joint-needs", "/desk/joint/needs/"),
            ("joint-need-new", "/desk/joint/needs/new"),
            ("joint-need", f"/desk/joint/needs/{shown.need.pk}"),
            ("joint-projects", "/desk/joint/projects/"),
            ("joint-project-new", f"/desk/joint/projects/new?need={shown.need.pk}"),
            ("joint-project", f"/desk/joint/projects/{shown.project.pk}"),
            ("joint-public", f"/n/{COMMUNITY}"),
            ("joint-meetings", "/desk/joint/meetings/"),
            ("joint-meeting-new", "/desk/joint/meetings/new"),
            ("joint-meeting", f"/desk/joint/meetings/{shown.meeting.pk}"),
            ("joint-meeting-coming", f"/desk/joint/meetings/{shown.coming.pk}"),
            ("joint-meeting-running", f"/desk/joint/meetings/{shown.running.pk}"),
            ("joint-minutes", f"/desk/joint/meetings/{shown.meeting.pk}/minutes"),
            ("joint-resolutions", "/desk/joint/resolutions/"),
            ("joint-resolution", f"/desk/joint/resolutions/{shown.resolution.pk}"),
        ],
        "handler": [
            ("joint-answering", "/desk/joint/resolutions/?show=done"),
            ("joint-answer", f"/desk/joint/resolutions/{shown.resolution.pk}"),
        ],
        "member": [
            ("joint-mine", "/desk/joint/"),
            ("joint-mine-hall", f"{hall}?begins={day}T11:00&ends={day}T12:00"),
            ("joint-mine-project", f"/desk/joint/projects/{shown.project.pk}"),
            ("joint-mine-booking", f"/desk/joint/bookings/{shown.confirmed.pk}"),
        ],
    }
