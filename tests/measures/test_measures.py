"""Measures stand as their milestones do; evaluations are few, and go by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huying.errors import Missing, NotAllowed, StalePage, WrongState
from huying.measures import evaluating, planning
from huying.measures.models import Evaluation, MeasureMilestone
from huying.measures.progress import Stand, progress_of
from huying.notices.models import Notice
from tests.desk.world import ELSEWHERE, TOWN
from tests.duties.shown import leader_of_district
from tests.measures.shown import asked_for, measure_of, plan_of

if TYPE_CHECKING:
    from tests.desk.world import World

TODAY = date(2026, 11, 29)
DAYS = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))


@dataclass(frozen=True)
class Point:
    due_on: date
    reached_on: date | None


@given(st.lists(st.builds(Point, DAYS, st.none() | DAYS), max_size=6), DAYS)
def test_how_far_it_is_follows_from_the_milestones(points: list[Point], due_on: date) -> None:
    found = progress_of(points, due_on, TODAY)
    waiting = [each for each in points if each.reached_on is None]
    assert (found.reached + len(waiting), found.of) == (len(points), len(points))
    assert (found.percent is None) == (not points)
    assert (found.stand is Stand.DONE) == (bool(points) and not waiting)
    if any(each.due_on < TODAY for each in waiting):
        assert found.stand is Stand.LATE
    if found.stand is Stand.GOING:
        assert found.next is not None
        assert found.next > TODAY + timedelta(days=7)
    assert progress_of(points, due_on, TODAY, dropped=True).stand is Stand.DROPPED


def test_a_measure_is_carried_out_and_what_is_late_is_told_of(world: World) -> None:
    now, today = timezone.now(), timezone.localdate()
    office, unit = world.actor("district_dispatcher"), world.actor("handler")
    with pytest.raises(NotAllowed):
        planning.make_plan("镇里的", today, today, by=world.actor("dispatcher"), now=now)
    row = measure_of(world, plan_of(world))
    with pytest.raises(NotAllowed):
        planning.plan_point(row.pk, "成稿", today, by=unit, now=now)
    point = planning.plan_point(row.pk, "成稿", today, by=office, now=now)
    with pytest.raises(NotAllowed):
        planning.reach(row.pk, point.pk, "好了", by=world.actor("far_handler"), now=now)
    with pytest.raises(Missing):
        planning.reach(row.pk, point.pk, " ", by=unit, now=now)
    with pytest.raises(StalePage):
        planning.say(row.pk, "快了", by=unit, now=now, revision=1)
    assert planning.remind(now=now) == 1
    later = now + timedelta(days=2)
    assert planning.remind(now=later) == 1
    assert planning.remind(now=later) == 0
    told = Notice.objects.filter(kind="measure_overdue")
    assert {unit.account_id, office.account_id} <= set(told.values_list("account", flat=True))
    planning.reach(row.pk, point.pk, "已印发。", by=unit, now=later)
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasureMilestone.objects.filter(pk=point.pk).update(evidence="")
    assert planning.remind(now=later + timedelta(days=20)) == 0


def test_evaluations_keep_to_the_cap_and_expire_by_themselves(world: World) -> None:
    now, today = timezone.now(), timezone.localdate()
    head = leader_of_district(world)
    first, second = asked_for(world), asked_for(world, name="另一项考评", papers=2)
    with pytest.raises(NotAllowed):
        evaluating.approve(first.pk, "可以", by=world.actor("leader"), now=now)
    for year in range(today.year, (today + timedelta(days=20)).year + 1):
        evaluating.cap(year, 1, by=head, now=now)
    evaluating.approve(first.pk, "有依据。", by=head, now=now)
    with pytest.raises(WrongState):
        evaluating.approve(second.pk, "有依据。", by=head, now=now)
    rows = list(Evaluation.objects.all())
    counts = evaluating.by_town(evaluating.standing(rows, today), [TOWN, ELSEWHERE])
    assert counts == {TOWN: (1, 12), ELSEWHERE: (0, 0)}
    assert evaluating.standing(rows, today + timedelta(days=21)) == []
    evaluating.strike(first.pk, "并入年度考核。", by=head, now=now)
    evaluating.approve(second.pk, "有依据。", by=head, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=second.pk).update(decided_by=second.applied_by)


def test_the_pages_lose_nothing_that_was_typed(world: World, as_: Callable[..., Client]) -> None:
    office, unit = as_("district_dispatcher"), as_("handler")
    row = measure_of(world, plan_of(world))
    page = f"/desk/measures/{row.pk}"
    assert office.post(f"{page}/point", {"title": "成稿", "day": ""}).status_code == 422
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert office.post(f"{page}/point", {"title": "成稿", "day": day}).status_code == 302
    point = MeasureMilestone.objects.get()
    refused = unit.post(f"{page}/reach", {"milestone": str(point.pk), "words": ""})
    assert refused.status_code == 422
    done = unit.post(f"{page}/reach", {"milestone": str(point.pk), "words": "已印发。"})
    assert done.status_code == 302
    assert "已印发。" in as_("worker").get(page).content.decode()
    assert "1/1" in as_("leader").get("/desk/measures/").content.decode()
    bad = unit.post("/desk/evaluations/new", {"name": "市容考评"})
    assert bad.status_code == 422
    assert "市容考评" in bad.content.decode()
    asked = asked_for(world)
    leader_of_district(world)
    head = as_("district_leader")
    url = f"/desk/evaluations/{asked.pk}/approve"
    assert head.post(url, {"words": ""}).status_code == 422
    assert head.post(url, {"words": "有依据。"}).status_code == 302
    assert "市容环境季度考评" in as_("worker").get("/desk/evaluations/").content.decode()
