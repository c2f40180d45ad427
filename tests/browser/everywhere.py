"""Every page of the desk, by who opens it, with something on it worth looking at."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from huying.assessment.closing import week_of
from huying.assessment.following import follow
from huying.cases import documents
from huying.desk import handing, saved, watching
from huying.desk.backtesting import replay
from huying.dispatch import ordering, publishing
from huying.dispatch.loading import default_text
from huying.dispatch.models import Backtest
from huying.forms import versions
from huying.intake import device_alarms
from huying.intake.excel import checking, taking
from huying.intake.models import CaseImport, DeviceAlarm
from huying.intake.registers import taking as register_tables
from huying.intake.reporting import owner_of
from huying.notices import telling
from huying.notices.kinds import kind
from huying.notices.models import Notice
from huying.people.acting import SYSTEM
from huying.people.models import Account, Post, Role
from huying.response import standing, unanswered, vetoing
from huying.response.figures import PublishedMonth
from huying.response.whistles import Call
from huying.retention import deciding, running
from huying.retention.models import RetentionRule
from huying.tasks import doing, issuing
from huying.tasks.asking import Asked
from huying.topics import building
from huying.topics import handling as topic_handling
from huying.topics.models import Topic, TopicMember
from tests.cases import papers
from tests.desk.scored import score_pages
from tests.duties.shown import duty_pages, with_duties
from tests.forms.generated import FUEL_FORM
from tests.joint.shown import joint_pages, with_joint
from tests.measures.shown import measure_pages, with_measures
from tests.public.test_following import closed, reported
from tests.reports.shown import with_report

if TYPE_CHECKING:
    from huying.cases.models import Case
    from huying.desk.models import Handover
    from huying.fairness.models import Appeal, Unusual
    from huying.neighbours.models import Circle, CircleActivity, Suggestion, Wish
    from huying.patrol.models import PatrolPlace
    from huying.requests.models import PersonRequest
    from huying.response.whistles import Whistle
    from huying.tasks.models import GridTask
    from tests.desk.world import World

FIRE = kind("tests_alarm", "燃气泄漏", "{unit}请立即处置：{item}。", alarm=True)

LONG = (
    "关于小龙村宗祠东街与兴业大道交叉口排水检查井堵塞污水外溢情况的现场检查记录（第二次复核）.pdf"
)
"""A name that is longer than a phone is wide."""


def with_paper(world: World, case: Case) -> Case:
    """The case with two documents, one of a long name."""
    sheets = [
        documents.stage(
            io.BytesIO(papers.plain()),
            name=name,
            by=world.actor("dispatcher"),
            now=timezone.now(),
        ).pk
        for name in ("检查表.pdf", LONG)
    ]
    return world.do(case, "attach", "dispatcher", photos=sheets)


def with_notices(world: World, case: Case) -> None:
    """Told of: a step, an alarm, and a case that is out of sight."""
    for what, about in ((ordering.RETURNED, case), (FIRE, case), (ordering.RETURNED, None)):
        telling.tell(
            what,
            telling.Whom(accounts=(world.accounts["dispatcher"].pk,)),
            key=f"{what.name}:{about is None}",
            district_code="440113",
            now=timezone.now(),
            case_id=about.pk if about else uuid.uuid4(),
            case_number=about.number if about else "4401131202026010100000000",
            data={"unit": "石碁镇城管执法队", "item": "占道经营", "other": "石碁镇环卫站"},
        )


def with_table(world: World) -> uuid.UUID:
    """A table that was checked: wrong rows, doubles and right ones."""
    text = (
        "问题描述,村(社区),来源,反映人,联系电话,备注\n"
        "关于小龙村宗祠东街与兴业大道交叉口排水检查井堵塞、污水外溢影响居民出行情况的反映,小龙村,热线,张三,13800138000,一\n"
        "路灯不亮,小龙村,微信,李四,13800138001,二\n路灯不亮,没有这个村,来访,,没有,三\n"
        "西街3号垃圾成堆,小龙村,来访,,,四\n西街3号垃圾成堆,小龙村,来访,,,五\n"
    )
    by, now = world.actor("dispatcher"), timezone.now()
    made = taking.receive(text.encode(), "2026年11月石碁镇各村排查台账（汇总）.csv", by=by, now=now)
    CaseImport.objects.filter(pk=made.pk).update(state="checking")
    checking.look(made, by=by, now=now, tell=lambda done: True)
    return made.pk


def with_people(world: World, *, looked: bool = False) -> uuid.UUID:
    """A table for the registers: taken in, or looked over, with rows of every fate."""
    text = (
        "村(社区),地址,户号,姓名,联系电话,出生年份,性别\n"
        "小龙村,西街12号3栋502,1,陈大文,13926187753,1979,男\n"
        "小龙村,西街12号3栋502,1,林小妹,,1981,女\n小龙村,西街14号之一,,,,,\n"
    )
    if looked:
        text += (
            "小龙村,西街16号,1,何二,一二三,,\n没有这个村,西街18号,,,,,\n"
            "小龙村,西街20号,1,新来的,,1990,女\n小龙村,西街12号3栋601,2,何三,,,\n"
        )
        text = text.replace("13926187753,1979", "13900000001,").replace(",,1981", ",,1982")
    by, now = world.actor("dispatcher"), timezone.now()
    made = taking.receive(text.encode(), "小龙村实有人口.csv", by=by, now=now, into="people")
    CaseImport.objects.filter(pk=made.pk).update(state="checking")
    register_tables.look(made, by=by, now=now, tell=lambda done: True)
    if not looked:
        CaseImport.objects.filter(pk=made.pk).update(state="running", confirmed_at=now)
        made.refresh_from_db()
        register_tables.take_in(made, by=by, now=now, tell=lambda done: True)
    return made.pk


def went_up_and_down(world: World) -> Case:
    """A case that the district sent down again, as nothing had changed."""
    case = world.do(
        world.accepted(),
        "escalate",
        "dispatcher",
        reason="跨镇，需区里协调。",
        tried="已与邻镇联系两次，对方未派人；现场已设围挡并留人看守。",
        reason_code="several_areas",
    )
    return world.do(
        case,
        "send_down",
        "district_dispatcher",
        to=world.units["town"].area_code,
        reason="镇里先处置。",
    )


def given_back_twice(world: World) -> Case:
    """A case that the district has to arbitrate."""
    case = world.accepted()
    for _turn in range(2):
        case = world.do(world.held_by_town(case), "dispatch", "dispatcher", unit=lead(world))
        case = world.do(
            case,
            "return",
            "handler",
            reason_code="not_ours",
            suggested_unit=world.units["second"].pk,
            reason="不属我队职责。",
        )
    return case


def lead(world: World) -> int:
    return world.units["lead"].pk


def with_parts(world: World) -> Case:
    """A case with a unit that assists and with a sub-case."""
    case = world.do(
        world.accepted(),
        "dispatch",
        "dispatcher",
        unit=world.units["lead"].pk,
        assist=[world.units["second"].pk],
        assist_amount=4,
        assist_clock="work_hour",
    )
    case = world.do(case, "sign_for", "handler")
    case = world.do(
        case,
        "record",
        "handler",
        kind="seizure",
        found="查获无证储存汽油和改装车辆，当事人在场。",
        goods=["汽油", "改装面包车"],
        amounts=["1500", "2"],
        measures=["litre", "vehicle"],
        custody="石碁镇应急仓库",
        party_name="欧阳询之",
        party_phone="13900001111",
    )
    case = world.do(
        case, "ask_outside", "handler", to="物业服务中心", question="仓库租给了谁？请附租约照片。"
    )
    return world.do(
        case,
        "split",
        "dispatcher",
        item="0204",
        text="旁边仓库的消防通道被堵，另行处理。",
        unit=world.units["second"].pk,
    )


def with_request(world: World) -> PersonRequest:
    """Somebody of the register who wants to see what is kept of them; nothing is decided yet."""
    from huying.requests import taking

    return taking.take(
        taking.Told(
            "see", "called_back", "王小明", phone="13711112222", words="想知道登记了什么。"
        ),
        by=world.actor("dispatcher"),
        now=timezone.now() - timedelta(days=16),
    )


def with_name_alone(world: World) -> PersonRequest:
    """Somebody who said a name and no more."""
    from huying.requests import taking

    return taking.take(
        taking.Told("see", "by_name", "王小明", words="想知道登记了什么。"),
        by=world.actor("dispatcher"),
        now=timezone.now() - timedelta(days=1),
    )


def with_decided_request(world: World) -> PersonRequest:
    """The same of another who is told, decided by a leader."""
    from huying.requests import deciding

    row = with_request(world)
    for one in row.records.all():
        row = deciding.decide(
            row.pk, one.pk, outcome="given", version=row.version, by=world.actor("leader"),
            now=timezone.now(),
        )  # fmt: skip
    if not row.records.exists():
        row = deciding.decide_nothing_found(
            row.pk, version=row.version, by=world.actor("leader"), now=timezone.now()
        )
    return row


def with_retention(world: World, case: Case) -> None:
    """A rule that is on, a change that waits, a record held back, and a dry run that is through."""
    now, by = timezone.now(), world.actor("administrator")
    RetentionRule.objects.create(code="case_contacts", days=730, on=True, changed_at=now)
    deciding.change("case_words", days=900, on=True, seen=0, by=by, now=now)
    deciding.hold(
        "case", case.number, reason="litigation", words="（2026）粤0113民初1号", by=by, now=now
    )
    running.do(running.begin(dry=True, by=by, now=now), now=now + timedelta(days=1100))


def administrator(world: World) -> None:
    """Somebody who keeps the rules, with a second factor."""
    account = Account.objects.create(username="t-administrator", name="管理员甲")
    Authenticator.objects.create(user_id=account.pk, type="totp", data={"secret": "x"})
    world.accounts["administrator"] = account
    world.posts["administrator"] = Post.objects.create(
        account=account,
        role=Role.ADMINISTRATOR,
        area_code="440113",
        district_code="440113",
        starts_on=timezone.localdate(),
    )


def with_rules(world: World) -> Backtest:
    """A draft with everything that can be wrong with one, and a backtest of it."""
    administrator(world)
    actor, now = world.actor("administrator"), timezone.now()
    draft = publishing.begin("440113", by=actor, now=now)
    publishing.write_text(draft, RULES + default_text(), by=actor, now=now)
    today = timezone.localdate()
    run = Backtest.objects.create(
        book=draft,
        account=world.accounts["administrator"],
        post=world.posts["administrator"],
        since=today - timedelta(days=30),
        until=today,
        asked_at=now,
        touched_at=now,
    )
    replay(str(run.pk))
    return run


RULES = """
规则 noisy-nights 名称很长的一条规则：夜间施工噪声和露天烧烤油烟扰民的投诉
当 事项 0206、0209、0211
当 地点 440113120、440113102
当 渠道 热线、居民留言、居民
当 日期 休息日、节假日
当 时间 22:00-06:00、非工作时间
当 文字 噪声、油烟、臭味
则 层级 镇街
则 牵头 部门 环卫
则 协办 部门 公安派出所、部门 生态环境
则 时限 8 小时
则 优先 加急
则 通知 领导 镇街、指挥中心 区

规则 smell 臭味
当 文字 臭味
则 牵头 部门 环卫
则 优先 特急
"""


def with_whistles(world: World) -> tuple[Case, Whistle]:
    """A case whose whistle one unit answered and one missed, with a veto; a standing problem."""
    now = timezone.now()
    before = now - timedelta(hours=2)
    units = [world.units["lead"].pk, world.units["second"].pk]
    case = world.do(
        world.handling(), "blow", "dispatcher", now=before,
        sort="emergency", units=units, text="立即到场，先疏散楼上人员。",
    )  # fmt: skip
    case = world.do(case, "answer", "handler", now=before + timedelta(minutes=12))
    unanswered.climb_all(now=now)
    missed = Call.objects.get(whistle__case=case, unit=world.units["second"])
    vetoing.propose(
        missed.pk,
        by=world.actor("dispatcher"),
        now=now,
        evidence=["通话记录 3 次", case.number],
        text="三次催促无人到场。",
    )
    problem = standing.blow(
        by=world.actor("dispatcher"),
        now=now,
        title="旧市场消防通道长期被占用，多部门多年未能解决",
        sort="joint",
        units=units,
        text="联合清理，约定每月一次。",
    )
    return case, problem


def with_handovers(world: World, watched: Case) -> Handover:
    """A note that the colleague has left for the dispatcher, after one that was taken over."""
    dispatcher, second, now = world.actor("dispatcher"), world.colleague(), timezone.now()
    watching.mark(watched, dispatcher, "业主约好明早八点开门，先电话确认再派人。", now)
    before = handing.write(
        dispatcher, now, to=second.account_id, matters=[], words=handing.Words(free="一切正常。")
    )
    handing.take_over(before, second, now)
    matters = handing.open_matters(second, now)
    words = handing.Words(
        ticked=[each.key for each in matters[:-1]],
        remarks={matters[0].key: "燃气公司已到场，等待检测结果。"},
        free="石岗东路停电抢修，居民来电较多，统一答复：预计今晚十点恢复。",
    )
    return handing.write(second, now, to=dispatcher.account_id, matters=matters, words=words)


def with_questions(world: World) -> Case:
    """An item that asks, in two versions and a draft with a fault; a case with its answers."""
    owner, now = owner_of("0203"), timezone.now()
    versions.write(owner, FUEL_FORM, by=SYSTEM, now=now)
    versions.publish(owner, by=SYSTEM, now=now)
    asked = {"fuel": "petrol", "litres": 1500, "upstairs": True, "owner": "13800001111"}
    case = world.reported("一楼仓库存放大量汽油", item="0203", answers=asked)
    rows = [*FUEL_FORM["questions"], {"id": "when", "kind": "date", "label": ""}]
    versions.write(owner, {"questions": rows}, by=SYSTEM, now=now)
    return world.held_by_town(case)


def with_residents(world: World) -> tuple[Case, str, Case, str]:
    """A resident who was asked something, one whose case is closed, and a published month."""
    asked, asked_link = reported(world)
    world.do(asked, "ask_resident", "dispatcher", question="是哪个垃圾桶？请拍一张照片。")
    other, other_link = reported(world)
    heard = closed(world, other)
    PublishedMonth.objects.create(
        month=date(2026, 1, 1),
        district_code="440113",
        cells=[["440113120", "0211", 12], ["440113120", "rest", 7], ["rest", "rest", 9]],
        made_at=timezone.now(),
    )
    return asked, asked_link, heard, other_link


def with_alarms(world: World) -> uuid.UUID:
    """An alarm that waits, with a picture."""
    from tests.desk.world import GRID, LAT, LON, picture

    now = timezone.now()
    source, _secret = device_alarms.connect("cams", "村口摄像头", now=now)
    alarm = DeviceAlarm.objects.create(
        source=source, device="石碁-村口-017", kind="垃圾堆积", first_at=now, last_at=now,
        received_at=now, count=3, area_code=GRID, lon=LON, lat=LAT, confidence=0.87,
    )  # fmt: skip
    alarm.has_picture = device_alarms.keep_picture(alarm.pk, picture())
    alarm.save()
    return alarm.pk


def with_task(world: World) -> GridTask:
    """A task for both grids of the village: one has done it, one is late."""
    now = timezone.now()
    task = issuing.issue(
        by=world.actor("dispatcher"),
        now=now - timedelta(days=4),
        item="0302",
        title="国庆前电动车入户充电和出租屋用电安全专项入户宣传与排查",
        words="逐户上门讲解，重点是城中村出租屋和沿街商铺；发现飞线充电的当场劝导，拒不改正的上报。",
        areas=["440113120213"],
        due_at=now - timedelta(days=1),
        questions=[Asked("走访了几户？", "number"), Asked("承诺书签了吗？", "yes_no")],
    )
    part = task.parts.get(grid_code="440113120213001")
    photo = world.photo("worker", "photo_after")
    said = {"q1": 12, "q2": True}
    words = "走访十二户，签承诺书十二份，劝导飞线充电一处。"
    return doing.complete(
        part.pk, by=world.actor("worker"), now=now, words=words, photos=[photo], answers=said
    )


def with_topic(world: World) -> Topic:
    """A topic of three reports, two handled as one, and answered: one more is to be called."""
    now, desk = timezone.now(), world.actor("dispatcher")
    cases = [
        world.held_by_town(
            world.reported(
                f"锦绣新城旁边的搅拌站噪音粉尘太大，{more}", contact_phone=f"1380000222{n}"
            )
        )
        for n, more in enumerate(("睡不着", "孩子一直咳嗽", "请尽快处理" * 20))
    ]
    topic = Topic.objects.create(
        district_code="440113",
        area_code="440113120213",
        title="锦绣新城：搅拌站、噪音、粉尘",
        names=[["锦绣新城", 3]],
        words=[["搅拌站", 3], ["噪音", 3], ["粉尘", 3]],
        made_at=now,
    )
    TopicMember.objects.bulk_create(
        TopicMember(topic=topic, case=case, added_at=now) for case in cases
    )
    building.describe(topic, now)
    topic_handling.handle_as_one(topic.pk, cases[0].pk, by=desk, now=now, reason="同一问题")
    topic_handling.answer_all(topic.pk, "搅拌站已责令停工整改，复工前将公示。", by=desk, now=now)
    return topic


def closed_week(world: World) -> str:
    """This week's figures closed early, with a case: whatever comes later is a correction."""
    from tests.desk.closed import closed_now
    from tests.desk.world import DISTRICT

    world.dispatched()
    first, last = week_of(timezone.localdate())
    closed_now(DISTRICT, first, last)
    year, week, _day = first.isocalendar()
    return f"{year}-W{week:02}"


def with_appeal(world: World) -> Appeal:
    """A unit's appeal against a failed check, with a photo."""
    from huying.fairness import appealing

    case = world.do(world.handled(), "check_fail", "checker", reason="现场仍有垃圾")
    actor, now = world.actor("handler"), timezone.now()
    held = [each for each in appealing.open_to(actor, case, now) if each.charge.code == "rework"]
    return appealing.file(
        case.pk,
        "rework",
        held[0].line.seq,
        words="当天暴雨，清理后又被冲来垃圾，附照片。",
        photos=[world.photo("handler", "other")],
        by=actor,
        now=now,
    )


def with_finding(world: World) -> Unusual:
    """Something that a guard noticed about a case of the unit's."""
    from huying.fairness.models import Unusual, UnusualCase

    case, now = world.handling(), timezone.now()
    found = Unusual.objects.create(
        district_code=case.district_code,
        area_code=case.area_code,
        guard="suspended",
        key=f"suspended:{case.pk}",
        day=timezone.localdate(now),
        numbers={"minutes": 12, "seq": 3},
        unit=world.units["lead"],
        found_at=now,
    )
    UnusualCase.objects.create(finding=found, case=case, place=0)
    return found


def with_patrol(world: World) -> PatrolPlace:
    """A place of a plan of the town, with a visit where something was not good, and a track."""
    from huying.patrol import duty, planning, tracking, visiting
    from huying.patrol.planning import Spot, Told
    from huying.patrol.tracking import Point
    from huying.patrol.visiting import Shown
    from tests.desk.world import ITEM, LAT, LON

    by, worker, now = world.actor("dispatcher"), world.actor("worker"), timezone.now()
    told = Told(ITEM, "仓库消防巡查", "day", 1, timezone.localdate(now) - timedelta(days=9))
    plan = planning.make(told, by=by, now=now - timedelta(days=9))
    spots = [
        Spot(name, LON, LAT, 50, ("消防通道畅通", "灭火器有效")) for name in ("东街仓库", "水闸")
    ]
    place, _other = planning.put(plan.pk, spots, by=by, now=now - timedelta(days=9))
    shown = Shown(lon=LON, lat=LAT, accuracy_m=8)
    visiting.check_in(
        place.pk, visit=uuid.uuid4(), by=worker, now=now, shown=shown, answers=[True, False]
    )
    duty.go_on(by=worker, now=now - timedelta(minutes=5))
    points = [Point(now - timedelta(minutes=n), LON + n / 9999, LAT, 8.0) for n in range(5)]
    tracking.store(points, by=worker, now=now)
    return place


def with_branches(world: World) -> Branched:
    """The community's branch with its grid, two members, and a household that is one's to visit;
    a whistle that calls it; the community's dispatcher and the branch's secretary."""
    from huying.branches import cadres, coming, founding, joining, linked, together
    from huying.branches.founding import Told
    from huying.branches.linked import Rule
    from huying.branches.models import HouseholdLink
    from huying.registry import addressing, recording
    from huying.registry.addressing import Spot
    from huying.registry.recording import DwellingTold, PersonTold
    from tests.desk.world import COMMUNITY, GRID, LAT, LON, hashed

    now = timezone.now()
    for name, called, role, unit in (
        ("village_dispatcher", "村值班员", Role.DISPATCHER, "community"),
        ("secretary", "陈书记", Role.HANDLER, "branch"),
    ):
        account = Account(username=f"t-{name}", name=called, tour_seen_at=now, password=hashed())
        account.save()
        world.accounts[name] = account
        world.posts[name] = Post.objects.create(
            account=account, role=role, area_code=COMMUNITY, district_code="440113",
            unit=world.units[unit], starts_on=timezone.localdate() - timedelta(days=30),
        )  # fmt: skip
    by, then = world.actor("village_dispatcher"), now - timedelta(days=2)
    general = founding.found(COMMUNITY, Told("小龙村党总支", "general"), by=by, now=then)
    told = Told(
        "小龙村第一网格党支部（宗祠东街片区）", "grid", general.pk, "有呼必应，我是党员我先上",
        "村委会一楼服务大厅，工作日 8:30–17:30", None, [GRID],
    )  # fmt: skip
    branch = founding.found(COMMUNITY, told, by=by, now=then, unit=world.units["branch"])
    for n in (1, 2, 3):
        room = addressing.ensure(
            COMMUNITY, f"村心大街{n}号{n}01房", by=by, now=now, spot=Spot(LON + n / 5000, LAT)
        )
        flat = recording.add(DwellingTold(room, "owner"), by=by, now=now)
        head = PersonTold(
            "住户", phone="13800138000", birth_year=1960, sex="male", dwelling=flat,
            household=1, relation="head",
        )  # fmt: skip
        recording.add(head, by=by, now=now)
    of_account = joining.Told(
        "何党员", "13900000001", world.accounts["member"].pk, "村心大街1号101", COMMUNITY
    )
    member = joining.take_in(branch.pk, of_account, by=by, now=then)
    joining.take_in(branch.pk, joining.Told("陈二心", "13900000002"), by=by, now=then)
    founding.appoint(branch.pk, member.pk, by=by, now=then)
    found = linked.propose(branch, Rule())
    linked.apply(branch.pk, Rule(), found.seal, by=by, now=then)
    link = HouseholdLink.objects.living().filter(member=member).first()
    assert link is not None
    linked.agree(link.pk, "visit", by=by, now=then)
    whistle = standing.blow(
        by=by, now=now, title="台风转移群众", sort="joint", units=[world.units["branch"].pk],
        text="请到祠堂集合，带雨具，分三组上门。", lon=LON, lat=LAT, address="宗祠东街1号",
    )  # fmt: skip
    call = whistle.calls.get()
    coming.say(call.pk, True, by=world.actor("member"), now=now)
    shares = ["操场（周末）", "会议室", "夜间停车位 40 个", "急救员 3 名"]
    school = together.OrganisationTold(
        "小龙小学", "school", shares, branch.pk, "李校长", "13900000009"
    )
    organisation = together.add(COMMUNITY, school, by=by, now=then)
    for sort, name in (
        ("team", "党员突击队"), ("platform", "网格议事厅"), ("project", "内街停车整治"),
    ):  # fmt: skip
        told_of = together.UndertakingTold(sort, name, "每月一次，由支部牵头。", branch.pk)
        together.add(COMMUNITY, told_of, by=by, now=then)
    cadre = cadres.assign(
        GRID, world.accounts["handler"].pk, 2, by=world.actor("dispatcher"), now=now
    )
    today = timezone.localdate(now)
    cadres.log(
        cadre.pk, by=world.actor("handler"), now=now, day=today, households=6,
        heard="内街夜间停车占道，垃圾桶太远。", settled="已请物业加设临时停车线。",
    )  # fmt: skip
    return Branched(branch, member, link, call, whistle, organisation, cadre)


@dataclass(frozen=True)
class Branched:
    """What `with_branches` made."""

    branch: Any
    member: Any
    link: Any
    call: Any
    whistle: Any
    organisation: Any
    cadre: Any


def running_claim(world: World) -> uuid.UUID:
    """The wish that the member is at."""
    from huying.neighbours.models import WishClaim

    return WishClaim.objects.get(account=world.accounts["member"], state="running").wish_id


@dataclass(frozen=True)
class Helped:
    """Rows of the pages about neighbours."""

    wish: Wish
    draft: Wish
    suggestion: Suggestion
    code: str
    circle: Circle
    activity: CircleActivity
    past: CircleActivity
    photo: uuid.UUID
    certificate: str


def with_neighbours(world: World) -> Helped:
    """A wish whose result waits, one that is done and rated, suggestions, a team at work."""
    from huying.neighbours import (
        circles,
        claiming,
        hours,
        meeting,
        photos,
        rating,
        suggesting,
        wishing,
    )
    from huying.neighbours.models import CircleActivity, NeighbourPhoto
    from tests.desk.world import COMMUNITY
    from tests.neighbours.stories import (
        another_member,
        approved,
        belongs,
        published,
        reported,
        suggested,
        team,
    )

    by, now, second = world.actor("dispatcher"), timezone.now(), another_member(world)
    idea, code = suggested("晚上没有车位，来访车辆乱停，堵住消防通道。", phone="13926187754")
    told = wishing.Told("project", "划出访客车位", "在村口空地划出十个访客车位，立牌子。")
    project = suggesting.to_wish(idea.pk, told, by=by, now=now)
    wishing.publish(project.pk, by=by, now=now)
    done = approved(world, project, second)
    rating.by_claimant(project.pk, 4, "工具借得快", by=world.actor(second), now=now)
    for each in NeighbourPhoto.objects.filter(claim=done):
        photos.show(each.pk, True, by=by, now=now)
    wish = published(world, capacity=2, due_on=timezone.localdate() + timedelta(days=9))
    claim = reported(world, wish)
    running = published(world, title="陪李奶奶去镇卫生院复诊", capacity=1)
    claiming.claim(running.pk, by=world.actor("member"), now=now)
    published(world, title="教老人用手机挂号", sort="project", capacity=5)
    draft = wishing.write(
        COMMUNITY, wishing.Told("wish", "修凉亭的凳子", "凉亭的凳子断了一条腿。"), by=by, now=now
    )
    fresh, _code = suggested("楼下遛狗不牵绳，吓到小孩。", phone="13926187755", spot="祠堂前")
    circle, group = team(world), team(world, "象棋小组", "interest")
    belongs(world, circle, leads=True)
    circles.ask(circle.pk, by=world.actor(second), now=now)
    belongs(world, group, second)
    times = {"begins_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=3)}
    spot = "村委会门口榕树下"
    activity = meeting.plan(circle.pk, meeting.Told("夜间巡逻", spot, **times), by=by, now=now)
    past = meeting.plan(circle.pk, meeting.Told("反诈宣传", spot, **times), by=by, now=now)
    for each in (activity, past):
        mine = meeting.sign_up(each.pk, by=world.actor("member"), now=now)
    CircleActivity.objects.filter(pk=past.pk).update(
        begins_at=now - timedelta(hours=5), ends_at=now - timedelta(hours=3)
    )
    meeting.confirm(past.pk, [mine.pk], 120, by=by, now=now)
    member = world.actor("member")
    year = hours.given_by(member.account_id)[0].year
    made = hours.certify(circle.pk, year, by=member, now=now)
    return Helped(
        wish, draft, fresh, code, circle, activity, past, claim.photos.get().pk, made.code
    )


@dataclass(frozen=True)
class Served:
    """Rows of the pages about service platforms."""

    point: Any
    appointment: Any
    code: str
    activity: Any
    past: Any
    joined: str
    kitchen: Any
    meals: Any
    ordered: str


def with_platforms(world: World) -> Served:
    """A busy service point, one that takes no appointments, and the online list."""
    from huying.platforms import activities, canteen, online, points
    from huying.platforms.models import PlatformActivity
    from tests.desk.world import COMMUNITY
    from tests.platforms.stories import (
        ahead,
        booked,
        cooked,
        kitchen,
        matter,
        ordered,
        planned,
        point,
        signed,
    )

    by, now = world.actor("dispatcher"), timezone.now()
    where = point(
        world, seats=2, words="大厅设有长者优先窗口，行动不便可电话预约上门。", days_ahead=9
    )
    card = matter(world, where)
    matter(
        world, where, "居住登记", bring="身份证、租赁合同", booking="needed", minutes=30, order=1
    )
    matter(world, where, "开具居住证明", bring="身份证", booking="none", minutes=10, order=2)
    made, code = booked(where, phone="13926187754", matter=card.pk)
    booked(where, phone="13926187755", matter=card.pk)
    booked(where, wall="10:00", matter=card.pk)
    points.close_day(where.pk, ahead(4), "大厅停电检修", by=by, now=now)
    point(world, "小龙村文化室", seats=0, phone="", keeps_calendar=True, order=1)
    for told in (
        online.Told("医保缴费怎么办", words="一步一步看图办理", link="https://example.com/guide"),
        online.Told("随手报", "report", "路灯不亮、垃圾没清，拍照就报。"),
    ):
        online.put(COMMUNITY, told, by=by, now=now)
    what = planned(world, capacity=6, words="镇文艺队演出，自带水杯；六十岁以上长者优先入座。")
    signed(what, 4, phone="13926187754")
    signed(what, 2, phone="13926187755")
    _waits, joined = signed(what, 3)
    past = planned(world, title="八段锦晨练", spot="榕树下")
    signed(past, 2)
    signed(past, 1, phone="13926187756")
    PlatformActivity.objects.filter(pk=past.pk).update(
        begins_at=now - timedelta(hours=2),
        sign_up_until=now - timedelta(hours=2),
        ends_at=now - timedelta(hours=1),
    )
    off = planned(world, title="露天电影", spot="篮球场")
    activities.call_off(off.pk, "台风预警，场地关闭", by=by, now=now)
    food = kitchen(world)
    cooked(world, food, ahead(0), "白切鸡、炒菜心、老火汤")
    meals = cooked(world, food, menu="清蒸鲩鱼、蒸水蛋、时菜、冬瓜汤", meals=40)
    off = cooked(world, food, ahead(2), "豉汁排骨、炒生菜")
    canteen.call_off(off.pk, "厨房检修", by=by, now=now)
    _meal, meal_code = ordered(meals, 2)
    ordered(meals, 1, way="pick_up", phone="13926187757")
    told = {"name": "欧阳秀英", "phone": "13926187758", "where": "宗祠东街12号3栋502"}
    ordered(meals, 1, way="deliver", **told)
    return Served(where, made, code, what, past, joined, food, meals, meal_code)


def platform_pages(served: Served) -> list[tuple[str, str]]:
    """The desk's pages about service platforms, and the residents'."""
    of_point = f"/desk/platforms/points/{served.point.pk}"
    n_point = f"/n/440113120213/points/{served.point.pk}"
    day = served.appointment.day
    return [
        ("platforms", "/desk/platforms/"),
        ("platforms-new", "/desk/platforms/points/new"),
        ("platforms-point", of_point),
        ("platforms-day", f"{of_point}/day?day={day}&one={served.appointment.pk}"),
        ("platforms-day-none", f"{of_point}/day"),
        ("platforms-online", "/desk/platforms/online?area=440113120213"),
        ("n-services", "/n/440113120213/services"),
        ("n-point", n_point),
        ("n-book", f"{n_point}/book?day={day}&at=09:30"),
        ("n-booked", f"/n/s/{served.code}?day={day}"),
        ("n-booked-enter", "/n/s/"),
        ("platforms-activities", "/desk/platforms/activities/"),
        ("platforms-activity-new", "/desk/platforms/activities/new"),
        ("platforms-activity", f"/desk/platforms/activities/{served.activity.pk}"),
        ("platforms-attend", f"/desk/platforms/activities/{served.past.pk}"),
        ("n-activity", f"/n/440113120213/activities/{served.activity.pk}"),
        ("n-signed-up", f"/n/s/{served.joined}"),
        ("canteen", f"/desk/platforms/canteen?week={served.meals.day}"),
        ("canteen-day", f"/desk/platforms/canteen/days/{served.meals.pk}"),
        ("canteen-print", f"/desk/platforms/canteen/print?week={served.meals.day}"),
        ("n-meal", f"/n/440113120213/meals/{served.meals.pk}"),
        ("n-meal-order", f"/n/s/{served.ordered}"),
    ]


def with_registers(world: World) -> Registered:
    """A building with a shop full of risks, a flat, its family, and one of them twice."""
    from huying.registry import addressing, recording
    from huying.registry.addressing import Spot
    from huying.registry.recording import DwellingTold, EnterpriseTold, PersonTold
    from tests.desk.world import COMMUNITY, LAT, LON
    from tests.registry.living import code_of, id_of

    by, now = world.actor("dispatcher"), timezone.now()
    room = addressing.ensure(
        COMMUNITY, "宗祠东街12号3栋2单元502房", by=by, now=now, spot=Spot(LON, LAT)
    )
    assert room.building is not None
    addressing.correct(room.building.pk, by=by, now=now, building_code="440113120213-0012")
    addressing.add_alias(room.building.pk, "老供销社宿舍", "alias", by=by, now=now)
    flat = recording.add(DwellingTold(room, "shared", 3, ["charging", "barred"]), by=by, now=now)
    shop = EnterpriseTold(
        "小龙村东街老字号五金电器综合经营部（个体工商户）", "shop", room.building, code_of(),
        ["three_in_one", "gas", "chemicals"], "李四光", "13900139000",
    )  # fmt: skip
    grown = PersonTold(
        "张三丰", id_of("19800102"), "13800138000", dwelling=flat, household=1, relation="head"
    )
    again = PersonTold("张三丰", phone="13800138000", dwelling=flat, birth_year=1980, sex="male")
    child = PersonTold("张小明", birth_year=now.year - 9, sex="male", dwelling=flat, household=1)
    made = recording.add(grown, by=by, now=now)
    for each in (again, child):
        recording.add(each, by=by, now=now)
    recording.correct(
        made.pk, PersonTold(phone="13711112222", dwelling=flat, household=1, relation="tenant"),
        by=by, now=now,
    )  # fmt: skip
    return Registered(room.building, flat, made, recording.add(shop, by=by, now=now))


def with_care(world: World) -> Cared:
    """Three on the care list: late and not met twice, with a photo; a child; one seen today."""
    from huying.care import listing, visiting
    from huying.care.listing import Told
    from huying.intake import visit_alarms
    from huying.registry import recording
    from huying.registry.models import Dwelling
    from huying.registry.recording import PersonTold

    by, worker, now = world.actor("dispatcher"), world.actor("worker"), timezone.now()
    flat = Dwelling.objects.living().order_by("made_at").first()
    if flat is None:
        flat = with_registers(world).flat
    then, people = now - timedelta(days=20), []
    for name, born in (("欧阳秀英", 1938), ("陈小宝", now.year - 9), ("何伯", 1950)):
        told = PersonTold(name, phone="13822223333", birth_year=born, dwelling=flat)
        people.append(recording.add(told, by=by, now=then))
    alone = Told(
        ["alone", "disabled"], 1, "spoken", look_at=["spirits", "food", "gas"],
        health="高血压，每天服药", contact="欧阳建国", phone="13911112222",
    )  # fmt: skip
    child = Told(["child"], 2, "guardian", look_at=["spirits", "school"])
    member = world.accounts["member"].pk
    first = listing.put_on(people[0].pk, alone, by=by, now=then, member=member)
    second = listing.put_on(people[1].pk, child, by=by, now=then, member=member)
    third = listing.put_on(people[2].pk, Told(["alone"], 3, "signed"), by=by, now=then)
    shot = world.photo("worker", "other")

    def visit(care: Any, days: int, outcome: str, **more: Any) -> visiting.Told:
        at = now - timedelta(days=days)
        return visiting.Told(care.pk, uuid.uuid4(), "door", outcome, at=at, **more)

    visits = [
        visit(first, 12, "well", words="在楼下晒太阳，精神不错", photos=[shot]),
        visit(first, 9, "needs", needs=["doctor", "repair"], words="降压药快吃完了"),
        visit(first, 3, "not_met"),
        visit(first, 2, "not_met"),
        visit(third, 0, "well"),
    ]
    visiting.record_many(visits, by=worker, now=now)
    alarm = visit(second, 1, "alarm", words="一个人在家，发高烧")
    visit_alarms.record(alarm, sort="other", by=worker, now=now)
    return Cared(first, second, shot)


@dataclass(frozen=True)
class Cared:
    """What `with_care` made."""

    care: Any
    child: Any
    photo: Any


@dataclass(frozen=True)
class Registered:
    """What `with_registers` made."""

    house: Any
    flat: Any
    grown: Any
    shop: Any


@dataclass(frozen=True)
class Surveyed:
    """What `with_survey` made."""

    survey: Any
    entry: Any
    back: Any
    target: Any
    draft: Any


SURVEY_ASKS = {
    "questions": [
        {"id": "sort", "kind": "one_of", "label": "棚屋类别", "required": True,
         "choices": [{"value": "living", "label": "居住窝棚"},
                     {"value": "vegetable", "label": "菜地看护棚"}]},
        {"id": "area", "kind": "number", "label": "占地面积", "unit": "平方米", "required": True},
        {"id": "lived_in", "kind": "yes_no", "label": "是否住人", "required": True},
        {"id": "people", "kind": "number", "label": "住了几人", "required": True,
         "when": "lived_in = yes"},
        {"id": "name", "kind": "text", "label": "平时怎么称呼"},
        {"id": "shot", "kind": "photo", "label": "棚屋外观照片", "required": True},
        {"id": "who", "kind": "section", "label": "使用人"},
        {"id": "contact", "kind": "text", "label": "姓名", "sensitive": True},
        {"id": "phone", "kind": "phone", "label": "电话"},
    ]
}  # fmt: skip


def with_survey(world: World) -> Surveyed:
    """A survey of the town: one thing entered, one sent back, one to be visited still."""
    from huying.surveys import collecting, designing, looking, targeting
    from huying.surveys.collecting import Spot
    from huying.surveys.designing import Told
    from tests.desk.world import COMMUNITY, LAT, LON

    by, worker, now = world.actor("dispatcher"), world.actor("worker"), timezone.now()
    told = Told("survey", "窝棚菜棚专项排查", "住人的当面劝导，照片拍清楚门口和电线。",
                now + timedelta(days=6), 100, 90, [COMMUNITY])  # fmt: skip
    survey = designing.make(told, by=by, now=now - timedelta(days=2))
    designing.write_questions(survey.pk, SURVEY_ASKS, by=by, now=now, seen=None)
    lines = (
        f"村口菜棚,{LON},{LAT}\n鱼塘边窝棚,{LON + 0.001},{LAT}\n旧砖厂看护棚,{LON},{LAT + 0.001}"
    )
    targeting.add_lines(survey.pk, lines, by=by, now=now)
    designing.open_(survey.pk, by=by, now=now - timedelta(days=2))
    made = []
    for target in survey.targets.order_by("name")[:2]:
        given = {"sort": "living", "area": 24, "lived_in": "yes", "people": 3, "name": target.name,
                 "contact": "张三丰", "phone": "13800138000",
                 "shot": [str(world.photo("worker", "other"))]}  # fmt: skip
        made.append(
            collecting.collect(
                survey.pk, entry=uuid.uuid4(), answers=uuid.uuid4(), by=worker, now=now,
                given=given, target=target.pk, spot=Spot(),
            )
        )  # fmt: skip
    back = looking.send_back(made[1].pk, by=by, now=now, reason="照片看不清门口，请重拍。")
    draft = designing.make(Told("register", "出租屋消防台账"), by=by, now=now)
    designing.write_questions(draft.pk, SURVEY_ASKS, by=by, now=now, seen=None)
    left = survey.targets.get(done_at=None, entries=None)
    return Surveyed(survey, made[0], back, left, draft)


def entered_twice(world: World, made: Surveyed) -> Any:
    """The first shed once more, by who did not know that it was on the list."""
    from huying.surveys import collecting
    from huying.surveys.collecting import Spot

    return collecting.collect(
        made.survey.pk, entry=uuid.uuid4(), answers=uuid.uuid4(), by=world.actor("worker"),
        now=timezone.now(), spot=Spot(made.entry.lon, made.entry.lat, made.entry.place),
        given={"sort": "living", "area": 25, "lived_in": "no", "name": made.entry.name,
               "shot": [str(world.photo("worker", "other"))]},
    )  # fmt: skip


def party_pages(party: Branched) -> dict[str, list[tuple[str, str]]]:
    """The pages of branches, by who opens them."""
    one = f"/desk/branches/{party.branch.pk}"
    return {
        "dispatcher": [
            ("branches", "/desk/branches/"),
            ("branch-new", f"/desk/branches/new?area={party.branch.area_code}"),
            ("branch-figures", one),
            ("branch-public", f"/b/{party.branch.code}"),
            ("branch-public-none", "/b/22222222"),
            ("together-figures", "/desk/branches/together"),
            ("cadres", "/desk/branches/cadres"),
        ],
        "handler": [
            ("cadres-own", "/desk/branches/cadres"),
            ("cadre", f"/desk/branches/cadres/{party.cadre.pk}"),
        ],
        "village_dispatcher": [
            ("branches-tree", "/desk/branches/"),
            ("branch", one),
            ("branch-edit", f"{one}/edit"),
            ("branch-plate", f"{one}/plate"),
            ("branch-linking", f"{one}/linking"),
            ("branch-member", f"/desk/members/{party.member.pk}"),
            ("branch-member-new", f"{one}/members/new"),
            ("branch-member-shown", f"/desk/members/{party.member.pk}/shown"),
            ("branch-coverage", "/desk/branches/coverage"),
            ("branch-reported", "/desk/branches/reported"),
            ("branch-whistle", f"/desk/whistles/{party.whistle.pk}"),
            ("together", "/desk/branches/together"),
            ("together-new", "/desk/branches/together/undertaking/new"),
            ("together-edit", f"/desk/branches/together/organisation/{party.organisation.pk}"),
        ],
        "member": [
            ("mine", "/desk/mine"),
            ("mine-shown", f"/desk/links/{party.link.pk}/shown"),
        ],
    }


def pages(world: World) -> dict[str, list[tuple[str, str]]]:
    """Names and addresses, by the person of the town who opens them."""
    reported = world.held_by_town(
        world.reported(
            "闻到很浓的煤气味，怀疑泄漏", contact_name="张三", contact_phone="13800001111"
        )
    )
    accepted, checked = world.accepted(), world.checked()
    run = with_rules(world)
    whistled, problem = with_whistles(world)
    handling, handled = with_paper(world, world.handling()), world.handled()
    closed, shared = world.closed(), with_parts(world)
    with_retention(world, closed)
    suspended = world.do(
        world.accepted(),
        "suspend",
        "dispatcher",
        until=timezone.now() + timedelta(days=3),
        reason="等待材料到货。",
    )
    answered = with_questions(world)
    photo = world.photo("dispatcher", "photo_before")
    asked = world.do(
        world.handling(photos=[photo]),
        "ask_outside",
        "handler",
        to="物业服务中心",
        question="地下室的电表箱由谁管理？请附上管理协议的照片，并写明联系时间。",
        show_item=True,
        show_place=True,
        photos=[photo],
    )
    moved, bounced = went_up_and_down(world), given_back_twice(world)
    team = world.team("石碁镇城管公安消防联合执法突击行动队")
    world.team("小龙村志愿队", on_duty=False)
    urgent = world.held_by_town(world.reported("煤气味很浓，怀疑泄漏", item="0203"))
    for n in range(saved.MOST):
        query, name = f"tab=area&q=词{n}", f"第{n + 1}个视图，名称较长，占满位置"
        saved.keep(world.actor("dispatcher"), query, name, timezone.now())
    with_notices(world, handling)
    # An alarm lies over every page until it is seen: of its look test_inbox tells.
    Notice.objects.filter(alarm=True).update(read_at=timezone.now())
    watched = world.do(world.handling(), "supervise", "leader", reason="群众多次反映，限期办结。")
    world.do(watched, "instruct", "leader", text="请今天内办结并回复。")
    members = [world.units["lead"].pk, world.units["second"].pk]
    world.do(
        watched,
        "meet",
        "dispatcher",
        members=members,
        unit=members[0],
        decision="由城管执法队牵头，环卫站配合，三天内清理完毕。",
        until=timezone.now() + timedelta(days=3),
    )
    left, part = with_handovers(world, watched), with_task(world)
    asked, asked_link, heard, heard_link = with_residents(world)
    from tests.field.test_assigned import given

    to_do = given(world).pk
    to_visit, kept = with_patrol(world), with_registers(world)
    week = closed_week(world)
    appeal, unusual = with_appeal(world), with_finding(world)
    follow()
    failed = world.do(world.handled(), "check_fail", "checker", reason="仍有积水")
    wish, granted = with_request(world), with_decided_request(world)
    nameless = with_name_alone(world)
    cared, asked_for = with_care(world), with_survey(world)
    surveyed = f"/desk/surveys/{asked_for.survey.pk}"
    entered_twice(world, asked_for)
    of_party = party_pages(with_branches(world))
    helped, served = with_neighbours(world), with_platforms(world)
    together = joint_pages(with_joint(world))
    scored = score_pages(world)
    of_duties = duty_pages(with_duties(world))
    of_measures = measure_pages(with_measures(world))
    follow()
    return {
        "dispatcher": [
            *scored["dispatcher"],
            ("queue", "/desk/?tab=area"),
            ("beside", f"/desk/?tab=area&case={handling.number}"),
            ("queue-none", "/desk/?tab=area&q=没有这样的案件"),
            ("queue-ended", "/desk/?tab=area&ended=1"),
            ("map", "/desk/map/?tab=area"),
            ("map-none", "/desk/map/?tab=area&q=没有这样的案件"),
            ("teams", "/desk/teams/"),
            ("teams-none", "/desk/teams/?q=没有这支队伍"),
            ("team", f"/desk/teams/{team.code}"),
            ("roster", f"/desk/teams/{team.code}/roster"),
            ("emergency", f"/desk/cases/{urgent.number}"),
            ("alarm", f"/desk/cases/{urgent.number}/alarm"),
            ("handover-note", f"/desk/handover/{left.pk}"),
            ("watch", f"/desk/cases/{watched.number}/watch"),
            ("today", "/desk/today/"),
            ("registers", "/desk/registers/"),
            ("register-doubles", "/desk/registers/doubles"),
            ("register-new", "/desk/registers/person/new"),
            ("register-address", f"/desk/registers/address/{kept.house.pk}"),
            ("register-dwelling", f"/desk/registers/dwelling/{kept.flat.pk}"),
            ("register-person", f"/desk/registers/person/{kept.grown.pk}"),
            ("register-edit", f"/desk/registers/enterprise/{kept.shop.pk}/edit"),
            ("register-shown", f"/desk/registers/person/{kept.grown.pk}/shown"),
            ("care", "/desk/care/"),
            ("care-none", "/desk/care/?show=ended"),
            ("care-find", "/desk/care/find"),
            ("care-new", f"/desk/care/new/{kept.grown.pk}"),
            ("care-person", f"/desk/care/{cared.care.pk}"),
            ("care-visit", f"/desk/care/{cared.care.pk}/visit"),
            ("care-shown", f"/desk/care/{cared.care.pk}/shown"),
            ("care-plan", "/desk/care/plan"),
            ("care-figures", "/desk/care/figures"),
            ("surveys", "/desk/surveys/"),
            ("surveys-none", "/desk/surveys/?tab=closed"),
            ("survey-new", "/desk/surveys/new"),
            ("survey", surveyed),
            ("survey-entries", f"{surveyed}/entries"),
            ("survey-entries-none", f"{surveyed}/entries?show=stale"),
            ("survey-look", f"{surveyed}/look"),
            ("survey-doubles", f"{surveyed}/doubles"),
            ("survey-targets", f"{surveyed}/targets"),
            ("survey-design", f"/desk/surveys/{asked_for.draft.pk}/design"),
            ("survey-questions", f"/desk/surveys/{asked_for.draft.pk}/questions"),
            ("survey-entry", f"/desk/surveys/entries/{asked_for.entry.pk}"),
            ("survey-entry-back", f"/desk/surveys/entries/{asked_for.back.pk}"),
            ("survey-entry-edit", f"/desk/surveys/entries/{asked_for.entry.pk}/edit"),
            ("survey-entry-shown", f"/desk/surveys/entries/{asked_for.entry.pk}/shown"),
            ("survey-entry-new", f"{surveyed}/entries/new"),
            *of_party["dispatcher"],
            *together["dispatcher"],
            ("figures", "/desk/figures/?by=grid&group=desk"),
            ("figures-all", "/desk/figures/?by=all"),
            ("figures-none", "/desk/figures/?by=grid&period=2019-07"),
            ("figure-cases", "/desk/figures/cases?by=all&indicator=dispatched_rightly"),
            ("figures-closed", f"/desk/figures/?by=grid&group=desk&period={week}"),
            (
                "figure-cases-closed",
                f"/desk/figures/cases?by=all&indicator=dispatched_rightly&period={week}",
            ),
            ("appeals", "/desk/appeals/"),
            ("appeals-none", "/desk/appeals/?tab=mine"),
            ("appeal", f"/desk/appeals/{appeal.pk}"),
            ("unusual", "/desk/figures/unusual/"),
            ("unusual-none", "/desk/figures/unusual/?state=confirmed"),
            ("unusual-finding", f"/desk/figures/unusual/{unusual.pk}"),
            ("patrol", "/desk/patrol/"),
            ("patrol-new", "/desk/patrol/new"),
            ("patrol-plan", f"/desk/patrol/{to_visit.plan_id}"),
            ("patrol-place", f"/desk/patrol/places/{to_visit.pk}"),
            ("patrol-labels", f"/desk/patrol/{to_visit.plan_id}/labels"),
            ("patrol-coverage", "/desk/patrol/coverage"),
            ("patrol-tracks", "/desk/patrol/tracks"),
            ("neighbours", "/desk/neighbours/"),
            ("neighbours-none", "/desk/neighbours/?show=closed"),
            ("neighbours-wish", f"/desk/neighbours/wishes/{helped.wish.pk}"),
            ("neighbours-draft", f"/desk/neighbours/wishes/{helped.draft.pk}"),
            ("neighbours-new", "/desk/neighbours/wishes/new"),
            ("neighbours-suggestions", "/desk/neighbours/suggestions/?state=all"),
            ("neighbours-suggestion", f"/desk/neighbours/suggestions/{helped.suggestion.pk}"),
            ("neighbours-suggest", "/desk/neighbours/suggestions/new"),
            ("neighbours-topics", "/desk/neighbours/topics?area=440113120213"),
            ("neighbours-circles", "/desk/neighbours/circles/"),
            ("neighbours-circle", f"/desk/neighbours/circles/{helped.circle.pk}"),
            ("neighbours-circle-new", "/desk/neighbours/circles/new"),
            ("neighbours-activity", f"/desk/neighbours/activities/{helped.past.pk}"),
            ("neighbours-figures", "/desk/neighbours/figures"),
            ("n-start", "/n/"),
            ("n-community", "/n/440113120213"),
            ("n-suggest", "/n/440113120213/suggest"),
            ("n-follow", f"/n/f/{helped.code}"),
            ("n-enter", "/n/f/"),
            ("n-certificate", f"/n/c/{helped.certificate}"),
            *platform_pages(served),
            *of_duties["dispatcher"],
            *of_measures["dispatcher"],
            ("tasks", "/desk/tasks/"),
            ("tasks-none", "/desk/tasks/?tab=ended"),
            ("task-new", "/desk/tasks/new"),
            ("task", f"/desk/tasks/{part.task_id}"),
            ("task-none", f"/desk/tasks/{part.task_id}?show=back"),
            ("task-part", f"/desk/tasks/grids/{part.pk}"),
            ("topic", f"/desk/topics/{with_topic(world).pk}"),
            ("topics", "/desk/topics/"),
            ("topics-none", "/desk/topics/?tab=dismissed"),
            ("device-alarms", "/desk/device-alarms/"),
            ("device-alarm", f"/desk/device-alarms/{with_alarms(world)}"),
            ("levels", "/desk/levels/"),
            ("inbox", "/desk/inbox"),
            ("inbox-none", "/desk/inbox?group=whistle"),
            ("today-none", "/desk/today/?day=2020-01-01"),
            ("supervision", "/desk/supervision/?tab=supervised"),
            ("supervision-none", "/desk/supervision/?tab=overdue"),
            ("watched", f"/desk/cases/{watched.number}"),
            ("sheet-supervision", f"/desk/cases/{watched.number}/sheets/supervision"),
            ("answer", f"/desk/cases/{watched.number}/answer_instruction"),
            ("meet", f"/desk/cases/{watched.number}/meet"),
            ("new", "/desk/cases/new"),
            ("call", "/desk/calls/new"),
            ("new-asked", "/desk/cases/new?item=0203"),
            ("answered", f"/desk/cases/{answered.number}"),
            ("answers", f"/desk/cases/{answered.number}/answers"),
            ("reported", f"/desk/cases/{reported.number}"),
            ("accepted", f"/desk/cases/{accepted.number}"),
            ("documents", f"/desk/cases/{handling.number}"),
            ("checked", f"/desk/cases/{checked.number}"),
            ("closed", f"/desk/cases/{closed.number}"),
            ("suspended", f"/desk/cases/{suspended.number}"),
            ("reports", "/desk/reports"),
            ("report", f"/desk/reports/{with_report(world).pk}"),
            ("exports", "/desk/exports"),
            ("requests", "/desk/requests/"),
            ("requests-none", "/desk/requests/?tab=answered"),
            ("request-new", "/desk/requests/new"),
            ("request-by-name", f"/desk/requests/{nameless.pk}"),
            ("request-decided", f"/desk/requests/{granted.pk}"),
            ("request-answer", f"/desk/requests/{granted.pk}/answer"),
            ("imports", "/desk/imports/"),
            ("import", f"/desk/imports/{with_table(world)}"),
            ("imports-people", "/desk/imports/?into=people"),
            ("import-done", f"/desk/imports/{with_people(world)}"),
            ("import-look", f"/desk/imports/{with_people(world, looked=True)}"),
            ("rules", "/desk/rules"),
            ("rulebook", "/desk/rules/1"),
            ("view-new", "/desk/views/new?tab=area&light=red"),
            ("view-none", "/desk/views/new?tab=area"),
            ("views", "/desk/views"),
            ("sheet-order", f"/desk/cases/{handling.number}/sheets/order"),
            ("sheet-closing", f"/desk/cases/{closed.number}/sheets/closing"),
            ("sheet-none", f"/desk/cases/{reported.number}/sheets/order"),
            ("accept", f"/desk/cases/{reported.number}/accept"),
            ("decline", f"/desk/cases/{reported.number}/decline"),
            ("ask-verify", f"/desk/cases/{reported.number}/ask_verify"),
            ("merge", f"/desk/cases/{reported.number}/merge"),
            ("pin", f"/desk/cases/{reported.number}/pin"),
            ("item", f"/desk/cases/{reported.number}/change_item"),
            ("escalate", f"/desk/cases/{reported.number}/escalate"),
            ("send-down", f"/desk/cases/{reported.number}/send_down"),
            ("dispatch", f"/desk/cases/{accepted.number}/dispatch"),
            ("suspend", f"/desk/cases/{handling.number}/suspend"),
            ("attach", f"/desk/cases/{handling.number}/attach"),
            ("refused", f"/desk/cases/{handling.number}/close"),
            ("parts", f"/desk/cases/{shared.number}"),
            ("add-assist", f"/desk/cases/{handling.number}/add_assist"),
            ("record", f"/desk/cases/{shared.number}/sheets/record?seq=5"),
            ("split", f"/desk/cases/{handling.number}/split"),
            ("contact", f"/desk/cases/{reported.number}/contact"),
            ("whistles", "/desk/whistles/?tab=ours"),
            ("whistles-none", "/desk/whistles/?tab=below"),
            ("vetoes", "/desk/whistles/?tab=vetoes"),
            ("whistle-new", "/desk/whistles/new"),
            ("whistle", f"/desk/whistles/{whistled.whistles.get().pk}"),
            ("whistle-case", f"/desk/cases/{whistled.number}"),
            ("whistle-problem", f"/desk/whistles/{problem.pk}"),
            ("whistle-release", f"/desk/whistles/{problem.pk}/release"),
            ("blow", f"/desk/cases/{accepted.number}/blow"),
            ("callbacks", "/desk/callbacks"),
            ("call-back", f"/desk/cases/{heard.number}/call_back"),
            ("ask-resident", f"/desk/cases/{asked.number}/ask_resident"),
            ("share-photos", f"/desk/cases/{heard.number}/share_photos"),
            ("public-report", "/report?item=0203"),
            ("public-follow", asked_link),
            ("public-ended", heard_link),
            ("public-code", "/f/"),
            ("public-privacy", "/report/privacy"),
            ("public-done", "/done"),
            ("me", "/me"),
            ("my-notices", "/me/notices"),
            ("missing", "/desk/cases/4401131202026010100000000"),
            ("way", f"/desk/cases/{moved.number}"),
        ],
        "village_dispatcher": of_party["village_dispatcher"] + together["village_dispatcher"],
        "second_dispatcher": [("handover", "/desk/handover")],
        "district_dispatcher": [
            *of_duties["district_dispatcher"],
            *of_measures["district_dispatcher"],
            ("handover-none", "/desk/handover"),
            ("arbitrate", f"/desk/cases/{bounced.number}/arbitrate"),
            ("take-over", f"/desk/cases/{handling.number}/take_over"),
        ],
        "handler": [
            *scored["handler"],
            *of_party["handler"],
            *together["handler"],
            ("figures-own", "/desk/figures/?group=handling"),
            ("appeal-new", f"/desk/appeals/new/{failed.number}"),
            *of_duties["handler"],
            *of_measures["handler"],
            ("called", "/desk/whistles/?tab=called"),
            ("check-in", f"/desk/cases/{whistled.number}/check_in"),
            ("refuse-call", f"/desk/whistles/{problem.pk}/refuse_call"),
            ("unit", "/desk/?tab=unit"),
            ("unit-case", f"/desk/cases/{handling.number}"),
            ("make-record", f"/desk/cases/{handling.number}/record"),
            ("ask-outside", f"/desk/cases/{handling.number}/ask_outside"),
            # Without an account one sees the same.
            ("outside", f"/a/{asked.shown_once}"),
            ("outside-thanks", "/a/thanks"),
            ("outside-ended", "/a/no-such-link"),
            ("handle", f"/desk/cases/{handling.number}/handle"),
            ("return", f"/desk/cases/{handling.number}/return"),
            ("more-time", f"/desk/cases/{handling.number}/request_extension"),
            ("field-tasks", "/field/tasks"),
            ("field-case", f"/field/cases/{handling.number}"),
            ("field-handle", f"/field/cases/{handling.number}/handle"),
        ],
        "member": [
            *of_party["member"],
            *together["member"],
            ("care-mine", "/desk/care/mine"),
            ("care-mine-visit", f"/desk/care/{cared.child.pk}/visit"),
            ("neighbours-mine", "/desk/neighbours/mine"),
            ("neighbours-my-wish", f"/desk/neighbours/mine/{running_claim(world)}"),
            ("neighbours-my-circle", f"/desk/neighbours/circles/{helped.circle.pk}"),
            ("neighbours-my-activity", f"/desk/neighbours/activities/{helped.activity.pk}"),
        ],
        f"member-{team.code}": [("team-mine", f"/desk/teams/{team.code}")],
        "leader": [
            ("wall", "/wall"),
            ("wall-tables", "/wall?form=table"),
            ("wall-enter", "/wall/enter?ended=1"),
            ("leading", "/desk/leader/"),
            ("process", "/desk/process/"),
            ("process-none", "/desk/process/?first=2025-01-01&last=2024-01-02"),
            ("process-cases", "/desk/process/cases?way=reported-accepted-accept"),
            *scored["leader"],
            ("request", f"/desk/requests/{wish.pk}"),
            ("supervise", f"/desk/cases/{handling.number}/supervise"),
            ("instruct", f"/desk/cases/{handling.number}/instruct"),
            ("lift", f"/desk/cases/{watched.number}/lift_supervision"),
        ],
        "checker": [
            ("check-pass", f"/desk/cases/{handled.number}/check_pass"),
            ("check-fail", f"/desk/cases/{handled.number}/check_fail"),
        ],
        "administrator": [
            *scored["administrator"],
            ("draft", "/desk/rules/2"),
            ("questions", "/desk/questions/"),
            ("surveys-designed", "/desk/surveys/"),
            ("suggestions", "/desk/suggestions/"),
            ("questions-item", "/desk/questions/0203"),
            ("questions-none", "/desk/questions/0101"),
            ("questions-version", "/desk/questions/0203/1"),
            ("retention", "/desk/retention/"),
            ("rule", "/desk/rules/2/rules/noisy-nights"),
            ("backtest", f"/desk/rules/backtests/{run.pk}"),
        ],
        "worker": [
            *scored["worker"],
            ("worker-new", "/desk/cases/new"),
            ("settle", f"/desk/cases/{reported.number}/settle"),
            ("registers", "/desk/registers/"),
            ("field", "/field/"),
            ("field-assigned", "/field/assigned"),
            ("field-assignment", f"/field/assigned/{to_do}"),
            ("field-care", "/field/care"),
            ("field-care-person", f"/field/care/{cared.care.pk}"),
            ("field-patrol", "/field/patrol"),
            ("field-patrol-place", f"/field/patrol/{to_visit.pk}"),
            ("field-surveys", "/field/surveys"),
            ("field-survey", f"/field/surveys/{asked_for.survey.pk}"),
            ("field-survey-new", f"/field/surveys/{asked_for.survey.pk}/new"),
            (
                "field-survey-target",
                f"/field/surveys/{asked_for.survey.pk}/targets/{asked_for.target.pk}",
            ),
            (
                "field-survey-entry",
                f"/field/surveys/{asked_for.survey.pk}/entries/{asked_for.back.pk}",
            ),
            ("field-report", "/field/report"),
            ("field-month", "/field/month"),
            ("field-grid", "/field/grid"),
            ("field-outbox", "/field/outbox"),
            ("field-inbox", "/field/inbox"),
            ("field-me", "/field/me"),
        ],
    }
