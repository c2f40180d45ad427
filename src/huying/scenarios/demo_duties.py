"""The demo's list of responsibilities, applications, old items, measures and evaluations. Made up;
the measures in the spirit of a district's plan to strengthen what is done on the grid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from huying.catalogue.models import Item, ItemVersion
from huying.desk.admission_forms import MAIN
from huying.duties import admitting, drafting, mapping
from huying.duties.models import Admission, DutyList, DutyStep, OldItem
from huying.measures import evaluating, planning
from huying.measures.models import Evaluation, EvaluationCap, MeasurePlan
from huying.people.acting import Actor, actor_on
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.scenarios.demo_words import dice
from huying.tasks.models import Task

TITLE: Final = "强化基层治理三十二条举措"
MEASURES: Final = (
    ("多网合一、一格一员", "镇街综治办", ("网格划定", "人员整合", "一格一员到位")),
    ("网格员统一招录和培训", "镇街综治办", ("培训大纲", "首轮轮训")),
    ("入格事项只减不增", "镇街综治办", ("清单成稿", "旧事项归并", "全区执行")),
    ("职责清单进镇街", "镇街综治办", ("部门会签", "清单公布")),
    ("职责准入先试后行", "镇街综治办", ("准入办法", "首批试行")),
    ("一个平台统一受理", "镇街综治办", ("热线并入", "网格上报并入", "部门系统对接")),
    ("采办分离", "镇街综治办", ("岗位分设", "抽查机制")),
    ("双向考核", "镇街党建办", ("考核办法", "首季试评")),
    ("考评项目清单管理", "镇街党建办", ("清理考评", "清单公布")),
    ("小事不出网格", "村(社区)居委", ("现场办结目录", "二十四小时办结")),
    ("社区吹哨、部门报到", "镇街党建办", ("吹哨规程", "到场时限", "季度通报")),
    ("党员突击队下沉", "镇街党建办", ("组队", "认领项目")),
    ("楼栋党支部挂牌", "镇街党建办", ("摸底", "挂牌")),
    ("大党委联席会议", "镇街党建办", ("成员单位名单", "首次会议")),
    ("资源、需求、项目三张清单", "镇街党建办", ("清单公示", "项目认领")),
    ("网格负责人兼任支部书记", "镇街党建办", ("任职", "双网融合")),
    ("联合执法队进镇街", "城管执法队", ("编组", "驻点", "联合行动")),
    ("出租屋分类管理", "来穗人员服务", ("等级评定", "重点整治")),
    ("三小场所隐患清零", "消防", ("排查", "整改", "复查")),
    ("电动车集中充电点", "消防", ("选址", "建成启用")),
    ("燃气安全入户检查", "城管执法队", ("入户", "隐患整改")),
    ("违法燃油打击机制", "应急管理办", ("线索奖励", "联合查处")),
    ("企业安全生产分级检查", "应急管理办", ("分级", "检查一轮")),
    ("三防责任到网格", "应急管理办", ("责任表", "汛前演练")),
    ("河涌一涌一策", "水务(河长办)", ("排污口复核", "清污分流")),
    ("四标四实信息更新", "公安派出所", ("门牌核查", "数据更新")),
    ("视频进网格", "公安派出所", ("点位核定", "接入平台")),
    ("矛盾纠纷就地调解", "司法所", ("调解员入格", "一季一评")),
    ("独居长者定期走访", "民政", ("名单", "走访计划", "首轮走访")),
    ("长者饭堂覆盖社区", "民政", ("选点", "开餐")),
    ("政务服务下沉代办", "便民服务中心", ("代办目录", "代办员上岗")),
    ("网格员关爱和激励", "镇街党建办", ("体检", "评优")),
)
SAID: Final = (
    "已完成初稿，正在征求意见。",
    "十个镇街已报来材料。",
    "已召开部署会。",
    "正在招标，月底前签约。",
)
EVALUATIONS: Final = (
    ("平安建设年度考评", "公安派出所", "towns", "yearly", 4, 300),
    ("市容环境季度考评", "城管执法队", "towns", "quarterly", 2, 200),
    ("安全生产年度考核", "应急管理办", "towns", "yearly", 5, 320),
    ("网格员月度评优", "镇街综治办", "workers", "monthly", 1, 90),
    ("河长制半年考核", "水务(河长办)", "towns", "half", 3, 250),
)  # fmt: skip


def load_duties(now: datetime) -> int:
    """Makes it all, unless some of the demo's is there; how many measures."""
    if MeasurePlan.objects.filter(made_by__demo=True).exists():
        return 0
    office, head = _on(Role.DISPATCHER), _on(Role.DISTRICT_LEADER)
    units = _units()
    if office is None or head is None or not units:
        return 0  # a district of one's own
    district = office.area_code
    if not OldItem.objects.filter(district_code=district).exists():
        mapping.bring_in(mapping.package_rows(), district, by=office, now=now)
    if not DutyList.objects.filter(area_code=district).exists():
        row = drafting.begin(district, by=office, now=now - timedelta(days=20))
        drafting.publish(row.pk, timezone.localdate(now), by=head, now=now)
        DutyList.objects.filter(pk=row.pk).update(
            effective_from=timezone.localdate(now) - timedelta(days=15)
        )
    _measures(office, units, now)
    _evaluations(office, head, units, now)
    _admissions(office, head, now)
    return len(MEASURES)


def _on(role: Role) -> Actor | None:
    posts = Post.objects.filter(role=role, account__demo=True, ends_on=None).select_related(
        "account"
    )
    post = next((each for each in posts.order_by("id") if len(each.area_code) == 6), None)
    return actor_on(post, [post]) if post is not None else None


def _units() -> dict[str, Unit]:
    """A unit for each department, the district's own first."""
    rows = Unit.objects.filter(active=True, kind=UnitKind.DEPARTMENT).order_by("-area_code", "code")
    known = sorted(rows, key=lambda unit: -len(unit.area_code))
    return {unit.department: unit for unit in known if len(unit.area_code) <= 9}


def _measures(office: Actor, units: dict[str, Unit], now: datetime) -> None:
    today, chance = timezone.localdate(now), dice("huying", "measures")
    begins = date(today.year, 1, 1)
    plan = planning.make_plan(
        TITLE, begins, date(today.year + 1, 12, 31), by=office, now=now - timedelta(days=200)
    )
    known = list(units.values())
    for number, (title, department, points) in enumerate(MEASURES, 1):
        unit = units.get(department) or chance.choice(known)
        days = [chance.randrange(-150, 120) for _point in points]
        days.sort()
        due = today + timedelta(days=max(days[-1], 10) + chance.randrange(5, 60))
        helper = chance.choice(known)
        told = planning.Told(number, title, "", unit.pk, {helper.pk} - {unit.pk}, due)
        row = planning.add(plan.pk, told, by=office, now=now - timedelta(days=199))
        for point, day in zip(points, days, strict=True):
            then = now - timedelta(days=198)
            made = planning.plan_point(
                row.pk, point, today + timedelta(days=day), by=office, now=then
            )
            if day < 0 and chance.randrange(8):
                at = now + timedelta(days=min(-1, day + chance.randrange(-6, 4)))
                planning.reach(row.pk, made.pk, f"{point}已完成，材料已存档。", by=office, now=at)
        if chance.randrange(3):
            at = now - timedelta(days=chance.randrange(1, 25))
            planning.say(row.pk, chance.choice(SAID), by=office, now=at)


def _evaluations(office: Actor, head: Actor, units: dict[str, Unit], now: datetime) -> None:
    today = timezone.localdate(now)
    evaluating.cap(today.year, 6, by=head, now=now)
    for n, (name, department, concerns, often, papers, days) in enumerate(EVALUATIONS):
        unit = units.get(department)
        told = evaluating.Told(
            name, unit.pk if unit else None, concerns, (), "年度工作部署", often, papers,
            today - timedelta(days=100), today + timedelta(days=days - 95),
        )  # fmt: skip
        if unit is None:
            continue
        row = evaluating.apply(told, by=office, now=now - timedelta(days=110))
        if n < 4:
            evaluating.approve(row.pk, "有依据，予以列入。", by=head, now=now - timedelta(days=101))


def _admissions(office: Actor, head: Actor, now: datetime) -> None:
    posts = Post.objects.filter(role=Role.HANDLER, account__demo=True, ends_on=None)
    posts = posts.filter(unit__kind=UnitKind.DEPARTMENT).select_related("account", "unit")
    post = posts.order_by("id").first()
    if post is None:
        return
    unit, towns = actor_on(post, [post]), [post.area_code[:9]]
    for n, (name, words) in enumerate(
        (
            ("集中充电场所巡查", "电动自行车集中充电点的线路、消防器材和占用情况"),
            ("楼顶种植和堆放巡查", "楼顶违规种植、堆放杂物造成的漏水和坠物风险"),
        )
    ):
        proposed: dict[str, Any] = MAIN | {
            "name": name, "description": words, "default_level": "town", "settle": False,
            "lead_department": post.unit.department if post.unit else "", "kind": "simple",
            "accept_limit_min": 60, "sign_limit_min": 120, "handle_limit": 3,
            "handle_clock": "work_day", "check_limit": 1, "check_clock": "work_day",
            "evidence": "photo_before>=1;photo_after>=1;gps", "example": "",
        }  # fmt: skip
        told = admitting.Told(
            "02", proposed, "每周看一次，发现问题上报，不作处罚。",
            "上报、派遣到责任单位、处置、核查、结案。", "每镇增配一名专员，经费由区局承担。",
            "相关管理条例和年度工作部署",
        )  # fmt: skip
        row = admitting.apply(told, by=unit, now=now - timedelta(days=30 - 27 * n))
        if n == 0 and len(towns[0]) == 9:
            admitting.pass_on(
                row.pk, "材料齐全，与现有事项不重复。", by=office, now=now - timedelta(days=26)
            )
            until = timezone.localdate(now) + timedelta(days=40)
            admitting.approve(row.pk, towns, until, "先在一个镇街试行。", by=head, now=now)


def unload_duties(using: str) -> None:
    """Takes it away again. Lists, trial items and the map that others made stay."""
    from huying.catalogue import versions
    from huying.people.acting import SYSTEM

    demo = list(Account.objects.using(using).filter(demo=True).values_list("pk", flat=True))
    rows: list[Any] = [
        Admission.objects.using(using).filter(
            Q(made_by__in=demo) | Q(reviewed_by__in=demo) | Q(decided_by__in=demo)
        ),
        DutyList.objects.using(using).filter(Q(begun_by__in=demo) | Q(published_by__in=demo)),
        OldItem.objects.using(using).filter(Q(by__in=demo) | Q(ended_by__in=demo)),
        Evaluation.objects.using(using).filter(Q(applied_by__in=demo) | Q(decided_by__in=demo)),
        EvaluationCap.objects.using(using).filter(set_by__in=demo),
        MeasurePlan.objects.using(using).filter(made_by__in=demo),
    ]
    tried = list(rows[0].exclude(item_code="").values_list("item_code", flat=True))
    for code in tried:
        versions.deactivate(code, by=SYSTEM)
    for each in rows:
        each.delete()
    # All cases are gone by now: where no task is of it either, its code is free again.
    tasks = Task.objects.using(using).filter(item_version__item__in=tried)
    kept = set(tasks.values_list("item_version__item", flat=True))
    free = [code for code in tried if code not in kept]
    ItemVersion.objects.using(using).filter(item__in=free).delete()
    Item.objects.using(using).filter(pk__in=free).delete()
    versions.forget()
    DutyStep.objects.using(using).filter(actor_id__in=demo).delete()
