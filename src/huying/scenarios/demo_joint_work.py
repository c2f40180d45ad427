"""The demo's joint meetings with what they resolved, needs and projects. All made up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils import timezone

from huying.branches.models import MemberOrganisation
from huying.joint import meetings, needs, projects, resolving
from huying.joint.meetings import Came
from huying.joint.models import (
    JointInvitation,
    JointMeeting,
    JointMilestone,
    JointNeed,
    JointPart,
    JointProject,
    JointResolution,
    JointWord,
    SharedResource,
)
from huying.people.models import Unit, UnitKind

if TYPE_CHECKING:
    from huying.scenarios.demo_joint import Place

AGENDAS: Final = (
    ("通报上季度共建项目", "商量暑期托管场地", "资源清单更新"),
    ("错峰停车试点", "长者饭堂送餐分工", "消防演练安排"),
    ("年度共建小结", "明年项目申报", "成员单位轮值"),
)
MINUTES: Final = (
    "一、上季度三个项目完成两个，读书角延期。\n二、小学会议室和操场周末开放，暑期托管优先。\n"
    "三、各单位月底前更新资源清单，由社区汇总公示。",
    "一、先在一个停车场试点，晚七点到早七点开放。\n二、周一至周三由物业送餐，周四、周五由志愿队送。\n"
    "三、卫生站派人讲急救，演练定在月底周六上午。",
)
RESOLVED: Final = (
    ("更新资源清单并公示", -20, "done", "清单已张贴在党群服务中心。"),
    ("联系公交公司加开学校门口班次", -12, "dropped", "公交公司答复客流不足，暂不加开。"),
    ("停车场增设夜间照明", -5, "open", "灯具已到货，等电工排期。"),
    ("印发错峰停车告知书", 2, "open", ""),
    ("安排急救讲师到演练现场", 12, "open", "讲师已定。"),
)
NEEDS: Final = (
    ("hall", "周末借场地办读书会", "三十人左右，有投影和桌椅。"),
    ("parking", "晚上来访车辆没处停", "希望单位车位夜间开放。"),
    ("skill", "请人讲一次急救", "长者和志愿者都想学。"),
    ("equipment", "文艺队排练缺音响", ""),
    ("other", "旧衣回收点", "想设在门岗旁边。"),
)  # fmt: skip
PROJECTS: Final = (
    ("夜间错峰停车", "单位车位夜间向居民开放，早上七点前开走。", 1, "running"),
    ("急救进楼栋", "每月一次急救培训，讲完有人考核。", 2, "done"),
)
POINTS: Final = (("签共建约定", -15), ("试运行一个月", -2), ("全面铺开", 25))


def load_work(place: Place) -> None:
    """Meetings before and to come with their resolutions, needs and projects of a community."""
    past = [_met(place, n, place.now - timedelta(days=80 - 45 * n)) for n in range(2)]
    for n, (words, days, state, said) in enumerate(RESOLVED):
        _resolved(place, past[n // 3], words, days, state, said)
    for meeting in past:
        _confirmed(place, meeting)
    for n, (words, _days, state, said) in enumerate(RESOLVED):
        if state != "open":
            row = JointResolution.objects.get(meeting=past[n // 3], words=words)
            done = state == "done"
            at = place.now - timedelta(days=8)
            resolving.settle(row.pk, done, said, by=place.desk, now=at)
    _called(place, AGENDAS[2], place.now + timedelta(days=9), place.now - timedelta(days=2))
    _wanted(place)


def _hour(moment: datetime, hour: int) -> datetime:
    return timezone.localtime(moment).replace(hour=hour, minute=30, second=0, microsecond=0)


def _called(place: Place, agenda: tuple[str, ...], at: datetime, now: datetime) -> JointMeeting:
    here = MemberOrganisation.objects.living().filter(area_code=place.area)
    begins = _hour(at, 14)
    told = meetings.Told(
        f"{begins:%Y}年第{(begins.month + 2) // 3}季度联席会议（{begins:%m-%d}）",
        begins,
        "党群服务中心会议室",
        "社区党总支书记",
        agenda,
        list(here.values_list("pk", flat=True)),
    )
    return meetings.call(place.area, told, by=place.desk, now=now)


def _met(place: Place, n: int, at: datetime) -> JointMeeting:
    meeting = _called(place, AGENDAS[n], at, at - timedelta(days=7))
    said = {}
    for turn, row in enumerate(meeting.invitations.order_by("organisation__name")):
        excused = turn == n + 1
        said[row.pk] = Came("excused", "", "开学检查") if excused else Came("came", "副职")
    by, now = place.desk, meeting.begins_at + timedelta(hours=2)
    meetings.attend(meeting.pk, said, by=by, now=now)
    meetings.write(meeting.pk, MINUTES[n], by=by, now=now)
    return meeting


def _resolved(
    place: Place, meeting: JointMeeting, words: str, days: int, state: str, said: str
) -> None:
    here = MemberOrganisation.objects.living().filter(area_code=place.area).order_by("name")
    branches = Unit.objects.filter(area_code=place.area, kind=UnitKind.BRANCH, active=True)
    unit = branches.order_by("code").first() if days % 2 else None
    owner = here.first() if unit is None else None
    due = max(
        timezone.localdate(place.now) + timedelta(days=days),
        timezone.localdate(meeting.begins_at),
    )
    told = resolving.Told(words, due, unit.pk if unit else None, owner.pk if owner else None)
    at = meeting.begins_at + timedelta(hours=2)
    made = resolving.resolve(meeting.pk, told, by=place.desk, now=at)
    if state == "open" and said:
        JointResolution.objects.filter(pk=made.pk).update(
            told=said, told_at=place.now - timedelta(days=3)
        )


def _confirmed(place: Place, meeting: JointMeeting) -> None:
    by, now = place.desk, meeting.begins_at + timedelta(days=1)
    for row in resolving.earlier(meeting).open()[:1]:
        resolving.follow(meeting.pk, row.pk, "已经在办，下次会前办完。", by=by, now=now)
    meetings.confirm(meeting.pk, by=by, now=now)


def _wanted(place: Place) -> None:
    by, then = place.desk, place.now - timedelta(days=25)
    made = []
    for n, (kind, title, words) in enumerate(NEEDS):
        day = timezone.localdate(place.now) + timedelta(days=10 * n + 5)
        told = needs.Told(kind, title, words, day if n % 2 == 0 else None)
        made.append(needs.raise_one(place.area, told, by=by, now=then + timedelta(days=n)))
    shared = SharedResource.objects.living().filter(area_code=place.area)
    for title, words, n, state in PROJECTS:
        fitting = shared.filter(kind=made[n].kind).order_by("name").first()
        owner = fitting.organisation if fitting is not None else None
        here = MemberOrganisation.objects.living().filter(area_code=place.area)
        lead = owner or here.order_by("name")[0]
        project = projects.begin(
            place.area,
            projects.Told(
                title, words, None, lead.pk, [made[n].pk], [fitting.pk] if fitting else [],
                [lead.pk],
            ),
            by=by, now=then + timedelta(days=6),
        )  # fmt: skip
        _led(place, project, state)


def _led(place: Place, project: JointProject, state: str) -> None:
    by, now = place.desk, place.now
    for point, days in POINTS:
        due = timezone.localdate(now) + timedelta(days=days)
        made = projects.plan(project.pk, point, due, by=by, now=now - timedelta(days=18))
        if days < -10 or state == "done":
            projects.reach(project.pk, made.pk, True, by=by, now=now - timedelta(days=9))
    projects.tell(project.pk, "各方已签约定，告示贴出。", by=by, now=now - timedelta(days=9))
    if state == "done":
        projects.publish(project.pk, True, by=by, now=now - timedelta(days=8))
        words = "办了六场，一百二十人学会心肺复苏。"
        projects.end(project.pk, True, words, by=by, now=now - timedelta(days=1))
    else:
        projects.offer(project.pk, 3, None, by=by, now=now - timedelta(days=5))


def unload_work(using: str, demo: list[int]) -> list[Any]:
    """Takes it away again; the ids of what went."""
    made, lent = Q(made_by__in=demo), Q(organisation__made_by__in=demo)
    # What real people gave the demo's branches and organisations goes with these.
    theirs = Q(unit__branch__made_by__in=demo)
    found = JointProject.objects.using(using).filter(made | lent | theirs)
    wanted = JointNeed.objects.using(using).filter(made | theirs)
    met = JointMeeting.objects.using(using).filter(made)
    resolved = JointResolution.objects.using(using).filter(Q(meeting__in=met) | lent | theirs)
    gone = [
        pk for rows in (found, wanted, met, resolved) for pk in rows.values_list("pk", flat=True)
    ]
    hands = Q(project__in=found) | Q(need__in=wanted) | Q(organisation__made_by__in=demo)
    hands |= Q(resource__made_by__in=demo)
    JointPart.objects.using(using).filter(hands).delete()
    JointInvitation.objects.using(using).filter(Q(meeting__in=met) | lent).delete()
    JointWord.objects.using(using).filter(Q(project__in=found) | Q(account__in=demo)).delete()
    JointMilestone.objects.using(using).filter(project__in=found).delete()
    for rows in (found, wanted, resolved, met):
        rows.delete()
    return gone
