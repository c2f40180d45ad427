"""What the pages of measures and evaluations show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from huying.measures import evaluating, planning
from huying.measures.models import MeasureFile
from tests.desk.world import TOWN

if TYPE_CHECKING:
    from huying.measures.models import Evaluation, Measure, MeasurePlan
    from tests.desk.world import World


@dataclass(frozen=True)
class Shown:
    plan: MeasurePlan
    measure: Measure
    file: UUID
    evaluation: Evaluation


def plan_of(world: World) -> MeasurePlan:
    """A plan of the district for this year and the next."""
    today = timezone.localdate()
    return planning.make_plan(
        "区基层治理三十二条举措",
        today - timedelta(days=100),
        today + timedelta(days=300),
        by=world.actor("district_dispatcher"),
        now=timezone.now(),
    )


def measure_of(world: World, plan: MeasurePlan, number: int = 1, **more: object) -> Measure:
    """A measure for which the town's unit answers."""
    told = {
        "number": number,
        "title": "职责清单和职责准入制度",
        "words": "年内出台清单，新增事项一律先准入。",
        "unit": world.units["lead"].pk,
        "helpers": [world.units["second"].pk],
        "due_on": timezone.localdate() + timedelta(days=200),
    } | more
    by, now = world.actor("district_dispatcher"), timezone.now()
    return planning.add(plan.pk, planning.Told(**told), by=by, now=now)  # type: ignore[arg-type]


def asked_for(world: World, **more: object) -> Evaluation:
    """An evaluation that the town's unit wants on the list."""
    today = timezone.localdate()
    told = {
        "name": "市容环境季度考评",
        "holder": None,
        "concerns": "towns",
        "towns": [TOWN],
        "basis": "《城市市容和环境卫生管理条例》",
        "frequency": "quarterly",
        "papers": 3,
        "valid_from": today,
        "valid_until": today + timedelta(days=20),
    } | more
    by, now = world.actor("handler"), timezone.now()
    return evaluating.apply(evaluating.Told(**told), by=by, now=now)  # type: ignore[arg-type]


def with_measures(world: World) -> Shown:
    """A plan with a measure on its way, a late one and one without milestones."""
    office, unit, now = world.actor("district_dispatcher"), world.actor("handler"), timezone.now()
    today = timezone.localdate()
    plan = plan_of(world)
    measure = measure_of(world, plan)
    first = planning.plan_point(measure.pk, "清单成稿", today, by=office, now=now)
    day = today + timedelta(days=90)
    planning.plan_point(measure.pk, "十六个镇街全部执行", day, by=office, now=now)
    photo = world.photo("handler", "photo_after")
    planning.reach(measure.pk, first.pk, "清单已印发。", files=[photo], by=unit, now=now)
    planning.say(measure.pk, "已有十个镇街报来初稿。", by=unit, now=now)
    late = measure_of(world, plan, 2, title="网格员一格一员全覆盖")
    gone = today - timedelta(days=3)
    planning.plan_point(late.pk, "补齐缺编", gone, by=office, now=now)
    measure_of(world, plan, 3, title="考评项目只减不增")
    asked = asked_for(world)
    return Shown(plan, measure, MeasureFile.objects.get(milestone=first).pk, asked)


def measure_pages(shown: Shown) -> dict[str, list[tuple[str, str]]]:
    """Names and addresses, by the person who opens them."""
    one = f"/desk/measures/{shown.measure.pk}"
    return {
        "dispatcher": [
            ("measures", "/desk/measures/"),
            ("measures-none", "/desk/measures/?stand=dropped"),
            ("evaluations", "/desk/evaluations/"),
        ],
        "handler": [
            ("measure-mine", one),
            ("evaluation-new", "/desk/evaluations/new"),
        ],
        "district_dispatcher": [
            ("measure", one),
            ("measure-new", f"/desk/measures/plans/{shown.plan.pk}/new"),
            ("measure-plan-new", "/desk/measures/plans/new"),
        ],
    }
